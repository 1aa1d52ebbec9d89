/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Where prompt and line stand on the screen, glyph by glyph, and the cursor among them. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "glyph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/* In the caller's struct; all zero is an empty one. */
struct layout {
	struct glyphs glyphs;
	size_t cursor;		/* the glyph that it is on; it may be behind the last */
	uint16_t start;		/* the column in row 0 where all begins */
	unsigned short columns;
	struct place next;	/* where the next glyph would come to stand */
};

void layout_free(struct layout *l);

/* Empties it, for a terminal that is so wide. */
void layout_begin(struct layout *l, unsigned short columns, uint16_t start);

void layout_glyphs(struct layout *l, const struct glyph *list, size_t count);
void layout_new_row(struct layout *l);
void layout_line(struct layout *l, const wchar_t *text, size_t length, size_t cursor);

/*
 * Behind the last glyph stands a blank, for the cursor to be on: so there is a
 * row for it when the one before is full, and a terminal that changes its
 * width moves it as it moves the text.
 */
void layout_end(struct layout *l);

uint32_t layout_rows(const struct layout *l);

/* Where glyph i stands, or what would follow the last. */
struct place layout_place(const struct layout *l, size_t i);
struct place layout_behind(const struct layout *l);

/*
 * What is taller than the window is cut to the part around the cursor. *top,
 * its first row as it was before, moves as little as it can.
 */
void layout_cut(struct layout *l, unsigned short rows, uint32_t *top);

#endif
