/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "screen.h"

#include "canvas.h"
#include "glyph.h"
#include "layout.h"
#include "pen.h"
#include "sequence.h"
#include "tail.h"

#include <stdlib.h>
#include <string.h>

enum {
	ESC = 0x1b,
	LEAST_COLUMNS = 2	/* that a wide glyph needs */
};

/*
 * Rows and columns count from where prompt and line begin, the origin: row 0,
 * and there the column start. Everything above is finished and not touched.
 */
struct screen {
	struct canvas canvas;
	unsigned short rows;
	bool reflows;
	bool unsteady;		/* the terminal's size may not be what we think */

	struct tail tail;
	wchar_t *text;
	size_t length, cursor;
	size_t room;
	bool hidden;

	struct layout shown;	/* what is on the terminal */
	struct layout wanted;	/* and what is to be */
	uint32_t top;		/* the row of wanted that was the window's first */

	uint16_t start;
	size_t before;		/* cells from the line's real beginning to the origin */
};

static const struct pen plain;

bool
screen_reflows(void)
{
	const char *term = getenv("TERM");

	if (!term)
		return false;
	/* What runs inside xterm inherits its environment. */
	if (strncmp(term, "tmux", 4) == 0 || strncmp(term, "screen", 6) == 0)
		return true;
	return !getenv("XTERM_VERSION") && strcmp(term, "linux") != 0;
}

struct screen *
screen_new(struct buf *to, unsigned short rows, unsigned short columns, bool reflows)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->canvas.to = to;
	s->canvas.columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
	s->rows = rows > 0 ? rows : 1;
	s->reflows = reflows;
	tail_clear(&s->tail);
	return s;
}

void
screen_free(struct screen *s)
{
	if (!s)
		return;
	tail_free(&s->tail);
	layout_free(&s->shown);
	layout_free(&s->wanted);
	free(s->text);
	free(s);
}

static void
want_line(struct screen *s)
{
	layout_begin(&s->wanted, s->canvas.columns, s->start);
	layout_glyphs(&s->wanted, s->tail.glyphs.list, tail_shown(&s->tail));
	if (!s->hidden)
		layout_line(&s->wanted, s->text, s->length, s->cursor);
}

static void
want_all(struct screen *s)
{
	want_line(s);
	layout_end(&s->wanted);
}

/*
 * From the window's first cell tmux would keep what is cleared as if it had
 * scrolled off: so all but the first column goes first. What is below is
 * cleared even where we know of nothing there: a new size may have moved it.
 */
static void
erase_all(struct screen *s)
{
	canvas_move(&s->canvas, 0, s->start);
	if (s->shown.glyphs.count == 0)
		return;
	canvas_pen(&s->canvas, &plain);
	if (s->start > 0)
		canvas_put(&s->canvas, "\033[J", 3);
	else
		canvas_put(&s->canvas, "\033[C\033[J\r\033[K", 10);
	s->shown.glyphs.count = 0;
}

static void
clear_rest(struct screen *s)
{
	struct place end = layout_behind(&s->wanted);
	struct place old = layout_behind(&s->shown);

	if (s->wanted.glyphs.count == 0) {
		erase_all(s);
		return;
	}
	if (old.row < end.row || (old.row == end.row && old.column <= end.column))
		return;
	if (end.column >= s->canvas.columns && old.row == end.row)
		return;
	if (end.column >= s->canvas.columns)
		end = (struct place){ end.row + 1, 0 };
	canvas_pen(&s->canvas, &plain);
	canvas_move(&s->canvas, end.row, end.column);
	canvas_put(&s->canvas, "\033[J", 3);
}

/* From the first glyph that differs to the last one. */
static void
draw(struct screen *s)
{
	const struct glyphs *old = &s->shown.glyphs, *new = &s->wanted.glyphs;
	size_t from = 0, to = new->count, was = old->count;

	while (from < new->count && from < old->count && glyph_same(&old->list[from], &new->list[from]))
		from++;
	while (to > from && was > from && glyph_same(&old->list[was - 1], &new->list[to - 1])) {
		to--;
		was--;
	}
	if (to > from)
		canvas_move(&s->canvas, new->list[from].row, new->list[from].column);
	for (; from < to; from++)
		canvas_glyph(&s->canvas, &new->list[from]);
	clear_rest(s);
}

/* From *i, the first of a row, to the first of the next; gives the column behind its last. */
static int
pass_row(const struct glyphs *g, size_t *i)
{
	const struct glyph *last = &g->list[*i];

	for (; *i < g->count && g->list[*i].row == last->row; ++*i)
		last = &g->list[*i];
	return last->column + last->width;
}

