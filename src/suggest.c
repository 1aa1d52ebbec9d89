/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "suggest.h"

#include <stdbool.h>
#include <string.h>

/* Names are short; a word that is longer is none of them misspelt. */
enum { LONGEST = 31 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters were left out, put in, changed, or swapped with the next one. */
static unsigned
distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned d[LONGEST + 1][LONGEST + 1];
	bool differ;
	size_t i, j;

	for (i = 0; i <= a_size; i++)
		d[i][0] = (unsigned)i;
	for (j = 0; j <= b_size; j++)
		d[0][j] = (unsigned)j;
	for (i = 1; i <= a_size; i++)
		for (j = 1; j <= b_size; j++) {
			differ = a[i - 1] != b[j - 1];
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + differ);
			if (differ && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_size][b_size];
}

const char *
suggest(const char *word, size_t size, const char *const *names, size_t count, size_t stride)
{
	const char *name, *nearest = NULL;
	unsigned best = 3, d;
	size_t i;

	if (size > LONGEST)
		return NULL;
	for (i = 0; i < count; i++) {
		name = *(const char *const *)(const void *)((const char *)names + i * stride);
		if (strlen(name) > LONGEST)
			continue;
		d = distance(word, size, name, strlen(name));
		/* half of it wrong is another word */
		if (d < best && 2 * d <= strlen(name)) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}
