/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Bytes that the generator and the sink know alike: a block of random-looking
 * ones, or of lines, over and over. The block's size is no multiple of any
 * buffer's, so that one lost or swapped buffer shows at once; a whole block
 * lost shows in the count.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that may be asked for at once. */
enum { PAYLOAD_CHUNK = 128 * 1024 };

struct payload {
	uint64_t total;
	size_t period;
	uint64_t lines; /* in all of it; 0 for binary */
	char *block;	/* of period + PAYLOAD_CHUNK bytes */
};

/* About size bytes: text is cut at a line's end. Lines are 20 to 100 bytes, printable ASCII. */
void payload_make(struct payload *p, bool text, uint64_t size);

/* The same text with "\r\n" ends, as a terminal makes it. */
void payload_crlf(struct payload *p);

/* The bytes from position at on, and no more of them than are left, nor than PAYLOAD_CHUNK. */
const char *payload_at(const struct payload *p, uint64_t at, size_t *size);

#endif
