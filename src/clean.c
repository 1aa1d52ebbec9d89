/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "clean.h"

#include <stdbool.h>
#include <string.h>

enum { ESC = 0x1b, BEL = 0x07 };

static bool
is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

/* Behind a string that BEL or ESC \ ends, and a line's end as well: what follows is not lost with it. */
static size_t
end_of_string(const char *data, size_t size, size_t at)
{
	for (; at < size && data[at] != '\n'; at++) {
		if (data[at] == BEL)
			return at + 1;
		if (data[at] == ESC && at + 1 < size && data[at + 1] == '\\')
			return at + 2;
	}
	return at;
}

/* Behind the sequence that an ESC begins at data[at]. */
static size_t
end_of_sequence(const char *data, size_t size, size_t at)
{
	bool control = ++at < size && data[at] == '[';

	if (at < size && data[at] != '\0' && strchr("]PX^_", data[at]))
		return end_of_string(data, size, at + 1);
	at += control;
	/* what stands between, as in ESC ( B and ESC [ 1 ; 3 1 m */
	while (at < size && is_between(data[at], ' ', control ? '?' : '/'))
		at++;
	return at < size && is_between(data[at], control ? '@' : '0', '~') ? at + 1 : at;
}

/* How many bytes at data[at] are there for the terminal. */
static size_t
noise(const char *data, size_t size, size_t at)
{
	if (data[at] == ESC)
		return end_of_sequence(data, size, at) - at;
	return data[at] == '\r' && at + 1 < size && data[at + 1] == '\n';
}

size_t
clean_sequence(const char *data, size_t size)
{
	return end_of_sequence(data, size, 0);
}

size_t
clean_terminal(char *data, size_t size)
{
	size_t at = 0, put = 0, n;

	while (at < size) {
		n = noise(data, size, at);
		at += n;
		if (n == 0)
			data[put++] = data[at++];
	}
	return put;
}

size_t
clean_where(const char *data, size_t size, size_t left)
{
	size_t at = 0, n;

	while (at < size && left > 0) {
		n = noise(data, size, at);
		at += n > 0 ? n : 1;
		left -= n == 0;
	}
	return at;
}