/*
 * How far a row was written comes out when the width changes, and moves the
 * rows below: only one that was cleared whole has forgotten it.
 */
static bool
needs_clean_rows(const struct screen *s)
{
	const struct glyphs *old = &s->shown.glyphs, *new = &s->wanted.glyphs;
	size_t i = 0, j = 0;
	int column;

	while (i < new->count && j < old->count) {
		column = pass_row(new, &i);
		if (column < pass_row(old, &j) && i < new->count)
			return true;
	}
	return false;
}

static void
place_cursor(struct screen *s)
{
	struct place cursor = layout_place(&s->shown, s->shown.cursor);

	canvas_move(&s->canvas, cursor.row, cursor.column);
}

static void
show_wanted(struct screen *s)
{
	struct layout old;
	bool anew;

	if (needs_clean_rows(s))
		screen_erase(s);
	anew = s->shown.glyphs.count == 0;
	draw(s);
	old = s->shown;
	s->shown = s->wanted;
	s->wanted = old;
	place_cursor(s);
	if (anew)
		s->canvas.strayed = false;
}

/* Below what stands in the origin's row, which is no longer ours. */
static void
start_below(struct screen *s)
{
	if (s->start > 0)
		canvas_put(&s->canvas, "\r\n", 2);
	s->start = s->shown.start = 0;
	s->before = 0;
	s->canvas.at = (struct place){ 0, 0 };
}

void
screen_paint(struct screen *s)
{
	if (s->tail.in_string && !s->tail.dropping)
		return;
	if (s->unsteady)
		screen_erase(s);
	want_all(s);
	if (s->start > 0 && layout_rows(&s->wanted) > s->rows) {
		screen_erase(s);
		start_below(s);
		want_all(s);
	}
	layout_cut(&s->wanted, s->rows, &s->top);
	show_wanted(s);
}

/* What the child began must not take ours for its own: it ends here, and the rest of it is dropped. */
static void
end_string(struct screen *s)
{
	if (!s->tail.in_string || s->tail.dropping)
		return;
	canvas_put(&s->canvas, "\033\\", 2);
	s->tail.dropping = true;
}

void
screen_erase(struct screen *s)
{
	end_string(s);
	erase_all(s);
}

/* The origin is here, in a row where something may stand before it. */
static void
begin_at(struct screen *s, unsigned short column)
{
	s->start = column < s->canvas.columns ? column : (uint16_t)(s->canvas.columns - 1);
	s->before = s->start;
	layout_begin(&s->shown, s->canvas.columns, s->start);
	s->canvas.at = (struct place){ 0, s->start };
}

/* Whether data, which is passed as it is, ends within a title or the like. */
static bool
ends_in_string(const char *data, size_t size)
{
	const char *last = memrchr(data, ESC, size);
	bool ended, escape = false;
	size_t left, length;

	if (!last)
		return false;
	left = size - (size_t)(last - data);
	if (sequence_at(last, left, &length) != SEQUENCE_STRING)
		return false;
	(void)sequence_string(last + length, left - length, &ended, &escape);
	return !ended;
}

/* The child's unfinished line as it came, where it began. */
static void
put_tail(struct screen *s)
{
	screen_erase(s);
	canvas_pen(&s->canvas, &s->tail.first);
	canvas_put(&s->canvas, buf_peek(&s->tail.raw), s->tail.raw.size);
	s->canvas.pen = s->tail.pen;
}

/* Nothing has made it a character or a sequence: the bytes as they are. */
static void
put_held(struct screen *s)
{
	canvas_put(&s->canvas, s->tail.held, s->tail.held_size);
	s->tail.held_size = 0;
}

/* Whole lines: their bytes are looked at only for what goes on behind them. */
static void
pass_lines(struct screen *s, const char *data, size_t size)
{
	put_tail(s);
	put_held(s);
	canvas_put(&s->canvas, data, size);
	if (size < 2 || data[size - 2] != '\r')
		canvas_put(&s->canvas, "\r", 1);
	s->tail.dropping = false;
	if (memchr(data, ESC, size)) {
		pen_follow_all(&s->tail.pen, data, size);
		s->tail.in_string = ends_in_string(data, size);
	}
	s->canvas.pen = s->tail.pen;
	tail_clear(&s->tail);
	begin_at(s, 0);
}

/* The line begins in the first column now, over what stands there. */
static void
start_over(struct screen *s)
{
	erase_all(s);
	canvas_move_in_row(&s->canvas, 0);
	canvas_clear_row(&s->canvas);
	s->start = s->shown.start = 0;
	s->before = 0;
}

