/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * ptsname_r(3) out of ptsname(3).
 */
#include "compat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
ptsname_r(int fd, char *name, size_t size)
{
	const char *found = ptsname(fd);

	if (!found)
		return ENOTTY;
	if (strlen(found) >= size)
		return ERANGE;
	strcpy(name, found);
	return 0;
}
