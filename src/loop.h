/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The one place where the program waits: poll(2) over descriptors, timers and
 * signals, each with a function that is called when it is due. It alone sets
 * signal handlers. There is one loop in a process.
 *
 * A function that is called may end any watch or timer, its own included.
 */
#ifndef LOOP_H
#define LOOP_H

#include "deadline.h"

#include <signal.h>
#include <stdbool.h>

struct loop;
struct watch;
struct timer;

/* NULL with errno. SIGPIPE does no harm from then on: a write is EPIPE. */
struct loop *loop_new(void);

/* Frees what is left of watches and timers, too, and puts handlers back. */
void loop_free(struct loop *l);

/* Calls what is due until loop_stop(). -1 with the errno of a poll that failed. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

/*
 * Waits and calls what is due once, for who has to come back in between.
 * Returns 1, 0 once loop_stop() was called, or -1 as loop_run() does.
 */
int loop_once(struct loop *l);

/* It was stopped, and can go on: for who uses loop_once(). */
void loop_restart(struct loop *l);

/*
 * A descriptor, off at first. It stays the caller's, and open as long as the
 * watch is on. NULL with ENOMEM.
 */
typedef void watch_fn(void *arg, short revents);
struct watch *watch_new(struct loop *l, int fd, watch_fn *fn, void *arg);

/* What to poll for; 0 still tells of errors and hang-ups. */
void watch_on(struct watch *w, short events);
void watch_off(struct watch *w);

/* Takes NULL, as timer_free() does. */
void watch_free(struct watch *w);

/* A time, never at first. NULL with ENOMEM. */
typedef void timer_fn(void *arg);
struct timer *timer_new(struct loop *l, timer_fn *fn, void *arg);
void timer_set(struct timer *t, deadline when);
void timer_free(struct timer *t);

/*
 * A signal, at least once after it came. from_kernel: a terminal made it, so that it
 * went to the whole foreground group. What was ignored when the program
 * started stays so, and is never told, but for SIGCHLD.
 */
typedef void signal_fn(void *arg, int signo, bool from_kernel);
int loop_signal(struct loop *l, int signo, signal_fn *fn, void *arg);

/* arg is to be told of no signal any more. */
void loop_forget(struct loop *l, const void *arg);

/* Those that were ignored at the start and that we catch all the same. */
const sigset_t *loop_ignored(const struct loop *l);

/* Stops the program as TSTP does by default, and comes back when it is continued. */
void loop_suspend(struct loop *l);

/*
 * What has to be put right before a signal ends the program that nobody else
 * catches: fn, async-signal-safe, is called first. NULL for nothing.
 */
typedef void loop_last_fn(void);
void loop_before_death(struct loop *l, loop_last_fn *fn);

#endif
