/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "expect.h"

#include "await.h"
#include "match.h"
#include "receive.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_SIZE = 262144,	/* of one read */
	WINDOW_PARTS = 8,	/* one of these falls out of a full window */
	MOST_COMPILED = 256,	/* patterns kept for later calls, or those of one */
	DOUBT_MS = 20		/* without a byte, and a match is taken as it is */
};

/* A pattern that was asked for, to be found again by what it says. */
struct compiled {
	struct dualpipe_pattern pattern;	/* with a copy of the text */
	struct match *match;
};

struct expect {
	struct compiled *compiled;
	size_t count;
	size_t room;

	struct match **wanted;		/* by the last call, in its order */
	size_t wanted_count;
	struct match_set *set;		/* of these */
	unsigned long long taken;	/* of dp when the set looked */
	struct match_found found;	/* by the set, where it found anything */

	const struct match *matched;	/* NULL: nothing was */
	struct match_span *spans;	/* in last */
	struct buf last;		/* what came before the match, and the match */

	char *error;
	size_t culprit;			/* the pattern that it is about */
	deadline doubted;		/* since when a match is in doubt; NEVER: none is */
	int looks;			/* whether the child waits, since then */
};

static void
forget_patterns(struct expect *e)
{
	size_t i;

	match_set_free(e->set);
	e->set = NULL;
	e->wanted_count = 0;
	for (i = 0; i < e->count; i++) {
		match_free(e->compiled[i].match);
		free((char *)e->compiled[i].pattern.text);
	}
	e->count = 0;
}

static struct expect *
state_of(struct dualpipe *dp)
{
	if (!dp->expect) {
		dp->expect = calloc(1, sizeof(*dp->expect));
		if (dp->expect)
			dp->expect->doubted = DEADLINE_NEVER;
	}
	return dp->expect;
}

void
expect_free(struct dualpipe *dp)
{
	struct expect *e = dp->expect;

	if (!e)
		return;
	forget_patterns(e);
	free(e->compiled);
	free(e->wanted);
	free(e->spans);
	free(e->error);
	buf_free(&e->last);
	free(e);
	dp->expect = NULL;
}

/* False where it is not known, too. */
static bool
child_waits(struct dualpipe *dp)
{
	return dualpipe_waits(dp) == DUALPIPE_WAITS;
}

/* Puts an error's text together; where there is no memory for it, there is none. */
__attribute__((format(printf, 3, 4))) static void
tell_error(struct expect *e, size_t culprit, const char *format, ...)
{
	va_list args;

	e->culprit = culprit;
	free(e->error);
	va_start(args, format);
	if (vasprintf(&e->error, format, args) < 0)
		e->error = NULL;
	va_end(args);
}

static size_t
size_of(const struct dualpipe_pattern *p)
{
	return p->size > 0 ? p->size : strlen(p->text);
}

static struct match *
find_compiled(const struct expect *e, const struct dualpipe_pattern *p)
{
	const struct compiled *c;
	size_t size = size_of(p);

	for (c = e->compiled; c < e->compiled + e->count; c++) {
		if (c->pattern.kind == p->kind && c->pattern.flags == p->flags && c->pattern.size == size &&
		    memcmp(c->pattern.text, p->text, size) == 0)
			return c->match;
	}
	return NULL;
}

static struct match *
compile(struct expect *e, size_t index, const struct dualpipe_pattern *p)
{
	/* our flags are those of `match', one bit lower */
	unsigned flags = p->flags << 1 | (p->kind == DUALPIPE_LITERAL ? MATCH_LITERAL : 0);
	size_t size = size_of(p), at = 0;
	struct match *m;
	char *cause;

	m = match_new(p->text, size, flags, &cause, &at);
	if (!m && cause)
		tell_error(e, index, "%s, at byte %zu", cause, at);
	free(cause);
	return m;
}

/* The compiled pattern, which is kept for later calls. */
static struct match *
keep_compiled(struct expect *e, size_t index, const struct dualpipe_pattern *p)
{
	struct compiled *grown, *c;
	size_t size = size_of(p);
	char *text;

	if (e->count == e->room) {
		grown = realloc(e->compiled, (e->room * 2 + 8) * sizeof(*grown));
		if (!grown)
			return NULL;
		e->compiled = grown;
		e->room = e->room * 2 + 8;
	}
	c = &e->compiled[e->count];
	c->match = compile(e, index, p);
	if (!c->match)
		return NULL;
	text = malloc(size + 1);
	if (!text) {
		match_free(c->match);
		return NULL;
	}
	memcpy(text, p->text, size);
	c->pattern = (struct dualpipe_pattern){ .kind = p->kind, .text = text, .size = size, .flags = p->flags };
	e->count++;
	return c->match;
}

