/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "editing.h"

#include "buf.h"
#include "wide.h"

#include <string.h>

static void
accept(struct editor *e)
{
	struct secret *s = &e->secret;
	enum listener_end end = e->opts.pty ? LISTENER_PTY : LISTENER_SIDE;
	char line[SECRET_ROOM + 1];

	memcpy(line, s->bytes, s->size);
	line[s->size] = '\n';
	view_accept(e->view, true);
	if (listener_line(&e->child, end, line, s->size + 1, true) == 0)
		e->opts.did(e->opts.arg, "secret");
	else
		view_beep(e->view);
	editor_look_soon(e);
	explicit_bzero(line, sizeof(line));
	secret_wipe(s);
	view_touched(e->view);
}

static void
hide_key(struct editor *e, const struct key *key)
{
	struct buf bytes = { .secret = true };

	if (wide_append(&bytes, &key->c, 1) < 0)
		return;
	switch (secret_key(&e->secret, tty_mode(e->opts.tty), buf_peek(&bytes), bytes.size)) {
	case SECRET_TAKEN:
		break;
	case SECRET_FULL:
		view_beep(e->view);
		break;
	case SECRET_DONE:
		accept(e);
		break;
	case SECRET_END:
		editorline_end(e);
		break;
	}
	buf_free(&bytes);
}

/* Pasted, too: a password manager does so. */
static void
hide_pasted(struct editor *e, const struct key *key)
{
	if (secret_paste(&e->secret, key->text, key->size) == SECRET_FULL)
		view_beep(e->view);
	if (key->newline)
		accept(e);
}

/* After a secret the child may want something else: whoever asks next is looked at first. */
void
editorsecret_keys(struct editor *e)
{
	struct key key;

	while (e->mode == LISTENER_SECRET && keys_next(&e->draft.keys, &key) != KEYS_NONE) {
		if (key.kind == KEYS_PASTED)
			hide_pasted(e, &key);
		else if (e->secret.quoting || !editor_acts(e, key.c))
			hide_key(e, &key);
		editor_look_at_mode(e);
	}
}
