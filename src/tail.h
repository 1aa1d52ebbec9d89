/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The child's unfinished line: its bytes, for when it is finished, and the
 * glyphs that it shows until then, which are the prompt.
 */
#ifndef TAIL_H
#define TAIL_H

#include "buf.h"
#include "glyph.h"
#include "pen.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	TAIL_GLYPHS = 4096,	/* when it has so many, some have to be taken from its front */
	TAIL_HELD = 64		/* no character or sequence that is cut is longer */
};

/* In the caller's struct; all zero is an empty one. */
struct tail {
	struct glyphs glyphs;
	size_t at;		/* where the next one goes */
	bool restart;		/* a \r was the last: the next one begins anew */
	bool restarted;		/* that has happened; for the caller to clear */
	struct pen pen;		/* how the next one looks */
	struct pen first;	/* and how the first byte of raw does */
	struct buf raw;
	size_t raw_limit;
	char held[TAIL_HELD];	/* a character or sequence whose end has not come */
	size_t held_size;
	struct buf once;	/* what does not show but acts: for the caller to pass, and to empty */
	bool moves;		/* it may move the cursor or erase; for the caller to clear */
	bool in_string;		/* a title or the like whose end has not come: nothing may come between */
	bool string_escape;
	bool dropping;		/* the rest of it is not to be passed; a newline ends it too */
};

void tail_free(struct tail *t);

/* Room for that many bytes, so that none is lost. -1 with ENOMEM. */
int tail_reserve(struct tail *t, size_t size);

/* Takes bytes that hold no newline, up to where TAIL_GLYPHS are reached. Gives how many. */
size_t tail_feed(struct tail *t, const char *data, size_t size);

/* With in_string: takes what belongs to the string. Gives how much. */
size_t tail_string(struct tail *t, const char *data, size_t size);

/* The line is finished: it is empty, and looks go on from pen. */
void tail_clear(struct tail *t);

/* Takes count glyphs from the front. */
void tail_drop(struct tail *t, size_t count);

/* How many glyphs there are to show. */
size_t tail_shown(const struct tail *t);

#endif
