/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The side terminal without an editor: the user's own terminal edits the
 * lines, a line that answers what was asked there goes there, and its echo
 * follows that of the side terminal. So does its being raw: then every key
 * goes there.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "dualpipe.h"
#include "loop.h"
#include "tty.h"

#include <stdbool.h>
#include <stddef.h>

struct answer;

struct answer_opts {
	struct tty *tty;	/* not raw; it stays the caller's */

	/* For the record: answers that were seen, what was done besides, what was asked. */
	void (*sent)(void *arg, const void *data, size_t size);
	void (*did)(void *arg, const char *words);
	void (*heard)(void *arg, const void *data, size_t size);
	void *arg;
};

/* dp has a side terminal, and lives until answer_free(). NULL with errno. */
struct answer *answer_new(struct loop *l, struct dualpipe *dp, const struct answer_opts *opts);

/* A line was typed, or keys, or its end (size 0): whether it was for the side terminal, and is on its way. */
bool answer_line(struct answer *a, const void *data, size_t size);

/* The child has written elsewhere: what was drawn there before, and lines, stand before it. */
void answer_take(struct answer *a);

/* At the end, while tty is there: shows what was said last. Both take NULL. */
void answer_end(struct answer *a);
void answer_free(struct answer *a);

#endif
