/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "secret.h"

#include <string.h>
#include <unistd.h>

void
secret_wipe(struct secret *s)
{
	explicit_bzero(s->bytes, sizeof(s->bytes));
	s->size = 0;
	s->quoting = false;
}

static enum secret_key
add(struct secret *s, const char *key, size_t size)
{
	s->quoting = false;
	if (size > sizeof(s->bytes) - s->size)
		return SECRET_FULL;
	memcpy(s->bytes + s->size, key, size);
	s->size += size;
	return SECRET_TAKEN;
}

/* A whole character. */
static enum secret_key
delete(struct secret *s)
{
	if (s->size == 0)
		return SECRET_FULL;
	do
		s->bytes[--s->size] = '\0';
	while (s->size > 0 && ((unsigned char)s->bytes[s->size] & 0xc0) == 0x80);
	return SECRET_TAKEN;
}

static bool
is_key(const struct termios *mode, int index, unsigned char key)
{
	return mode->c_cc[index] == key && key != _POSIX_VDISABLE;
}

enum secret_key
secret_key(struct secret *s, const struct termios *mode, const char *key, size_t size)
{
	unsigned char first = (unsigned char)key[0];

	if (s->quoting || size > 1)
		return add(s, key, size);
	if (first == '\r' || first == '\n')
		return SECRET_DONE;
	if (is_key(mode, VEOF, first))
		return s->size == 0 ? SECRET_END : SECRET_DONE;
	if (is_key(mode, VERASE, first) || first == '\b' || first == 0x7f)
		return delete(s);
	if (is_key(mode, VKILL, first)) {
		secret_wipe(s);
		return SECRET_TAKEN;
	}
	if (is_key(mode, VLNEXT, first)) {
		s->quoting = true;
		return SECRET_TAKEN;
	}
	return add(s, key, size);
}

enum secret_key
secret_paste(struct secret *s, const char *text, size_t size)
{
	size_t room = sizeof(s->bytes) - s->size, n = size < room ? size : room;

	memcpy(s->bytes + s->size, text, n);
	s->size += n;
	return n < size ? SECRET_FULL : SECRET_TAKEN;
}
