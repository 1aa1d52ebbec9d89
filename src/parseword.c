/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The words of the steps, and the names of variables. */

#include "parsing.h"

#include <string.h>

int
parseword_shown(size_t size)
{
	return size < 40 ? (int)size : 40;
}

bool
parseword_is(enum token token)
{
	return token == TOKEN_WORD || token == TOKEN_STRING;
}

bool
parseword_is_constant(const struct dialogue_text *text)
{
	return text->count == 0 || (text->count == 1 && !text->pieces[0].is_variable);
}

int
parseword_check_variables(struct parser *p, const struct dialogue_text *text)
{
	const struct dialogue_piece *piece;
	size_t i;

	for (i = 0; i < text->count; i++) {
		piece = &text->pieces[i];
		if (!piece->is_variable || piece->text[0] < '0' || piece->text[0] > '9' || p->d->matches)
			continue;
		if (strcmp(piece->text, "0") == 0)
			return token_fail(&p->r, &piece->at, "'$0' is what matched last, and no pattern stands before it");
		return token_fail(&p->r, &piece->at,
		    "'$%s' is a group of the last match, and no pattern stands before it; an argument is '$arg%s'",
		    piece->text, piece->text);
	}
	return 0;
}

static int
check_text(struct parser *p, const struct dialogue_text *text, enum argument argument)
{
	const struct dialogue_piece *piece = text->pieces;
	char why[ARGUMENT_WHY];

	if (parseword_check_variables(p, text) < 0)
		return -1;
	if (!parseword_is_constant(text) || argument_check(argument, piece ? piece->text : "", piece ? piece->size : 0, why))
		return 0;
	return token_fail(&p->r, &text->at, "%s", why);
}

int
parseword_text(struct parser *p, const struct rule *rule, struct dialogue_text *text, enum argument argument)
{
	enum token token = token_next(&p->r);
	const char *bare;
	size_t size;

	if (token == TOKEN_STRING) {
		if (token_string(&p->r, text) < 0)
			return -1;
		return check_text(p, text, argument);
	}
	if (argument == ARGUMENT_STRING) {
		bare = token_peek(&p->r, &size);
		if (bare[0] == '-')
			return token_fail(&p->r, &p->r.place, "'%.*s' is no option of this step; a string stands here, in quotes",
			    parseword_shown(size), bare);
		return token_fail(&p->r, &p->r.place, "'%.*s' needs quotes; it is: %s", parseword_shown(size), bare, rule->usage);
	}
	if (token_word(&p->r, text) < 0)
		return -1;
	return check_text(p, text, argument);
}

int
parseword_too_little(struct parser *p, const struct rule *rule, const struct dialogue_step *step)
{
	return token_fail(&p->r, &step->at, "'%s' lacks something; it is: %s", rule->name, rule->usage);
}

int
parseword_no_separator(struct parser *p)
{
	return token_fail(&p->r, &p->r.place, "a newline or a ';' has to stand before this");
}

int
parseword_no_more(struct parser *p, const struct rule *rule)
{
	if (!parseword_is(token_next(&p->r)))
		return 0;
	if (parse_rule_next(p))
		return parseword_no_separator(p);
	return token_fail(&p->r, &p->r.place, "this is too much for '%s'; it is: %s", rule->name, rule->usage);
}

static struct dialogue_text *
add_word(struct parser *p, struct dialogue_step *step)
{
	struct dialogue_text *more = parse_grow(p, step->words, step->word_count, sizeof(*more));

	if (!more)
		return NULL;
	step->words = more;
	more[step->word_count] = (struct dialogue_text){ 0 };
	return &more[step->word_count++];
}

int
parseword_read(struct parser *p, const struct rule *rule, struct dialogue_step *step, enum argument argument)
{
	struct dialogue_text *text;

	if (!parseword_is(token_next(&p->r)))
		return parseword_too_little(p, rule, step);
	text = add_word(p, step);
	return text ? parseword_text(p, rule, text, argument) : -1;
}

/* "-p": of what else begins so and is bare nobody can tell what was meant. */
static int
read_flag(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	const char *word;
	size_t size;

	while (token_next(&p->r) == TOKEN_WORD) {
		word = token_peek(&p->r, &size);
		if (word[0] != '-')
			return 0;
		if (size != 2 || word[1] != rule->flag)
			return token_fail(&p->r, &p->r.place, "'%s' has no such option; it is: %s", rule->name, rule->usage);
		step->flag = true;
		token_take(&p->r, size);
	}
	return 0;
}

int
parseword_read_all(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (rule->flag && read_flag(p, rule, step) < 0)
		return -1;
	while (step->word_count < rule->most && parseword_is(token_next(&p->r)))
		if (parseword_read(p, rule, step, rule->argument) < 0)
			return -1;
	return step->word_count < rule->least ? parseword_too_little(p, rule, step) : parseword_no_more(p, rule);
}

/*
 * Names
 */

/* What a dialogue cannot set: these are set by what happens. */
static bool
is_reserved(const char *name)
{
	static const char *const reserved[] = { "args", "before", "status" };
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return strncmp(name, "arg", 3) == 0 && name[3] && name[3 + strspn(name + 3, "0123456789")] == '\0';
}

int
parseword_check_name(struct parser *p, const struct dialogue_place *at, const char *name, size_t size)
{
	if (!token_is_name(name, size))
		return token_fail(&p->r, at,
		    "'%.40s' is no name of a variable; it has letters, digits and _, and no digit first", name);
	if (is_reserved(name))
		return token_fail(&p->r, at, "'$%.40s' is set by what happens, and by nothing else; take another name", name);
	return 0;
}

int
parseword_name(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_text text = { 0 };
	enum token token = token_next(&p->r);
	int result;

	if (!parseword_is(token))
		return parseword_too_little(p, rule, step);
	result = token == TOKEN_STRING ? token_string(&p->r, &text) : token_word(&p->r, &text);
	if (result == 0 && (text.count != 1 || text.pieces[0].is_variable))
		result = token_fail(&p->r, &text.at, "the name of a variable stands here, without '$'");
	if (result == 0)
		result = parseword_check_name(p, &text.at, text.pieces[0].text, text.pieces[0].size);
	if (result == 0) {
		step->name = text.pieces[0].text;
		text.pieces[0].text = NULL;
	}
	token_free_text(&text);
	return result;
}
