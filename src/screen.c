/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "screen.h"

#include "glyph.h"
#include "pen.h"
#include "sequence.h"
#include "tail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ESC = 0x1b,
	LEAST_COLUMNS = 2,	/* that a wide glyph needs */
	FEW = 3			/* columns: \b is shorter than a sequence */
};

/*
 * Rows and columns count from where prompt and line begin, the origin: row 0,
 * and there the column start. Everything above is finished and not touched.
 */
struct screen {
	struct buf *to;
	unsigned short rows, columns;
	bool reflows;

	struct tail tail;
	wchar_t *text;
	size_t length, cursor;
	size_t room;
	bool hidden;

	struct glyphs shown;		/* what is on the terminal */
	struct glyphs wanted;		/* and what is to be */
	size_t shown_cursor;		/* the glyphs that the cursor is on; it may be behind the last */
	size_t wanted_cursor;
	uint32_t top;			/* the row of wanted that was the window's first */

	uint16_t start;
	size_t before;			/* cells from the line's real beginning to the origin */
	struct place at;		/* the cursor; in column columns it is about to wrap */
	struct pen pen;			/* how the terminal draws now */
	bool failed;
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
	s->to = to;
	s->rows = rows > 0 ? rows : 1;
	s->columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
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
	glyphs_free(&s->shown);
	glyphs_free(&s->wanted);
	free(s->text);
	free(s);
}

/* Writing to the terminal, at the cursor. */

static void
put(struct screen *s, const char *data, size_t size)
{
	if (buf_append(s->to, data, size) < 0)
		s->failed = true;
}

/* ESC [ n letter; n is left out where it is 1, the default. */
static void
put_control(struct screen *s, unsigned n, char letter)
{
	char text[16];
	int size = n == 1 ? snprintf(text, sizeof(text), "\033[%c", letter) :
	    snprintf(text, sizeof(text), "\033[%u%c", n, letter);

	put(s, text, (size_t)size);
}

static void
set_pen(struct screen *s, const struct pen *p)
{
	if (pen_same(&s->pen, p))
		return;
	s->pen = *p;
	if (pen_put(s->to, p) < 0)
		s->failed = true;
}

static void
move_in_row(struct screen *s, uint16_t column)
{
	/* About to wrap, terminals differ on what is one to the left. */
	if (column == 0 || s->at.column >= s->columns) {
		if (s->at.column > 0)
			put(s, "\r", 1);
		s->at.column = 0;
	}
	if (column > s->at.column)
		put_control(s, (unsigned)(column - s->at.column), 'C');
	else if (s->at.column - column > FEW)
		put_control(s, (unsigned)(s->at.column - column), 'D');
	else
		put(s, "\b\b\b", (size_t)(s->at.column - column));
	s->at.column = column;
}

/* To a row that is there, without a newline, which would make it a line of its own. */
static void
move_to(struct screen *s, uint32_t row, uint16_t column)
{
	if (row != s->at.row && s->at.column >= s->columns)
		move_in_row(s, 0);
	if (row < s->at.row)
		put_control(s, s->at.row - row, 'A');
	else if (row > s->at.row)
		put_control(s, row - s->at.row, 'B');
	s->at.row = row;
	move_in_row(s, column);
}

static void
clear_row(struct screen *s)
{
	if (s->at.column >= s->columns)
		return; /* it would take the last character */
	set_pen(s, &plain);
	put(s, "\033[K", 3);
}

static void
new_row(struct screen *s)
{
	put(s, "\r\n", 2);
	s->at = (struct place){ s->at.row + 1, 0 };
}

/* The terminal breaks the line itself, or it would not know that it is one. */
static void
put_glyph(struct screen *s, const struct glyph *one)
{
	if (glyph_is_newline(one)) {
		clear_row(s);
		new_row(s);
		return;
	}
	set_pen(s, &one->pen);
	put(s, one->bytes, one->size);
	s->at = (struct place){ one->row, (uint16_t)(one->column + one->width) };
}

