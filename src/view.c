/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "view.h"

#include "columns.h"
#include "console.h"
#include "deadline.h"
#include "keys.h"
#include "passed.h"
#include "screen.h"
#include "tty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OVERFULL = 1 << 17,	/* bytes: more than output alone ever makes it */
	PAINT_MS = 30		/* in a flood of output the line comes back that often */
};

struct view {
	struct console console;
	struct screen *screen;
	struct passed passed;
	unsigned short rows, columns;
	bool passes;
	bool resized;		/* while the child drew */
	bool entered;
	bool brackets;		/* pasted text is to come in brackets */
	bool dirty;		/* the screen has to be painted */
	deadline paint_by;
};

struct view *
view_new(struct loop *l, bool passes)
{
	struct view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->passes = passes;
	(void)tty_size(&v->rows, &v->columns); /* screen makes do with any */
	if (console_open(&v->console, l, STDOUT_FILENO) == 0)
		v->screen = screen_new(&v->console.queue, v->rows, v->columns, screen_reflows());
	if (v->screen)
		return v;
	view_free(v);
	return NULL;
}

void
view_free(struct view *v)
{
	int saved = errno;

	if (!v)
		return;
	screen_free(v->screen);
	console_close(&v->console);
	passed_free(&v->passed);
	free(v);
	errno = saved;
}

static void
put(struct view *v, const char *text)
{
	(void)buf_append(&v->console.queue, text, strlen(text)); /* memory is out: it is not shown */
}

static void
set_brackets(struct view *v, bool on)
{
	if (v->brackets == on)
		return;
	v->brackets = on;
	put(v, on ? KEYS_BRACKETS_ON : KEYS_BRACKETS_OFF);
}

/* Whose terminal it is. */

void
view_enter(struct view *v)
{
	v->entered = true;
	if (!v->passes)
		screen_forget(v->screen, 0);
	view_touched(v);
}

void
view_leave(struct view *v)
{
	v->entered = false;
	if (!v->passes)
		screen_erase(v->screen);
	set_brackets(v, false);
	console_drain(&v->console);
}

bool
view_entered(const struct view *v)
{
	return v->entered;
}

void
view_end(struct view *v)
{
	if (!v->passes)
		screen_leave(v->screen);
	set_brackets(v, false);
	console_drain(&v->console);
}

static void
begin_passing(struct view *v)
{
	screen_leave(v->screen);
	set_brackets(v, false);
	passed_clear(&v->passed);
}

static void
end_passing(struct view *v)
{
	size_t size;
	const char *prompt = passed_prompt(&v->passed, &size);

	if (v->resized)
		screen_resize(v->screen, v->rows, v->columns);
	v->resized = false;
	if (size > 0)
		put(v, "\r\033[K");
	screen_forget(v->screen, 0);
	(void)screen_output(v->screen, prompt, size);
	passed_clear(&v->passed);
}

void
view_pass(struct view *v, bool passes)
{
	if (passes == v->passes)
		return;
	v->passes = passes;
	if (passes)
		begin_passing(v);
	else
		end_passing(v);
}

/* What is shown. */

int
view_error(const struct view *v)
{
	return v->console.error;
}

bool
view_full(const struct view *v)
{
	return console_full(&v->console);
}

bool
view_overfull(const struct view *v)
{
	return v->console.queue.size > OVERFULL;
}

void
view_output(struct view *v, const char *data, size_t size)
{
	if (v->passes) {
		if (buf_append(&v->console.queue, data, size) == 0)
			passed_add(&v->passed, data, size);
		return;
	}
	(void)screen_output(v->screen, data, size);
	if (!v->dirty)
		v->paint_by = deadline_in(PAINT_MS);
	v->dirty = true;
}

void
view_note(struct view *v, const char *line, size_t size)
{
	if (v->passes) {
		put(v, "\r");
		(void)buf_append(&v->console.queue, line, size);
		put(v, "\r");
	} else {
		screen_note(v->screen, line, size);
		view_touched(v);
	}
	console_flush(&v->console);
}

void
view_list(struct view *v, const struct buf *list)
{
	struct buf text = { 0 };

	if (columns_put(&text, list, v->columns) == 0)
		screen_note(v->screen, buf_peek(&text), text.size);
	buf_free(&text);
}

void
view_beep(struct view *v)
{
	put(v, "\a");
}

void
view_clear(struct view *v)
{
	screen_clear(v->screen);
}

void
view_line(struct view *v, const wchar_t *text, size_t length, size_t cursor, bool hidden)
{
	(void)screen_line(v->screen, text, length, cursor, hidden); /* at worst it is as before */
}

void
view_accept(struct view *v, bool keep_prompt)
{
	if (v->entered && !keep_prompt)
		screen_paint(v->screen);
	screen_accept(v->screen, keep_prompt);
	console_flush(&v->console);
}

void
view_touched(struct view *v)
{
	v->dirty = true;
	v->paint_by = 0;
}

bool
view_dirty(const struct view *v)
{
	return v->dirty && v->entered && !v->passes && !console_full(&v->console);
}

bool
view_overdue(const struct view *v)
{
	return deadline_left(v->paint_by) <= 0;
}

void
view_paint(struct view *v)
{
	view_look_at_size(v);
	set_brackets(v, true);
	screen_paint(v->screen);
	v->dirty = false;
}

void
view_look_at_size(struct view *v)
{
	unsigned short rows, columns;

	if (!tty_size(&rows, &columns) || (rows == v->rows && columns == v->columns))
		return;
	v->rows = rows;
	v->columns = columns;
	if (v->passes) {
		v->resized = true;
		return;
	}
	screen_resize(v->screen, rows, columns);
	view_touched(v);
}

void
view_flush(struct view *v)
{
	console_flush(&v->console);
}
