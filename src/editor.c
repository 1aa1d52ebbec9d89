/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "editor.h"

#include "complete.h"
#include "console.h"
#include "deadline.h"
#include "keys.h"
#include "screen.h"
#include "secret.h"
#include "side.h"
#include "typed.h"
#include "wide.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
	LONGEST = 200000,	/* characters of a line; of a longer one the front goes ahead */
	MOST_UNSENT = 1 << 20,	/* bytes for the child, then keys wait */
	MOST_SHOWN = 1 << 17,	/* bytes for the terminal, the same: more than output alone ever makes it */
	KEYS = 4096,		/* bytes of one read */
	BURST = 16,		/* characters that are worth to be inserted at once */
	PAINT_MS = 30,		/* in a flood of output the line comes back that often */
	HOLD_STDERR_MS = 50,	/* while more of stdout is to come, so that it is not cut */
	TAIL = 1024		/* of an unfinished line that passed */
};

enum mode {
	EDIT,
	HIDDEN,		/* echo is off: a secret */
	PASS		/* the child reads keys, not lines */
};

/* Whom a line is for. */
enum target {
	TO_PIPE,
	TO_PTY,		/* whose driver echoes it */
	TO_SIDE		/* the same */
};

struct editor {
	struct loop *loop;
	struct editor_opts opts;
	struct edit *edit;
	struct dualpipe *dp;
	struct relay *relay;
	struct side *side;
	struct complete *complete;

	struct console console;
	struct screen *screen;
	unsigned short rows, columns;
	bool resized;		/* while keys passed through */
	bool foreground;
	bool brackets;		/* pasted text is to come in brackets */
	bool dirty;		/* the screen has to be painted */
	deadline paint_by;
	bool starved;		/* output waits for room on the terminal */
	deadline stderr_until;

	struct timer *look;	/* at the mode, which a child may change without a word */
	unsigned looks;
	struct watch *in;
	struct keys keys;
	bool escaped;		/* the escape key was typed */
	bool gone;		/* no more keys come */
	wchar_t *spelled;	/* pasted into a search: typed one by one */
	size_t spelled_at;

	enum mode mode;
	bool reading;		/* the engine is at work */
	bool dropped;		/* and is to give its line up */
	wchar_t *kept;		/* a line that a question came in between of */
	wchar_t last;		/* the plain character that it was given last; 0 for none */
	size_t last_length, last_cursor;	/* how the line was before it */
	struct secret secret;
	struct buf passed;	/* the unfinished line, of what passed through */

	bool ended;		/* end-of-file was typed */
	bool over;
	int error;
};

/* The screen. */

static void
put(struct editor *e, const char *text)
{
	(void)buf_append(&e->console.queue, text, strlen(text)); /* memory is out: it is not shown */
}

static void
beep(struct editor *e)
{
	put(e, "\a");
}

static void
soil(struct editor *e)
{
	if (!e->dirty)
		e->paint_by = deadline_in(PAINT_MS);
	e->dirty = true;
}

/* A key was at work: it is to be seen at once. */
static void
soil_by_key(struct editor *e)
{
	e->dirty = true;
	e->paint_by = 0;
}

static void
set_brackets(struct editor *e, bool on)
{
	if (e->brackets == on)
		return;
	e->brackets = on;
	put(e, on ? KEYS_BRACKETS_ON : KEYS_BRACKETS_OFF);
}

/*
 * The terminal breaks its lines anew before a signal tells us: what would be
 * drawn meanwhile leaves debris, or takes output away.
 */
static void
look_at_size(struct editor *e)
{
	unsigned short rows, columns;

	if (!tty_size(&rows, &columns) || (rows == e->rows && columns == e->columns))
		return;
	e->rows = rows;
	e->columns = columns;
	if (e->mode == PASS) {
		e->resized = true;
		return;
	}
	screen_resize(e->screen, rows, columns);
	soil_by_key(e);
}

static bool
is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

static void
tell_line(struct editor *e)
{
	const wchar_t *text = NULL;
	size_t length = 0, cursor = 0;

	if (e->mode == EDIT && e->reading)
		e->opts.engine->line(e->edit, &text, &length, &cursor);
	(void)screen_line(e->screen, text, length, cursor, e->mode == HIDDEN); /* at worst it is as before */
}

