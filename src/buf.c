/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096 };

void
buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

char *
buf_reserve(struct buf *b, size_t size)
{
	size_t room = b->room > 0 ? b->room : FIRST_ROOM;
	char *data;

	if (b->room - b->start - b->size >= size && b->data)
		return b->data + b->start + b->size;
	if (size > SIZE_MAX / 2 - b->size) {
		errno = ENOMEM;
		return NULL;
	}
	/* To move more than was taken since would be done over and over: rather more room. */
	if (b->start < b->size && room < 2 * b->size)
		room *= 2;
	if (b->room - b->size < size || room > b->room) {
		while (room - b->size < size)
			room *= 2;
		data = realloc(b->data, room);
		if (!data)
			return NULL;
		b->data = data;
		b->room = room;
	}
	if (b->start > 0) {
		memmove(b->data, b->data + b->start, b->size);
		b->start = 0;
	}
	return b->data + b->size;
}

void
buf_added(struct buf *b, size_t size)
{
	b->size += size;
}

int
buf_append(struct buf *b, const void *data, size_t size)
{
	char *to = buf_reserve(b, size);

	if (!to)
		return -1;
	memcpy(to, data, size);
	b->size += size;
	return 0;
}

const char *
buf_peek(const struct buf *b)
{
	return b->data ? b->data + b->start : "";
}

void
buf_consume(struct buf *b, size_t size)
{
	b->size -= size;
	b->start = b->size > 0 ? b->start + size : 0;
}

void
buf_wipe(struct buf *b, size_t size)
{
	if (b->data)
		explicit_bzero(b->data + b->start, size);
	buf_consume(b, size);
}

ptrdiff_t
buf_find(const struct buf *b, size_t offset, char c)
{
	const char *data = buf_peek(b);
	const char *found;

	if (offset >= b->size)
		return -1;
	found = memchr(data + offset, c, b->size - offset);
	return found ? found - data : -1;
}
