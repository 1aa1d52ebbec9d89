/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "payload.h"

#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { PERIOD = 1000003, LONGEST = 100, SHORTEST = 20 };

static uint64_t
next_random(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> 16;
}

static size_t
make_lines(char *block)
{
	size_t at = 0, size;

	while (at + LONGEST < PERIOD) {
		size = SHORTEST + next_random() % (LONGEST - SHORTEST + 1);
		while (size-- > 1)
			block[at++] = (char)(' ' + next_random() % 95);
		block[at++] = '\n';
	}
	return at;
}

static uint64_t
count_lines(const char *data, size_t size)
{
	uint64_t n = 0;

	while (size-- > 0)
		n += data[size] == '\n';
	return n;
}

/* Repeats the block's start behind its end, so that a chunk is in one piece. */
static void
wrap(struct payload *p)
{
	memcpy(p->block + p->period, p->block, PAYLOAD_CHUNK);
}

static char *
allocate(size_t period)
{
	char *block = malloc(period + PAYLOAD_CHUNK);

	if (!block)
		bench_problem("out of memory");
	return block;
}

void
payload_make(struct payload *p, bool text, uint64_t size)
{
	size_t i, rest;

	*p = (struct payload){ .total = size, .period = PERIOD, .block = allocate(PERIOD) };
	if (text) {
		p->period = make_lines(p->block);
		rest = size % p->period;
		while (rest > 0 && p->block[rest - 1] != '\n')
			rest--;
		p->total = size / p->period * p->period + rest;
		p->lines = size / p->period * count_lines(p->block, p->period) +
		    count_lines(p->block, rest);
	} else {
		for (i = 0; i < PERIOD; i++)
			p->block[i] = (char)next_random();
	}
	wrap(p);
}

void
payload_crlf(struct payload *p)
{
	uint64_t in_block = count_lines(p->block, p->period);
	char *block = allocate(p->period + in_block);
	size_t i, at = 0;

	for (i = 0; i < p->period; i++) {
		if (p->block[i] == '\n')
			block[at++] = '\r';
		block[at++] = p->block[i];
	}
	free(p->block);
	p->block = block;
	p->period = at;
	p->total += p->lines;
	wrap(p);
}

const char *
payload_at(const struct payload *p, uint64_t at, size_t *size)
{
	uint64_t left = at < p->total ? p->total - at : 0;

	if (*size > PAYLOAD_CHUNK)
		*size = PAYLOAD_CHUNK;
	if (*size > left)
		*size = left;
	return p->block + at % p->period;
}