static bool
more_output(const struct editor *e)
{
	return is_readable(dualpipe_fd(e->dp, DUALPIPE_FROM_CHILD)) || is_readable(dualpipe_fd(e->dp, DUALPIPE_ERR));
}

static void
paint(struct editor *e)
{
	if (!e->dirty || !e->foreground || e->mode == PASS || console_full(&e->console))
		return;
	if (deadline_left(e->paint_by) > 0 && e->dp && more_output(e))
		return;
	look_at_size(e);
	set_brackets(e, true);
	tell_line(e);
	screen_paint(e->screen);
	e->dirty = false;
}

/* Modes. */

static enum mode
mode_now(const struct editor *e)
{
	struct termios mode;
	int fd;

	if (!e->opts.engine)
		return PASS;
	if (!e->opts.pty)
		return e->side && side_asks(e->side, false) == SIDE_ASKS_SECRET ? HIDDEN : EDIT;
	fd = dualpipe_fd(e->dp, DUALPIPE_TO_CHILD);
	if (fd < 0 || tcgetattr(fd, &mode) < 0)
		return e->mode;
	if (!(mode.c_lflag & ICANON))
		return PASS;
	return mode.c_lflag & ECHO ? EDIT : HIDDEN;
}

static void
send(struct editor *e, const void *data, size_t size)
{
	if (relay_send(e->relay, data, size) < 0)
		beep(e);
}

/* What was typed so far, in the caller's hands; of a search what it stands in. NULL where it is empty. */
static wchar_t *
take_typed(struct editor *e)
{
	const wchar_t *text, *newline;
	size_t length, cursor;
	wchar_t *copy;

	if (!e->reading)
		return NULL;
	e->opts.engine->line(e->edit, &text, &length, &cursor);
	newline = wmemchr(text, L'\n', length);
	if (newline)
		length = (size_t)(newline - text);
	copy = length > 0 ? malloc((length + 1) * sizeof(*copy)) : NULL;
	if (!copy)
		return NULL;
	wmemcpy(copy, text, length);
	copy[length] = L'\0';
	return copy;
}

static void
keep(struct editor *e, wchar_t *text)
{
	if (!text)
		return;
	free(e->kept);
	e->kept = text;
}

/* As a driver does that ceases to collect lines: what there is can be read. */
static void
hand_over(struct editor *e, wchar_t *text)
{
	struct buf bytes = { 0 };

	if (text && wide_append(&bytes, text, wcslen(text)) == 0) {
		send(e, buf_peek(&bytes), bytes.size);
		e->opts.sent(e->opts.arg, buf_peek(&bytes), bytes.size);
	}
	buf_free(&bytes);
	free(text);
}

static void
begin_passing(struct editor *e)
{
	screen_leave(e->screen);
	set_brackets(e, false);
	buf_consume(&e->passed, e->passed.size);
}

/*
 * The start of a prompt in what passed last: behind the last newline, carriage
 * return, or sequence that is no colour.
 */
static size_t
find_prompt(const char *data, size_t size)
{
	size_t at, begin = 0, end;

	for (at = 0; at < size; at++) {
		if (data[at] == '\r' || data[at] == '\n')
			begin = at + 1;
		if (data[at] != '\033')
			continue;
		end = at + 1;
		if (end < size && data[end] == '[')
			do
				end++;
			while (end < size && (unsigned char)data[end] < '@');
		if (end >= size || data[end] != 'm')
			begin = end < size ? end + 1 : size;
		at = end;
	}
	return begin;
}

static void
end_passing(struct editor *e)
{
	size_t begin = find_prompt(buf_peek(&e->passed), e->passed.size);

	if (e->resized)
		screen_resize(e->screen, e->rows, e->columns);
	e->resized = false;
	if (begin < e->passed.size)
		put(e, "\r\033[K");
	screen_forget(e->screen, 0);
	(void)screen_output(e->screen, buf_peek(&e->passed) + begin, e->passed.size - begin);
	buf_consume(&e->passed, e->passed.size);
}

