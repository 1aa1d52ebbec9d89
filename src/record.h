/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The transcript that --transcript asks for: none where it does not. */
#ifndef RECORD_H
#define RECORD_H

#include "dualpipe.h"
#include "runopts.h"
#include "transcript.h"

#include <stdbool.h>
#include <stddef.h>

/* What the conversation is like, for its head. */
struct record_opts {
	const struct runopts *asked;
	char *const *argv;
	bool pty;
	enum dualpipe_terminal terminal;	/* of the pty */
	bool keys;		/* what goes to the child is typed */
	bool shown;		/* typed on pipes, where a person sees it */
	unsigned short rows, columns;
};

/* *t is NULL where none is wanted. -1: it cannot be written, which was told. */
int record_open(struct transcript **t, const struct record_opts *opts);

/* For a conversation step by step, which is written at once. *t may be NULL, as it may for those below. */
void record_data(struct transcript *t, enum dualpipe_end end, const void *data, size_t size);
void record_event(struct transcript *t, const char *event);

/* Says what transcript_error() has found. */
void record_tell(const struct runopts *asked, int error);

/* Ends it. -1: something of it is lost, which was told. */
int record_close(struct transcript **t, const struct runopts *asked, bool known, int wait_status);

/* Ends what record_close() has not, where there is nothing to tell any more. */
void record_drop(struct transcript **t);

#endif
