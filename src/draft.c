/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "draft.h"

#include "wide.h"

#include <stdlib.h>

enum {
	LONGEST = 200000,	/* characters */
	BURST = 16		/* characters that are worth to be inserted at once */
};

int
draft_open(struct draft *d, const struct termios *mode, const struct edit_calls *calls)
{
	d->edit = d->engine->open(mode, calls);
	return d->edit ? 0 : -1;
}

void
draft_close(struct draft *d)
{
	if (d->edit)
		d->engine->close(d->edit);
	keys_free(&d->keys);
	free(d->spelled);
	free(d->kept);
}

int
draft_read(struct draft *d, const wchar_t **text, size_t *length)
{
	int result;

	d->reading = true;
	d->last = 0;
	result = d->engine->read(d->edit, text, length);
	d->reading = false;
	return result;
}

void
draft_line(const struct draft *d, const wchar_t **text, size_t *length, size_t *cursor)
{
	*text = NULL;
	*length = *cursor = 0;
	if (d->reading)
		d->engine->line(d->edit, text, length, cursor);
}

static wchar_t *
copy_of(const wchar_t *text, size_t length)
{
	wchar_t *copy = malloc((length + 1) * sizeof(*copy));

	if (!copy)
		return NULL;
	wmemcpy(copy, text, length);
	copy[length] = L'\0';
	return copy;
}

wchar_t *
draft_copy(const struct draft *d)
{
	const wchar_t *text, *newline;
	size_t length, cursor;

	draft_line(d, &text, &length, &cursor);
	newline = length > 0 ? wmemchr(text, L'\n', length) : NULL;
	if (newline)
		length = (size_t)(newline - text);
	return length > 0 ? copy_of(text, length) : NULL;
}

bool
draft_quotes(const struct draft *d)
{
	return d->reading && d->engine->quoting(d->edit);
}

void
draft_clear(struct draft *d)
{
	d->engine->clear(d->edit);
}

void
draft_keep(struct draft *d, wchar_t *text)
{
	if (!text)
		return;
	free(d->kept);
	d->kept = text;
}

void
draft_remember(struct draft *d, const wchar_t *text, size_t length)
{
	wchar_t *copy = copy_of(text, length);

	if (copy)
		d->engine->remember(d->edit, copy);
	free(copy);
}

static void
make_room(struct draft *d, size_t size)
{
	const wchar_t *text;
	size_t length, cursor;

	draft_line(d, &text, &length, &cursor);
	if (length + size > LONGEST)
		d->too_long(d->arg);
}

void
draft_insert(struct draft *d, const char *data, size_t size)
{
	size_t length;
	wchar_t *text = wide_new(data, size, &length);

	if (!text)
		return;
	make_room(d, length);
	if (d->engine->insert(d->edit, text, length)) {
		free(text);
		return;
	}
	free(d->spelled);
	d->spelled = text;
	d->spelled_at = 0;
}

static bool
bring_back(struct draft *d)
{
	if (!d->kept)
		return false;
	(void)d->engine->insert(d->edit, d->kept, wcslen(d->kept)); /* it was there before */
	free(d->kept);
	d->kept = NULL;
	return true;
}

static bool
spell(struct draft *d, wchar_t *c)
{
	if (!d->spelled)
		return false;
	while (d->spelled[d->spelled_at]) {
		*c = d->spelled[d->spelled_at++];
		if (*c >= L' ' && *c != 0x7f)
			return true;
	}
	free(d->spelled);
	d->spelled = NULL;
	return false;
}

/*
 * Much that comes at once, as from a paste without brackets, is not given key
 * by key. Only where the last key is known to have become a character of the
 * line, so that the next will, too.
 */
static void
insert_burst(struct draft *d)
{
	const wchar_t *text;
	size_t length, cursor, plain;

	if (!d->last || d->keys.bytes.size < BURST)
		return;
	draft_line(d, &text, &length, &cursor);
	if (length != d->last_length + 1 || cursor != d->last_cursor + 1 || text[cursor - 1] != d->last ||
	    wmemchr(text, L'\n', length))
		return;
	plain = keys_plain(&d->keys);
	if (plain < BURST)
		return;
	d->last = 0;
	draft_insert(d, buf_peek(&d->keys.bytes), plain);
	buf_consume(&d->keys.bytes, plain);
}

static enum draft_got
give_typed(struct draft *d, wchar_t key, wchar_t *c)
{
	const wchar_t *text;

	make_room(d, 1);
	d->last = key >= L' ' && key != 0x7f ? key : 0;
	if (d->last)
		draft_line(d, &text, &d->last_length, &d->last_cursor);
	*c = key;
	return DRAFT_TYPED;
}

static enum draft_got
give_pasted(struct draft *d, const struct key *key, wchar_t *c)
{
	draft_insert(d, key->text, key->size);
	if (!key->newline || d->spelled)
		return DRAFT_CHANGED;
	*c = L'\n';
	return DRAFT_GIVEN;
}

enum draft_got
draft_next(struct draft *d, wchar_t *c)
{
	struct key key;

	if (bring_back(d))
		return DRAFT_CHANGED;
	if (spell(d, c))
		return DRAFT_GIVEN;
	insert_burst(d);
	switch (keys_next(&d->keys, &key)) {
	case KEYS_NONE:
		break;
	case KEYS_TYPED:
		return give_typed(d, key.c, c);
	case KEYS_PASTED:
		return give_pasted(d, &key, c);
	}
	return DRAFT_NOTHING;
}