static void
set_mode(struct editor *e, enum mode mode)
{
	enum mode before = e->mode;
	wchar_t *typed = before == EDIT ? take_typed(e) : NULL;

	e->mode = mode;
	e->dropped |= e->reading;
	if (before == HIDDEN)
		secret_wipe(&e->secret);
	switch (mode) {
	case EDIT:
		break;
	case HIDDEN:
		keep(e, typed);
		break;
	case PASS:
		begin_passing(e);
		hand_over(e, typed);
		break;
	}
	if (before == PASS)
		end_passing(e);
	soil_by_key(e);
}

/*
 * What a child that reads keys has drawn is passed on to its end before we
 * draw again, or what is left of it would be taken for text.
 */
static void
look_at_mode(struct editor *e)
{
	enum mode mode = mode_now(e);

	if (mode == e->mode || (e->mode == PASS && (more_output(e) || e->starved)))
		return;
	set_mode(e, mode);
}

/* Behind a line: the round that follows looks at the mode. */
static void
look_again(void *arg)
{
	static const int ms[] = { 5, 20, 100, 500 };
	struct editor *e = arg;

	if (e->looks < sizeof(ms) / sizeof(ms[0]))
		timer_set(e->look, deadline_in(ms[e->looks++]));
}

static void
look_soon(struct editor *e)
{
	e->looks = 0;
	look_again(e);
}

/* Output. */

static void
pass_output(struct editor *e, const char *data, size_t size)
{
	const char *newline = memrchr(data, '\n', size);
	size_t rest = newline ? (size_t)(data + size - newline) - 1 : size;

	if (buf_append(&e->console.queue, data, size) < 0)
		return;
	if (newline || e->passed.size + rest > TAIL)
		buf_consume(&e->passed, e->passed.size);
	if (rest <= TAIL)
		(void)buf_append(&e->passed, data + size - rest, rest); /* at worst there is no prompt */
}

static void
show_output(struct editor *e, const char *data, size_t size)
{
	if (e->opts.pty && e->mode != PASS && mode_now(e) == PASS)
		set_mode(e, PASS);
	if (e->mode == PASS) {
		pass_output(e, data, size);
		return;
	}
	(void)screen_output(e->screen, data, size);
	complete_see(e->complete, data, size);
	soil(e);
}

/* Its lines are not to stand in the middle of those of stdout. */
static bool
holds_stderr(struct editor *e)
{
	if (!is_readable(dualpipe_fd(e->dp, DUALPIPE_FROM_CHILD))) {
		e->stderr_until = 0;
		return false;
	}
	if (e->stderr_until == 0)
		e->stderr_until = deadline_in(HOLD_STDERR_MS);
	if (deadline_left(e->stderr_until) > 0)
		return true;
	e->stderr_until = 0;
	return false;
}

ssize_t
editor_take(struct editor *e, enum relay_dir dir, const void *data, size_t size)
{
	if (e->console.error) {
		errno = e->console.error;
		return -1;
	}
	if (console_full(&e->console) || (dir == RELAY_STDERR && holds_stderr(e))) {
		e->starved = true;
		errno = EAGAIN;
		return -1;
	}
	if (e->side)
		side_take_echo(e->side);
	look_at_size(e);
	show_output(e, data, size);
	return (ssize_t)size;
}

static bool
take_from_side(void *arg, const char *data, size_t size, bool echo)
{
	struct editor *e = arg;

	if (console_full(&e->console)) {
		e->starved = true;
		return false;
	}
	if (!echo)
		e->opts.heard(e->opts.arg, data, size);
	show_output(e, data, size);
	return true;
}

static void
give_room(struct editor *e)
{
	if (!e->starved || console_full(&e->console))
		return;
	e->starved = false;
	relay_room(e->relay);
	if (e->side)
		side_room(e->side);
}

void
editor_note(struct editor *e, const char *line, size_t size)
{
	if (e->mode == PASS) {
		put(e, "\r");
		(void)buf_append(&e->console.queue, line, size);
		put(e, "\r");
	} else {
		screen_note(e->screen, line, size);
		soil_by_key(e);
	}
	console_flush(&e->console);
}

/* Input. */

