/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "send.h"

#include "await.h"
#include "io.h"
#include "receive.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum {
	QUOTED_ROOM = 8192,	/* what we hold for a pty at most */
	BATCH = 4000,		/* of which a terminal takes in at once, when all before is read */
	FIRST_HOLD = 1,		/* milliseconds between two looks for a reader of lines */
	LAST_HOLD = 100,
	MANY_LOOKS = 32,	/* that found one: it is trusted */
	PATIENCE = 5000		/* milliseconds with one that is never seen */
};

/*
 * A write to a pipe without a reader is SIGPIPE, which is the caller's to
 * have a view on. So it is blocked meanwhile, and taken away where our write
 * made it; one that was pending before is the caller's and stays.
 */
static ssize_t
write_quietly(int fd, const void *data, size_t size)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t pipe_only, pending, mask;
	ssize_t n;
	int saved;

	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)sigpending(&pending);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, &mask);
	n = io_write(fd, data, size);
	saved = errno;
	if (n < 0 && saved == EPIPE && sigismember(&pending, SIGPIPE) == 0)
		while (sigtimedwait(&pipe_only, NULL, &at_once) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
	errno = saved;
	return n;
}

/*
 * A terminal takes some bytes after its last holder has gone, and then says
 * for ever that it is full. With the child gone, too, nobody will read them.
 */
static bool
is_abandoned(struct dualpipe *dp)
{
	struct pollfd p = { .fd = dp->to_child };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLHUP) && await_reaped(dp);
}

static ssize_t
write_pty(struct dualpipe *dp, const void *data, size_t size)
{
	ssize_t n = io_write(dp->to_child, data, size);

	if (n < 0 && errno == EAGAIN)
		errno = is_abandoned(dp) ? EPIPE : EAGAIN;
	else if (n < 0 && errno == EIO)
		errno = EPIPE;
	return n;
}

/* As write(2). */
static ssize_t
write_channel(struct dualpipe *dp, const void *data, size_t size)
{
	if (dp->is_pty)
		return write_pty(dp, data, size);
	if (dp->sigpipe_handled)
		return io_write(dp->to_child, data, size);
	return write_quietly(dp->to_child, data, size);
}

int
send_held(struct dualpipe *dp)
{
	ssize_t n;

	while (dp->quoted.size > 0) {
		n = write_channel(dp, buf_peek(&dp->quoted), dp->quoted.size);
		if (n < 0)
			return -1;
		buf_consume(&dp->quoted, (size_t)n);
	}
	return 0;
}

static bool
is_trusted(const struct dualpipe *dp)
{
	return dp->line_looks >= MANY_LOOKS;
}

/* Looks again later. Who has read all and is never seen to wait reads without waiting. */
static bool
hold(struct dualpipe *dp, bool is_read)
{
	if (!is_read)
		dp->unseen_until = DEADLINE_NEVER;
	else if (dp->unseen_until == DEADLINE_NEVER)
		dp->unseen_until = deadline_in(PATIENCE);
	else if (deadline_left(dp->unseen_until) == 0)
		return false;
	dp->hold_ms = dp->hold_ms == 0 ? FIRST_HOLD : dp->hold_ms * 2;
	if (dp->hold_ms > LAST_HOLD)
		dp->hold_ms = LAST_HOLD;
	dp->held_until = deadline_in(dp->hold_ms);
	return true;
}

/*
 * Whether a quote or a push may go, which only a terminal that collects lines
 * understands: on its way when the child takes its terminal raw, it reaches
 * that as a byte of the data. So all that went before has to be read, and a
 * reader to sleep for a line, who wakes by what goes now, when the driver has
 * it. A group that came back for more often enough is trusted.
 */
static bool
may_command(struct dualpipe *dp)
{
	pid_t group = tcgetpgrp(dp->pty.master);
	enum process_waits waits = PROCESS_BUSY;
	bool is_read;

	dp->held_until = DEADLINE_NEVER;
	if (group <= 0 || group != dp->line_group)
		dp->line_looks = 0;
	if (is_trusted(dp))
		return true;
	is_read = !pty_unread(&dp->pty);
	if (is_read)
		waits = pty_waits(&dp->pty, &group, NULL, dp->hold_ms == LAST_HOLD ? PTY_SEARCH_ALL : PTY_SEARCH_GROUP);
	is_read = is_read && pty_canonical(&dp->pty); /* who sleeps now leaves it so */
	if ((!is_read || waits == PROCESS_BUSY) && hold(dp, is_read))
		return false;
	dp->hold_ms = 0;
	dp->unseen_until = DEADLINE_NEVER;
	dp->line_group = group;
	dp->line_looks = waits < PROCESS_WAITS_ALSO ? MANY_LOOKS : dp->line_looks + 1;
	return true;
}

/* Quotes from data as far as room and the line allow. Takes at least a byte, or -1. */
static ssize_t
quote(struct dualpipe *dp, const char *data, size_t size)
{
	size_t room = is_trusted(dp) ? QUOTED_ROOM : BATCH + 2 - dp->data.held; /* for a byte at least */
	size_t taken = 0;

	while (taken < size && dp->quoted.size + 2 <= room && !ptydata_full(&dp->data)) {
		char *to = buf_reserve(&dp->quoted, 2);

		if (!to)
			return taken > 0 ? (ssize_t)taken : -1;
		buf_added(&dp->quoted, ptydata_quote(&dp->data, data[taken], to));
		if (data[taken++] == '\n' && !is_trusted(dp))
			break; /* it wakes the reader, so nothing that matters may stand behind it */
	}
	return (ssize_t)taken;
}

