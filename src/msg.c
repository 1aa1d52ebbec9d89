/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "msg.h"

#include "io.h"
#include "outlet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct msg_level level;
static bool raw_terminal;
static msg_fn *route;
static void *route_arg;
static const char *about;
static struct outlet kept = { .fd = -1 };

void
msg_set(const struct msg_level *wanted)
{
	level = *wanted;
}

void
msg_about(const char *place)
{
	about = place;
}

void
msg_route(msg_fn *fn, void *arg)
{
	route = fn;
	route_arg = arg;
}

void
msg_keep(void)
{
	kept.fd = STDERR_FILENO;
}

void
msg_end(int patience_ms)
{
	outlet_end(&kept, patience_ms);
	kept.fd = -1;
}

void
msg_raw(bool raw)
{
	raw_terminal = raw;
}

/* The most that a line says; what is longer is cut. */
enum { MOST = 2048 };

/*
 * A word of the user's may hold anything, and a line of ours is to be one line
 * that does nothing to the terminal. Returns the size of what it puts at to.
 */
static size_t
without_controls(char *to, const char *text)
{
	char *start = to;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0)
			to += sprintf(to, "\\x%02x\\x%02x", c, (unsigned char)*++text);
		else if (c == '\n')
			to += sprintf(to, "\\n");
		else if (c < 0x20 || c == 0x7f)
			to += sprintf(to, "\\x%02x", c);
		else
			*to++ = *text;
	}
	return (size_t)(to - start);
}

/* One write, so that lines of several processes do not mix. */
__attribute__((format(printf, 1, 0)))
static void
say(const char *format, va_list arguments)
{
	char text[MOST], line[4 * MOST + 16] = "dualpipe: ";
	size_t size = strlen(line), front = 0;

	if (about)
		front = (size_t)snprintf(text, sizeof(text), "%.1024s: ", about);
	if (vsnprintf(text + front, sizeof(text) - front, format, arguments) < 0)
		return;
	size += without_controls(line + size, text);
	if (raw_terminal && !route)
		line[size++] = '\r';
	line[size++] = '\n';
	if (route) {
		route(route_arg, line, size);
		return;
	}
	if (kept.fd >= 0)
		outlet_put(&kept, line, size);
	else
		(void)io_write_all(STDERR_FILENO, line, size); /* there is nobody to tell */
}

void
msg_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

void
msg_error_lines(const char *lines)
{
	size_t size;

	for (; lines && *lines; lines += size + (lines[size] == '\n')) {
		size = strcspn(lines, "\n");
		msg_error("%.*s", (int)size, lines);
	}
	if (!lines)
		msg_error("%s", strerror(ENOMEM));
}

void
msg_notice(const char *format, ...)
{
	va_list arguments;

	if (level.quiet)
		return;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

void
msg_notice_lines(const char *lines)
{
	if (!level.quiet)
		msg_error_lines(lines);
}

void
msg_verbose(const char *format, ...)
{
	va_list arguments;

	if (!level.verbose)
		return;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

bool
msg_is_verbose(void)
{
	return level.verbose;
}