/* What is to be there. */

static void
want(struct screen *s, const struct glyph *one, struct place *next)
{
	if (glyphs_place(&s->wanted, one, s->columns, next) < 0)
		s->failed = true;
}

static void
want_text(struct screen *s, struct place *next)
{
	struct glyphs line = { 0 };
	size_t cursor = 0, at = 0, i;

	for (i = 0; i < s->length; i++) {
		if (i == s->cursor)
			cursor = at;
		at = glyphs_add(&line, at, s->text[i], &plain);
	}
	if (s->cursor >= s->length)
		cursor = at;
	for (i = 0; i < line.count; i++) {
		if (i == cursor)
			s->wanted_cursor = s->wanted.count;
		want(s, &line.list[i], next);
	}
	if (cursor == line.count)
		s->wanted_cursor = s->wanted.count;
	glyphs_free(&line);
}

/*
 * Behind the last glyph stands a blank, for the cursor to be on: so there is a
 * row for it when the one before is full, and a terminal that changes its
 * width moves it as it moves the text.
 */
static void
want_all(struct screen *s)
{
	struct glyph blank = { .width = 1, .size = 1, .bytes = " " };
	struct place next = { 0, s->start };
	size_t prompt = tail_shown(&s->tail), i;

	s->wanted.count = 0;
	for (i = 0; i < prompt; i++)
		want(s, &s->tail.glyphs.list[i], &next);
	s->wanted_cursor = s->wanted.count;
	if (!s->hidden)
		want_text(s, &next);
	if (s->wanted.count > 0)
		want(s, &blank, &next);
}

static uint32_t
rows_of(const struct glyphs *g)
{
	return g->count > 0 ? g->list[g->count - 1].row + 1 : 1;
}

static struct place
end_of(const struct screen *s, const struct glyphs *g)
{
	const struct glyph *last;

	if (g->count == 0)
		return (struct place){ 0, s->start };
	last = &g->list[g->count - 1];
	return (struct place){ last->row, (uint16_t)(last->column + last->width) };
}

static struct place
place_of(const struct screen *s, const struct glyphs *g, size_t i)
{
	struct place place = end_of(s, g);

	if (i < g->count)
		place = (struct place){ g->list[i].row, g->list[i].column };
	if (place.column >= s->columns) /* a newline behind a full row */
		place.column = (uint16_t)(s->columns - 1);
	return place;
}

/* What is taller than the window: the part around the cursor, which moves as little as it can. */
static void
choose_window(struct screen *s)
{
	struct glyphs *g = &s->wanted;
	uint32_t rows = rows_of(g), cursor = place_of(s, g, s->wanted_cursor).row;
	size_t first = 0, last;

	if (s->top + s->rows > rows)
		s->top = rows > s->rows ? rows - s->rows : 0;
	if (cursor < s->top)
		s->top = cursor;
	if (cursor >= s->top + s->rows)
		s->top = cursor - s->rows + 1;
	if (rows <= s->rows)
		return;
	while (g->list[first].row < s->top)
		first++;
	for (last = first; last < g->count && g->list[last].row < s->top + s->rows; last++)
		g->list[last].row -= s->top;
	g->count = last - first;
	memmove(g->list, g->list + first, g->count * sizeof(*g->list));
	s->wanted_cursor -= first;
	if (g->list[g->count - 1].row + 1 == s->rows && glyph_is_newline(&g->list[g->count - 1]))
		g->count--; /* it would scroll */
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
	move_to(s, 0, s->start);
	if (s->shown.count == 0)
		return;
	set_pen(s, &plain);
	if (s->start > 0)
		put(s, "\033[J", 3);
	else
		put(s, "\033[C\033[J\r\033[K", 10);
	s->shown.count = 0;
}

