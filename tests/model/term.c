/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "term.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void *
grow(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		abort();
	return new;
}

struct row *
term_row(const struct term *t, int i)
{
	return &t->list[i];
}

static struct row *
add_row(struct term *t)
{
	if ((t->count & (t->count - 1)) == 0)
		t->list = grow(t->list, (size_t)(t->count ? t->count * 2 : 1) * sizeof(*t->list));
	t->list[t->count] = (struct row){ 0 };
	return &t->list[t->count++];
}

struct term *
term_new(int rows, int columns, bool reflows)
{
	struct term *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->rows = rows;
	t->columns = columns;
	t->reflows = reflows;
	while (t->count < rows)
		add_row(t);
	return t;
}

void
term_free(struct term *t)
{
	int i;

	for (i = 0; i < t->count; i++)
		free(t->list[i].cells);
	free(t->list);
	free(t);
}

static struct row *
here(struct term *t)
{
	return &t->list[t->count - t->rows + t->y];
}

static void
set_cell(struct row *row, int x, const struct cell *c)
{
	int i;

	if (x >= row->room) {
		row->cells = grow(row->cells, (size_t)(x + 1) * 2 * sizeof(*row->cells));
		for (i = row->room; i < (x + 1) * 2; i++)
			row->cells[i] = (struct cell){ .width = 1 };
		row->room = (x + 1) * 2;
	}
	/* One half of a wide one takes the other with it. */
	if (row->cells[x].width == 0 && x > 0 && c->width != 0)
		row->cells[x - 1] = (struct cell){ .width = 1 };
	if (row->cells[x].width == 2 && x + 1 < row->room)
		row->cells[x + 1] = (struct cell){ .width = 1 };
	row->cells[x] = *c;
	if (x >= row->used)
		row->used = x + 1;
}

static void
feed_line(struct term *t, bool wrapped)
{
	if (wrapped || t->unwraps)
		here(t)->wrapped = wrapped;
	if (t->y + 1 < t->rows)
		t->y++;
	else
		add_row(t);
}

static void
put_cell(struct term *t, const char *text, size_t size, int width)
{
	struct cell c = { .width = width, .pen = t->pen };
	struct cell *last;

	if (width == 0) {
		if (t->x == 0)
			return;
		last = &here(t)->cells[t->x - 1];
		if (last->width == 0)
			last--;
		if (strlen(last->text) + size < CELL_BYTES)
			strncat(last->text, text, size);
		return;
	}
	if (t->x + width > t->columns) {
		feed_line(t, true);
		t->x = 0;
	}
	memcpy(c.text, text, size);
	set_cell(here(t), t->x, &c);
	if (width == 2)
		set_cell(here(t), t->x + 1, &(struct cell){ .width = 0, .pen = t->pen });
	t->x += width;
}

static void
clear_cells(struct row *row, int from)
{
	int i;

	for (i = from; i < row->used; i++)
		set_cell(row, i, &(struct cell){ .width = 1 });
	if (from == 0) {
		row->used = 0;
		row->wrapped = false;
	}
}

/* tmux: what went on in a row that is cleared whole does so no more. */
static void
clear_row(struct term *t, int i, int from)
{
	clear_cells(&t->list[i], from);
	if (from == 0 && i > 0 && t->unwraps)
		t->list[i - 1].wrapped = false;
}

static void
clear_below(struct term *t)
{
	int i;

	clear_row(t, t->count - t->rows + t->y, t->x < t->columns ? t->x : t->columns - 1);
	for (i = t->count - t->rows + t->y + 1; i < t->count; i++)
		clear_row(t, i, 0);
}

/* What is there scrolls off. */
static void
clear_window(struct term *t)
{
	int last = t->count - 1;
	int y = t->y;

	while (last >= t->count - t->rows && t->list[last].used == 0)
		last--;
	last -= t->count - t->rows;
	while (last-- >= 0)
		add_row(t);
	t->y = y;
}

