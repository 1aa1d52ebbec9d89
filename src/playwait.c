/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The steps that wait: for what the child says, for its end, for a time. */

#include "playing.h"

#include "escape.h"
#include "number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SILENCE_MS = 300,	/* of a child that may wait for input */
	LOOK_MS = 5,		/* between two looks whether the child waits for input */
	DOUBT_MS = 25,		/* then the library has decided what came last */
	END_MS = 100		/* for the child to end behind its output */
};

static bool
add_case(struct play *p, const struct dialogue_branch *branch, size_t standing)
{
	struct expect_case *c;

	if (p->case_count == p->case_room) {
		size_t room = p->case_room * 2 + 8;
		struct expect_case *cases = realloc(p->cases, room * sizeof(*cases));

		if (cases) {
			memset(cases + p->case_room, 0, (room - p->case_room) * sizeof(*cases));
			p->cases = cases;
			p->case_room = room;
		}
	}
	if (p->case_count == p->case_room)
		return play_fail(p, PLAY_FAILED, branch->pattern.at, "%s", strerror(ENOMEM));
	c = &p->cases[p->case_count++];
	c->branch = branch;
	c->standing = standing;
	return true;
}

static bool
is_text(const struct expect_case *c)
{
	return c->branch->pattern.kind == DIALOGUE_LITERAL || c->branch->pattern.kind == DIALOGUE_REGEX;
}

static bool
expand_case(struct play *p, struct expect_case *c)
{
	const struct dialogue_pattern *pattern = &c->branch->pattern;
	bool regex = pattern->kind == DIALOGUE_REGEX;

	if (!play_expand_to(p, &pattern->text, regex ? VARS_REGEX : VARS_PLAIN, &c->text))
		return false;
	if (c->text.size == 0)
		return play_fail(p, PLAY_FAILED, pattern->at, "%s is empty, and would match anything", pattern->source);
	return true;
}

static bool
make_room(struct play *p)
{
	struct dualpipe_pattern *patterns = realloc(p->patterns, p->case_room * sizeof(*patterns));
	size_t *case_of = realloc(p->case_of, p->case_room * sizeof(*case_of));

	if (patterns)
		p->patterns = patterns;
	if (case_of)
		p->case_of = case_of;
	if (!patterns || !case_of)
		return false;
	p->pattern_room = p->case_room;
	return true;
}

/* What the library is asked for. */
static bool
make_patterns(struct play *p)
{
	size_t i;

	p->pattern_count = 0;
	if (p->case_count == 0)
		return true;
	if (p->pattern_room < p->case_room && !make_room(p))
		return play_fail(p, PLAY_FAILED, p->step->at, "%s", strerror(ENOMEM));
	for (i = 0; i < p->case_count; i++) {
		struct expect_case *c = &p->cases[i];

		if (!is_text(c))
			continue;
		if (!expand_case(p, c))
			return false;
		p->case_of[p->pattern_count] = i;
		p->patterns[p->pattern_count++] = (struct dualpipe_pattern){
			.kind = c->branch->pattern.kind == DIALOGUE_REGEX ? DUALPIPE_REGEX : DUALPIPE_LITERAL,
			.text = buf_peek(&c->text),
			.size = c->text.size,
			.flags = c->branch->pattern.flags | (p->onward && p->took_nothing ? DUALPIPE_ONWARD : 0u)
		};
	}
	return true;
}

/* Its own branches, and behind them those that every expect has. */
static bool
collect_cases(struct play *p, const struct dialogue_step *step)
{
	size_t i;

	p->case_count = 0;
	for (i = 0; i < step->branch_count; i++)
		if (!add_case(p, &step->branches[i], SIZE_MAX))
			return false;
	for (i = 0; i < p->standing_count; i++)
		if (!p->standing[i].busy && !add_case(p, &p->standing[i].step->branches[0], i))
			return false;
	return make_patterns(p);
}

static struct expect_case *
find_case(struct play *p, enum dialogue_pattern_kind kind)
{
	size_t i;

	for (i = 0; i < p->case_count; i++)
		if (p->cases[i].branch->pattern.kind == kind)
			return &p->cases[i];
	return NULL;
}

static const char *
get_group(void *arg, unsigned group, const char *name, size_t *size)
{
	const struct play *p = arg;

	return name ? dualpipe_match_named(p->dp, name, size) : dualpipe_match(p->dp, group, size);
}