static void
clear_rest(struct screen *s)
{
	struct place end = end_of(s, &s->wanted);
	struct place old = end_of(s, &s->shown);

	if (s->wanted.count == 0) {
		erase_all(s);
		return;
	}
	if (old.row < end.row || (old.row == end.row && old.column <= end.column))
		return;
	if (end.column >= s->columns && old.row == end.row)
		return;
	if (end.column >= s->columns)
		end = (struct place){ end.row + 1, 0 };
	set_pen(s, &plain);
	move_to(s, end.row, end.column);
	put(s, "\033[J", 3);
}

/* From the first glyph that differs to the last one. */
static void
draw(struct screen *s)
{
	const struct glyphs *old = &s->shown, *new = &s->wanted;
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
		move_to(s, new->list[from].row, new->list[from].column);
	for (; from < to; from++)
		put_glyph(s, &new->list[from]);
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
	return last->column + last->width < s->columns ? END_GAP : END_FULL;
}

/*
 * Only a row that was cleared whole has forgotten that it went on in the next
 * one, and how far it was written: both would come out when the width changes.
 */
static bool
needs_clean_rows(const struct screen *s)
{
	const struct glyphs *old = &s->shown, *new = &s->wanted;
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
	struct glyphs old;

	if (needs_clean_rows(s))
		screen_erase(s);
	draw(s);
	old = s->shown;
	s->shown = s->wanted;
	s->shown_cursor = s->wanted_cursor;
	s->wanted = old;
}

/* Below what stands in the origin's row, which is no longer ours. */
static void
start_below(struct screen *s)
{
	if (s->start > 0)
		put(s, "\r\n", 2);
	s->start = 0;
	s->before = 0;
	s->at = (struct place){ 0, 0 };
}

void
screen_paint(struct screen *s)
{
	struct place cursor;

	if (s->tail.in_string && !s->tail.dropping)
		return;
	want_all(s);
	if (s->start > 0 && rows_of(&s->wanted) > s->rows) {
		screen_erase(s);
		start_below(s);
		want_all(s);
	}
	choose_window(s);
	show_wanted(s);
	cursor = place_of(s, &s->shown, s->shown_cursor);
	move_to(s, cursor.row, cursor.column);
}

/* What the child began must not take ours for its own: it ends here, and the rest of it is dropped. */
static void
end_string(struct screen *s)
{
	if (!s->tail.in_string || s->tail.dropping)
		return;
	put(s, "\033\\", 2);
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
	s->shown.count = 0;
	s->start = column < s->columns ? column : (uint16_t)(s->columns - 1);
	s->before = s->start;
	s->at = (struct place){ 0, s->start };
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
	set_pen(s, &s->tail.first);
	put(s, buf_peek(&s->tail.raw), s->tail.raw.size);
	s->pen = s->tail.pen;
}

/* Nothing has made it a character or a sequence: the bytes as they are. */
static void
put_held(struct screen *s)
{
	put(s, s->tail.held, s->tail.held_size);
	s->tail.held_size = 0;
}

/* Whole lines: their bytes are looked at only for what goes on behind them. */
static void
pass_lines(struct screen *s, const char *data, size_t size)
{
	put_tail(s);
	put_held(s);
	put(s, data, size);
	if (size < 2 || data[size - 2] != '\r')
		put(s, "\r", 1);
	s->tail.dropping = false;
	if (memchr(data, ESC, size)) {
		pen_follow_all(&s->tail.pen, data, size);
		s->tail.in_string = ends_in_string(data, size);
	}
	s->pen = s->tail.pen;
	tail_clear(&s->tail);
	begin_at(s, 0);
}

/* The line begins in the first column now, over what stands there. */
static void
start_over(struct screen *s)
{
	erase_all(s);
	move_in_row(s, 0);
	clear_row(s);
	s->start = 0;
	s->before = 0;
}

