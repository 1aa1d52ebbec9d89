/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "escape.h"

#include "utf8.h"
#include "word.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* How many bytes are taken one by one before a run of plain ones is looked for again. */
enum { STRIDE_PLAIN = 8, STRIDE_MAX = 256 };

struct text {
	char text[4];
	uint16_t size;
	uint16_t kind;
};

enum { NEWLINE = 1, FIRST = 2 };

#define HEX_KIND(high, low, kind) { { '\\', 'x', high, low }, 4, kind }
#define HEX(high, low) HEX_KIND(high, low, 0)
#define SHORT(c) { { '\\', c }, 2, 0 }
#define SELF(c) { { c }, 1, 0 }
#define HEX_4(h, a, b, c, d, kind) \
	HEX_KIND(h, a, kind), HEX_KIND(h, b, kind), HEX_KIND(h, c, kind), HEX_KIND(h, d, kind)
#define HEX_ROW(h, kind) \
	HEX_4(h, '0', '1', '2', '3', kind), HEX_4(h, '4', '5', '6', '7', kind), \
	HEX_4(h, '8', '9', 'a', 'b', kind), HEX_4(h, 'c', 'd', 'e', 'f', kind)
#define SELF_4(c) SELF(c), SELF((c) + 1), SELF((c) + 2), SELF((c) + 3)
#define SELF_12(c) SELF_4(c), SELF_4((c) + 4), SELF_4((c) + 8)
#define SELF_ROW(c) SELF_12(c), SELF_4((c) + 12)

/* What each byte becomes where it is no part of a longer character. */
static const struct text texts[256] = {
	SHORT('0'), HEX('0', '1'), HEX('0', '2'), HEX('0', '3'),
	HEX('0', '4'), HEX('0', '5'), HEX('0', '6'), SHORT('a'),
	SHORT('b'), SHORT('t'), HEX_KIND('0', 'a', NEWLINE), HEX('0', 'b'),
	HEX('0', 'c'), SHORT('r'), HEX('0', 'e'), HEX('0', 'f'),
	HEX('1', '0'), HEX('1', '1'), HEX('1', '2'), HEX('1', '3'),
	HEX('1', '4'), HEX('1', '5'), HEX('1', '6'), HEX('1', '7'),
	HEX('1', '8'), HEX('1', '9'), HEX('1', 'a'), SHORT('e'),
	HEX('1', 'c'), HEX('1', 'd'), HEX('1', 'e'), HEX('1', 'f'),
	SELF_ROW(0x20), SELF_ROW(0x30), SELF_ROW(0x40),
	SELF_12(0x50), SHORT('\\'), SELF(0x5d), SELF(0x5e), SELF(0x5f),
	SELF_ROW(0x60),
	SELF_12(0x70), SELF(0x7c), SELF(0x7d), SELF(0x7e), HEX('7', 'f'),
	HEX_ROW('8', 0), HEX_ROW('9', 0), HEX_ROW('a', 0), HEX_ROW('b', 0),
	HEX('c', '0'), HEX('c', '1'), HEX_KIND('c', '2', FIRST), HEX_KIND('c', '3', FIRST),
	HEX_4('c', '4', '5', '6', '7', FIRST), HEX_4('c', '8', '9', 'a', 'b', FIRST),
	HEX_4('c', 'c', 'd', 'e', 'f', FIRST), HEX_ROW('d', FIRST), HEX_ROW('e', FIRST),
	HEX_4('f', '0', '1', '2', '3', FIRST), HEX_KIND('f', '4', FIRST), HEX('f', '5'), HEX('f', '6'), HEX('f', '7'),
	HEX_4('f', '8', '9', 'a', 'b', 0), HEX_4('f', 'c', 'd', 'e', 'f', 0)
};

/* Puts four bytes, of which those count that belong to it: no branch to guess wrong. */
static char *
put_byte(char *to, char byte)
{
	const struct text *t = &texts[(unsigned char)byte];

	memcpy(to, t->text, sizeof(t->text));
	return to + t->size;
}

/* A bit for each byte of a block that does not stand for itself. Compilers make vectors of the loop. */
static uint64_t
odd_bytes(const char *data)
{
	char odd[WORD_BLOCK];
	int i;

	for (i = 0; i < WORD_BLOCK; i++)
		odd[i] = ((signed char)data[i] < 0x20) | (data[i] == 0x7f) | (data[i] == '\\');
	return word_pack_block(odd);
}

/*
 * Puts what an ASCII byte becomes. In which order odd ones and newlines come
 * cannot be guessed, so no branch asks.
 */
static char *
put_ascii(struct escape_lines *lines, char *to, char byte)
{
	const struct text newline = { { '\n', lines->mark, ' ' }, 3, 0 };
	bool ends = byte == '\n';
	const struct text *t = ends ? &newline : &texts[(unsigned char)byte];

	to -= ends & (to == lines->line); /* an empty line is the mark alone */
	memcpy(to, t->text, sizeof(t->text));
	to += t->size;
	lines->line = ends ? to : lines->line;
	return to;
}