static bool
set_match(struct play *p, const struct dialogue_pattern *pattern)
{
	size_t size;
	const char *before = dualpipe_before(p->dp, &size);

	if (vars_set_match(p->vars, pattern, get_group, p) == 0 && vars_set(p->vars, "before", before, size) == 0)
		return true;
	return play_fail(p, PLAY_FAILED, pattern->at, "%s", strerror(ENOMEM));
}

/* Behind eof, timeout and ready it is all that was there. */
static bool
set_rest(struct play *p, const struct dialogue_pattern *pattern)
{
	size_t size;
	const char *data = dualpipe_peek(p->dp, &size);

	vars_forget_match(p->vars);
	if (vars_set(p->vars, "before", data, size) < 0)
		return play_fail(p, PLAY_FAILED, pattern->at, "%s", strerror(ENOMEM));
	if (pattern->kind != DIALOGUE_TIMEOUT)
		dualpipe_consume(p->dp, size);
	return true;
}

/* So that who misses what an early byte said can know. */
static void
note_dropped(struct play *p)
{
	unsigned long long dropped = dualpipe_dropped(p->dp) - p->dropped;

	p->dropped += dropped;
	if (dropped > 0)
		play_note(p, p->step->at, "%llu bytes that matched nothing fell out of --match-buffer", dropped);
}

static uint64_t
all_passed(const struct play *p)
{
	return talk_to_child(p->opts.talk) + talk_from_child(p->opts.talk);
}

/* Who waits on behind what took nothing must not meet the same again, and so go round for ever. */
static void
note_progress(struct play *p, const struct dialogue_pattern *pattern)
{
	size_t size = 1;

	if (pattern->kind == DIALOGUE_LITERAL || pattern->kind == DIALOGUE_REGEX)
		(void)dualpipe_match(p->dp, 0, &size);
	if (pattern->kind != DIALOGUE_TIMEOUT)
		p->took_nothing = size == 0;
	p->ready_at = pattern->kind == DIALOGUE_READY ? all_passed(p) : UINT64_MAX;
}

static void
take(struct play *p, const struct expect_case *c)
{
	const struct dialogue_pattern *pattern = &c->branch->pattern;
	struct frame f = { .kind = FRAME_BRANCH, .block = &c->branch->block, .step = p->step };
	bool at_end = pattern->kind == DIALOGUE_EOF;

	note_dropped(p);
	if (!(is_text(c) ? set_match(p, pattern) : set_rest(p, pattern)))
		return;
	note_progress(p, pattern);
	play_note(p, pattern->at, "%s %s", pattern->source, is_text(c) ? "matched" : "it is");
	p->met_end |= at_end;
	f.at_end = at_end;
	if (c->standing != SIZE_MAX) {
		f.kind = FRAME_ON;
		f.on = c->standing;
		p->standing[c->standing].busy = true;
	}
	talk_listen(p->opts.talk, false);
	play_go_on(p);
	(void)play_enter(p, &f);
}

static void
append_patterns(struct play *p, struct buf *text)
{
	size_t i;

	for (i = 0; i < p->case_count; i++) {
		const struct dialogue_pattern *pattern = &p->cases[i].branch->pattern;

		if (i > 0)
			(void)buf_append(text, i + 1 < p->case_count ? ", " : " or ", i + 1 < p->case_count ? 2 : 4);
		(void)buf_append(text, pattern->source, strlen(pattern->source));
	}
}

/* What an expect had to do with when it came to nothing. The caller frees it; NULL where there is no memory. */
static char *
describe(struct play *p, const char *why)
{
	struct buf patterns = { 0 }, rest = { 0 };
	char state[80], *text = NULL;
	size_t size;
	const char *data = dualpipe_peek(p->dp, &size);

	note_dropped(p);
	append_patterns(p, &patterns);
	(void)escape_last_lines(&rest, data, size); /* without memory they are not told */
	if (asprintf(&text, "expect: %s for %.*s after %.3g s; %s%s%.*s", why, (int)patterns.size, buf_peek(&patterns),
	    play_waited(p), play_state(p, state, sizeof(state)), rest.size > 0 ? "; what did not match:" : "",
	    (int)rest.size, buf_peek(&rest)) < 0)
		text = NULL;
	buf_free(&patterns);
	buf_free(&rest);
	return text;
}

static void
fail(struct play *p, int status, const char *why)
{
	char *text = describe(p, why);

	(void)play_fail(p, status, p->step->at, "%s", text ? text : strerror(ENOMEM));
	free(text);
}