/* A line, or a part of one, to the pty as keys. */
static void
send_typed(struct editor *e, const char *line, size_t size, bool ended)
{
	struct buf keys = { 0 };
	struct termios mode;
	int fd = dualpipe_fd(e->dp, DUALPIPE_TO_CHILD);

	if (fd >= 0 && tcgetattr(fd, &mode) == 0 && typed_line(&keys, &mode, line, size) == 0 &&
	    (!ended || buf_append(&keys, "\n", 1) == 0))
		send(e, buf_peek(&keys), keys.size);
	else
		beep(e);
	buf_free(&keys);
}

static enum target
target_of(struct editor *e)
{
	if (e->opts.pty)
		return TO_PTY;
	return e->side && side_asks(e->side, true) != SIDE_QUIET ? TO_SIDE : TO_PIPE;
}

static void
send_line(struct editor *e, enum target target, const char *line, size_t size, bool ended)
{
	switch (target) {
	case TO_PIPE:
		send(e, line, size);
		break;
	case TO_PTY:
		send_typed(e, line, size - ended, ended);
		break;
	case TO_SIDE:
		if (side_answer(e->side, line, size) < 0)
			beep(e);
		break;
	}
}

static void
remember(struct editor *e, const wchar_t *text, size_t length, const char *line, size_t size)
{
	wchar_t *copy;

	if (!e->opts.history || !history_add(e->opts.history, line, size))
		return;
	copy = malloc((length + 1) * sizeof(*copy));
	if (!copy)
		return;
	wmemcpy(copy, text, length);
	copy[length] = L'\0';
	e->opts.engine->remember(e->edit, copy);
	free(copy);
}

/* The line is on the screen before the child has it. ended: by Enter, else it is only a part. */
static void
accept(struct editor *e, const wchar_t *text, size_t length, bool ended)
{
	enum target target = target_of(e);
	struct buf line = { 0 };

	if (wide_append(&line, text, length) < 0 || (ended && buf_append(&line, "\n", 1) < 0)) {
		buf_free(&line);
		beep(e);
		return;
	}
	(void)screen_line(e->screen, text, length, length, false);
	if (e->foreground && target == TO_PIPE)
		screen_paint(e->screen);
	screen_accept(e->screen, target != TO_PIPE);
	console_flush(&e->console);
	if (ended && target != TO_SIDE)
		remember(e, text, length, buf_peek(&line), line.size - 1);
	complete_see(e->complete, buf_peek(&line), line.size);
	e->opts.sent(e->opts.arg, buf_peek(&line), line.size);
	send_line(e, target, buf_peek(&line), line.size, ended);
	if (target != TO_PIPE)
		look_soon(e);
	buf_free(&line);
	soil_by_key(e);
}

static void
accept_secret(struct editor *e, bool ended)
{
	struct secret *s = &e->secret;
	enum target target = e->opts.pty ? TO_PTY : TO_SIDE;
	char line[SECRET_ROOM + 1];
	volatile char *wiped = line;
	size_t i;

	memcpy(line, s->bytes, s->size);
	if (ended)
		line[s->size] = '\n';
	screen_accept(e->screen, true);
	e->opts.did(e->opts.arg, "secret");
	send_line(e, target, line, s->size + ended, ended);
	look_soon(e);
	for (i = 0; i < sizeof(line); i++)
		wiped[i] = '\0';
	secret_wipe(s);
	soil_by_key(e);
}

static void
send_special(struct editor *e, int index)
{
	struct termios mode;
	int fd = dualpipe_fd(e->dp, DUALPIPE_TO_CHILD);

	if (fd >= 0 && tcgetattr(fd, &mode) == 0 && mode.c_cc[index] != _POSIX_VDISABLE)
		send(e, &mode.c_cc[index], 1);
}

static void
accept_end(struct editor *e)
{
	switch (target_of(e)) {
	case TO_SIDE:
		(void)side_answer_end(e->side); /* who has gone has no use for it */
		return;
	case TO_PTY:
		send_special(e, VEOF);
		break;
	case TO_PIPE:
		if (e->ended) {
			beep(e);
			return;
		}
		e->ended = true;
		relay_send_end(e->relay);
		break;
	}
	e->opts.did(e->opts.arg, "eof");
}

