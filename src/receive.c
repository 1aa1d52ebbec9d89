/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "receive.h"

#include "await.h"
#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of one read into our own memory. */
enum {
	READ_SIZE = 65536,
	READ_LINES = 16384,	/* a terminal gives no more at once */
	LINES_MORE = 1 + 2 * QUERY_LONGEST	/* what was held before comes out in front of it */
};

/* Nobody holds the terminal. That is its end once the child has ended. */
static ssize_t
read_hung_up(struct dualpipe *dp)
{
	if (await_reaped(dp)) {
		dp->hung_until = DEADLINE_NEVER;
		buf_free(&dp->quoted);
		return 0;
	}
	dp->hung_until = deadline_in(AWAIT_HANGUP_MS);
	errno = EAGAIN;
	return -1;
}

/* What the child has asked its terminal. A full one takes no answer, and has no room for the question either. */
static void
answer(void *arg, const char *text, size_t size)
{
	const struct dualpipe *dp = arg;

	(void)io_write(dp->pty.master, text, size);
}

/* Nothing has followed what is held: it is what it is. */
static ssize_t
give_held(struct dualpipe *dp, char *data)
{
	size_t size = query_end(&dp->query, data);

	if (dp->crlf.held)
		data[size++] = '\r';
	dp->crlf.held = false;
	return (ssize_t)size;
}

/*
 * As read(2). Linux may tell of a terminal's end without what was written just
 * before: where that and the end came between its look for the one and its
 * look for the other. A second look finds it.
 */
static ssize_t
read_output(struct dualpipe *dp, void *data, size_t size)
{
	ssize_t n = io_read(dp->from_child, data, size);

	if (n < 0 && errno == EIO)
		n = io_read(dp->from_child, data, size);
	return n;
}

/*
 * As read(2), but a line ends in "\n" alone, and questions to the terminal are
 * answered. data has room for LINES_MORE more than size. A driver writes the
 * two of a line's end at once, and a program its question: of what was cut
 * there the rest is there as well.
 */
static ssize_t
read_lines(struct dualpipe *dp, char *data, size_t size)
{
	char raw[READ_LINES];
	size_t folded, left;
	ssize_t n;

	do {
		n = read_output(dp, raw, size < sizeof(raw) ? size : sizeof(raw));
		if (n <= 0 && (dp->crlf.held || dp->query.size > 0))
			return give_held(dp, data);
		if (n <= 0)
			return n;
		folded = crlf_fold(&dp->crlf, data, raw, (size_t)n);
		left = query_take(&dp->query, data, folded, answer, dp);
	} while (left == 0);
	return (ssize_t)left;
}

static void
tell_seen(const struct dualpipe *dp, enum dualpipe_end end, const void *data, ssize_t size)
{
	if (size > 0 && dp->seen)
		dp->seen(dp->seen_arg, end, data, (size_t)size);
}

/* As read(2) on the channel; with DUALPIPE_KEYS, as read_lines(). */
static ssize_t
read_channel(struct dualpipe *dp, void *data, size_t size)
{
	ssize_t n;

	if (dp->from_child < 0)
		return 0;
	n = dp->is_keys ? read_lines(dp, data, size) : read_output(dp, data, size);
	tell_seen(dp, DUALPIPE_FROM_CHILD, data, n);
	if (n > 0)
		ptyend_wake(&dp->end);
	if (!dp->is_pty)
		return n;
	if (n == 0 || (n < 0 && errno == EIO))
		return read_hung_up(dp);
	dp->hung_until = DEADLINE_NEVER;
	return n;
}

/* Ends our reading side; a pty's is its writing side as well, and stays. */
static void
end_reading(struct dualpipe *dp)
{
	if (!dp->is_pty)
		io_close(&dp->from_child);
	dp->from_child = -1;
}

ssize_t
receive_more(struct dualpipe *dp, size_t size)
{
	char *to = buf_reserve(&dp->kept, size + LINES_MORE);
	ssize_t n;

	if (!to)
		return -1; /* it stays in the channel */
	n = read_channel(dp, to, size);
	if (n > 0)
		buf_added(&dp->kept, (size_t)n);
	if (n == 0)
		end_reading(dp);
	return n;
}

/* Puts into kept what is there now. False at the end of output. */
static bool
receive_some(struct dualpipe *dp)
{
	return receive_more(dp, READ_SIZE) != 0;
}

void
receive_err(struct dualpipe *dp)
{
	char *to = buf_reserve(&dp->kept_err, READ_SIZE);
	ssize_t n;

	if (!to)
		return;
	n = io_read(dp->err, to, READ_SIZE);
	tell_seen(dp, DUALPIPE_ERR, to, n);
	if (n > 0)
		buf_added(&dp->kept_err, (size_t)n);
	if (n == 0)
		io_close(&dp->err);
}

