/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "loop.h"

#include "compat/compat.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct watch {
	struct loop *loop;
	int fd;
	short events;
	bool on;
	bool dead;		/* ended, freed after the round */
	watch_fn *fn;
	void *arg;
};

struct timer {
	struct loop *loop;
	deadline when;
	bool dead;
	timer_fn *fn;
	void *arg;
};

/* One of those who want to know of a signal. */
struct listener {
	signal_fn *fn;
	void *arg;
	struct listener *next;
};

struct loop {
	struct watch **watches;
	struct pollfd *fds;	/* one a watch, in the same order */
	size_t watch_count;
	size_t watch_room;
	bool any_dead;

	struct timer **timers;
	size_t timer_count;
	size_t timer_room;

	struct listener *listeners[NSIG];
	struct sigaction before[NSIG];
	sigset_t taken;		/* whose handlers are ours */
	sigset_t ignored;
	sigset_t blocked;	/* by whoever started us */
	struct watch *wake;
	bool stopped;
};

/*
 * What handlers see. Each signal has a flag of its own, so that a full pipe
 * loses nothing; the byte only wakes poll(2).
 */
static volatile sig_atomic_t came[NSIG];
static volatile sig_atomic_t came_from_kernel[NSIG];
static int wake_pipe[2] = { -1, -1 };
static loop_last_fn *before_death;

static void
note_signal(int signo, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
#ifdef SI_KERNEL
	came_from_kernel[signo] = info->si_code == SI_KERNEL;
#else
	came_from_kernel[signo] = info->si_code <= 0 ? 0 : 1;
#endif
	came[signo] = 1;
	(void)io_write(wake_pipe[1], "", 1); /* full: it will wake all the same */
	errno = saved;
}

/*
 * What a write makes, which tells by its errno: SIGPIPE, and SIGXFSZ where a
 * file may grow no more. Caught, not ignored, so that a child has its default
 * again.
 */
static void
let_pass(int signo)
{
	(void)signo;
}

static void
die_tidily(int signo)
{
	if (before_death)
		before_death();
	(void)raise(signo); /* by default now: SA_RESETHAND, and again after return */
}

static int
grow(void *array_of_pointers, size_t *room)
{
	void **array;
	size_t wanted = *room > 0 ? *room * 2 : 8;

	memcpy(&array, array_of_pointers, sizeof(array));
	array = realloc(array, wanted * sizeof(*array));
	if (!array)
		return -1;
	memcpy(array_of_pointers, &array, sizeof(array));
	*room = wanted;
	return 0;
}

static int
grow_watches(struct loop *l)
{
	size_t room = l->watch_room;
	struct pollfd *fds;

	if (grow(&l->watches, &room) < 0)
		return -1;
	fds = realloc(l->fds, room * sizeof(*fds));
	if (!fds)
		return -1;
	l->fds = fds;
	l->watch_room = room;
	return 0;
}

struct watch *
watch_new(struct loop *l, int fd, watch_fn *fn, void *arg)
{
	struct watch *w;

	if (l->watch_count == l->watch_room && grow_watches(l) < 0)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	*w = (struct watch){ .loop = l, .fd = fd, .fn = fn, .arg = arg };
	l->watches[l->watch_count++] = w;
	return w;
}

void
watch_on(struct watch *w, short events)
{
	w->on = true;
	w->events = events;
}

void
watch_off(struct watch *w)
{
	w->on = false;
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	w->on = false;
	w->dead = true;
	w->loop->any_dead = true;
}

struct timer *
timer_new(struct loop *l, timer_fn *fn, void *arg)
{
	struct timer *t;

	if (l->timer_count == l->timer_room && grow(&l->timers, &l->timer_room) < 0)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct timer){ .loop = l, .when = DEADLINE_NEVER, .fn = fn, .arg = arg };
	l->timers[l->timer_count++] = t;
	return t;
}

void
timer_set(struct timer *t, deadline when)
{
	t->when = when;
}

