/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Bytes that are looked for again and again in much text. */
#ifndef FIND_H
#define FIND_H

#include <stddef.h>

/* It lies in the caller's struct; text is kept, not copied. */
struct find {
	const char *text;
	size_t size;
	size_t rare;	/* where the byte stands that is seldom met elsewhere */
};

/* size is 1 or more. */
void find_init(struct find *f, const char *text, size_t size);

/* As memmem(3). */
const char *find_first(const struct find *f, const char *in, size_t size);

/* The first place from which the end of these bytes is the front of it, and not all; size where none is. */
size_t find_front(const struct find *f, const char *in, size_t size);

#endif
