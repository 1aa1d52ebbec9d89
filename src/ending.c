/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "ending.h"

#include "family.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum {
	LOOK_MS = 20,		/* between two looks at who is left of a family */
	LEAST_PATIENCE_MS = 1000 /* with a reader that does not take what came before a limit */
};

struct ending {
	struct loop *loop;
	struct dualpipe *dp;
	struct ending_channel channel;
	struct family *family;
	struct ending_opts opts;

	struct timer *timeout;
	struct timer *idle;
	struct timer *kill;	/* behind a limit: KILL, then no more patience */
	struct timer *linger;
	struct timer *look;	/* whether the family is gone */

	enum ending_reason reason;
	bool struck;
	bool killed;
	bool child_ended;
	bool have_status;
	bool cut_off;
	bool gave_up;
	bool over;
	int status;
	int late_signals;	/* that came when the child had ended */
};

static bool
is_done(const struct ending *e)
{
	return e->channel.done(e->channel.arg);
}

static bool
is_pending(const struct ending *e)
{
	return e->channel.pending(e->channel.arg);
}

static deadline
last(const struct ending *e)
{
	return e->channel.last(e->channel.arg);
}

/* Nothing is left to wait for: told once. */
static void
end(struct ending *e)
{
	if (e->over)
		return;
	e->over = true;
	e->opts.over(e->opts.arg);
}

/* A struck family has to be gone, too, or to have got KILL. */
static void
end_if_over(struct ending *e)
{
	if (!e->child_ended || !(is_done(e) || e->cut_off))
		return;
	if (e->struck && !e->killed && family_lives(e->family)) {
		timer_set(e->look, deadline_in(LOOK_MS));
		return;
	}
	end(e);
}

static void
look_again(void *arg)
{
	end_if_over(arg);
}

/* The child has ended, and its channel has not. */
static void
linger_over(void *arg)
{
	struct ending *e = arg;
	deadline over = last(e) + e->opts.linger_ms;

	if (is_pending(e) || deadline_left(over) > 0) {
		timer_set(e->linger, is_pending(e) ? deadline_in(LOOK_MS) : over);
		return;
	}
	e->cut_off = true;
	end_if_over(e);
}

static void
child_ended(struct ending *e)
{
	e->child_ended = true;
	family_child_gone(e->family);
	e->channel.child_ended(e->channel.arg);
	if (!is_done(e) && e->opts.linger_ms >= 0)
		timer_set(e->linger, deadline_in(e->opts.linger_ms));
	end_if_over(e);
}

static void
child_changed(void *arg, int signo, bool from_kernel)
{
	struct ending *e = arg;
	int result;

	(void)signo, (void)from_kernel;
	if (!e->dp || e->child_ended)
		return;
	result = dualpipe_wait(e->dp, &e->status, 0);
	if (result < 0 && errno == ETIMEDOUT)
		return; /* it stopped or went on, or it is another child */
	e->have_status = result == 1;
	child_ended(e);
}

static void
patience_over(struct ending *e)
{
	int64_t patience = e->opts.kill_after_ms;
	deadline over;

	if (patience < LEAST_PATIENCE_MS)
		patience = LEAST_PATIENCE_MS;
	over = last(e) + patience;
	if (!e->child_ended || deadline_left(over) > 0) {
		timer_set(e->kill, e->child_ended ? over : deadline_in(LOOK_MS));
		return;
	}
	e->gave_up = is_pending(e);
	e->cut_off = true;
	end_if_over(e);
}

static void
kill_family(void *arg)
{
	struct ending *e = arg;

	if (e->killed) {
		patience_over(e);
		return;
	}
	if (!e->struck) {
		e->struck = true;
		family_signal(e->family, SIGTERM);
		timer_set(e->kill, deadline_in(e->opts.kill_after_ms));
		return;
	}
	e->killed = true;
	family_signal(e->family, SIGKILL);
	timer_set(e->kill, deadline_in(LEAST_PATIENCE_MS));
	end_if_over(e);
}

static void
strike(struct ending *e, enum ending_reason reason)
{
	if (e->struck)
		return;
	e->struck = true;
	e->reason = reason;
	if (e->opts.struck)
		e->opts.struck(e->opts.arg, reason);
	if (!e->dp)
		return;
	family_signal(e->family, SIGTERM);
	if (e->opts.kill_after_ms >= 0)
		timer_set(e->kill, deadline_in(e->opts.kill_after_ms));
}

