/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keyname.h"

#include "utf8.h"

#include <string.h>

enum { CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f };

static const struct {
	const char *name, *bytes;
} keys[] = {
	{ "up", "\033[A" }, { "down", "\033[B" }, { "right", "\033[C" }, { "left", "\033[D" },
	{ "home", "\033[H" }, { "end", "\033[F" },
	{ "pageup", "\033[5~" }, { "pagedown", "\033[6~" }, { "delete", "\033[3~" },
	{ "tab", "\t" }, { "escape", "\033" },
	{ "f1", "\033OP" }, { "f2", "\033OQ" }, { "f3", "\033OR" }, { "f4", "\033OS" },
	{ "f5", "\033[15~" }, { "f6", "\033[17~" }, { "f7", "\033[18~" }, { "f8", "\033[19~" },
	{ "f9", "\033[20~" }, { "f10", "\033[21~" }, { "f11", "\033[23~" }, { "f12", "\033[24~" }
};

static size_t
one_byte(char *bytes, char byte)
{
	bytes[0] = byte;
	return 1;
}

/* What stands behind "ctrl-". */
static size_t
control(const char *name, char *bytes)
{
	if (strcmp(name, "space") == 0)
		return one_byte(bytes, '\0');
	if (name[0] == '\0' || name[1] != '\0')
		return 0;
	if ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= '[' && name[0] <= '_'))
		return one_byte(bytes, (char)(name[0] & 0x1f));
	return 0;
}

/* What stands behind "alt-": one character. */
static size_t
alternate(const char *name, char *bytes)
{
	size_t size = strlen(name);

	if (size == 0 || (unsigned char)name[0] < ' ' || name[0] == DEL || utf8_char(name, size) != (int)size)
		return 0;
	bytes[0] = ESC;
	memcpy(bytes + 1, name, size);
	return size + 1;
}

/* ESC [ and a letter: what the cursor keys, home and end send. */
static bool
is_cursor_key(const char *bytes, size_t size)
{
	return size == 3 && bytes[1] == '[';
}

static size_t
named(const char *name, bool application, char *bytes)
{
	size_t i, size;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		size = strlen(keys[i].bytes);
		memcpy(bytes, keys[i].bytes, size);
		if (application && is_cursor_key(bytes, size))
			bytes[1] = 'O';
		return size;
	}
	return 0;
}

size_t
keyname_bytes(const char *name, const struct keyname_mode *mode, char bytes[KEYNAME_ROOM])
{
	if (strcmp(name, "enter") == 0)
		return one_byte(bytes, mode->enter ? mode->enter : '\r');
	if (strcmp(name, "backspace") == 0)
		return one_byte(bytes, mode->erase ? mode->erase : DEL);
	if (strncmp(name, "ctrl-", 5) == 0)
		return control(name + 5, bytes);
	if (strncmp(name, "alt-", 4) == 0)
		return alternate(name + 4, bytes);
	return named(name, mode->application, bytes);
}

enum state { GROUND, ESCAPED, BRACKET, PRIVATE, SOFT, OTHER };

/* Behind ESC. */
static enum state
escaped(struct keyname_follower *f, char c)
{
	if (c == '[')
		return BRACKET;
	if (c == 'c') /* RIS, the reset of all */
		f->application = false;
	return GROUND;
}

/* Behind ESC [. */
static enum state
bracket(struct keyname_follower *f, char c)
{
	f->number = 0;
	f->meant = false;
	if (c == '?')
		return PRIVATE;
	if (c == '!')
		return SOFT;
	return c >= '@' && c <= '~' ? GROUND : OTHER;
}

/* Behind ESC [ ?, and numbers with ";" between. */
static enum state
set_or_reset(struct keyname_follower *f, char c)
{
	if (c >= '0' && c <= '9') {
		if (f->number < 1000)
			f->number = f->number * 10 + (unsigned)(c - '0');
		return PRIVATE;
	}
	f->meant = f->meant || f->number == 1;
	f->number = 0;
	if (c == ';')
		return PRIVATE;
	if (f->meant && (c == 'h' || c == 'l'))
		f->application = c == 'h';
	return c >= '@' && c <= '~' ? GROUND : OTHER;
}

static enum state
next(struct keyname_follower *f, char c)
{
	switch ((enum state)f->state) {
	case GROUND:
		return GROUND;
	case ESCAPED:
		return escaped(f, c);
	case BRACKET:
		return bracket(f, c);
	case PRIVATE:
		return set_or_reset(f, c);
	case SOFT:
		if (c == 'p') /* DECSTR, with which terminals are set up by terminfo */
			f->application = false;
		return GROUND;
	case OTHER:
		return c >= '@' && c <= '~' ? GROUND : OTHER;
	}
	return GROUND;
}

void
keyname_follow(struct keyname_follower *f, const char *data, size_t size)
{
	const char *end = data + size, *found;

	while (data < end) {
		if (f->state == GROUND) {
			found = memchr(data, ESC, (size_t)(end - data));
			if (!found)
				return;
			data = found;
		}
		if (*data == ESC)
			f->state = ESCAPED;
		else if (*data == CAN || *data == SUB)
			f->state = GROUND;
		else if ((unsigned char)*data >= ' ') /* a terminal obeys other controls at once, and reads on */
			f->state = next(f, *data);
		data++;
	}
}
