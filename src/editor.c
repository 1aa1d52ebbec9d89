/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "editor.h"

#include "deadline.h"
#include "editing.h"
#include "io.h"
#include "keylog.h"
#include "typed.h"
#include "wide.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
	MOST_UNSENT = 1 << 20,	/* bytes for the child, then keys wait */
	MEMORY_MS = 20,		/* until there may be some again */
	HOLD_MS = 50		/* while more is to come of what stands before it */
};

static bool
more_output(const struct editor *e)
{
	return io_is_readable(dualpipe_fd(e->child.dp, DUALPIPE_FROM_CHILD)) ||
	    io_is_readable(dualpipe_fd(e->child.dp, DUALPIPE_ERR));
}

/* Of what a child draws that reads keys. */
static bool
more_to_pass(const struct editor *e)
{
	if (!e->opts.pty)
		return io_is_readable(dualpipe_fd(e->child.dp, DUALPIPE_SIDE)) || e->starved;
	return more_output(e) || e->starved;
}

static void
paint(struct editor *e)
{
	const wchar_t *text = NULL;
	size_t length = 0, cursor = 0;

	if (!view_dirty(e->view) || (!view_overdue(e->view) && more_output(e)))
		return;
	if (e->mode == LISTENER_LINES)
		draft_line(&e->draft, &text, &length, &cursor);
	view_line(e->view, text, length, cursor, e->mode == LISTENER_SECRET);
	view_paint(e->view);
}

void
editor_sent(struct editor *e, int result, const void *data, size_t size)
{
	if (result == 0)
		e->opts.sent(e->opts.arg, data, size);
	else
		view_beep(e->view);
}

/* What has to be looked for among all processes is, when it is due. */
static enum listener_wants
mode_now(struct editor *e)
{
	enum listener_wants wants;

	if (!e->opts.engine)
		return LISTENER_KEYS;
	if (e->mode == LISTENER_NOTHING && !e->look_due)
		return LISTENER_NOTHING;
	e->look_due = false;
	wants = listener_wants(&e->child, e->mode);
	/* A key that takes the user away is waited for in any case. */
	return wants == LISTENER_NOTHING && e->opts.left ? LISTENER_LINES : wants;
}

/* The child draws for itself, or all is as if we were not there. */
static bool
passes(enum listener_wants mode)
{
	return mode == LISTENER_KEYS || mode == LISTENER_NOTHING;
}

/*
 * Behind a line, a key or what a child draws: the round that follows looks at
 * the mode. Who asks after all, maybe without a word, is to be found at any time.
 */
static void
look_again(void *arg)
{
	static const int ms[] = { 5, 20, 100, 500 };
	enum { LAST = sizeof(ms) / sizeof(ms[0]) - 1 };
	struct editor *e = arg;

	e->look_due = true;
	if (e->looks <= LAST)
		timer_set(e->look, deadline_in(ms[e->looks++]));
	else if (e->child.ended)
		timer_set(e->look, deadline_in(ms[LAST]));
}

void
editor_look_soon(struct editor *e)
{
	e->looks = 0;
	look_again(e);
}

static void
set_mode(struct editor *e, enum listener_wants mode)
{
	wchar_t *typed = e->mode == LISTENER_LINES ? draft_copy(&e->draft) : NULL;

	if (e->mode == LISTENER_SECRET)
		secret_wipe(&e->secret);
	e->mode = mode;
	e->dropped |= e->draft.reading;
	view_pass(e->view, passes(mode));
	/* What nobody reads is left to who has the terminal next, and its driver makes signals of keys. */
	tty_keys(e->opts.tty, mode != LISTENER_NOTHING);
	if (!e->opts.pty)
		tty_newlines(e->opts.tty, mode != LISTENER_KEYS); /* the side terminal's driver sees to them */
	switch (mode) {
	case LISTENER_LINES:
		break;
	case LISTENER_NOTHING:
		editor_look_soon(e);
		draft_keep(&e->draft, typed);
		break;
	case LISTENER_SECRET:
		draft_keep(&e->draft, typed);
		break;
	case LISTENER_KEYS:
		if (e->opts.pty)
			editorline_hand_over(e, typed);
		else
			draft_keep(&e->draft, typed);
		break;
	}
	view_touched(e->view);
}

