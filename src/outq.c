/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "outq.h"

#include "buf.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

struct outq {
	struct io_out io;
	struct buf data;
	struct watch *watch;
	struct timer *patience;
	int patience_ms;	/* 0: all that it takes */
	bool gave_up;
	void (*moved)(void *arg);
	void *arg;
	int error;
};

static void
arrange(struct outq *q)
{
	bool waits = q->data.size > 0;

	if (waits)
		watch_on(q->watch, POLLOUT);
	else
		watch_off(q->watch);
	timer_set(q->patience, waits && q->patience_ms > 0 ? deadline_in(q->patience_ms) : DEADLINE_NEVER);
}

static void
flush(struct outq *q)
{
	ssize_t n;

	while (q->data.size > 0) {
		n = io_out_write(&q->io, buf_peek(&q->data), q->data.size);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			q->error = errno;
		buf_consume(&q->data, n < 0 ? q->data.size : (size_t)n);
	}
	arrange(q);
}

static void
ready(void *arg, short revents)
{
	struct outq *q = arg;

	(void)revents;
	flush(q);
	q->moved(q->arg);
}

static void
give_up(void *arg)
{
	struct outq *q = arg;

	q->gave_up = true;
	buf_consume(&q->data, q->data.size);
	arrange(q);
	q->moved(q->arg);
}

struct outq *
outq_new(struct loop *l, int fd, void (*moved)(void *arg), void *arg)
{
	struct outq *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->moved = moved;
	q->arg = arg;
	io_out_open(&q->io, fd);
	q->watch = watch_new(l, io_out_fd(&q->io), ready, q);
	q->patience = timer_new(l, give_up, q);
	if (q->watch && q->patience)
		return q;
	outq_free(q);
	return NULL;
}

void
outq_free(struct outq *q)
{
	if (!q)
		return;
	watch_free(q->watch);
	timer_free(q->patience);
	io_out_leave(&q->io);
	buf_free(&q->data);
	free(q);
}

int
outq_put(struct outq *q, const void *data, size_t size)
{
	if (q->error || q->gave_up)
		return 0;
	if (buf_append(&q->data, data, size) < 0)
		return -1;
	flush(q);
	return 0;
}

void
outq_hurry(struct outq *q, int patience_ms)
{
	q->patience_ms = patience_ms;
	arrange(q);
}

bool
outq_gave_up(const struct outq *q)
{
	return q->gave_up;
}

size_t
outq_size(const struct outq *q)
{
	return q->data.size;
}

int
outq_error(const struct outq *q)
{
	return q->error;
}