/* What acts but does not show goes to the terminal once, when it comes. */
static void
pass_once(struct screen *s)
{
	struct tail *t = &s->tail;

	if (t->moves)
		erase_all(s); /* nothing is left to do where this is a string's second part */
	canvas_put(&s->canvas, buf_peek(&t->once), t->once.size);
	buf_consume(&t->once, t->once.size);
	if (t->in_string && !t->dropping)
		return;
	if (t->moves) {
		canvas_put(&s->canvas, "\r", 1);
		s->canvas.at = (struct place){ 0, 0 };
		canvas_move_in_row(&s->canvas, s->start);
	}
	if (t->restarted && s->start > 0)
		start_over(s);
	t->moves = t->restarted = false;
}

/* Wants the front half of the child's line, up to the end of a row where there is one. Gives how many. */
static size_t
want_front(struct screen *s)
{
	const struct glyphs *g = &s->tail.glyphs;
	size_t half = g->count / 2, count = 0, wanted = 0, i;

	layout_begin(&s->wanted, s->canvas.columns, s->start);
	for (i = 0; i < half; i++) {
		layout_glyphs(&s->wanted, &g->list[i], 1);
		if (s->wanted.next.column < s->canvas.columns)
			continue;
		count = i + 1;
		wanted = s->wanted.glyphs.count;
	}
	if (count == 0)
		return half;
	s->wanted.glyphs.count = wanted;
	return count;
}

/* Of an endless line the front is written for good. */
static void
spill(struct screen *s)
{
	size_t count, i;

	screen_erase(s);
	count = want_front(s);
	for (i = 0; i < s->wanted.glyphs.count; i++) {
		canvas_flow(&s->canvas, &s->wanted.glyphs.list[i]);
		s->before += s->wanted.glyphs.list[i].width;
	}
	if (s->canvas.at.column >= s->canvas.columns) {
		canvas_pen(&s->canvas, &plain);
		canvas_put(&s->canvas, " \r", 2);
		s->canvas.at.column = 0;
	}
	s->start = s->canvas.at.column;
	s->canvas.at.row = 0;
	tail_drop(&s->tail, count);
}

static void
feed(struct screen *s, const char *data, size_t size)
{
	size_t n;

	while (size > 0) {
		n = tail_feed(&s->tail, data, size);
		data += n;
		size -= n;
		pass_once(s);
		if (s->tail.glyphs.count >= TAIL_GLYPHS)
			spill(s);
	}
}

/* For what the child has said, at least: what is drawn of it comes anew. */
static int
make_room(struct screen *s, const char *data, size_t size)
{
	enum { OURS = 256 };
	const char *newline = s->tail.in_string ? NULL : memrchr(data, '\n', size);
	size_t behind = newline ? (size_t)(data + size - newline) - 1 : size;

	if (!buf_reserve(s->canvas.to, s->tail.raw.size + s->tail.held_size + size + OURS))
		return -1;
	/* Of an endless line the front is laid out, and has gone then. */
	if (s->tail.glyphs.count + behind >= TAIL_GLYPHS && glyphs_reserve(&s->wanted.glyphs, TAIL_GLYPHS) < 0)
		return -1;
	return tail_reserve(&s->tail, s->tail.held_size + behind);
}

int
screen_output(struct screen *s, const char *data, size_t size)
{
	const char *newline;
	size_t n;

	if (make_room(s, data, size) < 0)
		return -1;
	while (size > 0 && *data != '\n' && s->tail.held_size > 0) {
		feed(s, data++, 1);
		size--;
	}
	while (size > 0 && s->tail.in_string) {
		n = tail_string(&s->tail, data, size);
		data += n;
		size -= n;
		pass_once(s);
	}
	newline = size > 0 ? memrchr(data, '\n', size) : NULL;
	if (newline) {
		n = (size_t)(newline - data) + 1;
		pass_lines(s, data, n);
		data += n;
		size -= n;
	}
	if (size > 0 && s->tail.in_string) {
		canvas_put(&s->canvas, data, size); /* the string's end was not in it */
		size = 0;
	}
	feed(s, data, size);
	return 0;
}

int
screen_line(struct screen *s, const wchar_t *text, size_t length, size_t cursor, bool hidden)
{
	wchar_t *room;

	if (length > s->room) {
		room = realloc(s->text, length * 2 * sizeof(*room));
		if (!room)
			return -1;
		s->text = room;
		s->room = length * 2;
	}
	if (length > 0)
		memcpy(s->text, text, length * sizeof(*text));
	s->length = length;
	s->cursor = cursor;
	s->hidden = hidden;
	return 0;
}

