/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The end of a child that listens to what a person types: its pipe, its pty,
 * or the side terminal beside its pipes, where a question is answered.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "dualpipe.h"
#include "relay.h"
#include "side.h"

#include <stdbool.h>
#include <stddef.h>

/* In the caller's struct. */
struct listener {
	struct dualpipe *dp;
	struct relay *relay;	/* that sends to it */
	struct side *side;	/* NULL where there is none */
	bool pty;
	bool ended;		/* a pipe, by an end-of-file */
};

enum listener_wants {
	LISTENER_LINES,
	LISTENER_SECRET,	/* a line with echo off */
	LISTENER_KEYS,		/* it edits for itself */
	LISTENER_NOTHING	/* its pipe has ended, and nobody asks beside it */
};

/* before: what it wanted when it was last asked, in case it cannot tell. */
enum listener_wants listener_wants(const struct listener *l, enum listener_wants before);

enum listener_end {
	LISTENER_PIPE,
	LISTENER_PTY,		/* whose driver echoes what it gets */
	LISTENER_SIDE		/* the same */
};

/* Whom the next line is for. */
enum listener_end listener_end(const struct listener *l);

/*
 * These give -1 where it could not be sent. A line ends with a newline where
 * ended, else it is only a part of one.
 */
int listener_line(struct listener *l, enum listener_end end, const char *line, size_t size, bool ended);
int listener_keys(struct listener *l, const void *data, size_t size);
int listener_end_of_file(struct listener *l, enum listener_end end);

/* A pty: the key that does what the index of c_cc says; and whether keys make signals there. */
int listener_special(struct listener *l, int index);
bool listener_signals(const struct listener *l);

/* A child that draws is told to draw anew. */
void listener_redraw(struct listener *l);

#endif
