/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "orphans.h"

#include <sys/wait.h>
#include <unistd.h>

/*
 * The child's own status is for who waits for it. While nobody has taken that
 * yet it may hide others here, but then its own signal is still to come.
 */
static void
reap(void *arg, int signo, bool from_kernel)
{
	const pid_t *child = arg;
	siginfo_t who;

	(void)signo, (void)from_kernel;
	for (;;) {
		who.si_pid = 0;
		if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) < 0 || who.si_pid == 0 ||
		    who.si_pid == *child)
			return;
		(void)waitpid(who.si_pid, NULL, WNOHANG); /* it is there to be reaped */
	}
}

int
orphans_reap(struct loop *l, pid_t *child)
{
	return getpid() == 1 ? loop_signal(l, SIGCHLD, reap, child) : 0;
}
