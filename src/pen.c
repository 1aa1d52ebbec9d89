/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "pen.h"

#include "sequence.h"

#include <stdio.h>
#include <string.h>

enum {
	ESC = 0x1b,
	OVERLINE = 1,		/* the flag's bit; those of 1 to 9 are 1 << n */
	MOST_PARAMETERS = 32,
	LONGEST = 128		/* a sequence that pen_put() makes */
};

/* Colours: what kind in the top byte; 0 is the default. */
enum { INDEX = 1 << 24, RGB = 2 << 24, KIND = 3 << 24 };

/* The numbers of a sequence; after: the byte that ended each. */
struct parameters {
	unsigned value[MOST_PARAMETERS];
	char after[MOST_PARAMETERS];
	size_t count;
};

bool
pen_same(const struct pen *a, const struct pen *b)
{
	return a->front == b->front && a->back == b->back && a->under == b->under &&
	    a->flags == b->flags && a->underline == b->underline;
}

static void
read_parameters(struct parameters *p, const char *data, size_t size)
{
	unsigned value = 0;
	size_t i;

	p->count = 0;
	for (i = 0; i < size && p->count < MOST_PARAMETERS; i++) {
		if (data[i] >= '0' && data[i] <= '9') {
			value = value < 10000 ? value * 10 + (unsigned)(data[i] - '0') : value;
			continue;
		}
		p->value[p->count] = value;
		p->after[p->count++] = data[i];
		value = 0;
	}
}

/*
 * 38, 48 and 58 take the numbers behind them: 5;n, 2;r;g;b, or the same with
 * colons, where an empty one stands before r. Gives the last one taken.
 */
static size_t
read_colour(const struct parameters *p, size_t i, uint32_t *colour)
{
	const unsigned *v = p->value + i + 1;
	size_t left = p->count - i - 1;
	bool colons = p->after[i] == ':';
	size_t last = i, skip;

	while (colons && last + 1 < p->count && p->after[last] == ':')
		last++;
	if (colons)
		left = last - i;
	if (left >= 2 && v[0] == 5) {
		*colour = INDEX | (v[1] & 0xff);
		return colons ? last : i + 2;
	}
	skip = colons && left >= 5;
	if (left >= 4 + skip && v[0] == 2) {
		v += skip;
		*colour = RGB | (v[1] & 0xff) << 16 | (v[2] & 0xff) << 8 | (v[3] & 0xff);
		return colons ? last : i + 4;
	}
	return colons ? last : p->count;
}

static void
set_flag(struct pen *p, unsigned n, bool on)
{
	uint16_t bit = (uint16_t)(1u << n);

	p->flags = (uint16_t)(on ? p->flags | bit : p->flags & ~bit);
}

/* One number that stands for itself. */
static void
follow_one(struct pen *p, unsigned n)
{
	if (n == 0)
		*p = (struct pen){ 0 };
	else if (n <= 9)
		set_flag(p, n, true);
	else if (n == 22)
		p->flags = (uint16_t)(p->flags & ~(1u << 1 | 1u << 2));
	else if (n >= 23 && n <= 29)
		set_flag(p, n - 20, false);
	else if (n >= 30 && n <= 37)
		p->front = INDEX | (n - 30);
	else if (n == 39)
		p->front = 0;
	else if (n >= 40 && n <= 47)
		p->back = INDEX | (n - 40);
	else if (n == 49)
		p->back = 0;
	else if (n == 53 || n == 55)
		set_flag(p, 0, n == 53);
	else if (n == 59)
		p->under = 0;
	else if (n >= 90 && n <= 97)
		p->front = INDEX | (n - 90 + 8);
	else if (n >= 100 && n <= 107)
		p->back = INDEX | (n - 100 + 8);
	if (n == 4 || n == 24)
		p->underline = 0;
	if (n == 21) {
		set_flag(p, 4, true);
		p->underline = 2;
	}
}

void
pen_follow(struct pen *p, const char *sequence, size_t size)
{
	struct parameters numbers;
	size_t i;

	read_parameters(&numbers, sequence + 2, size - 2);
	for (i = 0; i < numbers.count; i++) {
		if (numbers.value[i] == 38)
			i = read_colour(&numbers, i, &p->front);
		else if (numbers.value[i] == 48)
			i = read_colour(&numbers, i, &p->back);
		else if (numbers.value[i] == 58)
			i = read_colour(&numbers, i, &p->under);
		else if (numbers.value[i] == 4 && numbers.after[i] == ':' && i + 1 < numbers.count) {
			i++;
			set_flag(p, 4, numbers.value[i] > 0);
			p->underline = numbers.value[i] > 1 ? (uint16_t)(numbers.value[i] % 10) : 0;
		} else {
			follow_one(p, numbers.value[i]);
		}
	}
}

/* Does it set all back, whatever was before? */
static bool
is_reset(const char *data, size_t size)
{
	return (size >= 3 && data[1] == '[' && data[2] == 'm') ||
	    (size >= 4 && data[1] == '[' && data[2] == '0' && (data[3] == 'm' || data[3] == ';'));
}

/* From the end back to the last reset: what is before that need not be looked at. */
static const char *
last_reset(const char *data, size_t size)
{
	const char *found = data + size;

	do
		found = memrchr(data, ESC, (size_t)(found - data));
	while (found && !is_reset(found, size - (size_t)(found - data)));
	return found;
}

void
pen_follow_all(struct pen *p, const char *data, size_t size)
{
	const char *end = data + size;
	const char *at = last_reset(data, size);
	size_t length;

	if (!at)
		at = memchr(data, ESC, size);
	while (at) {
		if (sequence_at(at, (size_t)(end - at), &length) == SEQUENCE_SGR)
			pen_follow(p, at, length);
		at = memchr(at + 1, ESC, (size_t)(end - at - 1));
	}
}

static size_t
put_colour(char *to, size_t room, unsigned base, uint32_t colour)
{
	unsigned n = colour & 0xffffff;
	int size;

	if ((colour & KIND) == RGB)
		size = snprintf(to, room, ";%u;2;%u;%u;%u", base + 8, n >> 16, n >> 8 & 0xff, n & 0xff);
	else if (n < 8 && base < 50)
		size = snprintf(to, room, ";%u", base + n);
	else if (n < 16 && base < 50)
		size = snprintf(to, room, ";%u", base + 60 + n - 8);
	else
		size = snprintf(to, room, ";%u;5;%u", base + 8, n);
	return (size_t)size;
}

int
pen_put(struct buf *to, const struct pen *p)
{
	char text[LONGEST] = "\033[0";
	size_t size = 3;
	unsigned n;

	if (pen_same(p, &(struct pen){ 0 }))
		return buf_append(to, "\033[m", 3);
	for (n = 1; n <= 9; n++) {
		if (!(p->flags & 1u << n))
			continue;
		text[size++] = ';';
		text[size++] = (char)('0' + n);
		if (n == 4 && p->underline > 0) {
			text[size++] = ':';
			text[size++] = (char)('0' + p->underline);
		}
	}
	if (p->flags & OVERLINE)
		size += (size_t)snprintf(text + size, sizeof(text) - size, ";53");
	if (p->front)
		size += put_colour(text + size, sizeof(text) - size, 30, p->front);
	if (p->back)
		size += put_colour(text + size, sizeof(text) - size, 40, p->back);
	if (p->under)
		size += put_colour(text + size, sizeof(text) - size, 50, p->under);
	text[size++] = 'm';
	return buf_append(to, text, size);
}
