/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "canvas.h"

#include <stdio.h>
#include <string.h>

enum { FEW = 3 };	/* columns: \b is shorter than a sequence */

static const struct pen plain;

void
canvas_put(struct canvas *c, const char *data, size_t size)
{
	(void)buf_append(c->to, data, size); /* for what is the child's there is room, see screen_output() */
}

/* ESC [ n letter; n is left out where it is 1, the default. */
static void
put_control(struct canvas *c, unsigned n, char letter)
{
	char text[16];
	int size = n == 1 ? snprintf(text, sizeof(text), "\033[%c", letter) :
	    snprintf(text, sizeof(text), "\033[%u%c", n, letter);

	canvas_put(c, text, (size_t)size);
}

void
canvas_pen(struct canvas *c, const struct pen *p)
{
	if (pen_same(&c->pen, p))
		return;
	c->pen = *p;
	(void)pen_put(c->to, p); /* without memory it looks as before */
}

void
canvas_move_in_row(struct canvas *c, uint16_t column)
{
	/* About to wrap, terminals differ on what is one to the left. */
	if (column == 0 || c->at.column >= c->columns) {
		if (c->at.column > 0)
			canvas_put(c, "\r", 1);
		c->at.column = 0;
	}
	if (column > c->at.column) {
		put_control(c, (unsigned)(column - c->at.column), 'C');
		c->strayed = true;
	} else if (c->at.column - column > FEW) {
		put_control(c, (unsigned)(c->at.column - column), 'D');
	} else {
		canvas_put(c, "\b\b\b", (size_t)(c->at.column - column));
	}
	c->at.column = column;
}

static void
new_row(struct canvas *c)
{
	canvas_put(c, "\r\n", 2);
	c->at = (struct place){ c->at.row + 1, 0 };
}

/*
 * Down by newlines: a sequence stops at the window's end, and were that nearer
 * than we know, the way back up would lead above row 0.
 */
void
canvas_move(struct canvas *c, uint32_t row, uint16_t column)
{
	if (row < c->at.row && c->at.column >= c->columns)
		canvas_move_in_row(c, 0);
	if (row < c->at.row) {
		put_control(c, c->at.row - row, 'A');
		c->at.row = row;
	}
	c->strayed |= row > c->at.row;
	while (row > c->at.row)
		new_row(c);
	canvas_move_in_row(c, column);
}

void
canvas_clear_row(struct canvas *c)
{
	if (c->at.column >= c->columns)
		return; /* it would take the last character */
	canvas_pen(c, &plain);
	canvas_put(c, "\033[K", 3);
}

void
canvas_glyph(struct canvas *c, const struct glyph *one)
{
	if (one->row > c->at.row) {
		canvas_clear_row(c); /* a cell that is too narrow for the glyph may be left */
		new_row(c);
	}
	canvas_flow(c, one);
}

void
canvas_flow(struct canvas *c, const struct glyph *one)
{
	if (glyph_is_newline(one)) {
		canvas_clear_row(c);
		new_row(c);
		return;
	}
	canvas_pen(c, &one->pen);
	canvas_put(c, one->bytes, one->size);
	c->at = (struct place){ one->row, (uint16_t)(one->column + one->width) };
}