/*
 * What a child that reads keys has drawn is passed on to its end before we
 * draw again, or what is left of it would be taken for text.
 */
void
editor_look_at_mode(struct editor *e)
{
	enum listener_wants mode = mode_now(e);

	if (mode == e->mode || (passes(e->mode) && more_to_pass(e)))
		return;
	set_mode(e, mode);
}

/* Before what a child draws is taken for text. */
static void
look_for_keys(struct editor *e)
{
	if (e->mode != LISTENER_KEYS && mode_now(e) == LISTENER_KEYS)
		set_mode(e, LISTENER_KEYS);
}

/* False where there is no memory for it, so that it has to come again. */
static bool
show_output(struct editor *e, const char *data, size_t size)
{
	e->no_memory = view_output(e->view, data, size) < 0;
	e->starved |= e->no_memory;
	if (e->no_memory)
		return false;
	if (passes(e->mode))
		editor_look_soon(e);
	else
		complete_see(e->complete, data, size);
	return true;
}

/* Its lines are not to stand in the middle of those of stdout. */
static bool
holds_stderr(struct editor *e)
{
	return deadline_holds(&e->stderr_until, io_is_readable(dualpipe_fd(e->child.dp, DUALPIPE_FROM_CHILD)), HOLD_MS);
}

/* Who asks has said all else before, or it would stand where the answer belongs. */
static bool
holds_question(struct editor *e, const char *data, size_t size)
{
	bool question = !passes(e->mode) && data[size - 1] != '\n';

	return deadline_holds(&e->question_until, question && (more_output(e) || e->starved || e->taking), HOLD_MS);
}

void
editor_take_side(struct editor *e)
{
	look_for_keys(e);
	if (!e->child.side)
		return;
	e->taking = true;
	side_take(e->child.side);
	e->taking = false;
	if (passes(e->mode))
		editor_look_at_mode(e);
}

ssize_t
editor_take(struct editor *e, enum relay_dir dir, const void *data, size_t size)
{
	int error = view_error(e->view);

	if (error) {
		errno = error;
		return -1;
	}
	view_look_at_size(e->view);
	if (view_full(e->view) || (dir == RELAY_STDERR && holds_stderr(e))) {
		e->starved = true;
		errno = EAGAIN;
		return -1;
	}
	editor_take_side(e);
	if (show_output(e, data, size))
		return (ssize_t)size;
	errno = EAGAIN;
	return -1;
}

static bool
take_from_side(void *arg, const char *data, size_t size, bool echo)
{
	struct editor *e = arg;

	view_look_at_size(e->view);
	look_for_keys(e);
	if (view_full(e->view) || (!echo && holds_question(e, data, size))) {
		e->starved = true;
		return false;
	}
	e->look_due = true;
	if (!show_output(e, data, size))
		return false;
	if (!echo)
		e->opts.heard(e->opts.arg, data, size);
	return true;
}

static void
give_room(struct editor *e)
{
	if (!e->starved || view_full(e->view))
		return;
	e->starved = false;
	relay_room(e->child.relay);
	if (e->child.side)
		side_room(e->child.side);
}

static void
come_back(void *arg)
{
	(void)arg;
}

/* A terminal that took all at once has no reason to wake us. */
static void
come_back_for_more(struct editor *e)
{
	if (e->starved && !view_full(e->view))
		timer_set(e->again, e->no_memory ? deadline_in(MEMORY_MS) : deadline_now());
}

void
editor_note(struct editor *e, const char *line, size_t size)
{
	view_note(e->view, line, size);
}

