/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What is known about a program, as a file says it: the user's own in
 * $XDG_CONFIG_HOME/dualpipe/profiles, then those that came with us.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "buf.h"
#include "match.h"

#include <stdbool.h>
#include <stddef.h>

/* Strings are NULL where the file does not say it; arrays are NULL at the end, or NULL. */
struct profile {
	char *path;
	bool pty;
	const char *stderr_word;	/* a way, no file */
	const char *reply;		/* a framing, and a pattern: both are right */
	const char *error;
	struct match *continuation;	/* the prompt that asks for more */
	const char **arguments;
	const char **environment;
	struct buf *requests;		/* asked at the start */
	size_t request_count;
	const char *status_request;	/* what a request ended with is in group 1 of its reply */
	struct match *status;
	bool quits;
	struct buf quit;		/* sent at the end in place of end-of-file */

	char *lines;			/* private: what the strings point into */
	struct match *holds;
};

/*
 * The one of that name. NULL with *cause, the caller's to free, which may take
 * lines of its own; NULL itself where memory is out.
 */
struct profile *profile_open(const char *name, char **cause);

/*
 * The one that is for the command argv[0] and holds with its arguments, in
 * *found; NULL where there is none. -1 with *cause as above.
 */
int profile_find(struct profile **found, char *const argv[], char **cause);

/* Takes NULL. */
void profile_free(struct profile *p);

#endif
