/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What the words of a dialogue's steps may be: looked at when the dialogue is
 * read, and, where a word holds variables, when the step is done.
 */
#ifndef ARGUMENT_H
#define ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum argument {
	ARGUMENT_STRING,	/* any bytes */
	ARGUMENT_WORD,		/* of a command: any but NUL */
	ARGUMENT_KEY,
	ARGUMENT_SECRET,	/* where a secret comes from */
	ARGUMENT_SIGNAL,
	ARGUMENT_EXTENT,	/* rows or columns */
	ARGUMENT_DURATION,
	ARGUMENT_FRAMING,
	ARGUMENT_TIMES,		/* how often */
	ARGUMENT_STATUS
};

/*
 * Is text, which ends with a NUL behind its size, one of that kind? Where it is
 * not, *why (at most ARGUMENT_WHY bytes) says so, and what would be one.
 */
enum { ARGUMENT_WHY = 256 };
bool argument_check(enum argument kind, const char *text, size_t size, char why[ARGUMENT_WHY]);

#endif
