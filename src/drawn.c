/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "drawn.h"

#include "clean.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	ESC = 0x1b,
	MOST_COLUMNS = 0xffff,	/* a step aside goes no further */
	EDGE = 40		/* so many blanks go to it */
};

/* A character in a column. */
struct cell {
	char bytes[4];
	unsigned char size;
};

struct drawing {
	struct cell *cells;
	size_t count, room;
	size_t at;		/* the cursor */
};

static int
put(struct drawing *d, const char *bytes, size_t size)
{
	static const struct cell blank = { " ", 1 };

	if (d->at >= d->room) {
		size_t room = d->at * 2 + 128;
		struct cell *cells = realloc(d->cells, room * sizeof(*cells));

		if (!cells)
			return -1;
		d->cells = cells;
		d->room = room;
	}
	while (d->count <= d->at)
		d->cells[d->count++] = blank;
	memcpy(d->cells[d->at].bytes, bytes, size);
	d->cells[d->at++].size = (unsigned char)size;
	return 0;
}

/* Of the character at the front; a byte that is none stands for itself. */
static size_t
character_size(const char *data, size_t size)
{
	unsigned char c = (unsigned char)*data;
	size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1, n = 1;

	while (n < wanted && n < size && ((unsigned char)data[n] & 0xc0) == 0x80)
		n++;
	return n == wanted ? n : 1;
}

/* A sequence that moves the cursor or erases, with one number at the most. */
static void
move(struct drawing *d, const char *sequence, size_t size)
{
	size_t number = 0, i;

	for (i = 2; i + 1 < size && sequence[i] >= '0' && sequence[i] <= '9' && number < MOST_COLUMNS; i++)
		number = number * 10 + (size_t)(sequence[i] - '0');
	if (size < 3 || sequence[1] != '[' || i + 1 != size)
		return;
	if (number > MOST_COLUMNS)
		number = MOST_COLUMNS;
	switch (sequence[size - 1]) {
	case 'G':
		d->at = number > 0 ? number - 1 : 0;
		break;
	case 'C':
		d->at += number > 0 ? number : 1;
		if (d->at > MOST_COLUMNS)
			d->at = MOST_COLUMNS;
		break;
	case 'D':
		number = number > 0 ? number : 1;
		d->at -= number < d->at ? number : d->at;
		break;
	case 'J':
	case 'K':
		if (number == 0 && d->count > d->at)
			d->count = d->at;
		break;
	}
}

static bool
goes_to_another_line(const char *sequence, size_t size)
{
	return size >= 3 && sequence[1] == '[' && (sequence[size - 1] == 'A' || sequence[size - 1] == 'B');
}

/* Draws up to the end of the line. How much of data went into it, the end included if there is one; -1 with ENOMEM. */
static ssize_t
draw(struct drawing *d, const char *data, size_t size, enum drawn_end *end)
{
	size_t at, n;

	*end = DRAWN_OPEN;
	for (at = 0; at < size && *end == DRAWN_OPEN; at += n) {
		n = 1;
		switch (data[at]) {
		case '\n':
			*end = DRAWN_NEWLINE;
			break;
		case '\r':
			d->at = 0;
			break;
		case '\b':
			d->at -= d->at > 0;
			break;
		case ESC:
			n = clean_sequence(data + at, size - at);
			if (goes_to_another_line(data + at, n))
				*end = DRAWN_STEP;
			move(d, data + at, n);
			break;
		case '\a':
			break;
		default:
			n = character_size(data + at, size - at);
			if (put(d, data + at, n) < 0)
				return -1;
		}
	}
	return (ssize_t)at;
}

static int
write_down(const struct drawing *d, size_t count, struct buf *to)
{
	size_t i;

	buf_consume(to, to->size);
	for (i = 0; i < count && i < d->count; i++)
		if (buf_append(to, d->cells[i].bytes, d->cells[i].size) < 0)
			return -1;
	return 0;
}

ssize_t
drawn_line(struct buf *to, const char *data, size_t size, enum drawn_end *end)
{
	struct drawing d = { 0 };
	ssize_t used = draw(&d, data, size, end);

	while (d.count > 0 && d.cells[d.count - 1].bytes[0] == ' ')
		d.count--;
	if (used >= 0 && write_down(&d, d.count, to) < 0)
		used = -1;
	free(d.cells);
	return used;
}

int
drawn_prompt(struct buf *to, const char *data, size_t size)
{
	struct drawing d = { 0 };
	enum drawn_end end;
	ssize_t n, at;

	for (at = 0; (n = draw(&d, data + at, size - (size_t)at, &end)) > 0 && end != DRAWN_OPEN; at += n)
		d.count = 0; /* it goes on in another line */
	if (n >= 0 && write_down(&d, d.at, to) < 0)
		n = -1;
	free(d.cells);
	return n < 0 ? -1 : 0;
}

size_t
drawn_mark(const char *data, size_t size)
{
	const char *end = data, *at;

	while ((end = memchr(end, '\r', size - (size_t)(end - data)))) {
		for (at = end; at > data && at[-1] == ' '; at--)
			;
		if (end - at >= EDGE && at > data) {
			do
				at--;
			while (at > data && ((unsigned char)*at & 0xc0) == 0x80);
			return (size_t)(at - data);
		}
		end++;
	}
	return size;
}
