/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keyboard.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 4096 };	/* bytes of one read */

static void
add(struct keyboard *k, const char *data, const char *end)
{
	if (keys_add(k->keys, data, (size_t)(end - data)) < 0)
		k->lost(k->arg);
}

/* Up to the escape key and what follows it. Gives where to go on. */
static const char *
take(struct keyboard *k, const char *data, const char *end)
{
	const char *found;

	if (k->escaping) {
		k->escaping = false;
		k->escaped(k->arg, *data);
		return data + 1;
	}
	found = k->escape >= 0 ? memchr(data, k->escape, (size_t)(end - data)) : NULL;
	add(k, data, found ? found : end);
	k->escaping = found && !k->at_once;
	if (found && k->at_once)
		k->escaped(k->arg, *found);
	return found ? found + 1 : end;
}

void
keyboard_add(struct keyboard *k, const char *data, size_t size)
{
	const char *end = data + size;

	while (data < end)
		data = take(k, data, end);
}

static void
readable(void *arg, short revents)
{
	struct keyboard *k = arg;
	char data[ROOM];
	ssize_t n = io_in_read(&k->in, data, sizeof(data));

	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		k->gone = true;
		watch_off(k->watch);
		k->ended(k->arg);
	}
	if (n > 0)
		keyboard_add(k, data, (size_t)n);
	explicit_bzero(data, sizeof(data)); /* it may be a secret */
}

int
keyboard_open(struct keyboard *k, struct loop *l)
{
	k->watch = watch_new(l, STDIN_FILENO, readable, k);
	if (!k->watch)
		return -1;
	io_in_open(&k->in, STDIN_FILENO);
	return 0;
}

void
keyboard_close(struct keyboard *k)
{
	if (!k->watch)
		return; /* it was not opened */
	watch_free(k->watch);
	io_in_close(&k->in);
}

void
keyboard_read(struct keyboard *k, bool on)
{
	if (on && !k->gone)
		watch_on(k->watch, POLLIN);
	else
		watch_off(k->watch);
}