/* Bounds what is kept: a program may make its patterns as it goes. */
static void
make_room(struct expect *e, const struct dualpipe_pattern *patterns, size_t n)
{
	size_t i;

	if (e->count < MOST_COMPILED)
		return;
	for (i = 0; i < n; i++)
		if (!find_compiled(e, &patterns[i]))
			break;
	if (i < n)
		forget_patterns(e);
}

static bool
is_pattern(const struct dualpipe_pattern *p)
{
	const unsigned known = DUALPIPE_NOCASE | DUALPIPE_MULTILINE | DUALPIPE_DOTALL | DUALPIPE_EXTENDED |
	    DUALPIPE_ONWARD;

	return p->text && (p->flags & ~known) == 0 && (p->kind == DUALPIPE_LITERAL || p->kind == DUALPIPE_REGEX);
}

/* Puts the patterns into wanted. 1 where these are not those of the last call. */
static int
want(struct expect *e, const struct dualpipe_pattern *patterns, size_t n)
{
	struct match **grown, *m;
	int changed = n != e->wanted_count;
	size_t i;

	if (n > e->wanted_count) {
		grown = realloc(e->wanted, n * sizeof(*grown));
		if (!grown)
			return -1;
		e->wanted = grown;
	}
	for (i = 0; i < n; i++) {
		m = find_compiled(e, &patterns[i]);
		if (!m)
			m = keep_compiled(e, i, &patterns[i]);
		if (!m)
			return -1;
		changed |= i >= e->wanted_count || e->wanted[i] != m;
		e->wanted[i] = m;
	}
	return changed;
}

/* What was known of the text stays so where the last call had the same patterns. */
static int
prepare(struct expect *e, const struct dualpipe_pattern *patterns, size_t n)
{
	int changed;
	size_t i;

	e->matched = NULL;
	free(e->error);
	e->error = NULL;
	for (i = 0; i < n; i++) {
		if (is_pattern(&patterns[i]))
			continue;
		tell_error(e, i, "no text, or an unknown kind or flag");
		errno = EINVAL;
		return -1;
	}
	make_room(e, patterns, n);
	changed = want(e, patterns, n);
	if (!changed && e->set)
		return 0;
	match_set_free(e->set);
	e->set = changed < 0 ? NULL : match_set_new(e->wanted, n);
	e->wanted_count = e->set ? n : 0;
	return e->set ? 0 : -1;
}

/* No match is in doubt. */
static void
calm(struct dualpipe *dp)
{
	dp->expect->doubted = dp->doubt_until = DEADLINE_NEVER;
}

/* Looks at what is there; as match_set_look(). */
static int
look(struct dualpipe *dp, bool settled)
{
	struct expect *e = dp->expect;
	int state;

	if (e->taken != dp->taken)
		match_set_reset(e->set);
	e->taken = dp->taken;
	state = match_set_look(e->set, buf_peek(&dp->kept), dp->kept.size, settled, &e->found);
	if (state != MATCH_DOUBTFUL)
		calm(dp);
	if (state < 0 && errno == E2BIG)
		tell_error(e, e->found.index, "it backtracks without end");
	return state;
}

/*
 * Whether a match in doubt is to be taken as it is: the child waits for
 * input, or says nothing. Else doubt_until is when to ask again: soon at
 * first, then ever later.
 */
static bool
is_settled(struct dualpipe *dp)
{
	struct expect *e = dp->expect;
	deadline now = deadline_now();

	if (e->doubted == DEADLINE_NEVER) {
		e->doubted = dp->doubt_until = now;
		e->looks = 0;
	}
	if (now >= e->doubted + DOUBT_MS)
		return true;
	if (now < dp->doubt_until)
		return false;
	if (child_waits(dp))
		return true;
	dp->doubt_until = e->doubted + (1 << e->looks++);
	if (dp->doubt_until > e->doubted + DOUBT_MS)
		dp->doubt_until = e->doubted + DOUBT_MS;
	return false;
}

/* Makes room in a full window: the front of it falls out. */
static void
drop_front(struct dualpipe *dp)
{
	size_t part = dp->match_buffer / WINDOW_PARTS;
	size_t size = dp->kept.size - dp->match_buffer + (part > 0 ? part : 1);

	receive_consume(dp, size);
	dp->dropped += size;
	match_set_dropped(dp->expect->set, size, buf_peek(&dp->kept), dp->kept.size);
	dp->expect->taken = dp->taken;
}

/* Takes in what is there, as far as the window has room; as read(2). */
static ssize_t
take_in(struct dualpipe *dp)
{
	size_t room = dp->match_buffer - dp->kept.size;
	ssize_t n = receive_more(dp, room < READ_SIZE ? room : READ_SIZE);

	if (n > 0)
		calm(dp);
	return n;
}

/* Waits for output, for d, or until what is in doubt is to be looked at again. */
static int
wait_for_more(struct dualpipe *dp, deadline d)
{
	if (await_output(dp, dp->doubt_until < d ? dp->doubt_until : d) < 0 && errno != ETIMEDOUT)
		return -1;
	if (dp->err >= 0)
		receive_err(dp);
	return 0;
}

