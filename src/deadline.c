/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "deadline.h"

#include <limits.h>
#include <time.h>

int64_t
deadline_now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail with this clock */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

deadline
deadline_now(void)
{
	return deadline_now_us() / 1000;
}

deadline
deadline_in(int64_t timeout_ms)
{
	if (timeout_ms < 0)
		return DEADLINE_NEVER;
	return deadline_now() + timeout_ms;
}

int
deadline_left(deadline d)
{
	deadline left;

	if (d == DEADLINE_NEVER)
		return -1;
	left = d - deadline_now();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool
deadline_holds(deadline *until, bool wanted, int64_t ms)
{
	if (wanted && *until == 0)
		*until = deadline_in(ms);
	if (wanted && deadline_left(*until) > 0)
		return true;
	*until = 0;
	return false;
}
