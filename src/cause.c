/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "cause.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int
cause_set(char **cause, const char *format, ...)
{
	va_list args;
	int result = 0;

	va_start(args, format);
	if (cause)
		result = vasprintf(cause, format, args);
	va_end(args);
	if (result < 0)
		*cause = NULL;
	errno = result < 0 ? ENOMEM : EINVAL;
	return -1;
}