/* A key that the terminal of a pty makes a signal of. */
static bool
signal_pty(struct editor *e, int index, int signo, const wchar_t *name)
{
	if (!listener_signals(&e->child))
		return false;
	editorline_drop(e, name);
	if (listener_special(&e->child, index) < 0)
		view_beep(e->view);
	if (signo != SIGTSTP)
		e->opts.did(e->opts.arg, signo == SIGINT ? "signal INT" : "signal QUIT");
	return true;
}

/* What we do to ourselves goes on to the child like a signal that was sent to us. */
static bool
signal_key(struct editor *e, int index, int signo, const wchar_t *name)
{
	if (e->opts.pty)
		return signal_pty(e, index, signo, name);
	if (signo == SIGTSTP) {
		secret_wipe(&e->secret);
		tty_suspend(e->opts.tty);
		return true;
	}
	editorline_drop(e, name);
	relay_unsend(e->child.relay);
	(void)kill(getpid(), signo);
	return true;
}

bool
editor_acts(struct editor *e, wchar_t key)
{
	const struct termios *mode = tty_mode(e->opts.tty);

	if (key >= 0x80 || key == (wchar_t)_POSIX_VDISABLE || draft_quotes(&e->draft))
		return false;
	if (key == mode->c_cc[VINTR])
		return signal_key(e, VINTR, SIGINT, L"^C");
	if (key == mode->c_cc[VQUIT])
		return signal_key(e, VQUIT, SIGQUIT, L"^\\");
	if (key == mode->c_cc[VSUSP])
		return signal_key(e, VSUSP, SIGTSTP, L"^Z");
	return false;
}

/* Not ours: keys as any others, where they are taken one by one; else the line that is edited has no place for them. */
static void
send_escaped(struct editor *e, const char *keys, size_t size)
{
	editor_look_at_mode(e);
	if (e->mode != LISTENER_LINES) {
		if (keys_add(&e->draft.keys, keys, size) < 0)
			view_beep(e->view);
		return;
	}
	editor_sent(e, listener_keys(&e->child, keys, size), keys, size);
}

/* The key behind the escape key. */
static void
escape(void *arg, char key)
{
	enum { STOP = 0x1a };
	struct editor *e = arg;
	char both[2] = { (char)e->opts.escape, key };
	size_t size = key == both[0] ? 1 : 2;

	if (e->opts.left) {
		e->opts.left(e->opts.arg);
	} else if (key == '.') {
		e->opts.end(e->opts.arg);
	} else if (key == STOP) {
		tty_suspend(e->opts.tty);
	} else {
		send_escaped(e, both, size);
	}
}

/* The keys that pass through, all of them. Those for /dev/tty are no part of the record, which has only lines of it. */
static void
pass_keys(struct editor *e)
{
	const struct keylog log = { .dp = e->child.dp, .sent = e->opts.sent, .did = e->opts.did, .arg = e->opts.arg };
	struct buf *bytes = &e->draft.keys.bytes;
	size_t size = bytes->size, stop = size;

	e->draft.keys.pasting = false;
	if (size == 0)
		return;
	if (e->opts.pty)
		keylog_add(&log, buf_peek(bytes), size);
	else
		stop = side_stop_key(e->child.side, buf_peek(bytes), size);
	if (listener_keys(&e->child, buf_peek(bytes), stop) < 0)
		view_beep(e->view);
	buf_consume(bytes, stop < size ? stop + 1 : size);
	if (stop < size)
		tty_suspend(e->opts.tty); /* what its driver would stop has no shell above it, and goes on */
	editor_look_soon(e);
}

/* A terminal that has gone is at its end. */
static void
end_typing(void *arg)
{
	struct editor *e = arg;

	relay_send_end(e->child.relay);
	if (e->child.side)
		(void)side_answer_end(e->child.side); /* nobody may be left there to read it */
}

