/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "json.h"

#include "utf8.h"
#include "word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A long string is escaped in pieces of this, lest it takes six times its room. */
enum { PIECE = 4096 };

struct text {
	char text[6];
	unsigned char size;
};

#define CODE(high, low) { { '\\', 'u', '0', '0', high, low }, 6 }
#define SHORT(c) { { '\\', c }, 2 }

/* The ASCII characters that do not stand for themselves. */
static const struct text texts[0x80] = {
	CODE('0', '0'), CODE('0', '1'), CODE('0', '2'), CODE('0', '3'),
	CODE('0', '4'), CODE('0', '5'), CODE('0', '6'), CODE('0', '7'),
	SHORT('b'), SHORT('t'), SHORT('n'), CODE('0', 'b'),
	SHORT('f'), SHORT('r'), CODE('0', 'e'), CODE('0', 'f'),
	CODE('1', '0'), CODE('1', '1'), CODE('1', '2'), CODE('1', '3'),
	CODE('1', '4'), CODE('1', '5'), CODE('1', '6'), CODE('1', '7'),
	CODE('1', '8'), CODE('1', '9'), CODE('1', 'a'), CODE('1', 'b'),
	CODE('1', 'c'), CODE('1', 'd'), CODE('1', 'e'), CODE('1', 'f'),
	['"'] = SHORT('"'), ['\\'] = SHORT('\\'), [0x7f] = CODE('7', 'f')
};

/* A bit for each byte of a block that does not stand for itself. Compilers make vectors of the loop. */
static uint64_t
odd_bytes(const char *data)
{
	char odd[WORD_BLOCK];
	int i;

	for (i = 0; i < WORD_BLOCK; i++)
		odd[i] = ((signed char)data[i] < 0x20) | (data[i] == 0x7f) | (data[i] == '\\') | (data[i] == '"');
	return word_pack_block(odd);
}

static char *
put_ascii(char *to, char byte)
{
	const struct text *t = &texts[(unsigned char)byte];

	if (t->size == 0) {
		*to = byte;
		return to + 1;
	}
	memcpy(to, t->text, sizeof(t->text));
	return to + t->size;
}

/*
 * Takes the block that data begins with, or what of it comes before a byte
 * that is not ASCII, and returns how many bytes that were. Another block has to
 * be behind it: what follows an odd byte is copied before it is looked at.
 */
static size_t
escape_block(char **text, const char *data)
{
	uint64_t odd = odd_bytes(data);
	char *to = *text;
	size_t at = 0, next;

	memcpy(to, data, WORD_BLOCK);
	for (; odd; odd &= odd - 1) {
		next = word_first(odd);
		to += next - at;
		at = next;
		if (data[at] & 0x80)
			break;
		to = put_ascii(to, data[at++]);
		memcpy(to, data + at, WORD_BLOCK);
	}
	if (!odd) {
		to += WORD_BLOCK - at;
		at = WORD_BLOCK;
	}
	*text = to;
	return at;
}

/* One character of any kind. Returns how many bytes of data it has. */
static size_t
escape_char(char **to, const char *data, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	int length = utf8_char(data, size);

	if (length == 1) {
		*to = put_ascii(*to, *data);
	} else if (length <= 0) {
		memcpy(*to, "\xef\xbf\xbd", 3);
		*to += 3;
		length = 1;
	} else if (utf8_is_c1(data, size)) {
		memcpy(*to, "\\u00", 4);
		(*to)[4] = hex[(unsigned char)data[1] >> 4];
		(*to)[5] = hex[data[1] & 0xf];
		*to += 6;
	} else {
		memcpy(*to, data, (size_t)length);
		*to += length;
	}
	return (size_t)length;
}

size_t
json_escape(char *to, const char *data, size_t size)
{
	const char *start = to;
	size_t at = 0;

	while (at < size) {
		if (size - at >= 2 * WORD_BLOCK)
			at += escape_block(&to, data + at);
		/* Characters that are not ASCII come in crowds. */
		while (at < size && ((data[at] & 0x80) || size - at < 2 * WORD_BLOCK))
			at += escape_char(&to, data + at, size - at);
	}
	return (size_t)(to - start);
}

size_t
json_base64(char *to, const char *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)data;
	const char *start = to;
	unsigned long bits;

	for (; size >= 3; size -= 3, p += 3, to += 4) {
		bits = (unsigned long)p[0] << 16 | (unsigned long)p[1] << 8 | p[2];
		to[0] = digits[bits >> 18];
		to[1] = digits[bits >> 12 & 63];
		to[2] = digits[bits >> 6 & 63];
		to[3] = digits[bits & 63];
	}
	if (size > 0) {
		bits = (unsigned long)p[0] << 16 | (size > 1 ? (unsigned long)p[1] << 8 : 0);
		to[0] = digits[bits >> 18];
		to[1] = digits[bits >> 12 & 63];
		to[2] = size > 1 ? digits[bits >> 6 & 63] : '=';
		to[3] = '=';
		to += 4;
	}
	return (size_t)(to - start);
}

static void
put(struct json *j, const char *data, size_t size)
{
	if (buf_append(j->to, data, size) < 0)
		j->failed = true;
}

/* What stands ahead of any value. */
static void
begin_value(struct json *j)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
}

static void
put_string(struct json *j, const char *data, size_t size)
{
	size_t n;
	char *to;

	put(j, "\"", 1);
	for (; size > 0; data += n, size -= n) {
		n = size;
		if (n > PIECE)
			n = PIECE - utf8_tail(data, PIECE);
		to = buf_reserve(j->to, JSON_ESCAPE_ROOM(n));
		if (!to) {
			j->failed = true;
			return;
		}
		buf_added(j->to, json_escape(to, data, n));
	}
	put(j, "\"", 1);
}

void
json_open(struct json *j, char bracket)
{
	begin_value(j);
	put(j, &bracket, 1);
	j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

void
json_key(struct json *j, const char *key)
{
	begin_value(j);
	put_string(j, key, strlen(key));
	put(j, ":", 1);
	j->comma = false;
}

void
json_string(struct json *j, const char *data, size_t size)
{
	begin_value(j);
	put_string(j, data, size);
}

void
json_text(struct json *j, const char *text)
{
	json_string(j, text, strlen(text));
}

void
json_int(struct json *j, int64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, value);

	begin_value(j);
	put(j, digits, (size_t)n);
}

void
json_bool(struct json *j, bool value)
{
	begin_value(j);
	put(j, value ? "true" : "false", value ? 4 : 5);
}

void
json_null(struct json *j)
{
	begin_value(j);
	put(j, "null", 4);
}

int
json_end(struct json *j)
{
	put(j, "\n", 1);
	j->comma = false;
	if (!j->failed)
		return 0;
	j->failed = false;
	errno = ENOMEM;
	return -1;
}
