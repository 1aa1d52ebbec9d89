/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Keys through a terminal that does not edit, echo or signal by itself
 * (EXTPROC), so that nothing comes back of what is typed, and yet the child's
 * own echo setting can be seen. What its driver would do with a key is done
 * here, by the mode that the child has set: lines are collected, erased and
 * ended, an interrupt is a signal, an end-of-file is one read of nothing. A
 * line of any length passes: the driver holds so many bytes unread, and loses
 * what is more.
 */
#ifndef PTYKEYS_H
#define PTYKEYS_H

#include "buf.h"
#include "deadline.h"
#include "pty.h"

#include <stdbool.h>
#include <stddef.h>

struct ptykeys {
	struct buf queue;	/* typed, and not yet looked at */
	struct buf line;	/* what the driver would have collected */
	size_t ready;		/* the front of line that is the reader's, and waits for him */
	bool end;		/* behind it an end-of-file waits for him, too */
	bool begun;		/* the front of this line has gone, so that an end only cuts it off */
	bool pushed;		/* ready ends a read, but no line */
	bool quoted;		/* the next key is no command */
	bool finished;		/* nothing more is typed */
	pid_t reader;		/* was seen to wait last */
	bool blind;		/* nobody is seen to read */
	deadline seen_until;	/* the reader was just seen to wait for us; 0: something was sent since */
	deadline patience;	/* with one who has not come back reading */
	int pause_ms;		/* between two looks, growing */
	deadline next;		/* when to look again; DEADLINE_NEVER where there is nothing to see */
};

/* Types: takes all of it, or -1 with ENOMEM. */
int ptykeys_type(struct ptykeys *k, const char *keys, size_t size);

/* What it holds at all, the line that has no end yet included. */
size_t ptykeys_held(const struct ptykeys *k);

/* Whether there is something that the reader has still to get; not so a line that has no end yet. */
bool ptykeys_due(const struct ptykeys *k);

/* Whether it can only wait for room in the terminal. */
bool ptykeys_wants_room(const struct ptykeys *k);

/* Brings to the terminal what it takes. -1 with EPIPE where it is hung up. */
int ptykeys_pump(struct ptykeys *k, const struct pty *pty);

/* The reader has all that was sent, and waits for more: who just looked tells, so that it is not looked at twice. */
void ptykeys_seen_waiting(struct ptykeys *k);

/* No more is typed: what there is of a line is the reader's. */
void ptykeys_finish(struct ptykeys *k);

void ptykeys_free(struct ptykeys *k);

#endif
