/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a person's terminal sends, as keys: characters, and text that was
 * pasted, which the terminal puts in brackets when asked to. Bytes may be cut
 * anywhere.
 */
#ifndef KEYS_H
#define KEYS_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* Asks the terminal for the brackets, and not. */
#define KEYS_BRACKETS_ON "\033[?2004h"
#define KEYS_BRACKETS_OFF "\033[?2004l"

/* In the caller's struct; all zero is an empty one. What was taken out of it is not left in memory. */
struct keys {
	struct buf bytes;
	struct buf text;	/* pasted, that was given last */
	bool pasting;		/* the closing bracket has not come */
	bool after_return;	/* pasting: a "\n" belongs to the "\r" before it */
};

enum keys_kind {
	KEYS_NONE,		/* nothing, or not enough of it */
	KEYS_TYPED,		/* a character */
	KEYS_PASTED		/* a line of pasted text, or a part of one */
};

struct key {
	enum keys_kind kind;
	wchar_t c;

	/* KEYS_PASTED; the text is valid until the next keys_next(). */
	const char *text;
	size_t size;
	bool newline;		/* one stood behind it */
};

/* -1 with ENOMEM. */
int keys_add(struct keys *k, const char *data, size_t size);

/* Takes the next one out. */
enum keys_kind keys_next(struct keys *k, struct key *key);

/* The characters, without escapes and controls, that come next: how many bytes of k->bytes. */
size_t keys_plain(const struct keys *k);

void keys_free(struct keys *k);

#endif
