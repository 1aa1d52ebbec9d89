/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "layout.h"

#include <string.h>

void
layout_free(struct layout *l)
{
	glyphs_free(&l->glyphs);
}

void
layout_begin(struct layout *l, unsigned short columns, uint16_t start)
{
	l->glyphs.count = 0;
	l->cursor = 0;
	l->columns = columns;
	l->start = start;
	l->next = (struct place){ 0, start };
}

static void
add(struct layout *l, const struct glyph *one)
{
	(void)glyphs_place(&l->glyphs, one, l->columns, &l->next); /* without memory it is not shown for now */
}

void
layout_glyphs(struct layout *l, const struct glyph *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		add(l, &list[i]);
	l->cursor = l->glyphs.count;
}

void
layout_new_row(struct layout *l)
{
	if (l->next.column > 0)
		l->next = (struct place){ l->next.row + 1, 0 };
}

void
layout_line(struct layout *l, const wchar_t *text, size_t length, size_t cursor)
{
	static const struct pen plain;
	struct glyphs line = { 0 };
	size_t on = 0, at = 0, i;

	for (i = 0; i < length; i++) {
		if (i == cursor)
			on = at;
		at = glyphs_add(&line, at, text[i], &plain);
	}
	if (cursor >= length)
		on = at;
	for (i = 0; i < line.count; i++) {
		if (i == on)
			l->cursor = l->glyphs.count;
		add(l, &line.list[i]);
	}
	if (on == line.count)
		l->cursor = l->glyphs.count;
	glyphs_free(&line);
}

void
layout_end(struct layout *l)
{
	const struct glyph blank = { .width = 1, .size = 1, .bytes = " " };

	if (l->glyphs.count > 0)
		add(l, &blank);
}

uint32_t
layout_rows(const struct layout *l)
{
	const struct glyphs *g = &l->glyphs;

	return g->count > 0 ? g->list[g->count - 1].row + 1 : 1;
}

struct place
layout_behind(const struct layout *l)
{
	const struct glyph *last;

	if (l->glyphs.count == 0)
		return (struct place){ 0, l->start };
	last = &l->glyphs.list[l->glyphs.count - 1];
	return (struct place){ last->row, (uint16_t)(last->column + last->width) };
}

struct place
layout_place(const struct layout *l, size_t i)
{
	struct place place = layout_behind(l);

	if (i < l->glyphs.count)
		place = (struct place){ l->glyphs.list[i].row, l->glyphs.list[i].column };
	if (place.column >= l->columns) /* a newline behind a full row */
		place.column = (uint16_t)(l->columns - 1);
	return place;
}

/* So that the cursor is in the window, and the window is filled. */
static void
choose_top(const struct layout *l, unsigned short rows, uint32_t *top)
{
	uint32_t all = layout_rows(l), cursor = layout_place(l, l->cursor).row;

	if (*top + rows > all)
		*top = all > rows ? all - rows : 0;
	if (cursor < *top)
		*top = cursor;
	if (cursor >= *top + rows)
		*top = cursor - rows + 1;
}

void
layout_cut(struct layout *l, unsigned short rows, uint32_t *top)
{
	struct glyphs *g = &l->glyphs;
	size_t first = 0, last;

	choose_top(l, rows, top);
	if (layout_rows(l) <= rows)
		return;
	while (g->list[first].row < *top)
		first++;
	for (last = first; last < g->count && g->list[last].row < *top + rows; last++)
		g->list[last].row -= *top;
	g->count = last - first;
	memmove(g->list, g->list + first, g->count * sizeof(*g->list));
	l->cursor -= first;
	if (g->list[g->count - 1].row + 1 == rows && glyph_is_newline(&g->list[g->count - 1]))
		g->count--; /* it would scroll */
}