/* What is typed is dropped as a driver does, shown with the key behind it. */
static void
drop_line(struct editor *e, const wchar_t *name)
{
	wchar_t *typed = take_typed(e), *shown;
	size_t length = typed ? wcslen(typed) : 0;

	shown = malloc((length + wcslen(name) + 1) * sizeof(*shown));
	if (shown && !e->opts.pty) {
		if (typed)
			wmemcpy(shown, typed, length);
		wcscpy(shown + length, name);
		(void)screen_line(e->screen, shown, length + wcslen(name), length + wcslen(name), false);
		screen_paint(e->screen);
		screen_accept(e->screen, false);
	}
	free(shown);
	free(typed);
	secret_wipe(&e->secret);
	e->dropped = true;
	soil_by_key(e);
}

/* A key that a terminal makes a signal of. Ours goes on to the child like one that was sent to us. */
static bool
signal_key(struct editor *e, int index, int signo, const wchar_t *name)
{
	struct termios mode;
	int fd = dualpipe_fd(e->dp, DUALPIPE_TO_CHILD);

	if (e->opts.pty) {
		if (fd < 0 || tcgetattr(fd, &mode) < 0 || !(mode.c_lflag & ISIG))
			return false;
		drop_line(e, name);
		send_special(e, index);
		if (signo != SIGTSTP)
			e->opts.did(e->opts.arg, signo == SIGINT ? "signal INT" : "signal QUIT");
		return true;
	}
	if (signo == SIGTSTP) {
		secret_wipe(&e->secret);
		tty_suspend(e->opts.tty);
		return true;
	}
	drop_line(e, name);
	relay_unsend(e->relay);
	(void)kill(getpid(), signo);
	return true;
}

/* Whether the key was one that acts at once. */
static bool
acts(struct editor *e, wchar_t key)
{
	const struct termios *mode = tty_mode(e->opts.tty);

	if (key >= 0x80 || key == (wchar_t)_POSIX_VDISABLE || (e->reading && e->opts.engine->quoting(e->edit)))
		return false;
	if (key == mode->c_cc[VINTR])
		return signal_key(e, VINTR, SIGINT, L"^C");
	if (key == mode->c_cc[VQUIT])
		return signal_key(e, VQUIT, SIGQUIT, L"^\\");
	if (key == mode->c_cc[VSUSP])
		return signal_key(e, VSUSP, SIGTSTP, L"^Z");
	return false;
}

/* Too long to be edited: its front goes ahead, which the child cannot tell. */
static void
make_room(struct editor *e, size_t size)
{
	const wchar_t *text;
	size_t length, cursor;
	wchar_t *front;

	e->opts.engine->line(e->edit, &text, &length, &cursor);
	if (length + size <= LONGEST)
		return;
	front = take_typed(e);
	if (!front)
		return;
	e->opts.engine->clear(e->edit);
	accept(e, front, wcslen(front), false);
	free(front);
}

static void
insert(struct editor *e, const char *data, size_t size)
{
	size_t length;
	wchar_t *text = wide_new(data, size, &length);

	if (!text)
		return;
	make_room(e, length);
	if (e->opts.engine->insert(e->edit, text, length)) {
		free(text);
		return;
	}
	free(e->spelled);
	e->spelled = text;
	e->spelled_at = 0;
}

/*
 * Much that comes at once, as from a paste without brackets, is not given key
 * by key. Only where the last key is known to have become a character of the
 * line, so that the next will, too.
 */
static void
insert_burst(struct editor *e)
{
	const wchar_t *text;
	size_t length, cursor, plain;

	if (!e->last || e->keys.bytes.size < BURST)
		return;
	e->opts.engine->line(e->edit, &text, &length, &cursor);
	if (length != e->last_length + 1 || cursor != e->last_cursor + 1 || text[cursor - 1] != e->last ||
	    wmemchr(text, L'\n', length))
		return;
	plain = keys_plain(&e->keys);
	if (plain < BURST)
		return;
	e->last = 0;
	insert(e, buf_peek(&e->keys.bytes), plain);
	buf_consume(&e->keys.bytes, plain);
}

