/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "query.h"

#include <stdbool.h>
#include <string.h>

/* A cursor in the corner, and a terminal that can do little: xterm's control sequences have more. */
static const struct {
	const char *question, *answer;
} known[] = {
	{ "\033[5n", "\033[0n" },
	{ "\033[6n", "\033[1;1R" },
	{ "\033[?6n", "\033[?1;1R" },
	{ "\033[c", "\033[?1;2c" },
	{ "\033[0c", "\033[?1;2c" },
	{ "\033[>c", "\033[>0;0;0c" },
	{ "\033[>0c", "\033[>0;0;0c" },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

/* The answer, "" where it may become a question yet, NULL where it is none. */
static const char *
look_up(const struct query *q)
{
	const char *answer = NULL;
	size_t i, length;

	for (i = 0; i < KNOWN; i++) {
		length = strlen(known[i].question);
		if (q->size > length || memcmp(q->held, known[i].question, q->size) != 0)
			continue;
		if (q->size == length)
			return known[i].answer;
		answer = "";
	}
	return answer;
}

size_t
query_end(struct query *q, char *to)
{
	size_t size = q->size;

	memcpy(to, q->held, size);
	q->size = 0;
	return size;
}

/* One more byte. How many come out at to: that of a stream without questions. */
static size_t
take_byte(struct query *q, char byte, char *to, query_answer_fn *give, void *arg)
{
	const char *answer;
	size_t n;

	q->held[q->size++] = byte;
	answer = look_up(q);
	if (answer && !*answer)
		return 0;
	if (answer) {
		q->size = 0;
		give(arg, answer, strlen(answer));
		return 0;
	}
	q->size--;
	n = query_end(q, to);
	if (byte == '\033')
		q->held[q->size++] = byte;
	else
		to[n++] = byte;
	return n;
}

size_t
query_take(struct query *q, char *data, size_t size, query_answer_fn *give, void *arg)
{
	char *from, *end, *to = data, *escape;

	/* As a rule there is none, and nothing is moved. */
	if (q->size == 0) {
		escape = memchr(data, '\033', size);
		if (!escape)
			return size;
		to = escape;
	}
	memmove(to + QUERY_LONGEST, to, size - (size_t)(to - data));
	from = to + QUERY_LONGEST;
	end = data + size + QUERY_LONGEST;
	for (; from < end; from++)
		to += take_byte(q, *from, to, give, arg);
	return (size_t)(to - data);
}
