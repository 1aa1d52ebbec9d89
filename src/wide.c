/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "wide.h"

#include "utf8.h"

#include <errno.h>
#include <stdlib.h>

int
wide_char(const char *data, size_t size, wchar_t *c)
{
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)data;
	int length = utf8_char(data, size), i;
	unsigned long code;

	if (length <= 0)
		return length == UTF8_CUT ? 0 : -1;
	code = p[0] & first_bits[length];
	for (i = 1; i < length; i++)
		code = code << 6 | (p[i] & 0x3f);
	*c = (wchar_t)code;
	return length;
}

wchar_t *
wide_new(const char *data, size_t size, size_t *length)
{
	wchar_t *text = malloc((size + 1) * sizeof(*text));
	size_t n = 0;
	int taken;

	for (; text && size > 0; data += taken, size -= (size_t)taken) {
		taken = wide_char(data, size, &text[n]);
		if (taken > 0 && text[n] != L'\0')
			n++;
		taken = taken > 0 ? taken : 1;
	}
	if (!text)
		return NULL;
	text[n] = L'\0';
	*length = n;
	return text;
}

static size_t
encode(unsigned long code, char *to)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | (code >> 18 & 0x07));
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

int
wide_append(struct buf *b, const wchar_t *text, size_t length)
{
	char *to = buf_reserve(b, 4 * length);
	size_t i, n = 0;

	if (!to)
		return -1;
	for (i = 0; i < length; i++)
		n += encode((unsigned long)text[i], to + n);
	buf_added(b, n);
	return 0;
}
