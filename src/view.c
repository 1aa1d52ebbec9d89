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
	PAINT_MS = 30,		/* in a flood of output the line comes back that often */
	CALM_MS = 500,		/* then a terminal has the size that it told: tmux takes 250 and more to tell of another */
	PATIENCE_MS = 1500	/* with one that changes it all the time */
};

struct view {
	struct console console;
	struct screen *screen;
	struct passed passed;
	bool passes;
	bool entered;
	bool lost;		/* what is there may be another's, the cursor in the midst of it */
	bool brackets;		/* pasted text is to come in brackets */
	bool dirty;		/* the screen has to be painted */
	deadline paint_by;

	/* The size. */
	unsigned short rows, columns;
	bool resized;		/* and the screen has not heard of it */
	deadline calm_at;
	deadline patience_until;
	deadline painted_until;	/* it was, shortly before */
	struct timer *calm;
};

/* The round that follows looks at the size. */
static void
wake(void *arg)
{
	(void)arg;
}

struct view *
view_new(struct loop *l, bool passes)
{
	struct view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->passes = passes;
	(void)tty_size(&v->rows, &v->columns); /* screen makes do with any */
	v->calm = timer_new(l, wake, v);
	if (console_open(&v->console, l, STDOUT_FILENO) == 0 && v->calm) /* first, for view_free() closes it */
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
	timer_free(v->calm);
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

/* How far prompt and line were moved is known once it is calm. */
static void
resize(struct view *v, bool calm)
{
	enum screen_since since = SCREEN_RESIZED;

	if (!v->resized || v->passes)
		return;
	if (calm)
		since = deadline_left(v->painted_until) > 0 ? SCREEN_DRAWN : SCREEN_QUIET;
	v->resized = false;
	v->patience_until = 0;
	screen_resize(v->screen, v->rows, v->columns, since);
	view_touched(v);
}

static void
note_size(struct view *v)
{
	unsigned short rows, columns;

	if (!tty_size(&rows, &columns) || (rows == v->rows && columns == v->columns))
		return;
	v->rows = rows;
	v->columns = columns;
	v->resized = true;
	v->calm_at = deadline_in(CALM_MS);
	if (v->patience_until == 0)
		v->patience_until = deadline_in(PATIENCE_MS);
	timer_set(v->calm, v->calm_at);
}

void
view_look_at_size(struct view *v)
{
	note_size(v);
	if (!v->resized || v->passes)
		return;
	if (!screen_spreads(v->screen, v->columns) || deadline_left(v->patience_until) == 0)
		resize(v, false);
	else if (deadline_left(v->calm_at) == 0)
		resize(v, true);
}

/* Whether nothing is to be drawn until the terminal is calm. */
static bool
waits(const struct view *v)
{
	return v->resized && !v->passes;
}

void
view_enter(struct view *v)
{
	v->entered = true;
	if (v->lost && !v->passes)
		put(v, "\r\033[J");
	v->lost = false;
	resize(v, false);
	if (!v->passes)
		screen_forget(v->screen, 0);
	view_touched(v);
}

void
view_leave(struct view *v)
{
	v->entered = false;
	resize(v, false);
	if (!v->passes)
		screen_erase(v->screen);
	set_brackets(v, false);
	console_drain(&v->console);
}

/* Rows above the cursor are left alone: a shell has told there that we were stopped. */
void
view_lose(struct view *v)
{
	v->entered = v->brackets = false;
	v->lost = true;
	if (!v->passes)
		screen_forget(v->screen, 0);
}

bool
view_entered(const struct view *v)
{
	return v->entered;
}

bool
view_drain(struct view *v)
{
	resize(v, false);
	console_drain(&v->console);
	return v->console.queue.size == 0;
}

void
view_end(struct view *v)
{
	resize(v, false);
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

	resize(v, false);
	if (size > 0)
		put(v, "\r\033[K");
	screen_forget(v->screen, 0);
	(void)screen_output(v->screen, prompt, size); /* without memory there is no prompt */
	passed_clear(&v->passed);
}

void
view_pass(struct view *v, bool passes)
{
	if (passes == v->passes)
		return;
	resize(v, false);
	v->passes = passes;
	if (passes)
		begin_passing(v);
	else
		end_passing(v);
}

int
view_error(const struct view *v)
{
	return v->console.error;
}

bool
view_full(const struct view *v)
{
	return console_full(&v->console) || waits(v);
}

bool
view_overfull(const struct view *v)
{
	return v->console.queue.size > OVERFULL;
}

int
view_output(struct view *v, const char *data, size_t size)
{
	if (v->passes) {
		if (buf_append(&v->console.queue, data, size) < 0)
			return -1;
		passed_add(&v->passed, data, size);
		return 0;
	}
	if (screen_output(v->screen, data, size) < 0)
		return -1;
	if (!v->dirty)
		v->paint_by = deadline_in(PAINT_MS);
	v->dirty = true;
	return 0;
}

void
view_note(struct view *v, const char *line, size_t size)
{
	if (v->passes) {
		put(v, "\r");
		(void)buf_append(&v->console.queue, line, size);
		put(v, "\r");
	} else {
		resize(v, false);
		screen_note(v->screen, line, size);
		view_touched(v);
	}
	console_flush(&v->console);
}

void
view_list(struct view *v, const struct buf *list)
{
	struct buf text = { 0 };

	resize(v, false);
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
	resize(v, false);
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
	resize(v, false);
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
	return v->dirty && v->entered && !v->passes && !view_full(v);
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
	if (waits(v))
		return;
	set_brackets(v, true);
	screen_unsteady(v->screen, deadline_left(v->calm_at) > 0);
	screen_paint(v->screen);
	v->painted_until = deadline_in(CALM_MS);
	v->dirty = false;
}

void
view_flush(struct view *v)
{
	console_flush(&v->console);
}
