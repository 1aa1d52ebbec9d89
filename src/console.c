/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "console.h"

#include <errno.h>
#include <poll.h>

enum {
	FULL = 32768,		/* a terminal shows that in a few milliseconds */
	PATIENCE_MS = 2000	/* with one that takes nothing, at the end */
};

void
console_flush(struct console *c)
{
	ssize_t n;

	while (c->queue.size > 0 && !c->error && !c->blocked) {
		n = io_out_write(&c->out, buf_peek(&c->queue), c->queue.size);
		if (n < 0 && errno != EAGAIN)
			c->error = errno;
		c->blocked = n < 0;
		if (n < 0)
			break;
		c->given_up = false;
		buf_consume(&c->queue, (size_t)n);
	}
	if (c->error)
		buf_consume(&c->queue, c->queue.size);
	if (c->queue.size > 0)
		watch_on(c->watch, POLLOUT);
	else
		watch_off(c->watch);
}

static void
writable(void *arg, short revents)
{
	struct console *c = arg;

	(void)revents;
	c->blocked = false;
	console_flush(c);
}

int
console_open(struct console *c, struct loop *l, int fd)
{
	*c = (struct console){ .error = 0 };
	io_out_open(&c->out, fd);
	c->watch = watch_new(l, io_out_fd(&c->out), writable, c);
	return c->watch ? 0 : -1;
}

bool
console_full(const struct console *c)
{
	return c->queue.size >= FULL;
}

void
console_drain(struct console *c)
{
	struct pollfd p = { .fd = io_out_fd(&c->out), .events = POLLOUT };

	for (console_flush(c); c->queue.size > 0 && !c->given_up; console_flush(c)) {
		c->given_up = poll(&p, 1, PATIENCE_MS) == 0;
		c->blocked = c->given_up;
	}
}

void
console_close(struct console *c)
{
	watch_free(c->watch);
	io_out_leave(&c->out);
	buf_free(&c->queue);
}
