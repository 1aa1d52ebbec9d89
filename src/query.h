/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a program asks its terminal, and waits for: whether it is there, where
 * the cursor is, what it can do. With no terminal behind a pty we answer.
 */
#ifndef QUERY_H
#define QUERY_H

#include "buf.h"

#include <stddef.h>
#include <sys/types.h>

enum { QUERY_LONGEST = 16 };

/* A sequence that may become a question; zero is the start of a stream. */
struct query {
	char held[QUERY_LONGEST];
	unsigned char size;
};

/*
 * Takes the questions out of data, in place, and appends the answers. Returns
 * what is left of it. What is held may come out in front of it later, so data has room for
 * QUERY_LONGEST more than size. -1 with ENOMEM.
 */
ssize_t query_take(struct query *q, char *data, size_t size, struct buf *answers);

/* Nothing has followed: what is held is no question. Puts it at to and returns its size. */
size_t query_end(struct query *q, char *to);

#endif