static void
tell_lost(void *arg)
{
	struct editor *e = arg;

	view_beep(e->view);
}

/* All that is due before we wait. */
static void
settle(struct editor *e)
{
	editor_look_at_mode(e);
	view_look_at_size(e->view);
	view_flush(e->view);
	paint(e); /* before a flood has filled the queue again */
	give_room(e);
	paint(e);
	view_flush(e->view);
	come_back_for_more(e);
	keyboard_read(&e->keyboard, e->mode != LISTENER_NOTHING && view_entered(e->view) &&
	    !view_overfull(e->view) && relay_unsent(e->child.relay) <= MOST_UNSENT);
}

/* False when it is over. */
static bool
wait_once(struct editor *e)
{
	int more;

	settle(e);
	more = loop_once(e->loop);
	if (more < 0)
		e->error = errno;
	e->over |= more <= 0;
	if (!e->over)
		editor_look_at_mode(e); /* before a key is taken */
	return !e->over;
}

/* For the engine, which waits here. */
static int
next_key(void *arg, wchar_t *c)
{
	struct editor *e = arg;
	enum draft_got got;

	while (e->mode == LISTENER_LINES && !e->dropped) {
		got = draft_next(&e->draft, c);
		if (got == DRAFT_TYPED && editor_acts(e, *c))
			continue;
		if (got != DRAFT_NOTHING)
			view_touched(e->view);
		if (got == DRAFT_TYPED || got == DRAFT_GIVEN)
			return 1;
		if (got == DRAFT_NOTHING && !wait_once(e))
			break;
	}
	return -1;
}

static bool
complete_line(struct editor *e)
{
	struct buf line = { 0 }, more = { 0 }, list = { 0 };
	const wchar_t *text;
	size_t length, cursor, word;
	bool found = false;

	draft_line(&e->draft, &text, &length, &cursor);
	if (wide_append(&line, text, cursor) == 0) {
		word = complete_word(buf_peek(&line), line.size);
		found = complete_find(e->complete, buf_peek(&line) + line.size - word, word, &more, &list) == 0 &&
		    more.size + list.size > 0;
	}
	if (found && more.size > 0)
		draft_insert(&e->draft, buf_peek(&more), more.size);
	if (found && list.size > 0)
		view_list(e->view, &list);
	if (!found)
		view_beep(e->view);
	buf_free(&line);
	buf_free(&more);
	buf_free(&list);
	return found;
}

static bool
fulfil(void *arg, enum edit_wish wish)
{
	struct editor *e = arg;

	view_touched(e->view);
	switch (wish) {
	case EDIT_COMPLETE:
		return complete_line(e);
	case EDIT_CLEAR:
		view_clear(e->view);
		return true;
	}
	return false;
}

/* Characters are to be characters, whatever the user's locale thinks of them. */
static void
set_locale(void)
{
	(void)setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* at worst all but ASCII is narrow */
}

static void
recall(void *arg, const char *line, size_t size)
{
	struct editor *e = arg;
	size_t length;
	wchar_t *text = wide_new(line, size, &length);

	if (text && length > 0)
		draft_remember(&e->draft, text, length);
	free(text);
}

static int
open_keyboard(struct editor *e)
{
	e->keyboard = (struct keyboard){
		.keys = &e->draft.keys,
		.escape = e->opts.pty || e->opts.left ? e->opts.escape : -1,
		.at_once = e->opts.left != NULL,
		.escaped = escape,
		.lost = tell_lost,
		.ended = end_typing,
		.arg = e
	};
	return keyboard_open(&e->keyboard, e->loop);
}

static int
open_draft(struct editor *e)
{
	const struct edit_calls calls = { .next = next_key, .wish = fulfil, .arg = e };

	e->draft = (struct draft){ .engine = e->opts.engine, .too_long = editorline_front, .arg = e };
	if (!e->opts.engine)
		return 0;
	set_locale();
	if (draft_open(&e->draft, tty_mode(e->opts.tty), &calls) < 0)
		return -1;
	if (e->opts.history)
		history_each(e->opts.history, recall, e);
	return 0;
}