/* As a line that the terminal breaks; what the window does not hold scrolls up. */
static void
put_line(struct screen *s)
{
	const struct glyphs *g = &s->wanted.glyphs;
	size_t i;

	screen_erase(s);
	if (s->start > 0 && layout_rows(&s->wanted) > s->rows) {
		start_below(s);
		want_line(s);
	}
	for (i = 0; i < g->count; i++)
		canvas_flow(&s->canvas, &g->list[i]);
}

/* It stays, and what comes now begins below it. */
static void
finish_line(struct screen *s)
{
	want_line(s);
	if (layout_rows(&s->shown) > 1 || layout_rows(&s->wanted) > 1)
		put_line(s);
	else
		show_wanted(s);
	canvas_put(&s->canvas, "\r\n", 2);
}

void
screen_accept(struct screen *s, bool keep_prompt)
{
	end_string(s);
	if (keep_prompt) {
		screen_erase(s);
		s->length = s->cursor = 0;
		return;
	}
	finish_line(s);
	tail_clear(&s->tail);
	s->length = s->cursor = 0;
	s->top = 0;
	begin_at(s, 0);
}

void
screen_unsteady(struct screen *s, bool unsteady)
{
	s->unsteady = unsteady;
}

/* The row of the cursor, where the terminal has broken anew what is shown, row by row. */
static uint32_t
row_in(struct screen *s, unsigned short columns)
{
	const struct glyphs *g = &s->shown.glyphs;
	struct layout *moved = &s->wanted;
	size_t i;

	layout_begin(moved, columns, s->start);
	for (i = 0; i < g->count; i++) {
		if (i > 0 && g->list[i].row > g->list[i - 1].row)
			layout_new_row(moved);
		layout_glyphs(moved, &g->list[i], 1);
	}
	return layout_place(moved, s->shown.cursor).row;
}

bool
screen_spreads(struct screen *s, unsigned short columns)
{
	return s->reflows && row_in(s, columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS) > s->canvas.at.row;
}

/*
 * Rows only become more when a terminal breaks them anew, as each is a line of
 * its own: so up to the row where we thought we were never leads above row 0,
 * whatever size the terminal has by now. Up to where the new width has put us
 * does only if nothing was drawn for a terminal that was another already.
 */
static bool
is_sure(const struct screen *s, enum screen_since since)
{
	switch (since) {
	case SCREEN_QUIET:
		return true;
	case SCREEN_DRAWN:
		return !s->canvas.strayed;
	case SCREEN_RESIZED:
		break;
	}
	return false;
}

void
screen_resize(struct screen *s, unsigned short rows, unsigned short columns, enum screen_since since)
{
	uint32_t row;

	end_string(s);
	columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
	s->rows = rows > 0 ? rows : 1;
	s->canvas.columns = columns;
	if (s->reflows && s->before > 0)
		s->start = (uint16_t)(s->before % columns);
	else if (s->start >= columns)
		s->start = (uint16_t)(columns - 1);
	row = s->reflows ? row_in(s, columns) : s->canvas.at.row;
	if (row < s->canvas.at.row || is_sure(s, since))
		s->canvas.at.row = row;
	if (s->canvas.at.row >= s->rows)
		s->canvas.at.row = s->rows - 1u;
	/* The column does not matter, but that the cursor may be about to wrap does. */
	canvas_put(&s->canvas, "\r", 1);
	s->canvas.at.column = 0;
	screen_erase(s);
}

void
screen_clear(struct screen *s)
{
	screen_erase(s);
	start_below(s); /* or what stands there goes on in the next row, for a terminal that keeps it */
	canvas_pen(&s->canvas, &plain);
	canvas_put(&s->canvas, "\033[H\033[2J", 7);
	begin_at(s, 0);
}

void
screen_leave(struct screen *s)
{
	end_string(s);
	put_tail(s);
	put_held(s);
	tail_clear(&s->tail);
	begin_at(s, 0);
}

void
screen_forget(struct screen *s, unsigned short column)
{
	begin_at(s, column);
	canvas_put(&s->canvas, "\033[m", 3);
	s->canvas.pen = plain;
}

void
screen_note(struct screen *s, const char *data, size_t size)
{
	screen_erase(s);
	start_below(s);
	canvas_pen(&s->canvas, &plain);
	canvas_put(&s->canvas, data, size);
	if (size == 0 || data[size - 1] != '\n')
		canvas_put(&s->canvas, "\r\n", 2);
	else
		canvas_put(&s->canvas, "\r", 1);
}
