/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A run that holds its conversation step by step, whoever takes the steps: the
 * child on the loop, its record, its limits of time, signals to us, its end.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include "dualpipe.h"
#include "ending.h"
#include "loop.h"
#include "outlet.h"
#include "outq.h"
#include "runopts.h"
#include "talk.h"
#include "transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who takes the steps is told of these; all but changed may be NULL. */
struct conversation_parts {
	/* The child has said this. */
	void (*heard)(void *arg, const void *data, size_t size);
	/* Its stderr has, which is passed on where this is NULL. */
	void (*heard_err)(void *arg, const void *data, size_t size);
	/* Something may have changed. */
	void (*changed)(void *arg);
	/* It has ended, and its output with it. */
	void (*child_ended)(void *arg, int wait_status);
	/* A limit of time struck: no further step is to be taken. */
	void (*struck)(void *arg);
	/* A signal to us: it went on to the child, or (alone) no further step is to be taken. */
	void (*interrupted)(void *arg, int signo, bool alone);
	void *arg;
	bool stream;		/* a pty takes what is sent as data, unless it is asked for as for keys */
};

struct conversation {
	struct runopts *asked;
	struct conversation_parts parts;
	struct loop *loop;
	struct ending *ending;
	struct talk *talk;
	struct outq *shown;		/* --show */
	struct transcript *transcript;
	struct dualpipe *dp;		/* NULL before the child is started */
	char *name;			/* of the command */
	bool pty;
	bool own_group;
	bool child_over;
	bool steps_over;
	bool lent;
	bool child_says;		/* the status is the child's */
	int interrupted;
	int64_t began_us;
	struct outlet report;		/* of --status-fd */
};

/* First of all: from here on the run counts, and conversation_close() is due. */
void conversation_begin(struct conversation *c, struct runopts *asked);

/* Before anything runs. -1: it cannot be, which was told. */
int conversation_open(struct conversation *c, const struct conversation_parts *parts);

/* Starts the child; NULL: it could not be, which was told, and *status is to be ours. */
struct dualpipe *conversation_start(struct conversation *c, char *const argv[], bool pty, int *status);

/* For the record. */
void conversation_did(struct conversation *c, const char *event);

/* The child gets end-of-file behind what is still to be sent, then --kill-after. */
void conversation_end_input(struct conversation *c);

/* The person at the terminal has it meanwhile. */
void conversation_lend(struct conversation *c, bool on);

/*
 * No more steps: the child gets end-of-file, or what its profile has in the
 * place of that, behind what is still to be sent,
 * then --kill-after. The loop stops when it has ended, and what it says until
 * then is thrown away.
 */
void conversation_steps_over(struct conversation *c);

/* No step is left, nor a child, nor something to be shown. */
bool conversation_is_over(const struct conversation *c);

/* Until all is over; -1: the wait itself failed, which was told. */
int conversation_run(struct conversation *c);

/* The child's status, which is to be ours; what it left behind is told. */
int conversation_status(struct conversation *c);

/* Ends the record, and reports. The status, which is 125 where something of ours went wrong. */
int conversation_close(struct conversation *c, int status);

/* Frees all of it. */
void conversation_free(struct conversation *c);

#endif
