/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A line as one sees it where a program that edits lines has drawn it, and
 * drawn it again: it goes back, and over what was there.
 */
#ifndef DRAWN_H
#define DRAWN_H

#include "buf.h"

#include <stddef.h>
#include <sys/types.h>

/* What ends a line: nothing yet, a newline, or a step to another one, which only who draws does. */
enum drawn_end {
	DRAWN_OPEN,
	DRAWN_NEWLINE,
	DRAWN_STEP
};

/* The first line of data at to, without blanks at its end. How much of data it is, its end included; -1 with ENOMEM. */
ssize_t drawn_line(struct buf *to, const char *data, size_t size, enum drawn_end *end);

/* The last one, up to the cursor: a prompt, as a rule. -1 with ENOMEM. */
int drawn_prompt(struct buf *to, const char *data, size_t size);

/*
 * Shells that begin a line of their own do so by a mark, blanks up to the edge,
 * which take the cursor down unless it stood at the left, and a carriage return.
 * Where in data the mark begins; size where there is none.
 */
size_t drawn_mark(const char *data, size_t size);

#endif
