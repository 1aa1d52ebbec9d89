/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "answer.h"

#include "console.h"
#include "deadline.h"
#include "io.h"
#include "side.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { HOLD_MS = 50 };	/* while more is to come of what stands before a question */

struct answer {
	struct answer_opts opts;
	struct dualpipe *dp;
	struct side *side;
	bool drew;		/* a program there, when it was last looked at */
	bool taking;		/* output is at hand, and not yet shown */
	deadline question_until; /* it is held back */
	int terminal;		/* the user's: stdout may be a file */
	struct console console;	/* for it */
	struct timer *look;
	unsigned looks;
};

/*
 * A program turns echo off before it asks, or takes its terminal raw before it
 * draws, or a moment after: nothing tells, so one looks, ever less often. Never
 * too seldom for a hand, as its question may come on a stderr that is not seen.
 */
static void
follow_mode(struct answer *a)
{
	static const int ms[] = { 2, 10, 50, 200 };
	enum side_asks asks = side_asks(a->side, false);

	a->drew = asks == SIDE_ASKS_KEYS;
	tty_keys(a->opts.tty, a->drew);
	tty_echo(a->opts.tty, asks != SIDE_ASKS_SECRET);
	timer_set(a->look, deadline_in(ms[a->looks]));
	if (a->looks + 1 < sizeof(ms) / sizeof(ms[0]))
		a->looks++;
}

static void
look_soon(struct answer *a)
{
	a->looks = 0;
	follow_mode(a);
}

static void
look_again(void *arg)
{
	struct answer *a = arg;

	if (!console_full(&a->console))
		side_room(a->side);
	follow_mode(a);
}

/* Also when it has put the terminal back since. */
static bool
draws(const struct answer *a)
{
	return a->drew || side_asks(a->side, false) == SIDE_ASKS_KEYS;
}

/* Who asks has said all else before, or it would stand where the answer belongs. */
static bool
holds_question(struct answer *a, const char *data, size_t size)
{
	bool more = a->taking || io_is_readable(dualpipe_fd(a->dp, DUALPIPE_FROM_CHILD)) ||
	    io_is_readable(dualpipe_fd(a->dp, DUALPIPE_ERR));

	if (!deadline_holds(&a->question_until, more && !draws(a) && data[size - 1] != '\n', HOLD_MS))
		return false;
	a->looks = 0;
	timer_set(a->look, deadline_now()); /* behind what can be read now */
	return true;
}

static bool
said(void *arg, const char *data, size_t size, bool echo)
{
	struct answer *a = arg;

	if (echo)
		return true; /* the user's own terminal has done it */
	if (holds_question(a, data, size))
		return false; /* until look_again() */
	if (console_full(&a->console) || buf_append(&a->console.queue, data, size) < 0)
		return false; /* until look_again() */
	a->opts.heard(a->opts.arg, data, size);
	console_flush(&a->console);
	look_soon(a);
	return true;
}

struct answer *
answer_new(struct loop *l, struct dualpipe *dp, const struct answer_opts *opts)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->opts = *opts;
	a->dp = dp;
	a->terminal = io_above_stdio(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC));
	if (a->terminal < 0)
		a->terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	a->look = timer_new(l, look_again, a);
	if (console_open(&a->console, l, a->terminal) == 0 && a->look)
		a->side = side_new(l, dp, said, a);
	if (a->side) {
		look_soon(a);
		return a;
	}
	answer_free(a);
	return NULL;
}

static bool
drain(void *arg)
{
	struct answer *a = arg;

	console_drain(&a->console);
	return a->console.queue.size == 0;
}

void
answer_end(struct answer *a)
{
	if (!a)
		return;
	side_finish(a->side, drain, a);
	(void)drain(a); /* what a terminal does not take is lost */
}

void
answer_free(struct answer *a)
{
	if (!a)
		return;
	side_free(a->side);
	console_close(&a->console);
	io_close(&a->terminal);
	timer_free(a->look);
	free(a);
}

void
answer_take(struct answer *a)
{
	a->taking = true;
	side_take(a->side);
	a->taking = false;
	if (a->drew)
		look_soon(a); /* the terminal is to be as it was for what is said behind that */
}

static void
pass_keys(struct answer *a, const char *keys, size_t size)
{
	size_t stop = side_stop_key(a->side, keys, size);

	(void)side_keys(a->side, keys, stop); /* who has gone has no use for it */
	if (stop == size)
		return;
	tty_suspend(a->opts.tty);
	(void)side_keys(a->side, keys + stop + 1, size - stop - 1);
}

bool
answer_line(struct answer *a, const void *data, size_t size)
{
	enum side_asks asks = side_asks(a->side, true);

	look_soon(a);
	if (size > 0 && asks == SIDE_ASKS_KEYS) {
		pass_keys(a, data, size);
		return true;
	}
	if (asks == SIDE_QUIET || asks == SIDE_ASKS_KEYS)
		return false;
	if (asks == SIDE_ASKS_SECRET)
		a->opts.did(a->opts.arg, "secret");
	else if (size > 0)
		a->opts.sent(a->opts.arg, data, size);
	if (size > 0)
		(void)side_answer(a->side, data, size); /* as with keys */
	else
		(void)side_answer_end(a->side);
	return true;
}
