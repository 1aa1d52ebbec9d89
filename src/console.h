/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What goes to the user's terminal, queued, so that a slow one is never waited for. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "buf.h"
#include "io.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

/* In the caller's struct. What is to be written is appended to queue. */
struct console {
	struct buf queue;
	struct io_out out;
	struct watch *watch;
	bool blocked;		/* until the loop tells of room */
	bool given_up;		/* it took nothing for as long as we wait; until it does */
	int error;		/* that writing met; from then on all is dropped */
};

/* fd stays the caller's. -1 with ENOMEM. */
int console_open(struct console *c, struct loop *l, int fd);

/* Writes what goes now. The rest follows by itself as the loop runs. */
void console_flush(struct console *c);

/* Whether so much is queued that no more should come. */
bool console_full(const struct console *c);

/* Waits until all is written, as long as some of it goes. */
void console_drain(struct console *c);

void console_close(struct console *c);

#endif
