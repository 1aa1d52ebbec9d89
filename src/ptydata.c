/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "ptydata.h"

#include <string.h>

/*
 * A line may be 4095 bytes on Linux, and what is longer is thrown away there
 * without a word; other systems have smaller queues (MAX_CANON, 1024 on
 * macOS). A push costs the reader a read, so the larger the better.
 */
#ifdef HAVE_PROCFS
enum { MOST_HELD = 4000 };
#else
enum { MOST_HELD = 250 };
#endif

enum { END = 0x04, QUOTE = 0x16 };

/* memrchr(3), which POSIX does not have. */
static const char *
last_newline(const char *data, size_t size)
{
	while (size > 0)
		if (data[--size] == '\n')
			return data + size;
	return NULL;
}

/* Up to the first byte that has to be quoted. */
static size_t
unquoted(const char *data, size_t size)
{
	const char *found = memchr(data, END, size);

	if (found)
		size = (size_t)(found - data);
	found = memchr(data, QUOTE, size);
	return found ? (size_t)(found - data) : size;
}

size_t
ptydata_plain(const struct ptydata *d, const char *data, size_t size)
{
	size_t plain = unquoted(data, size);
	size_t room = MOST_HELD - d->held;
	size_t at = 0;
	const char *end;

	/* Hop from line end to line end, as far as each is within reach. */
	while (plain - at > room) {
		end = last_newline(data + at, room);
		if (!end)
			return at + room;
		at = (size_t)(end + 1 - data);
		room = MOST_HELD;
	}
	return plain;
}

void
ptydata_went(struct ptydata *d, const char *data, size_t size)
{
	const char *end = last_newline(data, size);

	if (end)
		d->held = (size_t)(data + size - (end + 1));
	else
		d->held += size;
}

bool
ptydata_full(const struct ptydata *d)
{
	return d->held >= MOST_HELD;
}

char
ptydata_push(struct ptydata *d)
{
	d->held = 0;
	return END;
}

size_t
ptydata_quote(struct ptydata *d, char byte, char to[2])
{
	size_t n = 0;

	if (byte == END || byte == QUOTE)
		to[n++] = QUOTE;
	to[n++] = byte;
	ptydata_went(d, &byte, 1);
	return n;
}
