/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * libedit as an engine: keys in, a line and a cursor out. It draws nothing
 * and reads nothing, since its own redisplay goes wrong on wrapped lines.
 *
 * It is a module of its own that is opened when a line is first edited, as to
 * link libedit costs half a start; all that is known of it is a table.
 */
#ifndef EDIT_H
#define EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>
#include <wchar.h>

struct edit;

enum { EDIT_VERSION = 1 };
#define EDIT_MODULE "edit"
#define EDIT_SYMBOL "edit_engine"

/* What a key asks for that is not the engine's to do. */
enum edit_wish {
	EDIT_COMPLETE,		/* may call insert() */
	EDIT_CLEAR		/* the screen */
};

/* What the engine asks of its owner. */
struct edit_calls {
	/* Waits for a key: 1, or -1 to give the line up. */
	int (*next)(void *arg, wchar_t *key);
	/* False for one that could not be done. */
	bool (*wish)(void *arg, enum edit_wish wish);
	void *arg;
};

struct edit_engine {
	int version;

	/* Whether ~/.editrc wants lines edited at all, as it does where it does not say. */
	bool (*wanted)(void);

	/* mode: of the user's terminal, whose special characters hold here too. NULL with errno. */
	struct edit *(*open)(const struct termios *mode, const struct edit_calls *calls);
	void (*close)(struct edit *e);

	/*
	 * Edits a line: 1 and the line, without its newline, valid until the
	 * next call; 0 for an end-of-file typed on an empty one; -1 where next()
	 * gave it up.
	 */
	int (*read)(struct edit *e, const wchar_t **text, size_t *length);

	/*
	 * For use within next() and wish(). What is being edited, valid until
	 * the next key. insert() puts text at the cursor; false where it does
	 * not fit, or the keys go elsewhere for now, as into a search.
	 */
	void (*line)(struct edit *e, const wchar_t **text, size_t *length, size_t *cursor);
	bool (*insert)(struct edit *e, const wchar_t *text, size_t length);
	void (*clear)(struct edit *e);

	/* Whether the next key is taken as it is (behind ^V). */
	bool (*quoting)(struct edit *e);

	/* Adds a line to the history that keys walk through. */
	void (*remember)(struct edit *e, const wchar_t *line);
};

#endif
