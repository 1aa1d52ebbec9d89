/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* How characters look on a terminal: what the SGR sequences (ESC [ ... m) have set. */
#ifndef PEN_H
#define PEN_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is the terminal's default. */
struct pen {
	uint32_t front;		/* a colour, as pen.c packs it */
	uint32_t back;
	uint32_t under;		/* the colour of the underline */
	uint16_t flags;		/* a bit for each SGR number 1 to 9, and 53 */
	uint16_t underline;	/* its style, where it is not the plain one */
};

bool pen_same(const struct pen *a, const struct pen *b);

/* Follows one whole SGR sequence, from its ESC to its m. */
void pen_follow(struct pen *p, const char *sequence, size_t size);

/* Follows those that stand anywhere in data, which may be long. */
void pen_follow_all(struct pen *p, const char *data, size_t size);

/* Puts the sequence that makes it so from whatever was. -1 with ENOMEM. */
int pen_put(struct buf *to, const struct pen *p);

#endif