/*
 * Takes the block that data begins with, or what of it comes before a byte
 * that is not ASCII, and returns how many bytes that were. Another block has to
 * be behind it: what follows an odd byte is copied before it is looked at.
 */
static size_t
escape_block(struct escape_lines *lines, const char *data)
{
	uint64_t odd = odd_bytes(data);
	char *to = lines->to;
	size_t at = 0, next;

	memcpy(to, data, WORD_BLOCK);
	for (; odd; odd &= odd - 1) {
		next = word_first(odd);
		to += next - at;
		at = next;
		if (data[at] & 0x80)
			break;
		to = put_ascii(lines, to, data[at]);
		at++;
		memcpy(to, data + at, WORD_BLOCK);
	}
	if (!odd) {
		to += WORD_BLOCK - at;
		at = WORD_BLOCK;
	}
	lines->to = to;
	return at;
}

/* Is it a "\n", or the first byte of a longer character with another one behind it? */
static bool
is_special(const char *data)
{
	int other = (data[1] & 0xc0) == 0x80;

	return texts[(unsigned char)data[0]].kind & (NEWLINE | other << 1);
}

static void
hold(struct escape *e, const char *data, size_t size)
{
	memcpy(e->held, data, size);
	e->size = (unsigned char)size;
}

/*
 * A character of several bytes, or the first of its bytes where it is none or
 * a C1. Returns how many were taken.
 */
static size_t
escape_char(struct escape *e, char **to, const char *data, size_t size)
{
	int length = utf8_char(data, size);

	if (length == UTF8_CUT) {
		hold(e, data, size);
		return size;
	}
	if (length <= 1 || utf8_is_c1(data, size)) {
		*to = put_byte(*to, *data);
		return 1;
	}
	memcpy(*to, data, size < 4 ? (size_t)length : 4);
	*to += length;
	return (size_t)length;
}

/* Where bytes of all kinds stand close together: some stride bytes. Returns how many were taken. */
static size_t
escape_some(struct escape *e, struct escape_lines *lines, const char *data, size_t size, size_t stride)
{
	size_t at = 0, end = stride < size ? stride : size - 1;
	char *to = lines->to;

	do {
		/* What is no UTF-8 comes in no order that a branch for each kind of byte could foresee. */
		while (at < end && !is_special(data + at))
			to = put_byte(to, data[at++]);
		if (data[at] == '\n') {
			to = put_ascii(lines, to, '\n');
			at++;
		} else {
			at += escape_char(e, &to, data + at, size - at);
		}
	} while (at < end);
	lines->to = to;
	return at;
}

void
escape_end(struct escape *e, char **to)
{
	size_t i;

	for (i = 0; i < e->size; i++)
		*to = put_byte(*to, e->held[i]);
	e->size = 0;
}

/* Ends the character that is held, as far as data does so. Returns how many bytes of data that took. */
static size_t
escape_held(struct escape *e, char **to, const char *data, size_t size)
{
	char joined[4];
	size_t held = e->size;
	size_t more = size < sizeof(joined) - held ? size : sizeof(joined) - held;
	int length;

	memcpy(joined, e->held, held);
	memcpy(joined + held, data, more);
	length = utf8_char(joined, held + more);
	if (length == UTF8_CUT) {
		hold(e, joined, held + more);
		return more;
	}
	if (length == UTF8_BAD || utf8_is_c1(joined, held + more)) {
		/* What was held are a first byte and such as can't be first: none begins anew. */
		escape_end(e, to);
		return 0;
	}
	memcpy(*to, joined, (size_t)length);
	*to += length;
	e->size = 0;
	return (size_t)length - held;
}

