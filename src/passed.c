/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "passed.h"

#include <string.h>

enum { LONGEST = 1024 };	/* no prompt is */

void
passed_add(struct passed *p, const char *data, size_t size)
{
	const char *newline = memrchr(data, '\n', size);
	size_t rest = newline ? (size_t)(data + size - newline) - 1 : size;

	if (newline || p->tail.size + rest > LONGEST)
		passed_clear(p);
	if (rest <= LONGEST)
		(void)buf_append(&p->tail, data + size - rest, rest); /* at worst there is no prompt */
}

/* It begins behind the last newline, carriage return, or sequence that is no colour. */
const char *
passed_prompt(const struct passed *p, size_t *size)
{
	const char *data = buf_peek(&p->tail);
	size_t at, begin = 0, end;

	for (at = 0; at < p->tail.size; at++) {
		if (data[at] == '\r' || data[at] == '\n')
			begin = at + 1;
		if (data[at] != '\033')
			continue;
		end = at + 1;
		if (end < p->tail.size && data[end] == '[')
			do
				end++;
			while (end < p->tail.size && (unsigned char)data[end] < '@');
		if (end >= p->tail.size || data[end] != 'm')
			begin = end < p->tail.size ? end + 1 : p->tail.size;
		at = end;
	}
	*size = p->tail.size - begin;
	return data + begin;
}

void
passed_clear(struct passed *p)
{
	buf_consume(&p->tail, p->tail.size);
}

void
passed_free(struct passed *p)
{
	buf_free(&p->tail);
}
