/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * When is a reply complete? All the framings behind one interface: what has
 * come since the request is looked at again whenever something has changed.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include "buf.h"
#include "dualpipe.h"
#include "match.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum framing_kind {
	FRAMING_READY,
	FRAMING_LINES,
	FRAMING_PROMPT,
	FRAMING_UNTIL,
	FRAMING_ECHO,
	FRAMING_QUIET,
	FRAMING_NULL,
	FRAMING_LENGTH,
	FRAMING_EOF
};

/* All zero is `ready'. */
struct framing {
	enum framing_kind kind;
	unsigned long lines;
	int64_t quiet_ms;
	char *request;		/* of ECHO: sent behind each request, without its Enter */
	struct match *pattern;	/* of PROMPT, UNTIL, ECHO */
};

/*
 * "ready", "line", "lines:N", "prompt:RE" ...; -1 where text is none, with
 * EINVAL and *cause, the caller's to free, or with ENOMEM and none. cause may
 * be NULL.
 */
int framing_parse(struct framing *f, const char *text, char **cause);
void framing_free(struct framing *f);

/* Whether requests go to a child that waits for one, line by line. */
bool framing_waits(const struct framing *f);

/* Whether bytes are bytes: nothing is cleaned or added. */
bool framing_binary(const struct framing *f);

/* What there is to judge by. */
struct framing_view {
	const char *data;	/* what has come since the request */
	size_t size;
	bool drained;		/* nothing more is readable now */
	bool ended;		/* nor will anything be */
	int64_t silent_ms;	/* since the last byte, or the request */
	int64_t waiting_ms;	/* the same, while it was seen to wait, if only in a way that is not sure */
	bool fresh;		/* it was never asked, and has shown nothing yet that can be a prompt */
	enum dualpipe_waiting waiting;	/* only where it is wanted, see below */

	/* The unfinished line that stood before the request, for `ready'. */
	const char *prompt;
	size_t prompt_size;
	struct match *continuation;	/* the prompt that asks for more; NULL where none is known */
	bool more;		/* more of the same request follows */
	bool secret;		/* its terminal does not echo: a half line asks for a secret */
	bool edits;		/* its terminal is as who edits a line wants it */
};

/* Which rule decided. */
enum framing_rule {
	FRAMING_NOT_YET,
	FRAMING_BY_READY,	/* the child waits, for sure */
	FRAMING_BY_SILENCE,	/* it may wait, and says nothing */
	FRAMING_BY_PROMPT,	/* the same, and what it said last is like its prompt */
	FRAMING_BY_PATTERN,
	FRAMING_BY_COUNT,	/* of lines or bytes */
	FRAMING_BY_END
};

struct framing_found {
	size_t reply;		/* bytes of the reply, from skip on */
	size_t skip;		/* in front of it: a length */
	size_t prompt;		/* behind it: what a pattern has found to be the prompt */
	size_t all;		/* bytes that are done with: the reply, and what ended it */
	int64_t look_ms;	/* FRAMING_NOT_YET: when to look again though nothing has come; negative: never */
};

/* What was looked at of one reply; all zero at its beginning. */
struct framing_progress {
	size_t seen;		/* bytes that need not be looked at again */
	unsigned long lines;
};

/*
 * Whether it is complete: a rule, or FRAMING_NOT_YET, or -1 with errno, E2BIG
 * where a pattern backtracks without end. waiting is wanted where this says so.
 */
bool framing_wants_waiting(const struct framing *f, const struct framing_view *v);
int framing_look(const struct framing *f, struct framing_progress *p, const struct framing_view *v,
    struct framing_found *found);

/* The word for it, in JSON and messages. */
const char *framing_rule_name(enum framing_rule rule);

/* Whether what stands at the end of a reply is a prompt like the one before. */
bool framing_like_prompt(const char *line, size_t size, const char *prompt, size_t prompt_size);

/* Where the unfinished line at the end of data begins; size where there is none. */
size_t framing_last_line(const char *data, size_t size);

#endif
