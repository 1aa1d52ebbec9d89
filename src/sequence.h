/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A terminal's control sequences (ECMA-48): where one ends, and what kind it is. */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

enum sequence_kind {
	SEQUENCE_NONE,		/* an ESC that begins nothing */
	SEQUENCE_CUT,		/* its end has not come */
	SEQUENCE_SGR,		/* ESC [ ... m */
	SEQUENCE_ERASE,		/* ESC [ ... K */
	SEQUENCE_STRING,	/* the two bytes that begin one: a title, an image */
	SEQUENCE_OTHER
};

/* What begins at data, an ESC; *length is how long it is (1 for none). */
enum sequence_kind sequence_at(const char *data, size_t size, size_t *length);

/*
 * How many of these bytes belong to a string that was begun before. *ended:
 * its end is among them. *escape, false at first, is remembered between calls.
 */
size_t sequence_string(const char *data, size_t size, bool *ended, bool *escape);

#endif
