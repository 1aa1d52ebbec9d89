/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keylog.h"

#include <stdbool.h>
#include <termios.h>
#include <unistd.h>

/* What the terminal takes a key for, so that nobody gets to read it; NULL for one that is read. */
static const char *
event_of(const struct termios *mode, char key)
{
	static const struct {
		int place;
		tcflag_t flag;
		const char *words;
	} events[] = {
		{ VINTR, ISIG, "signal INT" },
		{ VQUIT, ISIG, "signal QUIT" },
		{ VSUSP, ISIG, "signal TSTP" },
		{ VEOF, ICANON, "eof" }
	};
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if ((mode->c_lflag & events[i].flag) && mode->c_cc[events[i].place] == (cc_t)key &&
		    mode->c_cc[events[i].place] != (cc_t)_POSIX_VDISABLE)
			return events[i].words;
	return NULL;
}

/* A secret for each line, when its end is typed. */
static void
tell_secrets(const struct keylog *k, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] == '\r' || data[i] == '\n')
			k->did(k->arg, "secret");
}

static void
tell_keys(const struct keylog *k, const struct termios *mode, const char *data, size_t size)
{
	if ((mode->c_lflag & ICANON) && !(mode->c_lflag & ECHO))
		tell_secrets(k, data, size);
	else if (size > 0)
		k->sent(k->arg, data, size);
}

void
keylog_add(const struct keylog *k, const void *data, size_t size)
{
	const char *keys = data, *event;
	struct termios mode;
	size_t from = 0, at;
	int fd = dualpipe_fd(k->dp, DUALPIPE_TO_CHILD);

	if (fd < 0 || tcgetattr(fd, &mode) < 0)
		mode = (struct termios){ .c_lflag = 0 }; /* it is gone */
	for (at = 0; at < size; at++) {
		event = event_of(&mode, keys[at]);
		if (!event)
			continue;
		tell_keys(k, &mode, keys + from, at - from);
		k->did(k->arg, event);
		from = at + 1;
	}
	tell_keys(k, &mode, keys + from, size - from);
}
