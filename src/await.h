/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Waiting for the child: for what it says, for room, for its end, by the clock. */
#ifndef AWAIT_H
#define AWAIT_H

#include "handle.h"

/* Between two looks at a pty that nobody holds. */
enum { AWAIT_HANGUP_MS = 20 };

/* What a wait is for, besides the channel's own needs. */
struct await {
	bool room;	/* to write */
	int end_fd;	/* the child's end, -1 where it is not waited for */
};

/* Until when a call may wait. 0 needs no clock: it is past. */
deadline await_until(int timeout_ms);

/* Waits once, until something may have changed. -1 with ETIMEDOUT when d has passed. */
int await_change(struct dualpipe *dp, const struct await *what, deadline d);

/* Waits once for more output. */
int await_output(struct dualpipe *dp, deadline d);

/* Waits for the child to end until d; what it says meanwhile is taken in, and thrown away with drop. */
bool await_end(struct dualpipe *dp, deadline d, bool drop);

/* Whether the child has ended, without waiting: its status, or why it is not known, is in the handle then. */
bool await_reaped(struct dualpipe *dp);

/* Does what a pty wants done by the clock. */
void await_tend(struct dualpipe *dp);

/* Hangs the terminal up. */
void await_hang_up(struct dualpipe *dp);

#endif
