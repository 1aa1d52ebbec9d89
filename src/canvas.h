/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Writing to a terminal at its cursor, whose place is known, in the shortest
 * way: moves, colours, glyphs.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include "buf.h"
#include "glyph.h"
#include "pen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the caller's struct, with to and columns set. Rows count from wherever row 0 is to be. */
struct canvas {
	struct buf *to;		/* the caller's */
	unsigned short columns;
	struct place at;	/* the cursor; in column columns it is about to wrap */
	struct pen pen;		/* how the terminal draws now */
	bool strayed;		/* it went right or down other than by writing; for the caller to clear */
};

/* Bytes that do not move the cursor, or what moves it in a way that the caller sees to. */
void canvas_put(struct canvas *c, const char *data, size_t size);

void canvas_pen(struct canvas *c, const struct pen *p);

/* A row below that is not there yet comes to be. */
void canvas_move(struct canvas *c, uint32_t row, uint16_t column);
void canvas_move_in_row(struct canvas *c, uint16_t column);

/* Clears from the cursor to the row's end, without colours. */
void canvas_clear_row(struct canvas *c);

/*
 * A glyph, behind the one before it. Each row is a line of its own for the
 * terminal; or, with canvas_flow(), which is for glyphs from a line's first to
 * its last, the terminal breaks the line itself and knows that it is one.
 */
void canvas_glyph(struct canvas *c, const struct glyph *one);
void canvas_flow(struct canvas *c, const struct glyph *one);

#endif
