/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A child process on given descriptors: fork, session or group, signals as a
 * program expects them, exec. An exec that fails is known to the caller.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include "dualpipe.h"

#include <sys/types.h>

struct spawn {
	char *const *argv;		/* a command, or ... */
	int (*run)(void *);		/* ... a function, and its argument */
	void *arg;
	const struct dualpipe_opts *opts;

	/* What becomes 0, 1 and 2 in the child, all above 2; -1 leaves ours. */
	int stdin_fd;
	int stdout_fd;
	int stderr_fd;
	int terminal_fd;		/* its controlling terminal, in a session of its own; -1 for ours */
};

/* The child's pid, or -1 with errno when it does not run. */
pid_t spawn_child(const struct spawn *s);

#endif
