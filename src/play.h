/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A dialogue at work: its steps, one after the other, against one child, from
 * the loop. What it waits for it does not wait for in any other place.
 */
#ifndef PLAY_H
#define PLAY_H

#include "dialogue.h"
#include "dualpipe.h"
#include "loop.h"
#include "profile.h"
#include "talk.h"

#include <stdbool.h>
#include <stddef.h>

struct play;

/* What there is to say. */
enum play_voice {
	PLAY_ERROR,	/* why it failed; more than one line where one does not do */
	PLAY_NOTICE,	/* where it was when a limit struck; the same */
	PLAY_VERBOSE	/* what is done */
};

struct play_opts {
	const struct dialogue *dialogue;	/* these three are kept, not copied */
	char *const *arguments;			/* $arg1 ..., NULL at the end */
	struct talk *talk;
	bool verbose;				/* PLAY_VERBOSE is wanted */
	const char *reply;			/* how a reply is known to be complete; NULL: ready */
	bool raw;				/* replies as they come */

	/*
	 * Starts the child of a spawn step, and begins the talk with it. NULL:
	 * it could not be started, which was told, and *status is to be ours.
	 */
	struct dualpipe *(*spawn)(void *arg, char *const argv[], bool pty, int *status);
	void (*say)(void *arg, enum play_voice voice, const char *line);
	/* For the record: what was done besides. */
	void (*did)(void *arg, const char *event);
	/* The person at the terminal is to have the conversation, until play_back(). */
	void (*hand_over)(void *arg);
	/* All steps are done, and what they printed has gone: once. */
	void (*over)(void *arg);
	void *arg;
};

/* NULL with errno. */
struct play *play_new(struct loop *l, const struct play_opts *opts);

/* dp: the child that runs already, or NULL. It begins at once. */
void play_begin(struct play *p, struct dualpipe *dp);

/* What is known of the child that is started next, for who asks it. NULL for nothing; it lives as long as p. */
void play_know(struct play *p, const struct profile *profile);

/* Takes NULL. */
void play_free(struct play *p);

enum { PLAY_TIMEOUT = 124, PLAY_FAILED = 125 };

/* The child has said this: read, not yet looked at. */
void play_heard(struct play *p, const void *data, size_t size);

/* Something may have changed; the talk tells. */
void play_changed(struct play *p);

/* The child has ended with this wait(2) status, and its output with it. */
void play_child_ended(struct play *p, int wait_status);

/*
 * A signal came that has gone on to the child: with its end all is over that
 * does not look at what it left.
 */
void play_interrupt(struct play *p, int signo);

/* The person has given it back; why there was none to hand it to, or NULL. */
void play_back(struct play *p, const char *cause);

/* No further step is done: a limit struck, or a signal ended us. */
void play_stop(struct play *p, int status);

/*
 * The status to end with, once it is over. wants_child: it is the child's, which has
 * still to end.
 */
int play_status(const struct play *p, bool *wants_child);

#endif