void
escape_lines(struct escape *e, struct escape_lines *lines, const char *data, size_t size)
{
	size_t at = 0, n, stride = 1;

	if (e->size > 0 && size > 0)
		at = escape_held(e, &lines->to, data, size);
	while (size - at >= 2 * WORD_BLOCK) {
		n = escape_block(lines, data + at);
		at += n;
		if (n == WORD_BLOCK)
			continue;
		/* The fewer runs of ASCII there are, the less often we look for one. */
		if (n >= STRIDE_PLAIN)
			stride = 1;
		else if (stride < STRIDE_MAX)
			stride *= 4;
		at += escape_some(e, lines, data + at, size - at, stride);
	}
	while (at < size)
		at += escape_some(e, lines, data + at, size - at, size);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads the escape behind a backslash. Returns how long it is, 0 where it is none. */
static size_t
decode_one(char *to, const char *text, size_t size)
{
	static const char names[] = "treab0\\", bytes[] = "\t\r\033\a\b\0\\";
	const char *name;

	if (size >= 3 && text[0] == 'x' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
		*to = (char)(hex_digit(text[1]) << 4 | hex_digit(text[2]));
		return 3;
	}
	name = size > 0 ? memchr(names, text[0], sizeof(names) - 1) : NULL;
	if (!name)
		return 0;
	*to = bytes[name - names];
	return 1;
}

ssize_t
escape_decode(char *to, const char *text, size_t size, bool *half)
{
	size_t at = 0, put = 0, n;

	if (half)
		*half = false;
	while (at < size) {
		if (text[at] != '\\') {
			to[put++] = text[at++];
			continue;
		}
		at++;
		if (at == size && half) {
			*half = true;
			break;
		}
		n = decode_one(to + put, text + at, size - at);
		if (n == 0) {
			errno = EINVAL;
			return -1;
		}
		put++;
		at += n;
	}
	return (ssize_t)put;
}

/* How a word has to be quoted. */
enum quotes { QUOTES_NONE, QUOTES_SINGLE, QUOTES_ESCAPED };

static enum quotes
quotes_for(const char *word, size_t size)
{
	static const char safe[] = "%+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
	enum quotes quotes = size > 0 ? QUOTES_NONE : QUOTES_SINGLE;
	size_t at;
	int length;

	for (at = 0; at < size; at += (size_t)length) {
		length = utf8_char(word + at, size - at);
		if (length <= 0 || (unsigned char)word[at] < 0x20 || word[at] == 0x7f ||
		    utf8_is_c1(word + at, size - at))
			return QUOTES_ESCAPED;
		if (length == 1 && !strchr(safe, word[at]))
			quotes = QUOTES_SINGLE;
	}
	return quotes;
}

/* Characters that have an escape of their own between these quotes. */
struct others {
	const char *characters;
	const char *const *escapes;
};

static const struct others in_quote = { "\n'", (const char *const[]){ "\\n", "\\'" } };
static const struct others in_string = { "\n\"$\b", (const char *const[]){ "\\n", "\\\"", "\\$", "\\x08" } };

static const char *
find_other(const struct others *others, const char *data, size_t size, size_t *at)
{
	const char *found;

	for (; *at < size; ++*at) {
		found = data[*at] ? strchr(others->characters, data[*at]) : NULL;
		if (found)
			return others->escapes[found - others->characters];
	}
	return NULL;
}

/* What stands between $' and ', or between two "s. */
static int
quote_escaped(struct buf *to, const struct others *others, const char *data, size_t size)
{
	struct escape e = { 0 };
	struct escape_lines lines = { 0 };
	size_t at = 0, from = 0;
	const char *other;
	char *start = buf_reserve(to, ESCAPE_ROOM(size));

	if (!start)
		return -1;
	lines.to = start;
	do {
		other = find_other(others, data, size, &at);
		escape_lines(&e, &lines, data + from, at - from);
		escape_end(&e, &lines.to);
		if (other)
			lines.to = stpcpy(lines.to, other);
		from = ++at;
	} while (other);
	buf_added(to, (size_t)(lines.to - start));
	return 0;
}

/* What stands between ' and ', which holds no ' itself. */
static int
quote_single(struct buf *to, const char *word)
{
	size_t n;

	for (;;) {
		n = strcspn(word, "'");
		if (buf_append(to, word, n) < 0)
			return -1;
		word += n;
		if (!*word)
			return 0;
		if (buf_append(to, "'\\''", 4) < 0)
			return -1;
		word++;
	}
}

int
escape_quote(struct buf *to, const char *word)
{
	size_t size = strlen(word);

	switch (quotes_for(word, size)) {
	case QUOTES_NONE:
		return buf_append(to, word, size);
	case QUOTES_SINGLE:
		if (buf_append(to, "'", 1) < 0 || quote_single(to, word) < 0)
			return -1;
		break;
	case QUOTES_ESCAPED:
		if (buf_append(to, "$'", 2) < 0 || quote_escaped(to, &in_quote, word, size) < 0)
			return -1;
		break;
	}
	return buf_append(to, "'", 1);
}

int
escape_string(struct buf *to, const char *data, size_t size)
{
	if (buf_append(to, "\"", 1) < 0 || quote_escaped(to, &in_string, data, size) < 0)
		return -1;
	return buf_append(to, "\"", 1);
}

int
escape_word(struct buf *to, const char *word)
{
	size_t size = strlen(word);

	if (quotes_for(word, size) == QUOTES_NONE)
		return buf_append(to, word, size);
	return escape_string(to, word, size);
}

/* The start of the last few lines. */
static size_t
last_lines(const char *data, size_t size)
{
	enum { LINES = 5, BYTES = 400 };
	size_t at = size, lines = 0;

	if (at > 0 && data[at - 1] == '\n')
		at--;
	while (at > 0 && size - at < BYTES) {
		if (data[at - 1] == '\n' && ++lines == LINES)
			break;
		at--;
	}
	return at;
}

int
escape_last_lines(struct buf *to, const char *data, size_t size)
{
	struct escape_lines lines = { .mark = '|' };
	struct escape e = { 0 };
	size_t at = last_lines(data, size);

	if (size > at && data[size - 1] == '\n')
		size--;
	if (size == at)
		return 0;
	if (buf_append(to, "\n| ", 3) < 0)
		return -1;
	lines.to = buf_reserve(to, ESCAPE_ROOM(size - at));
	if (!lines.to)
		return -1;
	escape_lines(&e, &lines, data + at, size - at);
	escape_end(&e, &lines.to);
	buf_added(to, (size_t)(lines.to - (buf_peek(to) + to->size)));
	return 0;
}
