/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Numbers as people write them: how long, how much, how many. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* "1.5", "250ms", "2s", "3m", "1h", "2d" in milliseconds, rounded up; -1 for "none". */
bool number_duration(const char *text, int64_t *ms);

/* "100", "64k", "10M", "1G" in bytes: powers of 1024, and nothing below a byte. */
bool number_size(const char *text, uint64_t *bytes);

/*
 * Decimal digits from least to most. *end is where they stop; where end is
 * NULL, nothing may stand behind them.
 */
bool number_whole(const char *text, unsigned long least, unsigned long most, unsigned long *value, const char **end);

#endif
