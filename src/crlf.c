/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "crlf.h"

#include <string.h>

size_t
crlf_fold(struct crlf *c, char *to, const char *from, size_t size)
{
	const char *end = from + size, *found;
	char *start = to;
	size_t n;

	while (from < end) {
		if (c->held && *from != '\n')
			*to++ = '\r';
		found = memchr(from, '\r', (size_t)(end - from));
		n = (size_t)((found ? found : end) - from);
		memcpy(to, from, n);
		to += n;
		from += n;
		c->held = found != NULL;
		from += c->held;
	}
	return (size_t)(to - start);
}
