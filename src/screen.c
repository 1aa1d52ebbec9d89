/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "screen.h"

#include "canvas.h"
#include "glyph.h"
#include "layout.h"
#include "pen.h"
#include "sequence.h"
#include "tail.h"

#include <errno.h>
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

/* What is to be there. */

static void
want_all(struct screen *s)
{
	layout_begin(&s->wanted, s->canvas.columns, s->start);
	layout_glyphs(&s->wanted, s->tail.glyphs.list, tail_shown(&s->tail));
	if (!s->hidden)
		layout_line(&s->wanted, s->text, s->length, s->cursor);
	layout_end(&s->wanted);
}

/* Drawing. */

/* What begins a row is reached through the row before: it may not be there yet. */
static bool
begins_row(const struct glyph *one)
{
	return one->row > 0 && one->column == 0;
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
	if (from > 0 && from < new->count && begins_row(&new->list[from]))
		from--;
	while (to > from && was > from && glyph_same(&old->list[was - 1], &new->list[to - 1])) {
		to--;
		was--;
	}
	if (to > from && to < new->count && begins_row(&new->list[to]))
		to++;
	if (to > from)
		canvas_move(&s->canvas, new->list[from].row, new->list[from].column);
	for (; from < to; from++)
		canvas_glyph(&s->canvas, &new->list[from]);
	clear_rest(s);
}

/* How a row ends: at the text's end, at a newline, or the text goes on in the next one. */
enum end { END_TEXT, END_NEWLINE, END_FULL, END_GAP };

/* From *i, the first of a row, to the first of the next; and the column behind its last. */
static enum end
pass_row(const struct screen *s, const struct glyphs *g, size_t *i, int *column)
{
	const struct glyph *last = &g->list[*i];

	for (; *i < g->count && g->list[*i].row == last->row; ++*i)
		last = &g->list[*i];
	*column = last->column + last->width;
	if (glyph_is_newline(last))
		return END_NEWLINE;
	if (*i == g->count)
		return END_TEXT;
	return last->column + last->width < s->canvas.columns ? END_GAP : END_FULL;
}

/*
 * Only a row that was cleared whole has forgotten that it went on in the next
 * one, and how far it was written: both would come out when the width changes.
 */
static bool
needs_clean_rows(const struct screen *s)
{
	const struct glyphs *old = &s->shown.glyphs, *new = &s->wanted.glyphs;
	size_t i = 0, j = 0;
	enum end is, was;
	int column, old_column;

	while (i < new->count && j < old->count) {
		is = pass_row(s, new, &i, &column);
		was = pass_row(s, old, &j, &old_column);
		if (is == END_GAP && was != END_GAP)
			return true;
		if (is == END_NEWLINE && column < old_column)
			return true;
		if ((is == END_NEWLINE || is == END_TEXT) && (was == END_FULL || was == END_GAP))
			return true;
	}
	return false;
}

static void
show_wanted(struct screen *s)
{
	struct layout old;

	if (needs_clean_rows(s))
		screen_erase(s);
	draw(s);
	old = s->shown;
	s->shown = s->wanted;
	s->wanted = old;
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
	struct place cursor;

	if (s->tail.in_string && !s->tail.dropping)
		return;
	want_all(s);
	if (s->start > 0 && layout_rows(&s->wanted) > s->rows) {
		screen_erase(s);
		start_below(s);
		want_all(s);
	}
	layout_cut(&s->wanted, s->rows, &s->top);
	show_wanted(s);
	cursor = layout_place(&s->shown, s->shown.cursor);
	canvas_move(&s->canvas, cursor.row, cursor.column);
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

/* Output. */

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
		canvas_glyph(&s->canvas, &s->wanted.glyphs.list[i]);
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

int
screen_output(struct screen *s, const char *data, size_t size)
{
	const char *newline;
	size_t n;

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
	if (!s->canvas.failed && !s->wanted.failed && !s->shown.failed && !s->tail.failed)
		return 0;
	s->canvas.failed = s->wanted.failed = s->shown.failed = s->tail.failed = false;
	errno = ENOMEM;
	return -1;
}

/* The line. */

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

/* All of it, behind its last glyph; what the window does not hold scrolls up. */
static void
show_to_end(struct screen *s)
{
	want_all(s);
	if (layout_rows(&s->wanted) > s->rows) {
		screen_erase(s);
		start_below(s);
		want_all(s);
	}
	show_wanted(s);
}

/*
 * The row that only the cursor would have had is the new one. So the row
 * before does not go on in it: it is cleared whole and drawn once more, from
 * the glyph before, since tmux then holds that for the end of a line too.
 */
static void
give_up_last_row(struct screen *s)
{
	const struct glyphs *g = &s->shown.glyphs;
	size_t end = g->count - 1, i = end;

	while (i > 0 && g->list[i - 1].row + 1 == g->list[end].row)
		i--;
	if (glyph_is_newline(&g->list[end - 1]) || g->list[i].column > 0)
		return;
	canvas_move(&s->canvas, g->list[i].row, 0);
	canvas_clear_row(&s->canvas);
	if (i > 0 && !glyph_is_newline(&g->list[i - 1]))
		i--;
	canvas_move(&s->canvas, g->list[i].row, g->list[i].column);
	for (; i < end; i++)
		canvas_glyph(&s->canvas, &g->list[i]);
}

static void
end_line(struct screen *s)
{
	const struct glyphs *g = &s->shown.glyphs;
	struct place end;

	if (g->count > 0) {
		end = layout_place(&s->shown, g->count - 1);
		canvas_move(&s->canvas, end.row, end.column);
		canvas_clear_row(&s->canvas);
		if (g->count > 1 && begins_row(&g->list[g->count - 1]))
			give_up_last_row(s);
	}
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
	show_to_end(s);
	end_line(s);
	tail_clear(&s->tail);
	s->length = s->cursor = 0;
	s->top = 0;
	begin_at(s, 0);
}

void
screen_resize(struct screen *s, unsigned short rows, unsigned short columns)
{
	struct layout *moved = &s->wanted;

	end_string(s);
	columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
	s->rows = rows > 0 ? rows : 1;
	s->canvas.columns = columns;
	if (s->reflows && s->before > 0)
		s->start = (uint16_t)(s->before % columns);
	else if (s->start >= columns)
		s->start = (uint16_t)(columns - 1);
	if (s->reflows) {
		layout_begin(moved, columns, s->start);
		layout_glyphs(moved, s->shown.glyphs.list, s->shown.glyphs.count);
		s->canvas.at.row = layout_place(moved, s->shown.cursor).row;
	}
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
