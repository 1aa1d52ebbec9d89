/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What the system tells of a process: who its parent is, which group and
 * terminal it has, and whether it sleeps waiting for a given file. Where there
 * is no /proc that tells it, or it is that of another pid namespace, nothing is
 * known, and the calls say so.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	pid_t parent;
	pid_t group;
	pid_t session;
	dev_t tty;			/* its controlling terminal, 0 without */
	char state;			/* R, S, T, Z ... as in ps(1) */
	int threads;
	unsigned long long start;	/* tells it from a later one of the same pid */
};

/* Whether anything can be known here at all. */
bool process_known(void);

/* -1 with ESRCH where it is gone, ENOSYS where nothing is known. */
int process_look(pid_t pid, struct process *p);

/* Calls fn for each process until it says false. -1 with ENOSYS. */
typedef bool process_fn(const struct process *p, void *arg);
int process_each(process_fn *fn, void *arg);

/* What a process sleeps for. */
enum process_waits {
	PROCESS_UNKNOWN,	/* no permission, no /proc */
	PROCESS_BUSY,		/* it runs, or sleeps for something else */
	PROCESS_WAITS_ALSO,	/* for the file, and for others, a time, a thread */
	PROCESS_WAITS		/* for the file to be readable, and nothing else */
};

/*
 * Whether pid sleeps until file can be read: by read(2), or by poll(2),
 * select(2), epoll(7) and their like. file is what fstat(2) said of it; a
 * terminal is known by its device, /dev/tty included, all else by its inode.
 */
enum process_waits process_waits_for(pid_t pid, const struct stat *file);

/* The same of one that was looked at just now. */
enum process_waits process_found_waits_for(const struct process *p, const struct stat *file);

/* Whether its descriptor fd is file. False where that cannot be known. */
bool process_holds(pid_t pid, int fd, const struct stat *file);

#endif
