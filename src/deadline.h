/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* "Until when", on the monotonic clock. */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of the monotonic clock; INT64_MAX is never. */
typedef int64_t deadline;

#define DEADLINE_NEVER INT64_MAX

/* Microseconds since some start, for what has to be measured. */
int64_t deadline_now_us(void);

/* The clock's time now. */
deadline deadline_now(void);

/* timeout_ms from now, negative for never. */
deadline deadline_in(int64_t timeout_ms);

/* What is left of it for poll(2): -1 for ever, 0 when it has passed. */
int deadline_left(deadline d);

/* Whether something is held back: while that is wanted, but for ms at most, after which it begins anew. *until is 0 first. */
bool deadline_holds(deadline *until, bool wanted, int64_t ms);

#endif
