/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "argument.h"

#include "framing.h"
#include "keyname.h"
#include "number.h"
#include "signame.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Says why; false in any case. */
__attribute__((format(printf, 2, 3)))
static bool
wrong(char *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, ARGUMENT_WHY, format, arguments); /* what is too long is cut */
	va_end(arguments);
	return false;
}

/* What stands behind the name and its colon; NULL where it is another name. */
static const char *
behind(const char *text, const char *name)
{
	size_t size = strlen(name);

	return strncmp(text, name, size) == 0 && text[size] == ':' ? text + size + 1 : NULL;
}

static bool
is_key(const char *text, char *why)
{
	struct keyname_mode mode = { 0 };
	char bytes[KEYNAME_ROOM];

	if (keyname_bytes(text, &mode, bytes) > 0)
		return true;
	return wrong(why, "there is no key '%.40s'; keys are up, enter, f1, ctrl-c, alt-x and the like, and text is for send",
	    text);
}

static bool
is_signal(const char *text, char *why)
{
	return signame_parse(text) >= 0 || wrong(why, "there is no signal '%.40s'; say it as INT, SIGINT or 2", text);
}

static bool
is_number(const char *text, unsigned long least, unsigned long most, const char *what, char *why)
{
	unsigned long value;

	if (number_whole(text, least, most, &value, NULL))
		return true;
	return wrong(why, "'%.40s' is no %s; that is a whole number from %lu to %lu", text, what, least, most);
}

static bool
is_duration(const char *text, char *why)
{
	int64_t ms;

	return number_duration(text, &ms) ||
	    wrong(why, "'%.40s' is no duration; say it as 1.5, 250ms, 2s, 3m, 1h or none", text);
}

static bool
is_framing(const char *text, char *why)
{
	struct framing framing = { 0 };
	char *cause = NULL;
	bool good = framing_parse(&framing, text, &cause) == 0;

	if (!good)
		(void)wrong(why, "%s", cause ? cause : strerror(ENOMEM));
	framing_free(&framing);
	free(cause);
	return good;
}

static bool
is_secret(const char *text, char *why)
{
	const char *rest;
	unsigned long fd;

	if (strcmp(text, "tty") == 0 || ((rest = behind(text, "env")) && rest[0] && !strchr(rest, '=')) ||
	    ((rest = behind(text, "file")) && rest[0]) || ((rest = behind(text, "command")) && rest[0]) ||
	    ((rest = behind(text, "fd")) && number_whole(rest, 0, INT_MAX, &fd, NULL)))
		return true;
	/* Not repeated: it may be the secret itself. */
	return wrong(why, "a secret comes from env:NAME, file:PATH, fd:N, \"command:STRING\" or tty");
}

bool
argument_check(enum argument kind, const char *text, size_t size, char why[ARGUMENT_WHY])
{
	if (kind != ARGUMENT_STRING && strlen(text) < size)
		return wrong(why, "a NUL byte cannot stand in this word");
	switch (kind) {
	case ARGUMENT_STRING:
	case ARGUMENT_WORD:
		return true;
	case ARGUMENT_KEY:
		return is_key(text, why);
	case ARGUMENT_SECRET:
		return is_secret(text, why);
	case ARGUMENT_SIGNAL:
		return is_signal(text, why);
	case ARGUMENT_EXTENT:
		return is_number(text, 1, USHRT_MAX, "size of a terminal", why);
	case ARGUMENT_DURATION:
		return is_duration(text, why);
	case ARGUMENT_FRAMING:
		return is_framing(text, why);
	case ARGUMENT_TIMES:
		return is_number(text, 0, INT_MAX, "number of times", why);
	case ARGUMENT_STATUS:
		return is_number(text, 0, 255, "exit status", why);
	}
	return true;
}
