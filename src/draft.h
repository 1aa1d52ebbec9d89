/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The line that is typed and not yet sent: keys go to the engine that edits
 * it, one by one, and what is pasted goes into it as a whole.
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "edit.h"
#include "keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* In the caller's struct. */
struct draft {
	const struct edit_engine *engine;
	struct edit *edit;
	struct keys keys;

	/* Before text comes to a line that is too long for it. */
	void (*too_long)(void *arg);
	void *arg;

	bool reading;		/* the engine is at work */
	wchar_t last;		/* the plain character that it was given last; 0 for none */
	size_t last_length, last_cursor;	/* how the line was before it */
	wchar_t *spelled;	/* pasted into a search: given one by one */
	size_t spelled_at;
	wchar_t *kept;		/* a line that is to come back */
};

/* What is in the caller's struct is set; this opens the engine. -1 with errno. */
int draft_open(struct draft *d, const struct termios *mode, const struct edit_calls *calls);
void draft_close(struct draft *d);

/* As the engine's read(). */
int draft_read(struct draft *d, const wchar_t **text, size_t *length);

enum draft_got {
	DRAFT_NOTHING,		/* no key has come */
	DRAFT_TYPED,		/* one for the engine, if nobody else acts upon it */
	DRAFT_GIVEN,		/* one for the engine in any case */
	DRAFT_CHANGED		/* text went into the line */
};

/* What the keys that have come give the engine next. */
enum draft_got draft_next(struct draft *d, wchar_t *c);

/* Whether the engine takes the next key as it is. */
bool draft_quotes(const struct draft *d);

/* What is there now, valid until the next key; nothing while no line is edited. */
void draft_line(const struct draft *d, const wchar_t **text, size_t *length, size_t *cursor);

/* The same, to be freed by the caller; of a search what it stands in. NULL where it is empty. */
wchar_t *draft_copy(const struct draft *d);

void draft_insert(struct draft *d, const char *data, size_t size);
void draft_clear(struct draft *d);

/* Keeps text, which is taken over and may be NULL, for the next line to begin with. */
void draft_keep(struct draft *d, wchar_t *text);

/* Adds a line to the history that keys walk through. */
void draft_remember(struct draft *d, const wchar_t *text, size_t length);

#endif
