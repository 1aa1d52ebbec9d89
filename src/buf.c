/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096 };

static void
wipe(const struct buf *b, size_t from, size_t size)
{
	if (b->secret && size > 0)
		explicit_bzero(b->data + from, size);
}

/* As realloc(3), which leaves the bytes where they were. */
static char *
grow(const struct buf *b, size_t room)
{
	char *data;

	if (!b->secret || !b->data)
		return realloc(b->data, room);
	data = malloc(room);
	if (!data)
		return NULL;
	memcpy(data, b->data, b->room);
	wipe(b, 0, b->room);
	free(b->data);
	return data;
}

void
buf_free(struct buf *b)
{
	wipe(b, 0, b->room);
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
		data = grow(b, room);
		if (!data)
			return NULL;
		b->data = data;
		b->room = room;
	}
	if (b->start > 0) {
		memmove(b->data, b->data + b->start, b->size);
		wipe(b, b->size, b->start);
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
	wipe(b, b->start, size);
	b->size -= size;
	b->start = b->size > 0 ? b->start + size : 0;
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
