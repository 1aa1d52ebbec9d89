/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Bytes both ways between a child and our own standard descriptors, each
 * direction by itself: a slow side stops only what goes to it. Memory is
 * bounded. Where nobody looks at the bytes and both ends are pipes, they do
 * not pass through our memory at all.
 */
#ifndef RELAY_H
#define RELAY_H

#include "dualpipe.h"
#include "ending.h"
#include "loop.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct relay;

enum relay_dir {
	RELAY_TO_CHILD,
	RELAY_FROM_CHILD,
	RELAY_STDERR
};

/* What passes at a time at the most. */
enum { RELAY_BUFFER = 65536 };

/* What has passed: to the child once it is sent, from it once it is read. */
typedef void relay_seen_fn(void *arg, enum relay_dir dir, const void *data, size_t size);
typedef void relay_done_fn(void *arg);

/*
 * Takes output in place of a descriptor, as a non-blocking write(2) does. Once
 * it has said EAGAIN, relay_room() has to tell that there is room again.
 */
typedef ssize_t relay_take_fn(void *arg, enum relay_dir dir, const void *data, size_t size);

/*
 * Whether what was read from in_fd goes elsewhere, an end of file (size 0) too;
 * the child does not get it then.
 */
typedef bool relay_divert_fn(void *arg, const void *data, size_t size);

struct relay_opts {
	/* Ours, to be read and written as they are; -1 for an end that there is not. */
	int in_fd;
	int out_fd;
	int err_fd;		/* where dualpipe_read_err() is passed on */
	bool in_held;		/* in_fd is left alone until relay_hold_in(r, false) */
	bool timed;		/* when something passed last is wanted from the start */

	relay_seen_fn *seen;	/* may be NULL */
	relay_done_fn *done;	/* all output has come and was passed on; once */
	relay_divert_fn *divert;	/* may be NULL */
	relay_take_fn *take;	/* in place of out_fd and err_fd, where they are -1; may be NULL */
	void *arg;		/* of all four */
};

/* Begins at once. dp and the descriptors stay the caller's. NULL with errno. */
struct relay *relay_new(struct loop *l, struct dualpipe *dp, const struct relay_opts *opts);

/* Passes on what the library has taken in already: for a conversation that others have held so far. */
void relay_begin(struct relay *r);

/*
 * Ends out_fd for whoever reads it, which is where some file systems tell that
 * what was written is lost: relay_write_error() is true only after it.
 */
void relay_close_out(struct relay *r);

/* Takes NULL. */
void relay_free(struct relay *r);

/*
 * Sends to the child, behind what was sent before and what was read from in_fd.
 * How much still waits there is for the caller to look at. -1 with EPIPE where
 * nobody reads any more.
 */
int relay_send(struct relay *r, const void *data, size_t size);
size_t relay_unsent(const struct relay *r);

/* End-of-file behind all that was sent. */
void relay_send_end(struct relay *r);

/* Drops what still waits to be sent, as a terminal does when it is interrupted. */
void relay_unsend(struct relay *r);

/* The take function has room again. */
void relay_room(struct relay *r);

/* Leaves in_fd alone, or reads it again: a terminal while we are in the background. */
void relay_hold_in(struct relay *r, bool hold);

/* For how the run ends: once the child has ended nothing goes to it any more, and what it said is read on. */
void relay_channel(struct relay *r, struct ending_channel *c);

/* The bytes of the stream each way. */
uint64_t relay_to_child(const struct relay *r);
uint64_t relay_from_child(const struct relay *r);

/* The errno that reading in_fd, or writing out_fd, ended with; 0 for none. A reader that has gone is none. */
int relay_read_error(const struct relay *r);
int relay_write_error(const struct relay *r);

#endif
