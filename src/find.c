/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "find.h"

#include <string.h>

/* From the most common on, as programs talk; what is not here is rarer still. */
static const char common[] = " \n\0etaoinsrhldcu0m1pf2g.,ybw-/_3:v4k5\"6(8)97='ETAOINSRHLDCUMPF";

/*
 * memchr(3) outruns memmem(3) many times as long as it seldom stops. Where it
 * does so more often than once in so many bytes, it is left.
 */
enum { SELDOM = 64, FIRST_STOPS = 16 };

static size_t
rarity(char c)
{
	const char *found = memchr(common, c, sizeof(common) - 1);

	return found ? (size_t)(found - common) : sizeof(common);
}

void
find_init(struct find *f, const char *text, size_t size)
{
	size_t i;

	*f = (struct find){ .text = text, .size = size };
	for (i = 1; i < size; i++)
		if (rarity(text[i]) > rarity(text[f->rare]))
			f->rare = i;
}

const char *
find_first(const struct find *f, const char *in, size_t size)
{
	const char *at, *end;
	size_t stops = 0;

	if (size < f->size || f->size == 0)
		return size < f->size ? NULL : in;
	at = in + f->rare;
	end = at + (size - f->size) + 1;
	while ((at = memchr(at, f->text[f->rare], (size_t)(end - at)))) {
		at -= f->rare;
		if (memcmp(at, f->text, f->size) == 0)
			return at;
		at++;
		if (++stops > FIRST_STOPS && (size_t)(at - in) / SELDOM < stops)
			return memmem(at, size - (size_t)(at - in), f->text, f->size);
		at += f->rare;
	}
	return NULL;
}

size_t
find_front(const struct find *f, const char *in, size_t size)
{
	const char *end = in + size;
	const char *p = size >= f->size ? end - f->size + 1 : in;

	while (p < end && (p = memchr(p, f->text[0], (size_t)(end - p)))) {
		if (memcmp(p, f->text, (size_t)(end - p)) == 0)
			return (size_t)(p - in);
		p++;
	}
	return size;
}
