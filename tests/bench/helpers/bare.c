/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void
bare_begin(int argc)
{
	if (argc < 2) {
		fputs("usage: relay COMMAND [ARG]...\n", stderr);
		exit(125);
	}
	signal(SIGPIPE, SIG_IGN);
}

pid_t
bare_start(char *argv[], int in, int out, const char *terminal)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	pid_t child;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(
	    &attr, POSIX_SPAWN_SETSIGDEF | (terminal ? POSIX_SPAWN_SETSID : 0));
	if (terminal) {
		/* The first terminal that a session's leader opens is its own. */
		posix_spawn_file_actions_addopen(&files, 0, terminal, O_RDWR, 0);
		posix_spawn_file_actions_adddup2(&files, 0, 1);
		posix_spawn_file_actions_adddup2(&files, 0, 2);
	} else {
		posix_spawn_file_actions_adddup2(&files, in, 0);
		posix_spawn_file_actions_adddup2(&files, out, 1);
	}
	error = posix_spawnp(&child, argv[0], &files, &attr, argv, environ);
	if (error) {
		fprintf(stderr, "relay: cannot start '%s': %s\n", argv[0], strerror(error));
		exit(error == ENOENT ? 127 : 126);
	}
	return child;
}

void
bare_own_stdout(void)
{
	struct stat st;
	int fd;

	if (fstat(1, &st) < 0 || !S_ISFIFO(st.st_mode))
		return; /* a file would be written from its start, a socket cannot be opened */
	/* A new description of the same pipe; a flag set on ours is everybody's. */
	fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return; /* no /proc: it blocks, and works */
	dup2(fd, 1);
	close(fd);
}

int
bare_status(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
