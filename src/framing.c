/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "framing.h"

#include "cause.h"
#include "clean.h"
#include "number.h"
#include "suggest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WEAK_SILENCE_MS = 300,	/* behind a sign that is not sure */
	FIRST_SILENCE_MS = 1000,	/* the same from the start: its prompt may come from afar */
	PROMPT_WINDOW = 4096,	/* bytes at the end that may be a prompt */
	LENGTH_SIZE = 4
};

static int
take_pattern(struct framing *f, const char *before, const char *text, const char *behind, char **cause)
{
	char *pattern = NULL, *why = NULL;

	if (!*text)
		return cause_set(cause, "a pattern has to stand behind the colon");
	if (asprintf(&pattern, "%s%s%s", before, text, behind) < 0)
		return -1;
	f->pattern = match_new(pattern, strlen(pattern), MATCH_MULTILINE, &why, NULL);
	free(pattern);
	if (f->pattern)
		return 0;
	if (why)
		(void)cause_set(cause, "'%.40s' is no regular expression: %s", text, why);
	free(why);
	return -1;
}

static int
take_lines(struct framing *f, const char *text, char **cause)
{
	if (number_whole(text, 1, ULONG_MAX, &f->lines, NULL))
		return 0;
	return cause_set(cause, "'%.40s' is no number of lines", text);
}

static int
take_quiet(struct framing *f, const char *text, char **cause)
{
	if (number_duration(text, &f->quiet_ms) && f->quiet_ms >= 0)
		return 0;
	return cause_set(cause, "'%.40s' is no duration", text);
}

/* echo:REQUEST:RE, split at the last colon. */
static int
take_echo(struct framing *f, const char *text, char **cause)
{
	const char *colon = strrchr(text, ':');

	if (!colon || colon == text)
		return cause_set(cause, "'echo:%.40s' is no framing; it is echo:REQUEST:RE", text);
	f->request = strndup(text, (size_t)(colon - text));
	if (!f->request)
		return -1;
	return take_pattern(f, "", colon + 1, "", cause);
}

static int
take_value(struct framing *f, const char *text, char **cause)
{
	switch (f->kind) {
	case FRAMING_LINES:
		return take_lines(f, text, cause);
	case FRAMING_PROMPT:
		return take_pattern(f, "(?:", text, ")\\z", cause);
	case FRAMING_UNTIL:
		return take_pattern(f, "", text, "", cause);
	case FRAMING_ECHO:
		return take_echo(f, text, cause);
	case FRAMING_QUIET:
		return take_quiet(f, text, cause);
	case FRAMING_READY:
	case FRAMING_NULL:
	case FRAMING_LENGTH:
	case FRAMING_EOF:
		break; /* these have none */
	}
	return 0;
}

