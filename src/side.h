/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The terminal beside the pipes of a child that a person talks to: what ssh,
 * sudo or git ask at /dev/tty is read here, and answered.
 */
#ifndef SIDE_H
#define SIDE_H

#include "dualpipe.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

struct side;

enum side_asks {
	SIDE_QUIET,		/* nobody there waits for a line */
	SIDE_ASKS,
	SIDE_ASKS_SECRET,	/* with echo off */
	SIDE_ASKS_KEYS		/* a program there reads them, not lines */
};

/*
 * What was printed there, lines apart from a half line behind them; echo: by
 * its driver, of an answer that was typed.
 * False: there is no room for it, until side_room().
 */
typedef bool side_said_fn(void *arg, const char *data, size_t size, bool echo);

/* Begins at once. NULL with errno, EINVAL where dp has no side terminal. */
struct side *side_new(struct loop *l, struct dualpipe *dp, side_said_fn *said, void *arg);

/* Takes NULL. */
void side_free(struct side *s);

/*
 * Takes in all that has come: what was said there before the child wrote
 * elsewhere, as the newline behind a password, or what a program drew; and the
 * echo of an answer, though that output may be seen before it.
 */
void side_take(struct side *s);

/* said has room again. */
void side_room(struct side *s);

/* Makes room for said; false where there will be none. */
typedef bool side_drain_fn(void *arg);

/* At the end: passes on all that was printed there so far. */
void side_finish(struct side *s, side_drain_fn *drain, void *arg);

/*
 * Whom the next line is for, or keys. Without exact only what is known at once:
 * all but that somebody waits for a line that is seen.
 */
enum side_asks side_asks(struct side *s, bool exact);

/* For a program that reads them. -1 with errno. */
int side_keys(struct side *s, const void *data, size_t size);

/* Where in such keys one stands that is to stop whoever is there; size where none does. */
size_t side_stop_key(const struct side *s, const char *keys, size_t size);

/* Types an answer there, newline and all, or an end-of-file. -1 with errno. */
int side_answer(struct side *s, const char *line, size_t size);
int side_answer_end(struct side *s);

#endif