static void
follow_sgr(struct term *t, const char *p)
{
	unsigned n;

	do {
		n = (unsigned)strtoul(p, (char **)&p, 10);
		if (n == 0)
			t->pen = 0;
		else if (n == 1)
			t->pen |= 0x100;
		else if (n == 7)
			t->pen |= 0x200;
		else if (n >= 30 && n <= 37)
			t->pen = (t->pen & ~0xffu) | n;
		else
			t->bad++;
	} while (*p++ == ';');
}

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

static void
control(struct term *t, const char *p, char final)
{
	int n = (int)strtol(p, NULL, 10);

	n = n > 0 ? n : 1;
	/* Where a move begins while about to wrap, terminals differ. */
	if (t->x == t->columns && strchr("ABCDJK", final))
		t->bad++;
	switch (final) {
	case 'A':
		t->y = t->y > n ? t->y - n : 0;
		break;
	case 'B':
		t->y = smaller(t->y + n, t->rows - 1);
		break;
	case 'C':
		t->x = smaller(t->x + n, t->columns - 1);
		break;
	case 'D':
		t->x = t->x > n ? t->x - n : 0;
		break;
	case 'H':
		t->x = t->y = 0;
		break;
	case 'J':
		/* From its first cell, tmux keeps what was there. */
		if (*p == '2' || t->x + t->y == 0)
			clear_window(t);
		else
			clear_below(t);
		break;
	case 'K':
		clear_row(t, t->count - t->rows + t->y, *p == '2' ? 0 : t->x);
		break;
	case 'm':
		follow_sgr(t, p);
		break;
	default:
		t->bad += final != 'h' && final != 'l';
	}
}

/* A sequence from its ESC; 0 while it is cut. */
static size_t
sequence(struct term *t, const char *data, size_t size)
{
	size_t at = 2;

	if (size < 2)
		return 0;
	if (data[1] == '[') {
		while (at < size && (data[at] < '@' || data[at] > '~'))
			at++;
		if (at == size)
			return 0;
		control(t, data + 2, data[at]);
		return at + 1;
	}
	if (data[1] == ']') {
		for (; at < size; at++) {
			if (data[at] == '\a')
				return at + 1;
			if (data[at] == '\\' && data[at - 1] == '\033')
				return at + 1;
			if (data[at] == '\n' || data[at] == '\r')
				t->bad++;
		}
		return 0;
	}
	t->bad += data[1] != '\\';
	return 2;
}

static void
single(struct term *t, char c)
{
	switch (c) {
	case '\n': /* as with ONLCR */
		t->x = 0;
		feed_line(t, false);
		break;
	case '\r':
		t->x = 0;
		break;
	case '\b':
		t->bad += t->x == t->columns;
		t->x -= t->x > 0;
		break;
	case '\t':
		t->x = smaller((t->x / 8 + 1) * 8, t->columns - 1);
		break;
	case '\a':
		t->bells++;
		break;
	default:
		t->bad++;
	}
}

static size_t
take(struct term *t, const char *data, size_t size)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n;

	if (data[0] == '\033')
		return sequence(t, data, size);
	if ((unsigned char)data[0] < ' ' || data[0] == 0x7f) {
		single(t, data[0]);
		return 1;
	}
	n = mbrtowc(&c, data, size, &state);
	if (n == (size_t)-2)
		return 0;
	if (n == (size_t)-1) {
		put_cell(t, "\xef\xbf\xbd", 3, 1);
		return 1;
	}
	if (wcwidth(c) < 0)
		t->bad++;
	else
		put_cell(t, data, n, wcwidth(c));
	return n;
}

static void
write_one(struct term *t, char c)
{
	if (t->held_size == sizeof(t->held))
		abort();
	t->held[t->held_size++] = c;
	if (take(t, t->held, t->held_size) > 0)
		t->held_size = 0;
}

void
term_write(struct term *t, const char *data, size_t size)
{
	while (size-- > 0)
		write_one(t, *data++);
}

/* Rows go from below the cursor first, then they scroll off; new ones come back from there. */
static void
resize_rows(struct term *t, int rows)
{
	int less = t->rows - rows;
	int cursor = t->count - t->rows + t->y;

	for (; less > 0 && t->count - 1 > cursor; less--)
		free(t->list[--t->count].cells);
	t->rows = rows;
	while (t->count < rows)
		add_row(t);
	t->y = cursor - (t->count - rows);
}