/* What acts but does not show goes to the terminal once, when it comes. */
static void
pass_once(struct screen *s)
{
	struct tail *t = &s->tail;

	if (t->moves)
		erase_all(s); /* nothing is left to do where this is a string's second part */
	put(s, buf_peek(&t->once), t->once.size);
	buf_consume(&t->once, t->once.size);
	if (t->in_string && !t->dropping)
		return;
	if (t->moves) {
		put(s, "\r", 1);
		s->at = (struct place){ 0, 0 };
		move_in_row(s, s->start);
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
	struct place next = { 0, s->start };
	size_t half = g->count / 2, count = 0, wanted = 0, i;

	s->wanted.count = 0;
	for (i = 0; i < half; i++) {
		want(s, &g->list[i], &next);
		if (next.column < s->columns)
			continue;
		count = i + 1;
		wanted = s->wanted.count;
	}
	if (count == 0)
		return half;
	s->wanted.count = wanted;
	return count;
}

/* Of an endless line the front is written for good. */
static void
spill(struct screen *s)
{
	size_t count, i;

	screen_erase(s);
	count = want_front(s);
	for (i = 0; i < s->wanted.count; i++) {
		put_glyph(s, &s->wanted.list[i]);
		s->before += s->wanted.list[i].width;
	}
	if (s->at.column >= s->columns) {
		set_pen(s, &plain);
		put(s, " \r", 2);
		s->at.column = 0;
	}
	s->start = s->at.column;
	s->at.row = 0;
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
		put(s, data, size); /* the string's end was not in it */
		size = 0;
	}
	feed(s, data, size);
	if (!s->failed && !s->tail.failed)
		return 0;
	s->failed = s->tail.failed = false;
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
	if (rows_of(&s->wanted) > s->rows) {
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
	const struct glyphs *g = &s->shown;
	size_t end = g->count - 1, i = end;

	while (i > 0 && g->list[i - 1].row + 1 == g->list[end].row)
		i--;
	if (glyph_is_newline(&g->list[end - 1]) || g->list[i].column > 0)
		return;
	move_to(s, g->list[i].row, 0);
	clear_row(s);
	if (i > 0 && !glyph_is_newline(&g->list[i - 1]))
		i--;
	move_to(s, g->list[i].row, g->list[i].column);
	for (; i < end; i++)
		put_glyph(s, &g->list[i]);
}

static void
end_line(struct screen *s)
{
	const struct glyphs *g = &s->shown;
	struct place end;

	if (g->count > 0) {
		end = place_of(s, g, g->count - 1);
		move_to(s, end.row, end.column);
		clear_row(s);
		if (g->count > 1 && begins_row(&g->list[g->count - 1]))
			give_up_last_row(s);
	}
	put(s, "\r\n", 2);
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
	struct glyphs *moved = &s->wanted;
	struct place next, cursor;
	size_t i;

	end_string(s);
	columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
	s->rows = rows > 0 ? rows : 1;
	s->columns = columns;
	if (s->reflows && s->before > 0)
		s->start = (uint16_t)(s->before % columns);
	else if (s->start >= columns)
		s->start = (uint16_t)(columns - 1);
	if (s->reflows) {
		next = (struct place){ 0, s->start };
		moved->count = 0;
		for (i = 0; i < s->shown.count; i++)
			want(s, &s->shown.list[i], &next);
		cursor = place_of(s, moved, s->shown_cursor);
		s->at.row = cursor.row;
	}
	if (s->at.row >= s->rows)
		s->at.row = s->rows - 1u;
	/* The column does not matter, but that the cursor may be about to wrap does. */
	put(s, "\r", 1);
	s->at.column = 0;
	screen_erase(s);
}

void
screen_clear(struct screen *s)
{
	screen_erase(s);
	start_below(s); /* or what stands there goes on in the next row, for a terminal that keeps it */
	set_pen(s, &plain);
	put(s, "\033[H\033[2J", 7);
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
	put(s, "\033[m", 3);
	s->pen = plain;
}

void
screen_note(struct screen *s, const char *data, size_t size)
{
	screen_erase(s);
	start_below(s);
	set_pen(s, &plain);
	put(s, data, size);
	if (size == 0 || data[size - 1] != '\n')
		put(s, "\r\n", 2);
	else
		put(s, "\r", 1);
}
