/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "glyph.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, TAB = 8, DELETE = 0x7f };

static const wchar_t UNKNOWN = 0xfffd;

void
glyphs_free(struct glyphs *g)
{
	free(g->list);
	*g = (struct glyphs){ 0 };
}

int
glyphs_reserve(struct glyphs *g, size_t count)
{
	size_t room = g->room > 0 ? g->room : FIRST_ROOM;
	struct glyph *list;

	if (count <= g->room)
		return 0;
	while (room < count)
		room *= 2;
	list = realloc(g->list, room * sizeof(*list));
	if (!list)
		return -1;
	g->list = list;
	g->room = room;
	return 0;
}

/* At index at, over what is there or behind the last. */
static int
put(struct glyphs *g, size_t at, const struct glyph *one)
{
	if (glyphs_reserve(g, at + 1) < 0)
		return -1;
	g->list[at] = *one;
	if (at == g->count)
		g->count++;
	return 0;
}

static size_t
put_simple(struct glyphs *g, size_t at, wchar_t c, int width, const struct pen *pen)
{
	struct glyph one = { .pen = *pen, .width = (uint8_t)width };

	one.size = (uint8_t)utf8_encode(one.bytes, (uint32_t)c);
	return put(g, at, &one) < 0 ? at : at + 1;
}

static void
join(struct glyph *before, wchar_t c)
{
	char bytes[UTF8_LONGEST];
	size_t size = utf8_encode(bytes, (uint32_t)c);

	if (before->size + size > GLYPH_BYTES)
		return;
	memcpy(before->bytes + before->size, bytes, size);
	before->size = (uint8_t)(before->size + size);
}

size_t
glyphs_add(struct glyphs *g, size_t at, wchar_t c, const struct pen *pen)
{
	int width;

	if (c == '\t' || c == '\n')
		return put_simple(g, at, c, 0, pen);
	if ((c >= 0 && c < ' ') || c == DELETE) {
		at = put_simple(g, at, '^', 1, pen);
		return put_simple(g, at, c ^ 0x40, 1, pen);
	}
	if (c < 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = UNKNOWN;
	width = c < DELETE ? 1 : wcwidth(c);
	if (width < 0 || width > 2) {
		c = UNKNOWN;
		width = 1;
	}
	if (width > 0)
		return put_simple(g, at, c, width, pen);
	/* On a blank of its own where nothing is to join. */
	if (at == 0 || g->list[at - 1].width == 0)
		at = put_simple(g, at, ' ', 1, pen);
	if (at > 0)
		join(&g->list[at - 1], c);
	return at;
}

static int
place_tab(struct glyphs *g, const struct glyph *tab, unsigned short columns, struct place *next)
{
	struct glyph blank = { .pen = tab->pen, .width = 1, .size = 1, .bytes = " " };
	unsigned column = next->column < columns ? next->column : 0;
	unsigned n = TAB - column % TAB;

	if (n > columns - column)
		n = columns - column;
	while (n-- > 0)
		if (glyphs_place(g, &blank, columns, next) < 0)
			return -1;
	return 0;
}

int
glyphs_place(struct glyphs *g, const struct glyph *one, unsigned short columns, struct place *next)
{
	if (one->width == 0 && !glyph_is_newline(one))
		return place_tab(g, one, columns, next);
	if (next->column + one->width > columns) {
		next->row++;
		next->column = 0;
	}
	if (put(g, g->count, one) < 0)
		return -1;
	g->list[g->count - 1].row = next->row;
	g->list[g->count - 1].column = next->column;
	next->column = (uint16_t)(next->column + one->width);
	if (glyph_is_newline(one)) {
		next->row++;
		next->column = 0;
	}
	return 0;
}

bool
glyph_same(const struct glyph *a, const struct glyph *b)
{
	return a->row == b->row && a->column == b->column && a->size == b->size &&
	    memcmp(a->bytes, b->bytes, a->size) == 0 && pen_same(&a->pen, &b->pen);
}

bool
glyph_is_newline(const struct glyph *one)
{
	return one->bytes[0] == '\n';
}
