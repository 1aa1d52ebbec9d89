/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * How a run comes to its end: the child ends and what still holds its channel
 * gets a while, a limit of time strikes, or a signal to us goes on to it.
 */
#ifndef ENDING_H
#define ENDING_H

#include "deadline.h"
#include "dualpipe.h"
#include "loop.h"

#include <stdbool.h>
#include <stdint.h>

struct ending;

enum ending_reason {
	ENDING_BY_ITSELF,
	ENDING_TIMEOUT,
	ENDING_IDLE,
	ENDING_STRUCK		/* by ending_strike() */
};

/* Times in milliseconds, negative for no limit. */
struct ending_opts {
	int64_t timeout_ms;
	int64_t idle_ms;	/* 0 too is no limit, as with timeout_ms */
	int64_t kill_after_ms;
	int64_t linger_ms;

	/* A limit has struck: told at once. A signal went on: its number. May be NULL. */
	void (*struck)(void *arg, enum ending_reason reason);
	void (*signalled)(void *arg, int signo);
	/* All is over; the loop can stop. */
	void (*over)(void *arg);
	void *arg;
};

/* Who takes in what the child says. */
struct ending_channel {
	/* The child has ended: what it has left in the channel is to be taken in. */
	void (*child_ended)(void *arg);
	/* All output has come, and was passed on. */
	bool (*done)(void *arg);
	/* Something has come that has still to be passed on. */
	bool (*pending)(void *arg);
	/* When something passed last, in any direction. */
	deadline (*last)(void *arg);
	void *arg;

	bool own_group;		/* the child leads a group, or a session, of its own */
};

/*
 * Before the child is started, so that no signal is lost; the limit of the
 * run's time begins here. NULL with errno.
 */
struct ending *ending_new(struct loop *l, const struct ending_opts *opts);

/* The child has begun; dp and what stands behind c live until ending_free(). -1 with errno. */
int ending_begin(struct ending *e, struct dualpipe *dp, const struct ending_channel *c);

/* To be called when c->done has come true. */
void ending_output_done(struct ending *e);

/*
 * The user wants the child to end, and has given it end-of-file: after
 * kill_after_ms TERM, and as long again, KILL. The status is the child's own.
 */
void ending_asked(struct ending *e);

/* A limit of the caller's own has struck: the child and its family are ended as by the others. */
void ending_strike(struct ending *e);

/* Takes NULL. */
void ending_free(struct ending *e);

/* How it was, once all is over. */
enum ending_reason ending_reason(const struct ending *e);

/* The child's wait(2) status; false where somebody else has reaped it. */
bool ending_status(const struct ending *e, int *status);

/* Something that the child started held its output, and was not waited for any longer. */
bool ending_cut_off(const struct ending *e);

/* A limit struck, and what had come by then was not taken from us. */
bool ending_gave_up(const struct ending *e);

#endif
