/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keylog.h"

#include <stdbool.h>
#include <string.h>
#include <termios.h>

static bool
is_secret(const struct keylog *k)
{
	struct termios mode;
	int fd = dualpipe_fd(k->dp, DUALPIPE_TO_CHILD);

	return fd >= 0 && tcgetattr(fd, &mode) == 0 && (mode.c_lflag & ICANON) && !(mode.c_lflag & ECHO);
}

/* One for each line, when its end is typed. */
static void
tell_secrets(const struct keylog *k, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] == '\r' || data[i] == '\n')
			k->did(k->arg, "secret");
}

void
keylog_add(const struct keylog *k, const void *data, size_t size)
{
	if (is_secret(k))
		tell_secrets(k, data, size);
	else
		k->sent(k->arg, data, size);
}