static bool
give_spelled(struct editor *e, wchar_t *c)
{
	if (!e->spelled)
		return false;
	while (e->spelled[e->spelled_at]) {
		*c = e->spelled[e->spelled_at++];
		if (*c >= L' ' && *c != 0x7f)
			return true;
	}
	free(e->spelled);
	e->spelled = NULL;
	return false;
}

static bool
give_key(struct editor *e, wchar_t key, wchar_t *c)
{
	const wchar_t *text;

	if (acts(e, key))
		return false;
	make_room(e, 1);
	e->last = key >= L' ' && key != 0x7f ? key : 0;
	if (e->last)
		e->opts.engine->line(e->edit, &text, &e->last_length, &e->last_cursor);
	*c = key;
	soil_by_key(e);
	return true;
}

/* The next key for the engine, of those that have come. */
static bool
take_key(struct editor *e, wchar_t *c)
{
	struct key key;

	if (e->kept) {
		(void)e->opts.engine->insert(e->edit, e->kept, wcslen(e->kept));
		free(e->kept);
		e->kept = NULL;
		soil_by_key(e);
	}
	while (!e->dropped) {
		if (give_spelled(e, c))
			return true;
		insert_burst(e);
		switch (keys_next(&e->keys, &key)) {
		case KEYS_NONE:
			return false;
		case KEYS_TYPED:
			if (give_key(e, key.c, c))
				return true;
			break;
		case KEYS_PASTED:
			insert(e, key.text, key.size);
			soil_by_key(e);
			if (!key.newline || e->spelled)
				break;
			*c = L'\n';
			return true;
		}
	}
	return false;
}

/* The keys that pass through, all of them. */
static void
pass_keys(struct editor *e)
{
	struct buf *bytes = &e->keys.bytes;

	e->keys.pasting = false;
	if (bytes->size == 0)
		return;
	send(e, buf_peek(bytes), bytes->size);
	e->opts.sent(e->opts.arg, buf_peek(bytes), bytes->size);
	buf_consume(bytes, bytes->size);
}

static void
hide_key(struct editor *e, const struct key *key)
{
	struct buf bytes = { 0 };

	if (wide_append(&bytes, &key->c, 1) < 0)
		return;
	switch (secret_key(&e->secret, tty_mode(e->opts.tty), buf_peek(&bytes), bytes.size)) {
	case SECRET_TAKEN:
		break;
	case SECRET_FULL:
		beep(e);
		break;
	case SECRET_DONE:
		accept_secret(e, true);
		break;
	case SECRET_END:
		accept_end(e);
		break;
	}
	buf_free(&bytes);
}

/* Pasted, too: a password manager does so. */
static void
hide_pasted(struct editor *e, const struct key *key)
{
	struct secret *s = &e->secret;
	size_t size = key->size < sizeof(s->bytes) - s->size ? key->size : sizeof(s->bytes) - s->size;

	if (size < key->size)
		beep(e);
	memcpy(s->bytes + s->size, key->text, size);
	s->size += size;
	if (key->newline)
		accept_secret(e, true);
}

/* After a secret the child may want something else: whoever asks next is looked at first. */
static void
hide_keys(struct editor *e)
{
	struct key key;

	while (e->mode == HIDDEN && keys_next(&e->keys, &key) != KEYS_NONE) {
		if (key.kind == KEYS_PASTED)
			hide_pasted(e, &key);
		else if (e->secret.quoting || !acts(e, key.c))
			hide_key(e, &key);
		look_at_mode(e);
	}
}

/* The key behind the escape key. */
static void
escape(struct editor *e, char key)
{
	enum { STOP = 0x1a };
	char both[2] = { (char)e->opts.escape, key };

	if (key == '.') {
		e->opts.end(e->opts.arg);
	} else if (key == STOP) {
		tty_suspend(e->opts.tty);
	} else {
		send(e, both, key == both[0] ? 1 : 2);
		e->opts.sent(e->opts.arg, both, key == both[0] ? 1 : 2);
	}
}