void
timer_free(struct timer *t)
{
	if (!t)
		return;
	t->when = DEADLINE_NEVER;
	t->dead = true;
	t->loop->any_dead = true;
}

static deadline
first_timer(const struct loop *l)
{
	deadline first = DEADLINE_NEVER;
	size_t i;

	for (i = 0; i < l->timer_count; i++)
		if (l->timers[i]->when < first)
			first = l->timers[i]->when;
	return first;
}

/* Each is due once: it sets itself again if it wants to. */
static void
call_timers(struct loop *l, deadline now)
{
	size_t i, count = l->timer_count;

	for (i = 0; i < count && !l->stopped; i++) {
		struct timer *t = l->timers[i];

		if (t->dead || t->when > now)
			continue;
		t->when = DEADLINE_NEVER;
		t->fn(t->arg);
	}
}

static void
bury(struct loop *l)
{
	size_t i, kept;

	for (i = kept = 0; i < l->watch_count; i++)
		if (l->watches[i]->dead)
			free(l->watches[i]);
		else
			l->watches[kept++] = l->watches[i];
	l->watch_count = kept;
	for (i = kept = 0; i < l->timer_count; i++)
		if (l->timers[i]->dead)
			free(l->timers[i]);
		else
			l->timers[kept++] = l->timers[i];
	l->timer_count = kept;
	l->any_dead = false;
}

static void
take_signals(void *arg, short revents)
{
	struct loop *l = arg;
	struct listener *to;
	char drained[64];
	int signo;

	(void)revents;
	(void)io_read(wake_pipe[0], drained, sizeof(drained)); /* more wakes us again */
	for (signo = 1; signo < NSIG; signo++) {
		if (!came[signo])
			continue;
		came[signo] = 0;
		for (to = l->listeners[signo]; to; to = to->next)
			if (to->fn)
				to->fn(to->arg, signo, came_from_kernel[signo] != 0);
	}
}

static int
catch_signal(struct loop *l, int signo, const struct sigaction *action)
{
	if (sigaction(signo, action, &l->before[signo]) < 0)
		return -1;
	if (l->before[signo].sa_handler == SIG_IGN) {
		if (signo != SIGCHLD)
			return sigaction(signo, &l->before[signo], NULL);
		(void)sigaddset(&l->ignored, signo);
	}
	(void)sigaddset(&l->taken, signo);
	return 0;
}

/* For the first who listens. */
static int
begin_listening(struct loop *l, int signo)
{
	struct sigaction action = { .sa_sigaction = note_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t mask;

	(void)sigfillset(&action.sa_mask);
	if (catch_signal(l, signo, &action) < 0)
		return -1;
	if (sigismember(&l->blocked, signo) == 0)
		return 0;
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, signo);
	return sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

int
loop_signal(struct loop *l, int signo, signal_fn *fn, void *arg)
{
	struct listener *new = malloc(sizeof(*new));

	if (!new)
		return -1;
	if (!l->listeners[signo] && begin_listening(l, signo) < 0) {
		free(new);
		return -1;
	}
	*new = (struct listener){ .fn = fn, .arg = arg, .next = l->listeners[signo] };
	l->listeners[signo] = new;
	return 0;
}

/* They stay until the loop ends: one may be at work just now. */
void
loop_forget(struct loop *l, const void *arg)
{
	struct listener *to;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		for (to = l->listeners[signo]; to; to = to->next)
			if (to->arg == arg)
				to->fn = NULL;
}

void
loop_suspend(struct loop *l)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL }, ours;

	(void)l;
	(void)sigemptyset(&by_default.sa_mask);
	(void)sigaction(SIGTSTP, &by_default, &ours);
	(void)raise(SIGTSTP); /* an orphaned group is not stopped, and goes on */
	(void)sigaction(SIGTSTP, &ours, NULL);
}

const sigset_t *
loop_ignored(const struct loop *l)
{
	return &l->ignored;
}

