/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Text as a terminal places it: what stands in one or two of its cells, and where. */
#ifndef GLYPH_H
#define GLYPH_H

#include "pen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/* Of a character with what combines with it; what does not fit is not shown. */
enum { GLYPH_BYTES = 28 };

struct glyph {
	struct pen pen;
	uint32_t row;
	uint16_t column;
	uint8_t width;			/* 0: a tab that has no place yet, or a newline */
	uint8_t size;
	char bytes[GLYPH_BYTES];	/* UTF-8 */
};

/* A row of them in the caller's struct; all zero is an empty one. */
struct glyphs {
	struct glyph *list;
	size_t count;
	size_t room;
};

void glyphs_free(struct glyphs *g);

/* Room for so many in all. -1 with ENOMEM. */
int glyphs_reserve(struct glyphs *g, size_t count);

/*
 * Puts the character at index at, over what is there or behind the last, and
 * gives the index behind it, or at where memory is out: what has no
 * width joins the glyph before, or a blank; a control becomes ^X, what cannot
 * be shown U+FFFD.
 */
size_t glyphs_add(struct glyphs *g, size_t at, wchar_t c, const struct pen *pen);

/* A place on the screen, from the row where the text begins. */
struct place {
	uint32_t row;
	uint16_t column;	/* as many as there are columns: behind the last */
};

/*
 * Adds one to g where it comes to stand on a terminal of so many columns that
 * breaks lines itself: a wide one not in the last column, a tab as blanks to
 * the next multiple of 8. *next moves on.
 */
int glyphs_place(struct glyphs *g, const struct glyph *one, unsigned short columns, struct place *next);

/* Whether both look the same and stand at the same place. */
bool glyph_same(const struct glyph *a, const struct glyph *b);

/* Whether it ends its row. */
bool glyph_is_newline(const struct glyph *one);

#endif