static void
add_keys(struct editor *e, const char *data, size_t size)
{
	const char *end = data + size, *found;

	while (data < end && e->opts.pty && e->opts.escape >= 0) {
		if (e->escaped) {
			e->escaped = false;
			escape(e, *data++);
			continue;
		}
		found = memchr(data, e->opts.escape, (size_t)(end - data));
		if (!found)
			break;
		(void)keys_add(&e->keys, data, (size_t)(found - data)); /* memory is out: keys are lost */
		e->escaped = true;
		data = found + 1;
	}
	if (keys_add(&e->keys, data, (size_t)(end - data)) < 0)
		beep(e);
}

/* A terminal that has gone is at its end. */
static void
keys_ready(void *arg, short revents)
{
	struct editor *e = arg;
	char data[KEYS];
	ssize_t n = io_read(STDIN_FILENO, data, sizeof(data));

	(void)revents;
	if (n > 0) {
		add_keys(e, data, (size_t)n);
	} else if (n == 0 || errno != EAGAIN) {
		e->gone = true;
		relay_send_end(e->relay);
	}
}

static void
arrange_keys(struct editor *e)
{
	if (e->gone || !e->foreground || e->console.queue.size > MOST_SHOWN || relay_unsent(e->relay) > MOST_UNSENT)
		watch_off(e->in);
	else
		watch_on(e->in, POLLIN);
}

/* Waiting. */

/* All that is due before we wait. */
static void
settle(struct editor *e)
{
	look_at_mode(e);
	look_at_size(e);
	console_flush(&e->console);
	paint(e); /* before a flood has filled the queue again */
	give_room(e);
	paint(e);
	console_flush(&e->console);
	arrange_keys(e);
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
		look_at_mode(e); /* before a key is taken */
	return !e->over;
}

static int
next_key(void *arg, wchar_t *c)
{
	struct editor *e = arg;

	do {
		if (e->mode != EDIT || e->dropped)
			return -1;
		if (take_key(e, c))
			return 1;
		if (e->dropped)
			return -1;
	} while (wait_once(e));
	return -1;
}

/* What keys wish. */

static size_t
longest_line(const struct buf *list)
{
	const char *at = buf_peek(list), *end = at + list->size, *newline;
	size_t longest = 0;

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if ((size_t)(newline - at) > longest)
			longest = (size_t)(newline - at);
	}
	return longest;
}

/* In columns, as wide as the window. */
static int
list_in_columns(struct buf *to, const struct buf *list, size_t columns)
{
	static const char blanks[] = "                                ";
	const char *at = buf_peek(list), *end = at + list->size, *newline;
	size_t wide = longest_line(list) + 2, column = 0, size, pad;

	if (wide > sizeof(blanks))
		columns = 1; /* long ones stand one below the other */
	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		size = (size_t)(newline - at);
		pad = wide - size;
		column += wide;
		if (buf_append(to, at, size) < 0)
			return -1;
		if (column + wide > columns || newline + 1 == end)
			column = 0;
		if (buf_append(to, column > 0 ? blanks : "\r\n", column > 0 ? pad : 2) < 0)
			return -1;
	}
	return 0;
}

static void
note_list(struct editor *e, const struct buf *list)
{
	struct buf text = { 0 };

	if (list_in_columns(&text, list, e->columns) == 0)
		screen_note(e->screen, buf_peek(&text), text.size);
	buf_free(&text);
}

static bool
complete_line(struct editor *e)
{
	struct buf line = { 0 }, more = { 0 }, list = { 0 };
	const wchar_t *text;
	size_t length, cursor, word;
	bool found = false;

	e->opts.engine->line(e->edit, &text, &length, &cursor);
	if (wide_append(&line, text, cursor) == 0) {
		word = complete_word(buf_peek(&line), line.size);
		found = complete_find(e->complete, buf_peek(&line) + line.size - word, word, &more, &list) == 0 &&
		    more.size + list.size > 0;
	}
	if (found && more.size > 0)
		insert(e, buf_peek(&more), more.size);
	if (found && list.size > 0)
		note_list(e, &list);
	if (!found)
		beep(e);
	buf_free(&line);
	buf_free(&more);
	buf_free(&list);
	return found;
}

