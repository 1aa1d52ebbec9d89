/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "columns.h"

#include "wide.h"

#include <string.h>
#include <wchar.h>

/* How many cells of a terminal these bytes fill. */
static size_t
cells(const char *text, size_t size)
{
	size_t n = 0;
	wchar_t c;
	int taken, width;

	for (; size > 0; text += taken, size -= (size_t)taken) {
		taken = wide_char(text, size, &c);
		width = taken > 0 ? wcwidth(c) : 1;
		n += width > 0 ? (size_t)width : 0;
		taken = taken > 0 ? taken : 1;
	}
	return n;
}

static size_t
longest_line(const struct buf *list)
{
	const char *at = buf_peek(list), *end = at + list->size, *newline;
	size_t longest = 0, size;

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		size = cells(at, (size_t)(newline - at));
		if (size > longest)
			longest = size;
	}
	return longest;
}

int
columns_put(struct buf *to, const struct buf *list, size_t width)
{
	static const char blanks[] = "                                ";
	const char *at = buf_peek(list), *end = at + list->size, *newline;
	size_t wide = longest_line(list) + 2, column = 0, size, pad;

	if (wide >= sizeof(blanks))
		width = 1; /* long ones stand one below the other */
	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		size = (size_t)(newline - at);
		pad = wide - cells(at, size);
		column += wide;
		if (buf_append(to, at, size) < 0)
			return -1;
		if (column + wide > width || newline + 1 == end)
			column = 0;
		if (buf_append(to, column > 0 ? blanks : "\r\n", column > 0 ? pad : 2) < 0)
			return -1;
	}
	return 0;
}
