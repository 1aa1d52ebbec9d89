/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "await.h"

#include "io.h"
#include "receive.h"
#include "send.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#ifdef HAVE_PIDFD_OPEN
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* Between two looks for a child's end. */
enum { LOOK_MS = 5 };

bool
await_reaped(struct dualpipe *dp)
{
	pid_t pid;

	if (dp->reaped || dp->reap_error)
		return true;
	do
		pid = waitpid(dp->pid, &dp->status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		dp->reap_error = errno;
	dp->reaped = pid == dp->pid;
	return pid != 0;
}

bool
dualpipe_stopped(struct dualpipe *dp)
{
	siginfo_t info = { .si_pid = 0 };

	return !dp->reaped && !dp->reap_error &&
	    waitid(P_PID, (id_t)dp->pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0;
}

/* Becomes readable when the child has ended; -1 where there is no such thing. */
static int
open_end(const struct dualpipe *dp)
{
#ifdef HAVE_PIDFD_OPEN
	return (int)syscall(SYS_pidfd_open, dp->pid, 0);
#else
	(void)dp;
	return -1;
#endif
}

void
await_hang_up(struct dualpipe *dp)
{
	io_close(&dp->pty.master);
	dp->to_child = dp->from_child = -1;
}

void
await_tend(struct dualpipe *dp)
{
	if (!dp->is_pty || dp->pty.master < 0)
		return;
	if (dp->quoted.size > 0)
		(void)send_held(dp); /* what is left waits for POLLOUT */
	if (dp->is_keys && (dp->keys.next == DEADLINE_NEVER || deadline_left(dp->keys.next) == 0))
		(void)ptykeys_pump(&dp->keys, &dp->pty); /* the same, or for its next look */
	if (dp->held_until != DEADLINE_NEVER && deadline_left(dp->held_until) == 0)
		dp->held_until = DEADLINE_NEVER; /* the next write looks again */
	if (dp->hung_until != DEADLINE_NEVER && deadline_left(dp->hung_until) == 0)
		dp->hung_until = deadline_in(AWAIT_HANGUP_MS);
	/* What the child has said is lost with its terminal, so it is read before. */
	if (dp->end.begun && !send_holds(dp) && deadline_left(dp->end.next) == 0 &&
	    ptyend_look(&dp->end, &dp->pty) == PTYEND_HANGUP && !io_is_readable(dp->pty.master))
		await_hang_up(dp);
}

/* When a pty wants something done. */
static deadline
next_tending(const struct dualpipe *dp)
{
	deadline first = DEADLINE_NEVER;

	if (!dp->is_pty || dp->pty.master < 0 || dp->from_child < 0)
		return first;
	if (dp->end.begun && !send_holds(dp))
		first = dp->end.next;
	if (dp->is_keys && dp->keys.next < first)
		first = dp->keys.next;
	if (dp->held_until < first)
		first = dp->held_until;
	if (dp->hung_until < first)
		first = dp->hung_until;
	return first;
}

int
dualpipe_pollms(const struct dualpipe *dp)
{
	deadline first = next_tending(dp);

	return deadline_left(dp->doubt_until < first ? dp->doubt_until : first);
}

int
dualpipe_pollfds(const struct dualpipe *dp, struct pollfd *fds, size_t room)
{
	size_t n = 0;

	/* A terminal that is hung up would wake poll(2) for nothing, for ever. */
	if (n < room && dp->from_child >= 0 && dp->hung_until == DEADLINE_NEVER)
		fds[n++] = (struct pollfd){ .fd = dp->from_child, .events = POLLIN };
	if (n < room && dp->err >= 0)
		fds[n++] = (struct pollfd){ .fd = dp->err, .events = POLLIN };
	if (n < room && dp->to_child >= 0 && send_wants_room(dp) && dp->hung_until == DEADLINE_NEVER)
		fds[n++] = (struct pollfd){ .fd = dp->to_child, .events = POLLOUT };
	return (int)n;
}

int
await_change(struct dualpipe *dp, const struct await *what, deadline d)
{
	struct pollfd fds[5];
	int n = dualpipe_pollfds(dp, fds, 3);
	int wake = deadline_left(next_tending(dp));
	int left = deadline_left(d);

	if (left == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (what->room && !send_is_held(dp) && dp->hung_until == DEADLINE_NEVER)
		fds[n++] = (struct pollfd){ .fd = dp->to_child, .events = POLLOUT };
	if (what->end_fd >= 0)
		fds[n++] = (struct pollfd){ .fd = what->end_fd, .events = POLLIN };
	if (wake < 0 || (left >= 0 && left < wake))
		wake = left;
	if (poll(fds, (nfds_t)n, wake) < 0 && errno != EINTR)
		return -1;
	await_tend(dp);
	return 0;
}

deadline
await_until(int timeout_ms)
{
	return timeout_ms == 0 ? 0 : deadline_in(timeout_ms);
}

int
await_output(struct dualpipe *dp, deadline d)
{
	const struct await nothing_else = { .end_fd = -1 };

	if (d > 0)
		return await_change(dp, &nothing_else, d);
	errno = ETIMEDOUT;
	return -1;
}

/* The earlier of d and a look from now, where nothing tells of a child's end. */
static deadline
next_look(deadline d, int end_fd)
{
	deadline look;

	if (end_fd >= 0)
		return d;
	look = deadline_in(LOOK_MS);
	return look < d ? look : d;
}

bool
await_end(struct dualpipe *dp, deadline d, bool drop)
{
	struct await what = { .end_fd = -1 };

	while (!await_reaped(dp) && deadline_left(d) != 0) {
		if (what.end_fd < 0)
			what.end_fd = open_end(dp);
		(void)await_change(dp, &what, next_look(d, what.end_fd));
		receive_all(dp);
		if (!drop)
			continue;
		buf_consume(&dp->kept, dp->kept.size);
		buf_consume(&dp->kept_err, dp->kept_err.size);
	}
	io_close(&what.end_fd);
	return await_reaped(dp);
}