/* One step of data through a canonical terminal; as write(2). */
static ssize_t
write_data(struct dualpipe *dp, const char *data, size_t size)
{
	enum { WORTH_A_WRITE = 2048, MOST_AT_ONCE = 16384 };
	size_t plain;
	ssize_t n;
	char *push;

	if (ptydata_full(&dp->data)) {
		if (!may_command(dp)) {
			errno = EAGAIN;
			return -1;
		}
		push = buf_reserve(&dp->quoted, 1);
		if (!push)
			return -1;
		*push = ptydata_push(&dp->data);
		buf_added(&dp->quoted, 1);
		if (send_held(dp) < 0)
			return -1;
	}
	if (size > MOST_AT_ONCE)
		size = MOST_AT_ONCE; /* a terminal takes no more, and what is left is looked at again */
	plain = ptydata_plain(&dp->data, data, size);
	if (plain < WORTH_A_WRITE && plain < size && may_command(dp))
		return quote(dp, data, size);
	if (plain == 0) {
		errno = EAGAIN;
		return -1;
	}
	n = write_channel(dp, data, plain);
	if (n > 0)
		ptydata_went(&dp->data, data, (size_t)n);
	return n;
}

/* Once the child has its terminal raw, bytes are bytes. */
static ssize_t
write_terminal(struct dualpipe *dp, const char *data, size_t size)
{
	if (send_held(dp) < 0)
		return -1;
	if (pty_canonical(&dp->pty))
		return write_data(dp, data, size);
	dp->data.held = 0;
	dp->line_group = 0;
	return write_channel(dp, data, size);
}

/* Types as much as is held at most. */
static ssize_t
type(struct dualpipe *dp, const char *data, size_t size)
{
	size_t held = ptykeys_held(&dp->keys);

	if (held >= QUOTED_ROOM) {
		errno = EAGAIN;
		return -1;
	}
	if (size > QUOTED_ROOM - held)
		size = QUOTED_ROOM - held;
	if (ptykeys_type(&dp->keys, data, size) < 0)
		return -1;
	(void)ptykeys_pump(&dp->keys, &dp->pty); /* what does not go now is held */
	return (ssize_t)size;
}

/* One step on its way to the child; as write(2). */
static ssize_t
write_step(struct dualpipe *dp, const char *data, size_t size)
{
	if (dp->is_keys)
		return type(dp, data, size);
	return dp->is_data ? write_terminal(dp, data, size) : write_channel(dp, data, size);
}

bool
send_holds(const struct dualpipe *dp)
{
	return dp->quoted.size > 0 || ptykeys_held(&dp->keys) > 0;
}

bool
send_is_held(const struct dualpipe *dp)
{
	return dp->held_until != DEADLINE_NEVER || dp->keys.next != DEADLINE_NEVER;
}

bool
send_wants_room(const struct dualpipe *dp)
{
	return dp->quoted.size > 0 || (dp->is_keys && ptykeys_wants_room(&dp->keys));
}

/* What goes now: a count, or -1 with EAGAIN or why not. */
static ssize_t
send_now(struct dualpipe *dp, const char *data, size_t size)
{
	size_t done = 0;
	ssize_t n;

	if (dp->is_pty)
		await_tend(dp);
	if (size == 0)
		return 0;
	/* The end of a terminal's output is the end of it, as is that of its last holder behind the child. */
	if (dp->to_child < 0 || dp->end.begun || (dp->is_pty && (dp->from_child < 0 || (dp->reaped && is_abandoned(dp))))) {
		errno = EPIPE;
		return -1;
	}
	while (done < size) {
		n = write_step(dp, data + done, size - done);
		if (n < 0 && done == 0)
			return -1;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (dp->quoted.size > 0)
		(void)send_held(dp); /* what is left is held for later */
	if (dp->seen)
		dp->seen(dp->seen_arg, DUALPIPE_TO_CHILD, data, done);
	return (ssize_t)done;
}

ssize_t
dualpipe_write(struct dualpipe *dp, const void *data, size_t size, int timeout_ms)
{
	const struct await what = { .room = true, .end_fd = -1 };
	deadline d = deadline_in(timeout_ms);
	const char *from = data;
	size_t done = 0;
	ssize_t n;

	for (;;) {
		n = send_now(dp, from + done, size - done);
		if (n < 0 && errno != EAGAIN)
			return done > 0 ? (ssize_t)done : -1;
		if (n > 0)
			done += (size_t)n;
		if (done == size)
			return (ssize_t)done;
		if (timeout_ms == 0) {
			errno = ETIMEDOUT;
			break;
		}
		if (await_change(dp, &what, d) < 0)
			break;
		receive_all(dp);
	}
	return done > 0 ? (ssize_t)done : -1;
}

int
dualpipe_write_end(struct dualpipe *dp)
{
	if (dp->is_pty) {
		if (dp->pty.master >= 0 && !dp->end.begun)
			ptyend_begin(&dp->end);
		ptykeys_finish(&dp->keys);
	} else {
		io_close(&dp->to_child);
	}
	return 0;
}
