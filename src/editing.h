/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What an editor at work is, for the files that work on it: `editor' waits,
 * shows and takes keys, `editorline' sends the line that was typed,
 * `editorsecret' takes one that nobody is to see.
 */
#ifndef EDITING_H
#define EDITING_H

#include "complete.h"
#include "deadline.h"
#include "draft.h"
#include "editor.h"
#include "keyboard.h"
#include "listener.h"
#include "secret.h"
#include "view.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct editor {
	struct loop *loop;
	struct editor_opts opts;
	struct view *view;
	struct keyboard keyboard;
	struct draft draft;
	struct listener child;
	struct complete *complete;
	struct secret secret;
	enum listener_wants mode;

	struct timer *look;	/* at the mode, which a child may change without a word */
	unsigned looks;
	bool look_due;		/* also at who cannot be seen but among all processes */
	bool starved;		/* output waits for room on the terminal */
	bool no_memory;		/* or for that */
	struct timer *again;	/* what could not be done in this round is in the next */
	bool taking;		/* output is at hand, and not yet shown */
	deadline stderr_until, question_until;	/* each is held back */

	bool dropped;		/* the line that is edited is to be given up */
	bool over;
	int error;
};

/* What the child wants may have changed: now, or before long, as behind a line. */
void editor_look_at_mode(struct editor *e);
void editor_look_soon(struct editor *e);

/* Records what came to the child, by the result of sending it. */
void editor_sent(struct editor *e, int result, const void *data, size_t size);

/* Whether the key was one that acts at once. */
bool editor_acts(struct editor *e, wchar_t key);

/* ended: by Enter, else it is only a part. */
void editorline_accept(struct editor *e, const wchar_t *text, size_t length, bool ended);

/* Sends the front of one that is too long to be edited, which the child cannot tell. arg: the editor. */
void editorline_front(void *arg);

/* For a child that takes its terminal raw; text is freed, and may be NULL. */
void editorline_hand_over(struct editor *e, wchar_t *text);

/* An end-of-file was typed; or a key, by its name, that drops the line. */
void editorline_end(struct editor *e);
void editorline_drop(struct editor *e, const wchar_t *name);

/* Takes the keys that have come while the child wants a secret. */
void editorsecret_keys(struct editor *e);

#endif
