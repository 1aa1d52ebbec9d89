/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a program asks its terminal, and waits for: whether it is there, where
 * the cursor is, what it can do. With no terminal behind a pty we answer.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stddef.h>

enum { QUERY_LONGEST = 16 };

/* A sequence that may become a question; zero is the start of a stream. */
struct query {
	char held[QUERY_LONGEST];
	unsigned char size;
};

typedef void query_answer_fn(void *arg, const char *answer, size_t size);

/*
 * Takes the questions out of data, in place, and gives the answer to each.
 * Returns what is left of it. What is held may come out in front of it later,
 * so data has room for QUERY_LONGEST more than size.
 */
size_t query_take(struct query *q, char *data, size_t size, query_answer_fn *give, void *arg);

/* Nothing has followed: what is held is no question. Puts it at to and returns its size. */
size_t query_end(struct query *q, char *to);

#endif
