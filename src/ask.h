/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Requests to a child, and its replies: a request goes only to a child that
 * waits for one, its reply ends where the framing says so, and comes clean.
 */
#ifndef ASK_H
#define ASK_H

#include "buf.h"
#include "dualpipe.h"
#include "framing.h"
#include "match.h"
#include "talk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ask;

enum ask_state {
	ASK_READY,
	ASK_SECRET,		/* the child waits with echo off */
	ASK_CONTINUATION,	/* it asks for more of the same request */
	ASK_TIMEOUT,
	ASK_EXITED		/* its output has ended */
};

struct ask_opts {
	const struct framing *framing;		/* these two are kept, not copied */
	struct match *continuation;		/* the prompt that asks for more; NULL where none is known */
	const struct buf *first;	/* requests in front of the first one, whose replies are dropped; kept, too */
	size_t first_count;
	bool raw;
	bool pty;
	bool shared;		/* somebody else looks at the output first: it stays the library's until the reply is complete */

	/* What came unasked before a request. */
	void (*unasked)(void *arg, const char *data, size_t size);
	void *arg;
};

/* The talk is the caller's, and listens while a request is at work. NULL with ENOMEM. */
struct ask *ask_new(struct talk *t, struct dualpipe *dp, const struct ask_opts *opts);
void ask_free(struct ask *a);

/* Whether somebody else looks at the output, from the next request on. */
void ask_set_shared(struct ask *a, bool shared);

/* A request, which is copied. -1 with errno. */
int ask_begin(struct ask *a, const char *request, size_t size);

/* The front of the output was consumed by somebody else, and is a part of the reply. -1 with ENOMEM. */
int ask_add(struct ask *a, const char *data, size_t size);

/*
 * Looks whether it is done: late is for the last time. 1, 0 where it is not,
 * or -1 with errno, E2BIG for a pattern that backtracks without end.
 */
int ask_look(struct ask *a, bool late);

/* When ask_look() is to be called though nothing has come; DEADLINE_NEVER for then only. */
deadline ask_next_look(const struct ask *a);

struct ask_reply {
	const char *text;	/* clean, with its last newline; valid until the next request. Not sent: what was said instead */
	size_t size;
	const char *prompt;	/* what was taken off its end */
	size_t prompt_size;
	enum ask_state state;
	enum framing_rule rule;
	bool sent;		/* the request has gone */
	const char *late;	/* it has not, since this one was not answered yet; NULL else */
	size_t late_size;
	bool whole;		/* the framing was content; else the child's end cut it off */
	bool blind;		/* silence alone decided */
	int64_t ms;
};

/* Of the request that is done. */
const struct ask_reply *ask_reply(const struct ask *a);

/* "ready", "secret" ... */
const char *ask_state_name(enum ask_state state);

#endif