struct editor *
editor_new(struct loop *l, const struct editor_opts *opts)
{
	struct editor *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->loop = l;
	e->opts = *opts;
	e->mode = opts->engine ? LISTENER_LINES : LISTENER_KEYS;
	e->complete = complete_new();
	e->look = timer_new(l, look_again, e);
	e->again = timer_new(l, come_back, e);
	e->view = view_new(l, e->mode == LISTENER_KEYS);
	if (e->complete && e->look && e->again && e->view && open_keyboard(e) == 0 && open_draft(e) == 0)
		return e;
	editor_free(e);
	return NULL;
}

int
editor_begin(struct editor *e, struct dualpipe *dp, struct relay *r)
{
	e->child = (struct listener){ .dp = dp, .relay = r, .pty = e->opts.pty };
	if (dualpipe_fd(dp, DUALPIPE_SIDE) < 0)
		return 0;
	e->child.side = side_new(e->loop, dp, take_from_side, e);
	return e->child.side ? 0 : -1;
}

static void
edit_once(struct editor *e)
{
	const wchar_t *text;
	size_t length;
	int result;

	e->dropped = false;
	result = draft_read(&e->draft, &text, &length);
	if (result > 0) {
		editorline_accept(e, text, length, true);
	} else if (result == 0) {
		editorline_end(e);
	} else if (!e->over && !e->dropped && e->mode == LISTENER_LINES) {
		e->error = EIO; /* it can no longer read */
		e->over = true;
	}
	if (!e->over && (e->opts.pty || result == 0))
		editor_look_at_mode(e);
}

int
editor_run(struct editor *e)
{
	while (!e->over) {
		switch (e->mode) {
		case LISTENER_LINES:
			edit_once(e);
			break;
		case LISTENER_SECRET:
			editorsecret_keys(e);
			if (e->mode == LISTENER_SECRET)
				(void)wait_once(e);
			break;
		case LISTENER_KEYS:
			pass_keys(e);
			(void)wait_once(e);
			break;
		case LISTENER_NOTHING:
			(void)wait_once(e);
			break;
		}
	}
	if (!e->error)
		return 0;
	errno = e->error;
	return -1;
}

static bool
drain(void *arg)
{
	struct editor *e = arg;

	e->starved = false;
	return view_drain(e->view);
}

void
editor_end(struct editor *e)
{
	if (!e)
		return;
	secret_wipe(&e->secret);
	e->starved = false;
	if (e->child.side)
		side_finish(e->child.side, drain, e);
	view_end(e->view);
}

void
editor_free(struct editor *e)
{
	int saved = errno;

	if (!e)
		return;
	draft_close(&e->draft);
	side_free(e->child.side);
	view_free(e->view);
	complete_free(e->complete);
	keyboard_close(&e->keyboard);
	timer_free(e->look);
	timer_free(e->again);
	secret_wipe(&e->secret);
	free(e);
	errno = saved;
}

/* The engine knows the keys of a driver: what that has quoted it quotes as well. */
void
editor_typed(struct editor *e, const char *line, size_t size)
{
	const struct termios *mode = tty_mode(e->opts.tty);
	struct buf keys = { 0 };

	if (typed_again(&keys, mode, line, size, mode) == 0)
		keyboard_add(&e->keyboard, buf_peek(&keys), keys.size);
	else
		view_beep(e->view);
	buf_free(&keys);
}

void
editor_moved(struct editor *e, bool foreground)
{
	if (foreground == view_entered(e->view))
		return;
	if (!foreground) {
		view_leave(e->view);
		return;
	}
	view_enter(e->view);
	if (e->mode == LISTENER_KEYS)
		listener_redraw(&e->child);
}

void
editor_lost(struct editor *e)
{
	view_lose(e->view);
}