void
receive_all(struct dualpipe *dp)
{
	size_t before;

	do {
		before = dp->kept.size;
		if (dp->from_child >= 0)
			(void)receive_some(dp);
	} while (dp->kept.size > before);
	do {
		before = dp->kept_err.size;
		if (dp->err >= 0)
			receive_err(dp);
	} while (dp->kept_err.size > before);
}

void
receive_consume(struct dualpipe *dp, size_t size)
{
	buf_consume(&dp->kept, size);
	dp->taken += size;
	dp->searched = 0;
}

static ssize_t
copy_kept(const struct buf *kept, void *data, size_t size)
{
	if (size > kept->size)
		size = kept->size;
	memcpy(data, buf_peek(kept), size);
	return (ssize_t)size;
}

/* What becomes of a "\r" may be more than there is room for. */
static ssize_t
read_by_kept(struct dualpipe *dp, void *data, size_t size)
{
	if (!receive_some(dp))
		return 0;
	if (dp->kept.size == 0)
		return -1;
	size = (size_t)copy_kept(&dp->kept, data, size);
	receive_consume(dp, size);
	return (ssize_t)size;
}

ssize_t
dualpipe_read(struct dualpipe *dp, void *data, size_t size, int timeout_ms)
{
	deadline d = await_until(timeout_ms);
	ssize_t n;

	if (dp->is_pty)
		await_tend(dp);
	if (size == 0)
		return 0;
	for (;;) {
		if (dp->kept.size > 0) {
			n = copy_kept(&dp->kept, data, size);
			receive_consume(dp, (size_t)n);
			return n;
		}
		n = dp->is_keys ? read_by_kept(dp, data, size) : read_channel(dp, data, size);
		if (n == 0)
			end_reading(dp);
		if (n >= 0 || errno != EAGAIN)
			return n;
		if (await_output(dp, d) < 0)
			return -1;
		if (dp->err >= 0)
			receive_err(dp);
	}
}

ssize_t
dualpipe_read_err(struct dualpipe *dp, void *data, size_t size, int timeout_ms)
{
	deadline d = await_until(timeout_ms);
	ssize_t n;

	if (!dp->reads_err) {
		errno = EINVAL;
		return -1;
	}
	if (size == 0)
		return 0;
	for (;;) {
		if (dp->kept_err.size > 0) {
			n = copy_kept(&dp->kept_err, data, size);
			buf_consume(&dp->kept_err, (size_t)n);
			return n;
		}
		if (dp->err < 0)
			return 0;
		n = io_read(dp->err, data, size);
		tell_seen(dp, DUALPIPE_ERR, data, n);
		if (n == 0)
			io_close(&dp->err);
		if (n >= 0 || errno != EAGAIN)
			return n;
		if (await_output(dp, d) < 0)
			return -1;
		if (dp->from_child >= 0)
			(void)receive_some(dp);
	}
}

/* The first size bytes of kept, as getline(3) gives them. */
static ssize_t
give_line(struct dualpipe *dp, size_t size, char **line, size_t *room)
{
	char *grown;

	if (!*line || *room < size + 1) {
		grown = realloc(*line, size + 1);
		if (!grown)
			return -1;
		*line = grown;
		*room = size + 1;
	}
	(void)copy_kept(&dp->kept, *line, size);
	(*line)[size] = '\0';
	receive_consume(dp, size);
	return (ssize_t)size;
}

ssize_t
dualpipe_readline(struct dualpipe *dp, char **line, size_t *room, int timeout_ms)
{
	deadline d = await_until(timeout_ms);
	ptrdiff_t end;
	ssize_t n;

	if (dp->is_pty)
		await_tend(dp);
	for (;;) {
		end = buf_find(&dp->kept, dp->searched, '\n');
		if (end >= 0)
			return give_line(dp, (size_t)end + 1, line, room);
		dp->searched = dp->kept.size;
		n = receive_more(dp, READ_SIZE);
		if (n == 0)
			return dp->kept.size > 0 ? give_line(dp, dp->kept.size, line, room) : 0;
		if (n > 0)
			continue;
		if (errno != EAGAIN || await_output(dp, d) < 0)
			return -1;
		if (dp->err >= 0)
			receive_err(dp);
	}
}

int
dualpipe_read_end(struct dualpipe *dp)
{
	if (dp->is_pty)
		await_hang_up(dp);
	else
		end_reading(dp);
	return 0;
}
