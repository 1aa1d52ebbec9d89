/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Many bytes at once in plain C, for text that has to be looked through at
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

/* How many bytes are judged at once. */
enum { WORD_BLOCK = 64 };

/* Eight bytes of 0 or 1 as bits, the first one the lowest. */
static inline uint64_t
word_pack(const char *flags)
{
	return word_load(flags) * UINT64_C(0x0102040810204080) >> 56;
}

/* The same with a block of them. */
static inline uint64_t
word_pack_block(const char *flags)
{
	return word_pack(flags) | word_pack(flags + 8) << 8 | word_pack(flags + 16) << 16 |
	    word_pack(flags + 24) << 24 | word_pack(flags + 32) << 32 | word_pack(flags + 40) << 40 |
	    word_pack(flags + 48) << 48 | word_pack(flags + 56) << 56;
}

/* The lowest bit of bits, which are not 0; compilers know this multiplication for what it is. */
static inline size_t
word_first(uint64_t bits)
{
	static const unsigned char places[64] = {
		0, 1, 2, 7, 3, 13, 8, 19, 4, 25, 14, 28, 9, 34, 20, 40,
		5, 17, 26, 38, 15, 46, 29, 48, 10, 31, 35, 54, 21, 50, 41, 57,
		63, 6, 12, 18, 24, 27, 33, 39, 16, 37, 45, 47, 30, 53, 49, 56,
		62, 11, 23, 32, 36, 44, 52, 55, 61, 22, 43, 51, 60, 42, 59, 58
	};

	return places[(bits & -bits) * UINT64_C(0x0218a392cd3d5dbf) >> 58];
}

#endif