/* Whether it is time to go: without a time to wait, when a window full was taken in. */
static bool
is_over(const struct dualpipe *dp, deadline d, ssize_t got, size_t *taken_in)
{
	if (d > 0)
		return deadline_left(d) == 0;
	if (got <= 0)
		return true;
	*taken_in += (size_t)got;
	return *taken_in >= dp->match_buffer;
}

/* MATCH_SURE, or DUALPIPE_END, DUALPIPE_TIMEOUT, -1. */
static int
wait_for_match(struct dualpipe *dp, deadline d)
{
	bool settled = false, over;
	int state = look(dp, false);
	size_t taken_in = 0;
	ssize_t got;

	while (state != MATCH_SURE) {
		if (state >= 0 && dp->kept.size >= dp->match_buffer) {
			state = look(dp, true);
			if (state == MATCH_SURE)
				break;
			if (state >= 0)
				drop_front(dp);
		}
		if (state < 0)
			return -1;
		got = take_in(dp);
		if (got < 0 && errno != EAGAIN)
			return -1;
		settled = settled && got < 0;
		over = is_over(dp, d, got, &taken_in);
		state = look(dp, settled || got == 0 || (over && d > 0));
		if (state < 0 || state == MATCH_SURE)
			break;
		if (got == 0)
			return DUALPIPE_END;
		if (got < 0 && state == MATCH_DOUBTFUL) {
			/* what came before the child began to wait may have come just now */
			settled = is_settled(dp);
			if (settled)
				continue;
		}
		if (over)
			return DUALPIPE_TIMEOUT;
		if (got < 0 && wait_for_more(dp, d) < 0)
			return -1;
	}
	return state;
}

/* Sets aside what matched and all before it, which is consumed then. */
static int
take_match(struct dualpipe *dp)
{
	struct expect *e = dp->expect;
	const struct match *m = e->wanted[e->found.index];
	size_t i, count = match_groups(m) + 1, extent = 0;
	struct match_span *spans = realloc(e->spans, count * sizeof(*spans));

	if (!spans)
		return -1;
	e->spans = spans;
	memcpy(spans, e->found.spans, count * sizeof(*spans));
	for (i = 0; i < count; i++) /* a group in a look-ahead ends behind the match */
		if (spans[i].end != SIZE_MAX && spans[i].end > extent)
			extent = spans[i].end;
	buf_consume(&e->last, e->last.size);
	if (buf_append(&e->last, buf_peek(&dp->kept), extent) < 0)
		return -1;
	receive_consume(dp, spans[0].end);
	e->matched = m;
	return (int)e->found.index;
}

int
dualpipe_expect(struct dualpipe *dp, const struct dualpipe_pattern *patterns, size_t n, int timeout_ms)
{
	deadline d = await_until(timeout_ms);
	int state;

	if (n > INT_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (!state_of(dp) || prepare(dp->expect, patterns, n) < 0)
		return -1;
	if (dp->is_pty)
		await_tend(dp);
	state = wait_for_match(dp, d);
	return state == MATCH_SURE ? take_match(dp) : state;
}

static const char *
nothing(size_t *size)
{
	if (size)
		*size = 0;
	return NULL;
}

const char *
dualpipe_match(const struct dualpipe *dp, unsigned group, size_t *size)
{
	const struct expect *e = dp->expect;

	if (!e || !e->matched || group > match_groups(e->matched) || e->spans[group].start == SIZE_MAX)
		return nothing(size);
	if (size)
		*size = e->spans[group].end - e->spans[group].start;
	return buf_peek(&e->last) + e->spans[group].start;
}

const char *
dualpipe_match_named(const struct dualpipe *dp, const char *name, size_t *size)
{
	int group = dp->expect && dp->expect->matched ?
	    match_named(dp->expect->matched, name, dp->expect->spans) : -1;

	return group < 0 ? nothing(size) : dualpipe_match(dp, (unsigned)group, size);
}

const char *
dualpipe_before(const struct dualpipe *dp, size_t *size)
{
	const struct expect *e = dp->expect;

	if (!e || !e->matched)
		return dualpipe_peek(dp, size);
	if (size)
		*size = e->spans[0].start;
	return buf_peek(&e->last);
}

const char *
dualpipe_error(const struct dualpipe *dp, size_t *culprit)
{
	const struct expect *e = dp->expect;

	if (!e || !e->error)
		return "";
	if (culprit)
		*culprit = e->culprit;
	return e->error;
}

const char *
dualpipe_peek(const struct dualpipe *dp, size_t *size)
{
	if (size)
		*size = dp->kept.size;
	return buf_peek(&dp->kept);
}

void
dualpipe_consume(struct dualpipe *dp, size_t size)
{
	receive_consume(dp, size < dp->kept.size ? size : dp->kept.size);
}

unsigned long long
dualpipe_dropped(const struct dualpipe *dp)
{
	return dp->dropped;
}
