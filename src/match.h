/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Literals and PCRE2 over text that grows: which pattern matches first, and
 * whether that can still change with the next byte. No I/O. The only file
 * that includes pcre2.h.
 *
 * Text is UTF-8, in which bytes that are none match nothing but a literal.
 * \w, \d, \s, \b and [[:classes:]] go by what Unicode says of a character. "\n",
 * "\r" and "\r\n" end a line alike. There is no \C, and no \G, which would
 * match where a search happens to go on.
 */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>
#include <stddef.h>

enum match_flag {
	MATCH_LITERAL = 1,	/* no regular expression; of the others only NOCASE counts then */
	MATCH_NOCASE = 2,	/* i */
	MATCH_MULTILINE = 4,	/* m */
	MATCH_DOTALL = 8,	/* s */
	MATCH_EXTENDED = 16,	/* x */
	MATCH_ONWARD = 32	/* at the very front of the text it does not match nothing; match_once() aside */
};

/* A pattern, compiled. */
struct match;

/*
 * NULL with errno: EINVAL where text is no pattern; *cause, the caller's to
 * free, says why then, and *at where in text. Both may be NULL. Nothing of
 * text is kept.
 */
struct match *match_new(const char *text, size_t size, unsigned flags, char **cause, size_t *at);
void match_free(struct match *m);

/* Its named groups, each once, from 0; NULL behind the last. */
const char *match_name(const struct match *m, size_t i);

/* How many groups it has, the whole aside. */
unsigned match_groups(const struct match *m);

/* Where something matched: offsets into the text, both SIZE_MAX for a group that took no part. */
struct match_span {
	size_t start;
	size_t end;
};

/* The group of that name; of several the first that took part in spans. -1 where there is none. */
int match_named(const struct match *m, const char *name, const struct match_span *spans);

/*
 * The same text once, all of it there is: 1, 0 for no match, -1 with errno,
 * E2BIG where the pattern backtracks without end. spans has room for
 * match_groups() + 1.
 */
int match_once(struct match *m, const char *text, size_t size, struct match_span *spans);

/* The same for who need not know where. */
int match_test(struct match *m, const char *text, size_t size);

/* Several patterns over one text that grows: what is known of what was looked at. */
struct match_set;

/* The patterns stay the caller's and live as long as the set. NULL with ENOMEM. */
struct match_set *match_set_new(struct match *const *patterns, size_t count);
void match_set_free(struct match_set *s);

enum match_state {
	MATCH_NONE,		/* nothing there matches */
	MATCH_DOUBTFUL,		/* something does, or may, that the next byte can still change */
	MATCH_SURE
};

/* Which pattern, and its spans, valid until the next call. */
struct match_found {
	size_t index;
	const struct match_span *spans;
};

/*
 * Looks at the text, of which only what came since the last look is new: an
 * enum match_state, or -1 with errno and the pattern to blame as found->index.
 * Of what there is the earliest match wins, the earlier pattern where two
 * start together. settled: nothing more comes, so what is doubtful is sure.
 */
int match_set_look(struct match_set *s, const char *text, size_t size, bool settled, struct match_found *found);

/* The next look is at another text. */
void match_set_reset(struct match_set *s);

/*
 * Some bytes in front of this text fell out without being matched. What is
 * left begins no line, and what began to match in them does so no more.
 */
void match_set_dropped(struct match_set *s, size_t dropped, const char *text, size_t size);

#endif
