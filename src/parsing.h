/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a dialogue is while it is read, for the files that read it: `parse' the
 * blocks and steps, `parseword' their words, `parsepattern' what is waited for.
 * What fails is -1 with the cause told.
 */
#ifndef PARSING_H
#define PARSING_H

#include "argument.h"
#include "dialogue.h"
#include "token.h"

#include <stdbool.h>
#include <stddef.h>

struct parser {
	struct token_reader r;
	struct dialogue *d;
	int depth;
	int loops;		/* that `break' could end */
	bool in_branch;		/* where `again' may stand */
};

/* A step's name and what stands behind it. */
struct rule {
	const char *name;
	enum dialogue_step_kind kind;
	const char *usage;
	int (*read)(struct parser *p, const struct rule *rule, struct dialogue_step *step);
	size_t least, most;	/* words, */
	enum argument argument;	/* each one such */
	char flag;		/* the letter of its switch */
};

/* parse: always -1. */
int parse_no_memory(struct parser *p);
/* list with room for one more behind count of them; NULL, and list is as it was, where memory is out. */
void *parse_grow(struct parser *p, void *list, size_t count, size_t size);
/* The rule of the step whose name stands next; NULL for any other word. */
const struct rule *parse_rule_next(struct parser *p);

/* parseword: how much of a word a message repeats. */
int parseword_shown(size_t size);
bool parseword_is(enum token token);
/* It holds no variable. */
bool parseword_is_constant(const struct dialogue_text *text);
/* Groups are the last match's, in whatever file: where none stands before, arguments are meant. */
int parseword_check_variables(struct parser *p, const struct dialogue_text *text);
/* A name that can be set. */
int parseword_check_name(struct parser *p, const struct dialogue_place *at, const char *name, size_t size);
/* Reads the word that stands next, which may be bare but for a string. */
int parseword_text(struct parser *p, const struct rule *rule, struct dialogue_text *text, enum argument argument);
/* The same as one more of the step's, all that the rule says, and the name of a variable to be set. */
int parseword_read(struct parser *p, const struct rule *rule, struct dialogue_step *step, enum argument argument);
int parseword_read_all(struct parser *p, const struct rule *rule, struct dialogue_step *step);
int parseword_name(struct parser *p, const struct rule *rule, struct dialogue_step *step);
/* Fails: something is missing, a newline is, or another word stands there. */
int parseword_too_little(struct parser *p, const struct rule *rule, const struct dialogue_step *step);
int parseword_no_separator(struct parser *p);
int parseword_no_more(struct parser *p, const struct rule *rule);

/* parsepattern */
bool parsepattern_is_regex_next(struct parser *p);
int parsepattern_read(struct parser *p, const struct rule *rule, struct dialogue_step *step,
    struct dialogue_pattern *pattern);

#endif