void
loop_before_death(struct loop *l, loop_last_fn *fn)
{
	static const int deadly[] = { SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS,
		SIGTRAP, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
#ifdef SIGPOLL
		SIGPOLL,
#endif
#ifdef SIGPROF
		SIGPROF,
#endif
#ifdef SIGSTKFLT
		SIGSTKFLT,
#endif
#ifdef SIGPWR
		SIGPWR,
#endif
	};
	struct sigaction action = { .sa_handler = die_tidily, .sa_flags = (int)SA_RESETHAND };
	size_t i;

	before_death = fn;
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (fn && sigismember(&l->taken, deadly[i]) == 0)
			(void)catch_signal(l, deadly[i], &action); /* at worst it is as before */
}

struct loop *
loop_new(void)
{
	struct sigaction pass = { .sa_handler = let_pass, .sa_flags = SA_RESTART };
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	(void)sigemptyset(&l->taken);
	(void)sigemptyset(&l->ignored);
	(void)sigprocmask(SIG_BLOCK, NULL, &l->blocked);
	(void)sigemptyset(&pass.sa_mask);
	if (io_pipe(wake_pipe) < 0 || io_nonblock(wake_pipe[0]) < 0 || io_nonblock(wake_pipe[1]) < 0)
		goto fail;
	l->wake = watch_new(l, wake_pipe[0], take_signals, l);
	if (!l->wake || catch_signal(l, SIGPIPE, &pass) < 0 || catch_signal(l, SIGXFSZ, &pass) < 0)
		goto fail;
	watch_on(l->wake, POLLIN);
	return l;
fail:
	loop_free(l);
	return NULL;
}

void
loop_free(struct loop *l)
{
	struct listener *to, *next;
	int signo, saved = errno;
	size_t i;

	if (!l)
		return;
	for (signo = 1; signo < NSIG; signo++) {
		if (sigismember(&l->taken, signo) == 1)
			(void)sigaction(signo, &l->before[signo], NULL);
		for (to = l->listeners[signo]; to; to = next) {
			next = to->next;
			free(to);
		}
	}
	before_death = NULL;
	for (i = 0; i < l->watch_count; i++)
		free(l->watches[i]);
	for (i = 0; i < l->timer_count; i++)
		free(l->timers[i]);
	free(l->watches);
	free(l->timers);
	free(l->fds);
	free(l);
	io_close(&wake_pipe[0]);
	io_close(&wake_pipe[1]);
	errno = saved;
}

static void
call_watches(struct loop *l)
{
	size_t i, count = l->watch_count;

	for (i = 0; i < count && !l->stopped; i++) {
		struct watch *w = l->watches[i];

		/* An earlier function of this round may have turned it off. */
		if (l->fds[i].revents != 0 && w->on)
			w->fn(w->arg, l->fds[i].revents);
	}
}

static int
wait_for_something(struct loop *l, deadline until)
{
	size_t i;
	int left;

	for (i = 0; i < l->watch_count; i++) {
		struct watch *w = l->watches[i];

		l->fds[i] = (struct pollfd){ .fd = w->on ? w->fd : -1, .events = w->events };
	}
	left = deadline_left(until);
	while (poll(l->fds, (nfds_t)l->watch_count, left) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return -1;
		left = 0; /* what has come is told before a time that is over */
	}
	return 0;
}

int
loop_once(struct loop *l)
{
	deadline until;

	if (l->stopped)
		return 0;
	until = first_timer(l);
	if (wait_for_something(l, until) < 0)
		return -1;
	call_watches(l);
	if (until != DEADLINE_NEVER && !l->stopped)
		call_timers(l, deadline_now());
	if (l->any_dead)
		bury(l);
	return l->stopped ? 0 : 1;
}

int
loop_run(struct loop *l)
{
	int more;

	l->stopped = false;
	while ((more = loop_once(l)) > 0)
		;
	return more;
}

void
loop_restart(struct loop *l)
{
	l->stopped = false;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}
