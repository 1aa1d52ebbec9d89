/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "source.h"

#include "buf.h"
#include "utf8.h"
#include "wide.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct source *
source_new(const char *name, const char *text, size_t size)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->name = strdup(name);
	s->text = malloc(size + 1);
	if (!s->name || !s->text) {
		source_free(s);
		errno = ENOMEM;
		return NULL;
	}
	if (size > 0)
		memcpy(s->text, text, size);
	s->text[size] = '\0';
	s->size = size;
	return s;
}

void
source_free(struct source *s)
{
	if (!s)
		return;
	free(s->name);
	free(s->text);
	free(s);
}

/* How long the first character is; a byte that is no UTF-8 counts as one. */
static size_t
char_size(const char *data, size_t size)
{
	int n = utf8_char(data, size);

	return n > 0 ? (size_t)n : 1;
}

/* How many columns a terminal has for it; one that the locale does not know has one. */
static int
char_width(const char *data, size_t size)
{
	wchar_t c;
	int width;

	if (wide_char(data, size, &c) <= 0)
		return 1;
	width = wcwidth(c);
	return width < 0 ? 1 : width;
}

/*
 * Appends one character so that it does nothing to a terminal: a tab as a
 * blank, controls and what is no UTF-8 as \xhh. The columns it takes, -1 with
 * ENOMEM. A backslash stays one: it is to look as it was written.
 */
static int
show_char(struct buf *to, const char *data, size_t size)
{
	unsigned char c = (unsigned char)data[0];
	char text[16];
	size_t i;

	if (c == '\t')
		return buf_append(to, " ", 1) < 0 ? -1 : 1;
	if (c >= ' ' && c != 0x7f && utf8_char(data, size) > 0 && !utf8_is_c1(data, size))
		return buf_append(to, data, size) < 0 ? -1 : char_width(data, size);
	for (i = 0; i < size; i++) {
		(void)snprintf(text, sizeof(text), "\\x%02x", (unsigned char)data[i]);
		if (buf_append(to, text, 4) < 0)
			return -1;
	}
	return 4 * (int)size;
}

static int
show(struct buf *to, const char *text, size_t size)
{
	size_t at, n;

	for (at = 0; at < size; at += n) {
		n = char_size(text + at, size - at);
		if (show_char(to, text + at, n) < 0)
			return -1;
	}
	return 0;
}

static void
find_line(const struct source *s, int line, const char **text, size_t *size)
{
	const char *end = s->text + s->size, *newline;

	*text = s->text;
	while (--line > 0 && (newline = memchr(*text, '\n', (size_t)(end - *text))))
		*text = newline + 1;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	*size = (size_t)((newline ? newline : end) - *text);
	if (*size > 0 && (*text)[*size - 1] == '\r')
		--*size;
}

/* Of a long line: how many characters are shown in front of the place, and behind it. */
enum { BEFORE = 40, BEHIND = 30 };

/*
 * Appends the line, or what of it stands around the column, and not more than
 * shown characters. The columns in front of the place, -1 with ENOMEM.
 */
static int
show_line(struct buf *to, const char *text, size_t size, int column, int shown)
{
	int first = column > BEFORE + BEHIND ? column - BEFORE : 1;
	int at = 1, before = 0, width;
	size_t n;

	if (first > 1) {
		if (buf_append(to, "...", 3) < 0)
			return -1;
		before = 3;
	}
	for (; size > 0; text += n, size -= n, at++) {
		n = char_size(text, size);
		if (at < first)
			continue;
		if (at > column + BEHIND || at > shown)
			return buf_append(to, "...", 3) < 0 ? -1 : before;
		width = show_char(to, text, n);
		if (width < 0)
			return -1;
		if (at < column)
			before += width;
	}
	return before;
}

static int
show_place(struct buf *to, const struct source *s, int line, int column, int shown)
{
	const char *text;
	char caret[8 * (BEFORE + BEHIND) + 8];
	size_t size;
	int before;

	find_line(s, line, &text, &size);
	before = show_line(to, text, size, column, shown);
	if (before < 0)
		return -1;
	size = (size_t)snprintf(caret, sizeof(caret), "\n%*s", before + 1, "^");
	return buf_append(to, caret, size + 1);	/* with its end */
}

/* The most that is said of what is wrong; what is longer is cut. */
enum { MOST = 1024 };

char *
source_complain(const struct source *s, int line, int column, int shown, const char *format, va_list arguments)
{
	struct buf all = { 0 };
	char text[MOST], place[32];
	bool good;

	(void)vsnprintf(text, sizeof(text), format, arguments);
	(void)snprintf(place, sizeof(place), ":%d:%d: ", line, column);
	good = show(&all, s->name, strlen(s->name)) == 0 && show(&all, place, strlen(place)) == 0 &&
	    show(&all, text, strlen(text)) == 0 && buf_append(&all, "\n", 1) == 0 &&
	    show_place(&all, s, line, column, shown) == 0;
	if (good)
		return all.data;	/* nothing was taken from it: it begins there */
	buf_free(&all);
	errno = ENOMEM;
	return NULL;
}
