/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "editing.h"

#include "buf.h"
#include "history.h"
#include "wide.h"

#include <stdlib.h>

static void
remember(struct editor *e, const wchar_t *text, size_t length, const char *line, size_t size)
{
	if (e->opts.history && history_add(e->opts.history, line, size))
		draft_remember(&e->draft, text, length);
}

/* It is on the screen before the child has it. */
void
editorline_accept(struct editor *e, const wchar_t *text, size_t length, bool ended)
{
	enum listener_end end = listener_end(&e->child);
	struct buf line = { 0 };

	if (wide_append(&line, text, length) < 0 || (ended && buf_append(&line, "\n", 1) < 0)) {
		buf_free(&line);
		view_beep(e->view);
		return;
	}
	view_line(e->view, text, length, length, false);
	view_accept(e->view, end != LISTENER_PIPE);
	if (ended && end != LISTENER_SIDE)
		remember(e, text, length, buf_peek(&line), line.size - 1);
	complete_see(e->complete, buf_peek(&line), line.size);
	editor_sent(e, listener_line(&e->child, end, buf_peek(&line), line.size, ended), buf_peek(&line), line.size);
	if (end != LISTENER_PIPE)
		editor_look_soon(e);
	buf_free(&line);
	view_touched(e->view);
}

void
editorline_front(void *arg)
{
	struct editor *e = arg;
	wchar_t *front = draft_copy(&e->draft);

	if (!front)
		return;
	draft_clear(&e->draft);
	editorline_accept(e, front, wcslen(front), false);
	free(front);
}

/* As a driver does that ceases to collect lines: what there is can be read. */
void
editorline_hand_over(struct editor *e, wchar_t *text)
{
	struct buf bytes = { 0 };

	if (text && wide_append(&bytes, text, wcslen(text)) == 0)
		editor_sent(e, listener_keys(&e->child, buf_peek(&bytes), bytes.size), buf_peek(&bytes), bytes.size);
	buf_free(&bytes);
	free(text);
}

void
editorline_end(struct editor *e)
{
	enum listener_end end = listener_end(&e->child);

	if (listener_end_of_file(&e->child, end) < 0) {
		view_beep(e->view);
		return;
	}
	if (end != LISTENER_SIDE)
		e->opts.did(e->opts.arg, "eof");
}

/* What is typed is dropped as a driver does, shown with the key behind it. */
void
editorline_drop(struct editor *e, const wchar_t *name)
{
	wchar_t *typed = draft_copy(&e->draft), *shown;
	size_t length = typed ? wcslen(typed) : 0, size = length + wcslen(name);

	shown = e->opts.pty ? NULL : malloc((size + 1) * sizeof(*shown));
	if (shown) {
		if (typed)
			wmemcpy(shown, typed, length);
		wcscpy(shown + length, name);
		view_line(e->view, shown, size, size, false);
		view_accept(e->view, false);
	}
	free(shown);
	free(typed);
	secret_wipe(&e->secret);
	e->dropped = true;
	view_touched(e->view);
}
