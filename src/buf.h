/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A queue of bytes in one piece of memory: append at the back, take from the
 * front. It lies in the caller's struct; all zero is an empty one.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;	/* what is allocated */
	size_t start;	/* the first byte that is there */
	size_t size;	/* how many are there */
	size_t room;	/* how many were allocated */
	bool secret;	/* set by the caller: of what was taken out nothing is left in memory */
};

/* Empties it and gives its memory back; it is no secret then. */
void buf_free(struct buf *b);

/* Puts size bytes at the back. -1 with ENOMEM, and nothing was added. */
int buf_append(struct buf *b, const void *data, size_t size);

/*
 * Room for size bytes at the back, to be filled by the caller and told with
 * buf_added(). NULL with ENOMEM.
 */
char *buf_reserve(struct buf *b, size_t size);
void buf_added(struct buf *b, size_t size);

/* The bytes that are there, b->size of them; valid until the next append. */
const char *buf_peek(const struct buf *b);

/* Takes size bytes, which have to be there, from the front. */
void buf_consume(struct buf *b, size_t size);

/* Where c first stands, from offset on; -1 where it does not. */
ptrdiff_t buf_find(const struct buf *b, size_t offset, char c);

#endif