/* The rows of one line, broken anew; gives the row where the cursor is, if it is in there. */
static void
rewrap(struct term *to, const struct term *from, int first, int last, int *cursor)
{
	struct row *row = add_row(to);
	int at = 0, offset = -1, i, x, used, base = to->count - 1;

	for (i = first; i <= last; i++) {
		if (i == *cursor)
			offset = at + from->x;
		for (x = 0; x < from->list[i].used; x++) {
			const struct cell *c = &from->list[i].cells[x];

			if (c->width == 0)
				continue;
			if (row->used + c->width > to->columns) {
				row->wrapped = true;
				row = add_row(to);
			}
			set_cell(row, row->used, c);
			if (c->width == 2)
				set_cell(row, row->used, &(struct cell){ .width = 0, .pen = c->pen });
		}
		at += from->list[i].used;
	}
	if (offset < 0)
		return;
	for (i = base; to->list[i].wrapped && offset >= to->list[i].used; i++)
		offset -= to->list[i].used;
	used = offset < to->columns ? offset : to->columns;
	to->x = used;
	to->y = i;
	*cursor = -1;
}

static void
reflow(struct term *t, int columns)
{
	struct term new = { .rows = t->rows, .columns = columns };
	int cursor = t->count - t->rows + t->y;
	int first, last, i;

	for (first = 0; first < t->count; first = last + 1) {
		for (last = first; last + 1 < t->count && t->list[last].wrapped; last++)
			;
		rewrap(&new, t, first, last, &cursor);
		if (last == t->count - 1 && t->list[last].wrapped)
			new.list[new.count - 1].wrapped = true;
	}
	for (i = 0; i < t->count; i++)
		free(t->list[i].cells);
	free(t->list);
	while (new.count < new.rows)
		add_row(&new);
	t->list = new.list;
	t->count = new.count;
	t->x = new.x;
	t->y = new.y - (new.count - new.rows);
	t->cut = t->y < 0;
	if (t->cut)
		t->x = t->y = 0;
}

void
term_resize(struct term *t, int rows, int columns)
{
	resize_rows(t, rows);
	if (columns != t->columns && t->reflows)
		reflow(t, columns);
	t->columns = columns;
	if (t->x > columns)
		t->x = columns;
	if (!t->reflows && t->x == columns)
		t->x--;
}

void
term_add_row(struct term *t, const char *text, size_t size, bool wrapped)
{
	struct row *row = add_row(t);
	int x = 0, width;
	mbstate_t state = { 0 };
	struct cell c;
	wchar_t wide;
	size_t n;

	for (; size > 0; text += n, size -= n) {
		n = mbrtowc(&wide, text, size, &state);
		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			abort();
		width = wcwidth(wide);
		if (width <= 0 && x > 0) {
			strncat(row->cells[row->cells[x - 1].width ? x - 1 : x - 2].text, text, n);
			continue;
		}
		c = (struct cell){ .width = width };
		memcpy(c.text, text, n);
		set_cell(row, x, &c);
		if (width == 2)
			set_cell(row, x + 1, &(struct cell){ .width = 0 });
		x += width;
	}
	row->wrapped = wrapped;
}

void
term_text(const struct row *row, char **to, size_t *size)
{
	int x, used = row->used;
	const char *text;
	size_t n;

	while (!row->wrapped && used > 0 &&
	    (strcmp(row->cells[used - 1].text, " ") == 0 || (!row->cells[used - 1].text[0] && row->cells[used - 1].width)))
		used--;
	*to = grow(*to, *size + (size_t)used * CELL_BYTES + 1);
	for (x = 0; x < used; x++) {
		if (row->cells[x].width == 0)
			continue;
		text = row->cells[x].text[0] ? row->cells[x].text : " ";
		n = strlen(text);
		memcpy(*to + *size, text, n);
		*size += n;
	}
	(*to)[*size] = '\0';
}
