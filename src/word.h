/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Eight bytes at once in plain C, for text that has to be looked through at
 * memory's speed on any CPU.
 */
#ifndef WORD_H
#define WORD_H

#include <stddef.h>
#include <stdint.h>

#define WORD_EACH(c) (UINT64_C(0x0101010101010101) * (unsigned char)(c))
#define WORD_HIGH WORD_EACH(0x80)

/* The first byte is the lowest one whatever the machine; one load where that is its own order. */
static inline uint64_t
word_load(const char *data)
{
	const unsigned char *p = (const unsigned char *)data;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	    (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/*
 * The next two set the high bit of each byte that is meant. Borrows and
 * carries make them wrong above the first such byte, and word_first() looks
 * at no other. Bytes from 0x80 on are set by the first, so that the second
 * need not mask them out: it is only good together with it.
 */

/* All but the printable ASCII. */
static inline uint64_t
word_unprintable(uint64_t w)
{
	return (w | (w - WORD_EACH(0x20)) | (w + WORD_EACH(1))) & WORD_HIGH;
}

/* An ASCII character c. */
static inline uint64_t
word_char(uint64_t w, char c)
{
	return ((w ^ WORD_EACH(c)) - WORD_EACH(1)) & WORD_HIGH;
}

/* Where the first byte is that has its bit in bits, which are not 0. */
static inline size_t
word_first(uint64_t bits)
{
	uint64_t below = (bits & -bits) - 1;

	return (size_t)((below & WORD_EACH(1)) * WORD_EACH(1) >> 56) - 1;
}

#endif
