/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A child on the loop, for whoever holds a conversation with it step by step:
 * what is to be sent waits in a queue and goes while there is room, what it
 * says is kept by the library until it is consumed, its stderr is passed on.
 */
#ifndef TALK_H
#define TALK_H

#include "dualpipe.h"
#include "ending.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct talk;

struct talk_opts {
	/* Something may have changed: what was said, what was sent, a time. */
	void (*changed)(void *arg);
	/* Bytes that passed, for the record; DUALPIPE_TO_CHILD without what has an event in its place. */
	void (*passed)(void *arg, enum dualpipe_end end, const void *data, size_t size);
	/* What has passed is not taken yet, and no more is to come until talk_wake(). May be NULL. */
	bool (*full)(void *arg);
	/* What was sent is not to be seen, but that it was: "secret", "eof". */
	void (*did)(void *arg, const char *event);
	void *arg;
	int err_fd;	/* where the child's stderr goes that the library reads; -1: nowhere */
};

/* Before the child: dualpipe_opts.seen is talk_seen() with the talk as its argument. NULL with errno. */
struct talk *talk_new(struct loop *l, const struct talk_opts *opts);
void talk_seen(void *talk, enum dualpipe_end end, const void *data, size_t size);

/* dp stays the caller's, and lives until talk_end() or talk_free(). -1 with errno. */
int talk_begin(struct talk *t, struct dualpipe *dp);
void talk_end(struct talk *t);

/* Takes NULL. */
void talk_free(struct talk *t);

/*
 * Sends behind what was sent before, as it gets room. event: what the record
 * shows in its place, or NULL; the bytes are wiped then once they have gone. EPIPE where nobody reads
 * any more; -1 with errno.
 */
int talk_send(struct talk *t, const void *data, size_t size, const char *event);

/* Bytes that the channel has not taken yet. */
size_t talk_unsent(const struct talk *t);

/* End-of-file behind all that was sent. event: what the record shows of it, or NULL. */
void talk_send_end(struct talk *t, const char *event);

/*
 * Whether somebody looks at the output by dualpipe_expect() at each change;
 * else it is taken in as far as the library keeps it, and the child waits then.
 */
void talk_listen(struct talk *t, bool on);

/* How long nothing has passed, in milliseconds. */
int64_t talk_silent_ms(const struct talk *t);

/* The unfinished line that was said last, as far as it is kept: a prompt, as a rule. */
const char *talk_last_line(const struct talk *t, size_t *size);

/* changed() is called soon, also where nothing has happened; once there is a child. */
void talk_wake(struct talk *t);

/* Somebody else reads and writes the child for a while, and records what goes to it. */
void talk_lend(struct talk *t, bool on);

/* For how it ends. */
void talk_channel(struct talk *t, struct ending_channel *c);

/* The bytes of the stream each way. */
uint64_t talk_to_child(const struct talk *t);
uint64_t talk_from_child(const struct talk *t);

#endif
