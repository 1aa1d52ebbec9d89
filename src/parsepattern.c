/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What is waited for. */

#include "parsing.h"

#include "buf.h"
#include "match.h"
#include "suggest.h"

#include <stdlib.h>
#include <string.h>

static int
copy_source(struct parser *p, const struct token_reader *start, char **copy)
{
	size_t size = p->r.at - start->at;

	*copy = malloc(size + 1);
	if (!*copy)
		return parse_no_memory(p);
	memcpy(*copy, start->source->text + start->at, size);
	(*copy)[size] = '\0';
	return 0;
}

/* Compiles it with a character in place of each variable, whose value is not known yet. */
static struct match *
compile(const struct dialogue_pattern *pattern, const char *stand_in, char **cause, size_t *offset)
{
	const struct dialogue_piece *piece;
	struct match *m = NULL;
	struct buf text = { 0 };
	int result = buf_append(&text, "", 0);
	size_t i;

	for (i = 0; i < pattern->text.count && result == 0; i++) {
		piece = &pattern->text.pieces[i];
		result = piece->is_variable ? buf_append(&text, stand_in, 1) : buf_append(&text, piece->text, piece->size);
	}
	if (result == 0)
		m = match_new(buf_peek(&text), text.size, dialogue_match_flags(pattern), cause, offset);
	buf_free(&text);
	return m;
}

static int
keep_name(struct parser *p, struct dialogue_pattern *pattern, size_t count, const char *name)
{
	char **more = realloc(pattern->names, (count + 2) * sizeof(*more));

	if (!more)
		return parse_no_memory(p);
	pattern->names = more;
	more[count + 1] = NULL;
	more[count] = strdup(name);
	if (!more[count])
		return parse_no_memory(p);
	return parseword_check_name(p, &pattern->at, name, strlen(name));
}

static int
keep_groups(struct parser *p, struct dialogue_pattern *pattern, const struct match *m)
{
	const char *name;
	size_t i;

	pattern->groups = match_groups(m);
	for (i = 0; (name = match_name(m, i)); i++)
		if (keep_name(p, pattern, i, name) < 0)
			return -1;
	return 0;
}

/* Looks for its mistakes and its groups. start: before it was read. */
static int
check_regex(struct parser *p, const struct token_reader *start, struct dialogue_pattern *pattern)
{
	struct dialogue_place at;
	char *cause = NULL;
	size_t offset = 0;
	struct match *m = compile(pattern, "x", &cause, &offset);
	int result;

	/* In [${a}-9] it has to be a digit. */
	if (!m && cause && !parseword_is_constant(&pattern->text))
		m = compile(pattern, "5", NULL, NULL);
	if (m) {
		result = keep_groups(p, pattern, m);
	} else if (cause) {
		at = token_regex_place(start, offset);
		result = token_fail(&p->r, &at, "%s", cause);
	} else {
		result = parse_no_memory(p);
	}
	match_free(m);
	free(cause);
	return result;
}

/* ready, eof, timeout. */
static int
read_event(struct parser *p, struct dialogue_pattern *pattern)
{
	static const struct {
		const char *name;
		enum dialogue_pattern_kind kind;
	} events[] = { { "ready", DIALOGUE_READY }, { "eof", DIALOGUE_EOF }, { "timeout", DIALOGUE_TIMEOUT } };
	size_t size, i;
	const char *here, *word = token_peek(&p->r, &size);

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (!token_is(&p->r, events[i].name))
			continue;
		pattern->kind = events[i].kind;
		token_take(&p->r, size);
		return 0;
	}
	here = suggest_here(word, size);
	if (here)
		return token_fail(&p->r, &p->r.place, "'%.*s' is no pattern; here %s", parseword_shown(size), word, here);
	return token_fail(&p->r, &p->r.place, "'%.*s' is no pattern; it is /REGEX/, \"TEXT\", ready, eof or timeout",
	    parseword_shown(size), word);
}

static int
read_regex(struct parser *p, struct dialogue_pattern *pattern)
{
	struct token_reader start = p->r;

	pattern->kind = DIALOGUE_REGEX;
	if (token_regex(&p->r, &pattern->text, &pattern->flags) < 0 || parseword_check_variables(p, &pattern->text) < 0 ||
	    check_regex(p, &start, pattern) < 0)
		return -1;
	p->d->matches = true;
	return 0;
}

bool
parsepattern_is_regex_next(struct parser *p)
{
	size_t size;

	return token_next(&p->r) == TOKEN_WORD && token_peek(&p->r, &size)[0] == '/';
}

int
parsepattern_read(struct parser *p, const struct rule *rule, struct dialogue_step *step, struct dialogue_pattern *pattern)
{
	enum token token = token_next(&p->r);
	struct token_reader start = p->r;
	int result;

	pattern->at = p->r.place;
	if (!parseword_is(token))
		return parseword_too_little(p, rule, step);
	if (parsepattern_is_regex_next(p)) {
		result = read_regex(p, pattern);
	} else if (token == TOKEN_STRING) {
		pattern->kind = DIALOGUE_LITERAL;
		result = parseword_text(p, rule, &pattern->text, ARGUMENT_STRING);
		p->d->matches = true;
	} else {
		result = read_event(p, pattern);
	}
	if (result < 0 || copy_source(p, &start, &pattern->source) < 0)
		return -1;
	if (pattern->kind <= DIALOGUE_REGEX && pattern->text.count == 0)
		return token_fail(&p->r, &pattern->at, "%s is empty, and would match anything", pattern->source);
	return 0;
}
