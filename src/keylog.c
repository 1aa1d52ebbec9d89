/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keylog.h"

#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Whether the child reads lines there. */
static bool
reads_lines(const struct keylog *k, struct termios *mode)
{
	int fd = dualpipe_fd(k->dp, DUALPIPE_TO_CHILD);

	return fd >= 0 && tcgetattr(fd, mode) == 0 && (mode->c_lflag & ICANON);
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

/* End-of-file is a character that nobody gets to read. */
static void
tell_lines(const struct keylog *k, const char *data, size_t size, char end)
{
	const char *found;

	while ((found = memchr(data, end, size)) != NULL) {
		if (found > data)
			k->sent(k->arg, data, (size_t)(found - data));
		k->did(k->arg, "eof");
		size -= (size_t)(found + 1 - data);
		data = found + 1;
	}
	if (size > 0)
		k->sent(k->arg, data, size);
}

void
keylog_add(const struct keylog *k, const void *data, size_t size)
{
	struct termios mode;

	if (!reads_lines(k, &mode))
		k->sent(k->arg, data, size);
	else if (!(mode.c_lflag & ECHO))
		tell_secrets(k, data, size);
	else if (mode.c_cc[VEOF] != _POSIX_VDISABLE)
		tell_lines(k, data, size, (char)mode.c_cc[VEOF]);
	else
		k->sent(k->arg, data, size);
}