static void
time_over(void *arg)
{
	strike(arg, ENDING_TIMEOUT);
}

static void
idle_over(void *arg)
{
	struct ending *e = arg;
	deadline over = last(e) + e->opts.idle_ms;

	if (deadline_left(over) > 0)
		timer_set(e->idle, over);
	else
		strike(e, ENDING_IDLE);
}

/* We were stopped ourselves: nobody had a chance to speak. */
static void
continued(void *arg, int signo, bool from_kernel)
{
	struct ending *e = arg;

	(void)signo, (void)from_kernel;
	if (e->dp && !e->struck && !e->child_ended)
		timer_set(e->idle, deadline_in(e->opts.idle_ms));
}

/* What is left may be ended by the first; the second ends us. */
static void
pass_on_late(struct ending *e, int signo)
{
	if (e->late_signals++ == 0 && e->channel.own_group) {
		(void)kill(-dualpipe_pid(e->dp), signo); /* nobody may be left */
		(void)dualpipe_signal(e->dp, signo);
		return;
	}
	e->cut_off = true;
	end(e);
}

/*
 * A child in our own process group has had what the terminal sent to that;
 * what was sent to us alone must not go to the group, which is our caller's.
 */
static void
pass_on(void *arg, int signo, bool from_kernel)
{
	struct ending *e = arg;

	if (!e->dp)
		return;
	if (e->child_ended) {
		pass_on_late(e, signo);
		return;
	}
	if (e->channel.own_group) {
		(void)dualpipe_signal(e->dp, signo); /* it may just have ended */
		/* One that has stopped does not take it before it goes on. */
		if (signo == SIGTERM || signo == SIGHUP)
			(void)dualpipe_signal(e->dp, SIGCONT);
	} else if (!from_kernel) {
		family_signal(e->family, signo);
	}
	if (e->opts.signalled)
		e->opts.signalled(e->opts.arg, signo);
}

static int
catch_signals(struct ending *e)
{
	static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		if (loop_signal(e->loop, passed_on[i], pass_on, e) < 0)
			return -1;
	if (e->opts.idle_ms > 0 && loop_signal(e->loop, SIGCONT, continued, e) < 0)
		return -1;
	return loop_signal(e->loop, SIGCHLD, child_changed, e);
}

struct ending *
ending_new(struct loop *l, const struct ending_opts *opts)
{
	struct ending *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->loop = l;
	e->opts = *opts;
	e->timeout = timer_new(l, time_over, e);
	e->idle = timer_new(l, idle_over, e);
	e->kill = timer_new(l, kill_family, e);
	e->linger = timer_new(l, linger_over, e);
	e->look = timer_new(l, look_again, e);
	if (!e->timeout || !e->idle || !e->kill || !e->linger || !e->look || catch_signals(e) < 0) {
		ending_free(e);
		return NULL;
	}
	if (e->opts.timeout_ms > 0)
		timer_set(e->timeout, deadline_in(e->opts.timeout_ms));
	return e;
}

int
ending_begin(struct ending *e, struct dualpipe *dp, const struct ending_channel *c)
{
	e->family = family_new(dualpipe_pid(dp), c->own_group);
	if (!e->family)
		return -1;
	e->dp = dp;
	e->channel = *c;
	if (e->opts.idle_ms > 0)
		timer_set(e->idle, deadline_in(e->opts.idle_ms));
	return 0;
}

void
ending_asked(struct ending *e)
{
	if (e->dp && !e->struck && !e->child_ended && e->opts.kill_after_ms >= 0)
		timer_set(e->kill, deadline_in(e->opts.kill_after_ms));
}

void
ending_strike(struct ending *e)
{
	strike(e, ENDING_STRUCK);
}

void
ending_output_done(struct ending *e)
{
	end_if_over(e);
}

void
ending_free(struct ending *e)
{
	if (!e)
		return;
	timer_free(e->timeout);
	timer_free(e->idle);
	timer_free(e->kill);
	timer_free(e->linger);
	timer_free(e->look);
	family_free(e->family);
	free(e);
}

enum ending_reason
ending_reason(const struct ending *e)
{
	return e->reason;
}

bool
ending_status(const struct ending *e, int *status)
{
	*status = e->status;
	return e->have_status;
}

bool
ending_cut_off(const struct ending *e)
{
	return e->cut_off;
}

bool
ending_gave_up(const struct ending *e)
{
	return e->gave_up;
}
