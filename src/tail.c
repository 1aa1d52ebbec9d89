/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "tail.h"

#include "sequence.h"
#include "utf8.h"

#include <string.h>

enum { RAW_LIMIT = 16384, ESC = 0x1b, DELETE = 0x7f };

void
tail_free(struct tail *t)
{
	glyphs_free(&t->glyphs);
	buf_free(&t->raw);
	buf_free(&t->once);
}

int
tail_reserve(struct tail *t, size_t size)
{
	size_t glyphs = t->glyphs.count + size;

	if (!buf_reserve(&t->raw, size) || !buf_reserve(&t->once, size))
		return -1;
	return glyphs_reserve(&t->glyphs, glyphs < TAIL_GLYPHS ? glyphs : TAIL_GLYPHS);
}

/* There is room, but for what we make of it ourselves. */
static void
keep(struct buf *to, const char *data, size_t size)
{
	(void)buf_append(to, data, size);
}

void
tail_clear(struct tail *t)
{
	t->glyphs.count = 0;
	t->at = 0;
	t->restart = false;
	t->first = t->pen;
	buf_consume(&t->raw, t->raw.size);
	t->raw_limit = RAW_LIMIT;
}

/*
 * The bytes are what the glyphs show, not how they came to be there: a
 * progress bar that repeats itself for hours has to end somewhere.
 */
static void
shorten_raw(struct tail *t)
{
	const struct pen *pen = &(struct pen){ 0 };
	const struct glyph *one;
	size_t i;

	buf_consume(&t->raw, t->raw.size);
	t->first = *pen;
	for (i = 0; i < t->glyphs.count; i++) {
		one = &t->glyphs.list[i];
		if (!pen_same(pen, &one->pen))
			(void)pen_put(&t->raw, &one->pen); /* without memory it looks as before */
		keep(&t->raw, one->bytes, one->size);
		pen = &one->pen;
	}
	if (!pen_same(pen, &t->pen))
		(void)pen_put(&t->raw, &t->pen);
	if (t->restart)
		keep(&t->raw, "\r", 1);
	for (i = t->glyphs.count; i > t->at && !t->restart; i--)
		keep(&t->raw, "\b", 1);
	/* Twice as much, so that this is not done again for each byte. */
	t->raw_limit = t->raw.size * 2 > RAW_LIMIT ? t->raw.size * 2 : RAW_LIMIT;
}

void
tail_drop(struct tail *t, size_t count)
{
	t->glyphs.count -= count;
	t->at -= t->at < count ? t->at : count;
	memmove(t->glyphs.list, t->glyphs.list + count, t->glyphs.count * sizeof(*t->glyphs.list));
	shorten_raw(t);
}

static void
add(struct tail *t, wchar_t c)
{
	if (t->restart) {
		t->glyphs.count = 0;
		t->at = 0;
		t->restart = false;
		t->restarted = true;
	}
	t->at = glyphs_add(&t->glyphs, t->at, c, &t->pen);
}

/* A control character; whether it belongs to the line's bytes. */
static bool
control(struct tail *t, char c)
{
	switch (c) {
	case '\r':
		t->restart = true;
		return true;
	case '\b':
		if (t->restart)
			return true;
		t->at -= t->at > 0;
		return true;
	case '\t':
		add(t, '\t');
		return true;
	case '\0':
	case DELETE:
		return true; /* terminals show nothing */
	case '\a':
	case '\016':
	case '\017':
		keep(&t->once, &c, 1);
		return false;
	default:
		add(t, (unsigned char)c);
		return true;
	}
}

/* ESC [ K and its kind, as far as it concerns the line. */
static void
erase(struct tail *t, const char *sequence)
{
	if (sequence[2] == '2' || t->restart)
		t->glyphs.count = t->at = 0;
	else if (sequence[2] != '1' && t->at < t->glyphs.count)
		t->glyphs.count = t->at;
}

/* What begins with ESC. Gives how many bytes it is; 0 when it is cut. */
static size_t
escape(struct tail *t, const char *data, size_t size)
{
	size_t length;
	enum sequence_kind kind = sequence_at(data, size, &length);

	switch (kind) {
	case SEQUENCE_CUT:
		if (size < TAIL_HELD)
			return 0;
		keep(&t->raw, data, 1);
		return 1;
	case SEQUENCE_NONE:
		keep(&t->raw, data, length);
		break;
	case SEQUENCE_SGR:
		pen_follow(&t->pen, data, length);
		keep(&t->raw, data, length);
		break;
	case SEQUENCE_ERASE:
		erase(t, data);
		keep(&t->raw, data, length);
		break;
	case SEQUENCE_STRING:
		t->in_string = true;
		keep(&t->once, data, length);
		break;
	case SEQUENCE_OTHER:
		t->moves = true;
		keep(&t->once, data, length);
		break;
	}
	return length;
}

/* The next character, control or sequence; 0 when it is cut. */
static size_t
take(struct tail *t, const char *data, size_t size)
{
	int length;

	if (data[0] == ESC)
		return escape(t, data, size);
	if ((unsigned char)data[0] < ' ' || data[0] == DELETE) {
		if (control(t, data[0]))
			keep(&t->raw, data, 1);
		return 1;
	}
	length = utf8_char(data, size);
	if (length == UTF8_CUT)
		return 0;
	add(t, length == UTF8_BAD ? (wchar_t)0xfffd : (wchar_t)utf8_decode(data, (size_t)length));
	length = length == UTF8_BAD ? 1 : length;
	keep(&t->raw, data, (size_t)length);
	return (size_t)length;
}

size_t
tail_string(struct tail *t, const char *data, size_t size)
{
	const char *newline = t->dropping ? memchr(data, '\n', size) : NULL;
	bool ended;
	size_t n = sequence_string(data, newline ? (size_t)(newline - data) : size, &ended, &t->string_escape);

	if (!t->dropping)
		keep(&t->once, data, n);
	t->in_string = !ended && !newline;
	t->dropping = t->dropping && t->in_string;
	return n;
}

/* Completes what was held, a byte at a time. Gives how many of these it took. */
static size_t
complete(struct tail *t, const char *data, size_t size)
{
	size_t at = 0, n, held;

	while (t->held_size > 0 && at < size) {
		t->held[t->held_size++] = data[at++];
		held = t->held_size;
		t->held_size = 0;
		n = take(t, t->held, held);
		if (n == held)
			break;
		/* The last byte has shown that the front was nothing: it begins something new itself. */
		if (n > 0) {
			memmove(t->held, t->held + n, held - n);
			held -= n;
			while (held > 0 && (n = take(t, t->held, held)) > 0) {
				held -= n;
				memmove(t->held, t->held + n, held);
			}
		}
		t->held_size = held;
	}
	return at;
}

size_t
tail_feed(struct tail *t, const char *data, size_t size)
{
	size_t at = complete(t, data, size);
	size_t n;

	while (at < size && t->glyphs.count < TAIL_GLYPHS) {
		if (t->in_string) {
			at += tail_string(t, data + at, size - at);
			continue;
		}
		n = take(t, data + at, size - at);
		if (n == 0) {
			memcpy(t->held, data + at, size - at);
			t->held_size = size - at;
			at = size;
		}
		at += n;
		if (t->raw.size > t->raw_limit)
			shorten_raw(t);
	}
	return at;
}

size_t
tail_shown(const struct tail *t)
{
	size_t shown = t->glyphs.count;
	const struct glyph *one;

	while (shown > t->at) {
		one = &t->glyphs.list[shown - 1];
		if (one->bytes[0] != ' ' && one->bytes[0] != '\t')
			break;
		shown--;
	}
	return shown;
}
