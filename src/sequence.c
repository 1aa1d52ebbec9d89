/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "sequence.h"

enum { BEL = '\a', CAN = 0x18, SUB = 0x1a, ESC = 0x1b };

static bool
within(char c, unsigned char low, unsigned char high)
{
	return (unsigned char)c >= low && (unsigned char)c <= high;
}

/* ESC [, parameters, intermediates, a final byte. */
static enum sequence_kind
control(const char *data, size_t size, size_t *length)
{
	size_t at = 2;
	bool plain;

	while (at < size && within(data[at], '0', '?'))
		at++;
	plain = at == 2 || within(data[2], '0', ';');
	while (at < size && within(data[at], ' ', '/')) {
		plain = false;
		at++;
	}
	if (at == size)
		return SEQUENCE_CUT;
	if (!within(data[at], '@', '~'))
		return SEQUENCE_NONE;
	*length = at + 1;
	if (plain && data[at] == 'm')
		return SEQUENCE_SGR;
	return plain && data[at] == 'K' ? SEQUENCE_ERASE : SEQUENCE_OTHER;
}

enum sequence_kind
sequence_at(const char *data, size_t size, size_t *length)
{
	size_t at = 1;

	*length = 1;
	if (size < 2)
		return SEQUENCE_CUT;
	switch (data[1]) {
	case '[':
		return control(data, size, length);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		*length = 2;
		return SEQUENCE_STRING;
	}
	while (at < size && within(data[at], ' ', '/'))
		at++;
	if (at == size)
		return SEQUENCE_CUT;
	if (!within(data[at], '0', '~'))
		return SEQUENCE_NONE;
	*length = at + 1;
	return SEQUENCE_OTHER;
}

size_t
sequence_string(const char *data, size_t size, bool *ended, bool *escape)
{
	size_t at;

	for (at = 0; at < size; at++) {
		if (*escape) {
			/* Without the backslash it begins another sequence, which is passed too. */
			*escape = false;
			*ended = true;
			return at + (data[at] == '\\');
		}
		if (data[at] == BEL || data[at] == CAN || data[at] == SUB) {
			*ended = true;
			return at + 1;
		}
		*escape = data[at] == ESC;
	}
	*ended = false;
	return size;
}