void
playwait_struck(struct play *p)
{
	char state[80], *text;

	switch (p->waiting) {
	case WAITING_EXPECT:
		text = describe(p, "time is out");
		play_notice(p, p->step->at, "%s", text ? text : strerror(ENOMEM));
		free(text);
		break;
	case WAITING_SECRET:
	case WAITING_PROMPT:
	case WAITING_REPLY:
	case WAITING_SLEEP:
	case WAITING_CHILD:
	case WAITING_CLOSE:
		play_notice(p, p->step->at, "%s: time is out after %.3g s; %s", p->step->verb,
		    play_waited(p), play_state(p, state, sizeof(state)));
		break;
	case WAITING_NOT:
	case WAITING_PERSON:
	case WAITING_OUTPUT:
	case WAITING_STOPPED:
		break;
	}
}

void
playwait_for_end(struct play *p)
{
	if (p->at_end)
		return;
	p->at_end = true;
	if (deadline_in(END_MS) < p->until)
		p->until = deadline_in(END_MS);
	timer_set(p->timer, p->until);
}

/* How the child ended is a part of what is told, and comes behind its output. */
static void
look_at_end(struct play *p, bool late)
{
	const struct expect_case *c = find_case(p, DIALOGUE_EOF);

	if (c) {
		take(p, c);
	} else if (p->child_ended && p->interrupted > 0) {
		play_abandon(p);
	} else if (p->child_ended || late) {
		fail(p, 1, "the output has ended");
	} else {
		playwait_for_end(p);
	}
}

static void
look_at_time(struct play *p)
{
	const struct expect_case *c = find_case(p, DIALOGUE_TIMEOUT);
	int doubt_ms = dualpipe_pollms(p->dp);

	/* What has come is looked at before the time is. */
	if (!p->graced && doubt_ms >= 0 && doubt_ms < DOUBT_MS && p->limit_ms > 0) {
		p->graced = true;
		p->until = deadline_in(DOUBT_MS);
		timer_set(p->timer, p->until);
		return;
	}
	if (c)
		take(p, c);
	else
		fail(p, PLAY_TIMEOUT, "time is out");
}

/* What is not sure needs some silence, in which it was never seen at work. */
static bool
waits(struct play *p)
{
	switch (dualpipe_waits(p->dp)) {
	case DUALPIPE_WAITS:
		return true;
	case DUALPIPE_MAY_WAIT:
	case DUALPIPE_WAITS_UNKNOWN:
		return talk_silent_ms(p->opts.talk) >= SILENCE_MS && deadline_now() - p->busy >= SILENCE_MS;
	case DUALPIPE_BUSY:
		p->busy = deadline_now();
		break;
	}
	return false;
}

static void
look_whether_ready(struct play *p)
{
	const struct expect_case *c = find_case(p, DIALOGUE_READY);
	deadline next;

	if (!c || (p->onward && p->ready_at == all_passed(p)))
		return;
	if (talk_unsent(p->opts.talk) == 0 && waits(p)) {
		take(p, c);
		return;
	}
	next = deadline_in(LOOK_MS);
	timer_set(p->timer, next < p->until ? next : p->until);
}

/* It matches nothing because it cannot be looked for. */
static bool
fail_pattern(struct play *p)
{
	int error = errno;
	size_t culprit = 0;
	const char *why = dualpipe_error(p->dp, &culprit);
	const struct dialogue_pattern *pattern;

	if (!why[0])
		return play_fail(p, PLAY_FAILED, p->step->at, "%s: %s", p->step->verb, strerror(error));
	pattern = &p->cases[p->case_of[culprit]].branch->pattern;
	return play_fail(p, PLAY_FAILED, pattern->at, "%s: %s", pattern->source, why);
}

static void
look_at_output(struct play *p, bool late)
{
	int result = dualpipe_expect(p->dp, p->patterns, p->pattern_count, 0);

	if (result >= 0) {
		take(p, &p->cases[p->case_of[result]]);
	} else if (result == DUALPIPE_END) {
		look_at_end(p, late);
	} else if (result != DUALPIPE_TIMEOUT) {
		(void)fail_pattern(p);
	} else if (late) {
		look_at_time(p);
	} else {
		look_whether_ready(p);
	}
}

