/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "clean.h"

#include <string.h>

enum { ESC = 0x1b, BEL = 0x07 };

/* Behind a string that BEL or ESC \ ends; size where it has no end. */
static size_t
end_of_string(const char *data, size_t size, size_t at)
{
	for (; at < size; at++) {
		if (data[at] == BEL)
			return at + 1;
		if (data[at] == ESC && at + 1 < size && data[at + 1] == '\\')
			return at + 2;
	}
	return size;
}

/* Behind the sequence that an ESC begins at data[at]. */
static size_t
end_of_sequence(const char *data, size_t size, size_t at)
{
	at++;
	if (at == size)
		return at;
	if (memchr("]PX^_", data[at], 5))
		return end_of_string(data, size, at + 1);
	if (data[at] == '[')
		for (at++; at < size && (unsigned char)data[at] < '@'; at++)
			;
	else
		/* what stands between, as in ESC ( B */
		while (at < size && data[at] >= ' ' && data[at] <= '/')
			at++;
	return at < size ? at + 1 : size;
}

size_t
clean_terminal(char *data, size_t size)
{
	size_t at = 0, put = 0;

	while (at < size) {
		if (data[at] == ESC)
			at = end_of_sequence(data, size, at);
		else if (data[at] == '\r' && at + 1 < size && data[at + 1] == '\n')
			at++;
		else
			data[put++] = data[at++];
	}
	return put;
}

size_t
clean_echo(char *data, size_t size, const char *request, size_t request_size)
{
	if (size <= request_size || memcmp(data, request, request_size) != 0 || data[request_size] != '\n')
		return size;
	size -= request_size + 1;
	memmove(data, data + request_size + 1, size);
	return size;
}