static bool
fulfil(void *arg, enum edit_wish wish)
{
	struct editor *e = arg;

	soil_by_key(e);
	switch (wish) {
	case EDIT_COMPLETE:
		return complete_line(e);
	case EDIT_CLEAR:
		screen_clear(e->screen);
		return true;
	}
	return false;
}

/* Making and ending. */

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
		e->opts.engine->remember(e->edit, text);
	free(text);
}

static int
open_engine(struct editor *e)
{
	const struct edit_calls calls = { .next = next_key, .wish = fulfil, .arg = e };

	if (!e->opts.engine)
		return 0;
	set_locale();
	e->edit = e->opts.engine->open(tty_mode(e->opts.tty), &calls);
	if (!e->edit)
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
	(void)tty_size(&e->rows, &e->columns); /* screen makes do with any */
	e->mode = opts->engine ? EDIT : PASS;
	e->complete = complete_new();
	e->in = watch_new(l, STDIN_FILENO, keys_ready, e);
	e->look = timer_new(l, look_again, e);
	if (!e->complete || !e->in || !e->look || console_open(&e->console, l, STDOUT_FILENO) < 0 || open_engine(e) < 0)
		goto fail;
	e->screen = screen_new(&e->console.queue, e->rows, e->columns, screen_reflows());
	if (e->screen)
		return e;
fail:
	editor_free(e);
	return NULL;
}

int
editor_begin(struct editor *e, struct dualpipe *dp, struct relay *r)
{
	e->dp = dp;
	e->relay = r;
	if (dualpipe_fd(dp, DUALPIPE_SIDE) < 0)
		return 0;
	e->side = side_new(e->loop, dp, take_from_side, e);
	return e->side ? 0 : -1;
}

static void
edit_once(struct editor *e)
{
	const wchar_t *text;
	size_t length;
	int result;

	e->reading = true;
	e->dropped = false;
	e->last = 0;
	result = e->opts.engine->read(e->edit, &text, &length);
	e->reading = false;
	if (result > 0)
		accept(e, text, length, true);
	else if (result == 0)
		accept_end(e);
	else if (!e->over && !e->dropped && e->mode == EDIT)
		e->over = (e->error = EIO) != 0; /* it can no longer read */
	if (!e->over && e->opts.pty)
		look_at_mode(e);
}

int
editor_run(struct editor *e)
{
	while (!e->over) {
		switch (e->mode) {
		case EDIT:
			edit_once(e);
			break;
		case HIDDEN:
			hide_keys(e);
			if (e->mode == HIDDEN)
				(void)wait_once(e);
			break;
		case PASS:
			pass_keys(e);
			(void)wait_once(e);
			break;
		}
	}
	if (!e->error)
		return 0;
	errno = e->error;
	return -1;
}

void
editor_end(struct editor *e)
{
	if (!e)
		return;
	secret_wipe(&e->secret);
	if (e->mode != PASS)
		screen_leave(e->screen);
	set_brackets(e, false);
	console_drain(&e->console);
}

void
editor_free(struct editor *e)
{
	int saved = errno;

	if (!e)
		return;
	if (e->edit)
		e->opts.engine->close(e->edit);
	side_free(e->side);
	screen_free(e->screen);
	console_close(&e->console);
	complete_free(e->complete);
	watch_free(e->in);
	timer_free(e->look);
	keys_free(&e->keys);
	buf_free(&e->passed);
	secret_wipe(&e->secret);
	free(e->spelled);
	free(e->kept);
	free(e);
	errno = saved;
}

/* The terminal. */

static void
leave_terminal(struct editor *e)
{
	if (e->mode != PASS)
		screen_erase(e->screen);
	set_brackets(e, false);
	console_drain(&e->console);
}

/* A program that draws is told to draw anew. */
static void
enter_terminal(struct editor *e)
{
	if (e->mode != PASS)
		screen_forget(e->screen, 0);
	else if (e->dp)
		(void)dualpipe_signal(e->dp, SIGWINCH); /* it may just have ended */
	soil_by_key(e);
}

void
editor_moved(struct editor *e, bool foreground)
{
	if (foreground == e->foreground)
		return;
	if (!foreground)
		leave_terminal(e);
	e->foreground = foreground;
	if (foreground)
		enter_terminal(e);
}
