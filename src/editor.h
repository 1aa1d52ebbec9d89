/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The conversation with a person at a terminal: lines are edited and shown
 * below the output, an answer to a question that the child asks at its side
 * terminal goes there, a password is neither shown nor kept, and where the
 * child has taken its terminal raw, keys pass straight through.
 */
#ifndef EDITOR_H
#define EDITOR_H

#include "dualpipe.h"
#include "edit.h"
#include "history.h"
#include "loop.h"
#include "relay.h"
#include "tty.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct editor;

struct editor_opts {
	const struct edit_engine *engine;	/* NULL: nothing is edited, all passes through */
	struct history *history;		/* NULL: none is kept; it stays the caller's */
	struct tty *tty;			/* raw; it stays the caller's */
	bool pty;
	int escape;				/* a key that is ours on a pty; -1 for none */

	/* For the record: typed bytes, what was done besides, what came from the side terminal. */
	void (*sent)(void *arg, const void *data, size_t size);
	void (*did)(void *arg, const char *words);
	void (*heard)(void *arg, const void *data, size_t size);
	/* The user wants the child to end. */
	void (*end)(void *arg);
	/* The escape key, alone and on pipes too, takes the user away; NULL: it does not. */
	void (*left)(void *arg);
	void *arg;
};

/* stdin and stdout are the terminal. NULL with errno. */
struct editor *editor_new(struct loop *l, const struct editor_opts *opts);

/* dp, and r, which takes its output to editor_take(), live until editor_free(). -1 with errno. */
int editor_begin(struct editor *e, struct dualpipe *dp, struct relay *r);

/* In place of loop_run(). */
int editor_run(struct editor *e);

/* Leaves the terminal tidy, but for its mode. Takes NULL, as editor_free() does. */
void editor_end(struct editor *e);
void editor_free(struct editor *e);

/* For the relay, the terminal and messages to tell. */
ssize_t editor_take(struct editor *e, enum relay_dir dir, const void *data, size_t size);

/* The child has written elsewhere: what was drawn at its side terminal before, and lines, stand before it. */
void editor_take_side(struct editor *e);

void editor_moved(struct editor *e, bool foreground);
void editor_lost(struct editor *e);
void editor_typed(struct editor *e, const char *line, size_t size);
void editor_note(struct editor *e, const char *line, size_t size);

#endif
