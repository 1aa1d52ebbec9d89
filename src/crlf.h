/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* "\r\n" as "\n", in a stream that is cut anywhere. */
#ifndef CRLF_H
#define CRLF_H

#include <stdbool.h>
#include <stddef.h>

struct crlf {
	bool held;	/* a "\r" came last, and what follows it decides */
};

/* Puts what becomes of from into to, which has room for size + 1; returns how much that is. */
size_t crlf_fold(struct crlf *c, char *to, const char *from, size_t size);

#endif