static const struct {
	const char *name;
	enum framing_kind kind;
	bool has_value;		/* behind a colon */
} names[] = {
	{ "ready", FRAMING_READY, false },
	{ "line", FRAMING_LINES, false },
	{ "lines", FRAMING_LINES, true },
	{ "prompt", FRAMING_PROMPT, true },
	{ "until", FRAMING_UNTIL, true },
	{ "echo", FRAMING_ECHO, true },
	{ "quiet", FRAMING_QUIET, true },
	{ "null", FRAMING_NULL, false },
	{ "length", FRAMING_LENGTH, false },
	{ "eof", FRAMING_EOF, false },
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static int
unknown(const char *text, char **cause)
{
	const char *nearest = suggest(text, strcspn(text, ":"), &names[0].name, NAMES, sizeof(names[0]));

	if (nearest && strncmp(nearest, text, strlen(nearest)) != 0)
		return cause_set(cause, "there is no framing '%.40s'; did you mean '%s'?", text, nearest);
	return cause_set(cause, "there is no framing '%.40s'; they are ready, line, lines:N, prompt:RE, until:RE, "
	    "echo:REQUEST:RE, quiet:D, null, length and eof", text);
}

int
framing_parse(struct framing *f, const char *text, char **cause)
{
	size_t i, length = strcspn(text, ":");
	bool has_value = text[length] == ':';

	if (cause)
		*cause = NULL;
	for (i = 0; i < NAMES; i++)
		if (names[i].has_value == has_value && strlen(names[i].name) == length &&
		    memcmp(text, names[i].name, length) == 0)
			break;
	if (i == NAMES)
		return unknown(text, cause);
	*f = (struct framing){ .kind = names[i].kind, .lines = 1 };
	if (!has_value || take_value(f, text + length + 1, cause) == 0)
		return 0;
	framing_free(f);
	return -1;
}

void
framing_free(struct framing *f)
{
	match_free(f->pattern);
	free(f->request);
	*f = (struct framing){ 0 };
}

bool
framing_waits(const struct framing *f)
{
	return f->kind == FRAMING_READY || f->kind == FRAMING_PROMPT;
}

bool
framing_binary(const struct framing *f)
{
	return f->kind == FRAMING_NULL || f->kind == FRAMING_LENGTH;
}

const char *
framing_rule_name(enum framing_rule rule)
{
	switch (rule) {
	case FRAMING_NOT_YET:
		return "none";
	case FRAMING_BY_READY:
		return "ready";
	case FRAMING_BY_SILENCE:
		return "silence";
	case FRAMING_BY_PROMPT:
		return "prompt";
	case FRAMING_BY_PATTERN:
		return "pattern";
	case FRAMING_BY_COUNT:
		return "count";
	case FRAMING_BY_END:
		return "end";
	}
	return "none";
}

size_t
framing_last_line(const char *data, size_t size)
{
	while (size > 0 && data[size - 1] != '\n')
		size--;
	return size;
}

/* But for blanks behind it; 0 where there is nothing else. */
static char
last_character(const char *line, size_t size)
{
	while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
		size--;
	return size > 0 ? line[size - 1] : 0;
}

bool
framing_like_prompt(const char *line, size_t size, const char *prompt, size_t prompt_size)
{
	char last = last_character(line, size);

	return last != 0 && (last == last_character(prompt, prompt_size) || strchr("$#%>", last));
}

static enum framing_rule
complete(struct framing_found *found, enum framing_rule rule, size_t reply, size_t all)
{
	found->reply = reply;
	found->all = all;
	return rule;
}

static enum framing_rule
look_later(struct framing_found *found, int64_t ms)
{
	found->look_ms = ms;
	return FRAMING_NOT_YET;
}

/* The quicker it answered, the sooner it is looked at again: a look costs some microseconds. */
static int64_t
next_look(int64_t silent_ms)
{
	if (silent_ms < 1)
		return 0;
	if (silent_ms < 100)
		return 1;
	return silent_ms < 1000 ? 2 : 5;
}

static enum framing_rule
look_at_silence(const struct framing_view *v, int64_t ms, int64_t wanted_ms, enum framing_rule rule,
    struct framing_found *found)
{
	if (ms >= wanted_ms)
		return complete(found, rule, v->size, v->size);
	return look_later(found, wanted_ms - ms);
}

/* The end of what has come, as one sees it. */
struct tail {
	char text[PROMPT_WINDOW];
	size_t size;
	size_t from;	/* where it begins in what has come */
};

static void
take_tail(struct tail *t, const struct framing_view *v)
{
	size_t size = v->size < sizeof(t->text) ? v->size : sizeof(t->text);

	t->from = v->size - size;
	if (size > 0)
		memcpy(t->text, v->data + t->from, size);
	t->size = clean_terminal(t->text, size);
}

/*
 * Whether the line at the end asks for more: between two lines of a request any
 * half line may, and none at all of who edits them as one, as fish does, and
 * has no prompt for that; and any does where a secret is wanted.
 */
static bool
asks_for_more(const struct framing_view *v, const struct tail *t)
{
	size_t at = framing_last_line(t->text, t->size);

	if (v->more && (at < t->size || (v->edits && !v->continuation)))
		return true;
	if (v->secret && at < t->size)
		return true;
	return v->continuation && match_test(v->continuation, t->text + at, t->size - at) > 0;
}

/* A sign that is not sure needs silence, and a prompt where the child has one. */
static enum framing_rule
look_at_weak_sign(const struct framing_view *v, struct framing_found *found)
{
	struct tail tail;
	size_t at;

	if (v->prompt_size == 0)
		return look_at_silence(v, v->waiting_ms, v->fresh ? FIRST_SILENCE_MS : WEAK_SILENCE_MS, FRAMING_BY_SILENCE,
		    found);
	take_tail(&tail, v);
	at = framing_last_line(tail.text, tail.size);
	if (!asks_for_more(v, &tail) && !framing_like_prompt(tail.text + at, tail.size - at, v->prompt, v->prompt_size))
		return look_later(found, WEAK_SILENCE_MS);
	return look_at_silence(v, v->waiting_ms, WEAK_SILENCE_MS, FRAMING_BY_PROMPT, found);
}

static enum framing_rule
look_whether_ready(const struct framing_view *v, struct framing_found *found)
{
	if (!v->drained)
		return look_later(found, 0);
	switch (v->waiting) {
	case DUALPIPE_WAITS:
		return complete(found, FRAMING_BY_READY, v->size, v->size);
	case DUALPIPE_MAY_WAIT:
	case DUALPIPE_WAITS_UNKNOWN:
		return look_at_weak_sign(v, found);
	case DUALPIPE_BUSY:
		break;
	}
	return look_later(found, next_look(v->silent_ms));
}

static enum framing_rule
count_lines(const struct framing *f, struct framing_progress *p, const struct framing_view *v,
    struct framing_found *found)
{
	const char *end;

	while ((end = memchr(v->data + p->seen, '\n', v->size - p->seen)) != NULL) {
		p->seen = (size_t)(end + 1 - v->data);
		if (++p->lines == f->lines)
			return complete(found, FRAMING_BY_COUNT, p->seen, p->seen);
	}
	return FRAMING_NOT_YET;
}

/* Each whole line; the last one may lack its newline once nothing more comes. */
static int
find_line(const struct framing *f, struct framing_progress *p, const struct framing_view *v,
    struct framing_found *found)
{
	struct match_span *spans = calloc(match_groups(f->pattern) + 1, sizeof(*spans));
	const char *line, *end;
	size_t size;
	int matches = 0;

	while (spans && p->seen < v->size) {
		line = v->data + p->seen;
		end = memchr(line, '\n', v->size - p->seen);
		if (!end && !v->ended)
			break;
		size = end ? (size_t)(end - line) : v->size - p->seen;
		matches = match_once(f->pattern, line, size > 0 && line[size - 1] == '\r' ? size - 1 : size, spans);
		if (matches != 0)
			break;
		p->seen += size + (end != NULL);
	}
	free(spans);
	if (!spans || matches < 0)
		return -1;
	if (matches == 0)
		return FRAMING_NOT_YET;
	end = memchr(v->data + p->seen, '\n', v->size - p->seen);
	return complete(found, FRAMING_BY_PATTERN, p->seen, end ? (size_t)(end + 1 - v->data) : v->size);
}

/* At the very end, with nothing more to come, and the child waiting where that can be told. */
static int
find_prompt(const struct framing *f, const struct framing_view *v, struct framing_found *found)
{
	struct match_span *spans;
	struct tail tail;
	int matches;

	if (!v->drained || v->waiting == DUALPIPE_BUSY)
		return look_later(found, v->drained ? next_look(v->silent_ms) : 0);
	take_tail(&tail, v);
	spans = calloc(match_groups(f->pattern) + 1, sizeof(*spans));
	matches = spans ? match_once(f->pattern, tail.text, tail.size, spans) : -1;
	if (matches > 0) {
		(void)complete(found, FRAMING_BY_PATTERN,
		    tail.from + clean_where(v->data + tail.from, v->size - tail.from, spans[0].start), v->size);
		found->prompt = v->size - found->reply;
	}
	free(spans);
	if (matches == 0 && asks_for_more(v, &tail))
		return (int)look_whether_ready(v, found);
	return matches > 0 ? FRAMING_BY_PATTERN : matches < 0 ? -1 : FRAMING_NOT_YET;
}

static enum framing_rule
find_null(struct framing_progress *p, const struct framing_view *v, struct framing_found *found)
{
	const char *end = memchr(v->data + p->seen, '\0', v->size - p->seen);

	p->seen = v->size;
	if (!end)
		return FRAMING_NOT_YET;
	return complete(found, FRAMING_BY_COUNT, (size_t)(end - v->data), (size_t)(end + 1 - v->data));
}

static enum framing_rule
measure(const struct framing_view *v, struct framing_found *found)
{
	size_t length = 0, i;

	if (v->size < LENGTH_SIZE)
		return FRAMING_NOT_YET;
	for (i = 0; i < LENGTH_SIZE; i++)
		length = length << 8 | (unsigned char)v->data[i];
	if (v->size - LENGTH_SIZE < length)
		return FRAMING_NOT_YET;
	found->skip = LENGTH_SIZE;
	return complete(found, FRAMING_BY_COUNT, length, LENGTH_SIZE + length);
}

bool
framing_wants_waiting(const struct framing *f, const struct framing_view *v)
{
	return framing_waits(f) && v->drained && !v->ended;
}

int
framing_look(const struct framing *f, struct framing_progress *p, const struct framing_view *v,
    struct framing_found *found)
{
	int rule = FRAMING_NOT_YET;

	*found = (struct framing_found){ .look_ms = -1 };
	switch (f->kind) {
	case FRAMING_READY:
		rule = v->ended ? FRAMING_NOT_YET : (int)look_whether_ready(v, found);
		break;
	case FRAMING_LINES:
		rule = count_lines(f, p, v, found);
		break;
	case FRAMING_PROMPT:
		rule = v->ended ? FRAMING_NOT_YET : find_prompt(f, v, found);
		break;
	case FRAMING_UNTIL:
	case FRAMING_ECHO:
		rule = find_line(f, p, v, found);
		break;
	case FRAMING_QUIET:
		rule = look_at_silence(v, v->silent_ms, f->quiet_ms, FRAMING_BY_SILENCE, found);
		break;
	case FRAMING_NULL:
		rule = find_null(p, v, found);
		break;
	case FRAMING_LENGTH:
		rule = measure(v, found);
		break;
	case FRAMING_EOF:
		break;
	}
	if (rule == FRAMING_NOT_YET && v->ended)
		return complete(found, FRAMING_BY_END, v->size, v->size);
	return rule;
}
