/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "wide.h"

#include "utf8.h"

#include <errno.h>
#include <stdlib.h>

int
wide_char(const char *data, size_t size, wchar_t *c)
{
	int length = utf8_char(data, size);

	if (length <= 0)
		return length == UTF8_CUT ? 0 : -1;
	*c = (wchar_t)utf8_decode(data, (size_t)length);
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

int
wide_append(struct buf *b, const wchar_t *text, size_t length)
{
	char *to = buf_reserve(b, UTF8_LONGEST * length);
	size_t i, n = 0;

	if (!to)
		return -1;
	for (i = 0; i < length; i++)
		n += utf8_encode(to + n, (uint32_t)text[i]);
	buf_added(b, n);
	return 0;
}