/* Its output has come to the end, and it has ended. */
static void
look_at_child(struct play *p, bool late)
{
	char state[80], code[16];
	size_t size;

	(void)dualpipe_expect(p->dp, NULL, 0, 0);
	(void)dualpipe_peek(p->dp, &size);
	dualpipe_consume(p->dp, size);
	if (p->child_ended) {
		(void)snprintf(code, sizeof(code), "%d", play_code(p->wait_status));
		if (vars_set(p->vars, "status", code, strlen(code)) < 0)
			(void)play_fail(p, PLAY_FAILED, p->step->at, "%s", strerror(ENOMEM));
		p->met_end = true;
		talk_listen(p->opts.talk, false);
		if (!p->decided)
			play_go_on(p);
	} else if (late) {
		(void)play_fail(p, PLAY_TIMEOUT, p->step->at, "wait: the child has not ended after %.3g s; %s",
		    play_waited(p), play_state(p, state, sizeof(state)));
	}
}

static void
look_at_queue(struct play *p, bool late)
{
	if (talk_unsent(p->opts.talk) == 0) {
		talk_send_end(p->opts.talk, NULL);
		(void)dualpipe_read_end(p->dp);
		play_go_on(p);
	} else if (late) {
		(void)play_fail(p, PLAY_TIMEOUT, p->step->at, "close: the child has not read what was sent after %.3g s",
		    play_waited(p));
	}
}

void
playwait_look(struct play *p, bool late)
{
	switch (p->waiting) {
	case WAITING_EXPECT:
		look_at_output(p, late);
		break;
	case WAITING_CHILD:
		look_at_child(p, late);
		break;
	case WAITING_CLOSE:
		look_at_queue(p, late);
		break;
	case WAITING_SLEEP:
		if (late)
			play_go_on(p);
		break;
	case WAITING_NOT:
	case WAITING_SECRET:
	case WAITING_PROMPT:
	case WAITING_REPLY:
	case WAITING_PERSON:
	case WAITING_OUTPUT:
	case WAITING_STOPPED:
		break;
	}
}

bool
playwait_special(struct play *p, enum dialogue_pattern_kind kind)
{
	const struct expect_case *c = find_case(p, kind);

	if (c)
		take(p, c);
	return c != NULL;
}

bool
playwait_standing(struct play *p)
{
	int result = p->pattern_count > 0 ? dualpipe_expect(p->dp, p->patterns, p->pattern_count, 0) : DUALPIPE_TIMEOUT;
	const char *before;
	size_t size;

	if (result < 0)
		return result != DUALPIPE_TIMEOUT && result != DUALPIPE_END && fail_pattern(p);
	before = dualpipe_before(p->dp, &size);
	if (ask_add(p->ask, before, size) < 0)
		return play_fail(p, PLAY_FAILED, p->step->at, "%s", strerror(ENOMEM));
	take(p, &p->cases[p->case_of[result]]);
	return true;
}

static bool
begin(struct play *p, const struct dialogue_step *step)
{
	bool asks = step->kind == DIALOGUE_ASK;

	play_wait(p, asks ? WAITING_REPLY : WAITING_EXPECT, step, p->limit_ms);
	p->graced = p->at_end = false;
	if (!p->onward)
		p->busy = p->began; /* nobody has looked before */
	if (!collect_cases(p, step))
		return false;
	talk_listen(p->opts.talk, true);
	if (asks)
		playask_look(p, false);
	else
		playwait_look(p, false);
	return true;
}

bool
playwait_look_for(struct play *p, const struct dialogue_step *step)
{
	p->onward = false;
	return begin(p, step);
}

bool
playwait_again(struct play *p, const struct dialogue_step *step)
{
	p->onward = true;
	return begin(p, step);
}

static bool
begin_sleep(struct play *p, const struct dialogue_step *step)
{
	const char *word = play_word(p, &step->words[0], ARGUMENT_DURATION);
	int64_t ms;

	if (!word || !number_duration(word, &ms))
		return false;
	play_wait(p, WAITING_SLEEP, step, ms);
	return true;
}

bool
playwait_begin(struct play *p, const struct dialogue_step *step)
{
	if (step->kind == DIALOGUE_SLEEP)
		return begin_sleep(p, step);
	if (step->kind == DIALOGUE_EXPECT)
		return playwait_look_for(p, step);
	play_wait(p, step->kind == DIALOGUE_WAIT ? WAITING_CHILD : WAITING_CLOSE, step, p->limit_ms);
	talk_listen(p->opts.talk, step->kind == DIALOGUE_WAIT);
	playwait_look(p, false);
	return true;
}

void
playwait_free(struct play *p)
{
	size_t i;

	for (i = 0; i < p->case_room; i++)
		buf_free(&p->cases[i].text);
	free(p->cases);
	free(p->patterns);
	free(p->case_of);
}
