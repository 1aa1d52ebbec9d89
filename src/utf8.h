/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* UTF-8 as bytes, whatever the locale: where a character ends, and what is none. */
#ifndef UTF8_H
#define UTF8_H

#include "word.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UTF8_BAD = 0,	/* the first byte begins no character */
	UTF8_CUT = -1,	/* more bytes could make it one */
	UTF8_LONGEST = 4
};

/* Can byte be the second of a character that begins with first, which is 0xc2 to 0xf4? */
static inline bool
utf8_second(unsigned char first, unsigned char byte)
{
	if ((byte & 0xc0) != 0x80)
		return false;
	switch (first) {
	case 0xe0:
		return byte >= 0xa0; /* else it is too long for what it says */
	case 0xed:
		return byte <= 0x9f; /* else it is a surrogate */
	case 0xf0:
		return byte >= 0x90; /* too long again */
	case 0xf4:
		return byte <= 0x8f; /* else it is beyond U+10FFFF */
	default:
		return true;
	}
}

/* How long the character is that data (at least a byte) begins with, or one of the above. */
static inline int
utf8_char(const char *data, size_t size)
{
	const unsigned char *p = (const unsigned char *)data;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return UTF8_BAD;
	if (size < 2)
		return UTF8_CUT;
	if (!utf8_second(p[0], p[1]))
		return UTF8_BAD;
	if (p[0] < 0xe0)
		return 2;
	if (size < 3)
		return UTF8_CUT;
	if ((p[2] & 0xc0) != 0x80)
		return UTF8_BAD;
	if (p[0] < 0xf0)
		return 3;
	if (size < 4)
		return UTF8_CUT;
	return (p[3] & 0xc0) == 0x80 ? 4 : UTF8_BAD;
}

/* The code point of a character, whose length utf8_char() gave. */
static inline uint32_t
utf8_decode(const char *data, size_t length)
{
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)data[0] & first_bits[length];
	size_t i;

	for (i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)data[i] & 0x3f);
	return code;
}

/* Writes code, at most 0x1fffff, to UTF8_LONGEST bytes. Gives how many it needs. */
static inline size_t
utf8_encode(char *to, uint32_t code)
{
	static const unsigned char first_mark[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;

	for (i = length - 1; i > 0; i--, code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(first_mark[length] | code);
	return length;
}

/* Is it one of U+0080 to U+009F, which terminals obey as they do ESC? */
static inline bool
utf8_is_c1(const char *data, size_t size)
{
	return size >= 2 && data[0] == '\xc2' && (data[1] & 0xe0) == 0x80;
}

/* How many bytes at the end are the front of a character whose rest is not there: 0 to 3. */
static inline size_t
utf8_tail(const char *data, size_t size)
{
	size_t n;

	for (n = 1; n <= 3 && n <= size; n++) {
		if (utf8_char(data + size - n, n) == UTF8_CUT)
			return n;
	}
	return 0;
}

/* Are these bytes UTF-8, from the first to the last? */
static inline bool
utf8_valid(const char *data, size_t size)
{
	size_t at = 0;
	int length;

	while (at < size) {
		while (size - at >= 8 && !(word_load(data + at) & WORD_HIGH))
			at += 8;
		if (at == size)
			return true;
		length = utf8_char(data + at, size - at);
		if (length <= 0)
			return false;
		at += (size_t)length;
	}
	return true;
}

#endif
