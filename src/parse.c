/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "parse.h"

#include "argument.h"
#include "buf.h"
#include "match.h"
#include "reach.h"
#include "suggest.h"
#include "token.h"
#include "utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks in blocks, an `else if' among them: whoever does the steps, or frees them, calls himself so often. */
enum { DEEPEST = 250 };

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

static int parse_step(struct parser *p, struct dialogue_block *block);
static const struct rule *rule_next(struct parser *p);

static int
no_memory(struct parser *p)
{
	*p->r.cause = NULL;
	errno = ENOMEM;
	return -1;
}

/* list with room for one more behind count of them; NULL with the cause, and list is as it was. */
static void *
grow(struct parser *p, void *list, size_t count, size_t size)
{
	void *more = list;

	/* Twice the room whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		more = realloc(list, (count > 0 ? 2 * count : 1) * size);
	if (!more)
		(void)no_memory(p);
	return more;
}

static struct dialogue_step *
add_step(struct parser *p, struct dialogue_block *block)
{
	struct dialogue_step *more = grow(p, block->steps, block->count, sizeof(*more));

	if (!more)
		return NULL;
	block->steps = more;
	more[block->count] = (struct dialogue_step){ 0 };
	return &more[block->count++];
}

static struct dialogue_branch *
add_branch(struct parser *p, struct dialogue_step *step)
{
	struct dialogue_branch *more = grow(p, step->branches, step->branch_count, sizeof(*more));

	if (!more)
		return NULL;
	step->branches = more;
	more[step->branch_count] = (struct dialogue_branch){ 0 };
	return &more[step->branch_count++];
}

static struct dialogue_text *
add_word(struct parser *p, struct dialogue_step *step)
{
	struct dialogue_text *more = grow(p, step->words, step->word_count, sizeof(*more));

	if (!more)
		return NULL;
	step->words = more;
	more[step->word_count] = (struct dialogue_text){ 0 };
	return &more[step->word_count++];
}

/*
 * Words
 */

/* How much of a word a message repeats. */
static int
shown(size_t size)
{
	return size < 40 ? (int)size : 40;
}

static bool
is_word(enum token token)
{
	return token == TOKEN_WORD || token == TOKEN_STRING;
}

static bool
is_constant(const struct dialogue_text *text)
{
	return text->count == 0 || (text->count == 1 && !text->pieces[0].is_variable);
}

/* Groups are the last match's, in whatever file: where none stands before, arguments are meant. */
static int
check_variables(struct parser *p, const struct dialogue_text *text)
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

	if (check_variables(p, text) < 0)
		return -1;
	if (!is_constant(text) || argument_check(argument, piece ? piece->text : "", piece ? piece->size : 0, why))
		return 0;
	return token_fail(&p->r, &text->at, "%s", why);
}

/* Reads the word that stands next, which may be bare but for a string. */
static int
read_text(struct parser *p, const struct rule *rule, struct dialogue_text *text, enum argument argument)
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
			    shown(size), bare);
		return token_fail(&p->r, &p->r.place, "'%.*s' needs quotes; it is: %s", shown(size), bare, rule->usage);
	}
	if (token_word(&p->r, text) < 0)
		return -1;
	return check_text(p, text, argument);
}

static int
too_little(struct parser *p, const struct rule *rule, const struct dialogue_step *step)
{
	return token_fail(&p->r, &step->at, "'%s' lacks something; it is: %s", rule->name, rule->usage);
}

static int
no_separator(struct parser *p)
{
	return token_fail(&p->r, &p->r.place, "a newline or a ';' has to stand before this");
}

static int
no_more(struct parser *p, const struct rule *rule)
{
	if (!is_word(token_next(&p->r)))
		return 0;
	if (rule_next(p))
		return no_separator(p);
	return token_fail(&p->r, &p->r.place, "this is too much for '%s'; it is: %s", rule->name, rule->usage);
}

static int
read_word(struct parser *p, const struct rule *rule, struct dialogue_step *step, enum argument argument)
{
	struct dialogue_text *text;

	if (!is_word(token_next(&p->r)))
		return too_little(p, rule, step);
	text = add_word(p, step);
	return text ? read_text(p, rule, text, argument) : -1;
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

/* The step's words, each of its kind. */
static int
read_words(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (rule->flag && read_flag(p, rule, step) < 0)
		return -1;
	while (step->word_count < rule->most && is_word(token_next(&p->r)))
		if (read_word(p, rule, step, rule->argument) < 0)
			return -1;
	return step->word_count < rule->least ? too_little(p, rule, step) : no_more(p, rule);
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

static int
check_name(struct parser *p, const struct dialogue_place *at, const char *name, size_t size)
{
	if (!token_is_name(name, size))
		return token_fail(&p->r, at,
		    "'%.40s' is no name of a variable; it has letters, digits and _, and no digit first", name);
	if (is_reserved(name))
		return token_fail(&p->r, at, "'$%.40s' is set by what happens, and by nothing else; take another name", name);
	return 0;
}

/* Reads the name of a variable to be set. */
static int
read_name(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_text text = { 0 };
	enum token token = token_next(&p->r);
	int result;

	if (!is_word(token))
		return too_little(p, rule, step);
	result = token == TOKEN_STRING ? token_string(&p->r, &text) : token_word(&p->r, &text);
	if (result == 0 && (text.count != 1 || text.pieces[0].is_variable))
		result = token_fail(&p->r, &text.at, "the name of a variable stands here, without '$'");
	if (result == 0)
		result = check_name(p, &text.at, text.pieces[0].text, text.pieces[0].size);
	if (result == 0) {
		step->name = text.pieces[0].text;
		text.pieces[0].text = NULL;
	}
	token_free_text(&text);
	return result;
}

/*
 * Patterns
 */

static int
copy_source(struct parser *p, const struct token_reader *start, char **copy)
{
	size_t size = p->r.at - start->at;

	*copy = malloc(size + 1);
	if (!*copy)
		return no_memory(p);
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
		return no_memory(p);
	pattern->names = more;
	more[count + 1] = NULL;
	more[count] = strdup(name);
	if (!more[count])
		return no_memory(p);
	return check_name(p, &pattern->at, name, strlen(name));
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
	if (!m && cause && !is_constant(&pattern->text))
		m = compile(pattern, "5", NULL, NULL);
	if (m) {
		result = keep_groups(p, pattern, m);
	} else if (cause) {
		at = token_regex_place(start, offset);
		result = token_fail(&p->r, &at, "%s", cause);
	} else {
		result = no_memory(p);
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
		return token_fail(&p->r, &p->r.place, "'%.*s' is no pattern; here %s", shown(size), word, here);
	return token_fail(&p->r, &p->r.place, "'%.*s' is no pattern; it is /REGEX/, \"TEXT\", ready, eof or timeout",
	    shown(size), word);
}

static int
read_regex(struct parser *p, struct dialogue_pattern *pattern)
{
	struct token_reader start = p->r;

	pattern->kind = DIALOGUE_REGEX;
	if (token_regex(&p->r, &pattern->text, &pattern->flags) < 0 || check_variables(p, &pattern->text) < 0 ||
	    check_regex(p, &start, pattern) < 0)
		return -1;
	p->d->matches = true;
	return 0;
}

static bool
is_regex_next(struct parser *p)
{
	size_t size;

	return token_next(&p->r) == TOKEN_WORD && token_peek(&p->r, &size)[0] == '/';
}

static int
read_pattern(struct parser *p, const struct rule *rule, struct dialogue_step *step, struct dialogue_pattern *pattern)
{
	enum token token = token_next(&p->r);
	struct token_reader start = p->r;
	int result;

	pattern->at = p->r.place;
	if (!is_word(token))
		return too_little(p, rule, step);
	if (is_regex_next(p)) {
		result = read_regex(p, pattern);
	} else if (token == TOKEN_STRING) {
		pattern->kind = DIALOGUE_LITERAL;
		result = read_text(p, rule, &pattern->text, ARGUMENT_STRING);
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

/*
 * Blocks
 */

static void
skip_separators(struct parser *p)
{
	enum token token;

	while ((token = token_next(&p->r)) == TOKEN_NEWLINE || token == TOKEN_SEMICOLON)
		token_take(&p->r, 1);
}

/* What stands behind a step, or a branch. */
static int
check_end(struct parser *p)
{
	switch (token_next(&p->r)) {
	case TOKEN_END:
	case TOKEN_NEWLINE:
	case TOKEN_SEMICOLON:
	case TOKEN_CLOSE:
		return 0;
	case TOKEN_OPEN:
		return token_fail(&p->r, &p->r.place, "no block can begin here; a '{' in a word needs quotes");
	case TOKEN_STRING:
	case TOKEN_WORD:
		break;
	}
	return no_separator(p);
}

static int
no_end(struct parser *p, const struct dialogue_place *open)
{
	return token_fail(&p->r, open, "the block that begins here has no '}'");
}

/* Steps up to the "}" that fits the "{" at open, which is taken; up to the end of the text without one. */
static int
read_steps(struct parser *p, struct dialogue_block *block, const struct dialogue_place *open)
{
	enum token token;

	for (;;) {
		skip_separators(p);
		token = token_next(&p->r);
		if (token == TOKEN_END)
			return open ? no_end(p, open) : 0;
		if (token == TOKEN_CLOSE && !open)
			return token_fail(&p->r, &p->r.place, "this '}' ends no block; in a word it needs quotes");
		if (token == TOKEN_CLOSE) {
			token_take(&p->r, 1);
			return 0;
		}
		if (parse_step(p, block) < 0 || check_end(p) < 0)
			return -1;
		p->r.hidden.line = 0;
	}
}

static int
deeper(struct parser *p)
{
	if (++p->depth > DEEPEST)
		return token_fail(&p->r, &p->r.place, "more than %d blocks in each other", DEEPEST);
	return 0;
}

/* The "{" that has to stand next. */
static int
read_open(struct parser *p, const char *usage, struct dialogue_place *open)
{
	if (token_next(&p->r) != TOKEN_OPEN)
		return token_fail(&p->r, &p->r.place,
		    "a block '{ ... }' has to stand here, its '{' on this line; it is: %s", usage);
	*open = p->r.place;
	if (deeper(p) < 0)
		return -1;
	token_take(&p->r, 1);
	return 0;
}

static int
read_block(struct parser *p, const struct rule *rule, struct dialogue_block *block)
{
	struct dialogue_place open;

	if (read_open(p, rule->usage, &open) < 0 || read_steps(p, block, &open) < 0)
		return -1;
	p->depth--;
	return 0;
}

static int
read_loop(struct parser *p, const struct rule *rule, struct dialogue_block *block)
{
	p->loops++;
	if (read_block(p, rule, block) < 0)
		return -1;
	p->loops--;
	return 0;
}

/* P {...} */
static int
read_branch(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_branch *branch = add_branch(p, step);
	bool outside = p->in_branch;

	if (!branch || read_pattern(p, rule, step, &branch->pattern) < 0)
		return -1;
	p->in_branch = true;
	if (read_block(p, rule, &branch->block) < 0)
		return -1;
	p->in_branch = outside;
	return 0;
}

static int
read_branches(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_place open;

	if (read_open(p, rule->usage, &open) < 0)
		return -1;
	for (;;) {
		skip_separators(p);
		if (token_next(&p->r) == TOKEN_END)
			return no_end(p, &open);
		if (token_next(&p->r) == TOKEN_CLOSE)
			break;
		/* `timeout' is both */
		if (rule_next(p) && !token_is(&p->r, "timeout"))
			return token_fail(&p->r, &p->r.place,
			    "this is a step and no pattern; is the '}' of the block missing that begins at %d:%d?",
			    open.line, open.column);
		if (read_branch(p, rule, step) < 0 || check_end(p) < 0)
			return -1;
	}
	token_take(&p->r, 1);
	p->depth--;
	return step->branch_count == 0 ? too_little(p, rule, step) : 0;
}

/*
 * Steps
 */

static int
parse_spawn(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	p->d->spawns = true;
	return read_words(p, rule, step);
}

/* Who writes the secret itself, in place of its source, does not find it in a message. */
static void
hide_rest(struct parser *p, size_t size)
{
	token_take(&p->r, size);
	(void)token_next(&p->r);
	p->r.hidden = p->r.place;
}

static int
parse_secret(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	hide_rest(p, 0);
	return read_words(p, rule, step);
}

static int
parse_expect(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_branch *branch;

	if (token_next(&p->r) == TOKEN_OPEN)
		return read_branches(p, rule, step);
	branch = add_branch(p, step);
	if (!branch || read_pattern(p, rule, step, &branch->pattern) < 0)
		return -1;
	if (rule_next(p))
		return no_separator(p);
	if (token_next(&p->r) == TOKEN_OPEN || is_word(token_next(&p->r)))
		return token_fail(&p->r, &p->r.place,
		    "behind 'expect P' stands nothing; with a block or several patterns it is: expect { P {...} ... }");
	return 0;
}

static int
parse_on(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	const struct dialogue_branch *branch;
	int loops = p->loops;

	/* It runs in expects elsewhere: the loop around it is none of its own. */
	p->loops = 0;
	if (read_branch(p, rule, step) < 0)
		return -1;
	p->loops = loops;
	branch = step->branches;
	if ((branch->pattern.kind != DIALOGUE_EOF && branch->pattern.kind != DIALOGUE_TIMEOUT) || reach_end(&branch->block))
		return 0;
	return token_fail(&p->r, &branch->pattern.at,
	    "'on %s' has to end the dialogue, with an exit or fail on every way through its block", branch->pattern.source);
}

static int
parse_again(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (!p->in_branch)
		return token_fail(&p->r, &step->at, "'again' stands only in a branch of an expect, or of an on");
	return read_words(p, rule, step);
}

static int
parse_break(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (p->loops == 0)
		return token_fail(&p->r, &step->at, "'break' stands only in a repeat or a for");
	return read_words(p, rule, step);
}

static int
parse_ask(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	p->d->asks = true;
	if (read_word(p, rule, step, ARGUMENT_STRING) < 0)
		return -1;
	if (is_word(token_next(&p->r)) && read_name(p, rule, step) < 0)
		return -1;
	return no_more(p, rule);
}

static int
parse_set(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_place at;

	(void)token_next(&p->r);
	at = p->r.place;
	if (read_name(p, rule, step) < 0)
		return -1;
	if (strcmp(step->name, "timeout") == 0 && token_next(&p->r) == TOKEN_WORD)
		return token_fail(&p->r, &at, "this would be a variable of that name; the time to wait is set by: timeout DURATION");
	if (read_word(p, rule, step, ARGUMENT_STRING) < 0)
		return -1;
	return no_more(p, rule);
}

static int
parse_repeat(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (read_word(p, rule, step, ARGUMENT_TIMES) < 0)
		return -1;
	return read_loop(p, rule, &step->body);
}

static int
parse_for(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (read_name(p, rule, step) < 0)
		return -1;
	if (token_next(&p->r) != TOKEN_WORD || !token_is(&p->r, "in"))
		return token_fail(&p->r, &p->r.place, "an 'in' is missing; it is: %s", rule->usage);
	token_take(&p->r, 2);
	do {
		if (read_word(p, rule, step, ARGUMENT_STRING) < 0)
			return -1;
	} while (is_word(token_next(&p->r)));
	return read_loop(p, rule, &step->body);
}

/* "==", "!=" or "=~", and what it is compared with. */
static int
read_test(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	static const char *const tests[] = { [DIALOGUE_EQUAL] = "==", [DIALOGUE_UNEQUAL] = "!=", [DIALOGUE_MATCHES] = "=~" };
	struct dialogue_branch *branch;
	size_t i;

	for (i = 0; i < 3 && !(token_next(&p->r) == TOKEN_WORD && token_is(&p->r, tests[i])); i++)
		;
	if (i == 3)
		return token_fail(&p->r, &p->r.place, "one of ==, != and =~ has to stand here; it is: %s", rule->usage);
	token_take(&p->r, 2);
	step->test = (enum dialogue_test)i;
	if (step->test != DIALOGUE_MATCHES)
		return read_word(p, rule, step, ARGUMENT_STRING);
	if (!is_regex_next(p))
		return token_fail(&p->r, &p->r.place, "behind =~ stands a regular expression: /REGEX/");
	branch = add_branch(p, step);
	return branch ? read_pattern(p, rule, step, &branch->pattern) : -1;
}

/* Takes an `else' behind the block, or on one of the next lines. */
static bool
take_else(struct parser *p)
{
	struct token_reader before = p->r;

	while (token_next(&p->r) == TOKEN_NEWLINE)
		token_take(&p->r, 1);
	if (token_next(&p->r) == TOKEN_WORD && token_is(&p->r, "else")) {
		token_take(&p->r, 4);
		return true;
	}
	p->r = before;
	return false;
}

/* The "if" behind an `else' is a step in a block of its own. */
static int
read_else_if(struct parser *p, struct dialogue_block *block)
{
	if (deeper(p) < 0 || parse_step(p, block) < 0)
		return -1;
	p->depth--;
	return 0;
}

static int
parse_if(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (read_word(p, rule, step, ARGUMENT_STRING) < 0 || read_test(p, rule, step) < 0 ||
	    read_block(p, rule, &step->body) < 0)
		return -1;
	if (!take_else(p))
		return 0;
	if (token_next(&p->r) == TOKEN_WORD && token_is(&p->r, "if"))
		return read_else_if(p, &step->otherwise);
	return read_block(p, rule, &step->otherwise);
}

/* clang-format off */
static const struct rule rules[] = {
	{ "again", DIALOGUE_AGAIN, "again", parse_again },
	{ "ask", DIALOGUE_ASK, "ask \"REQUEST\" [NAME]", parse_ask },
	{ "break", DIALOGUE_BREAK, "break", parse_break },
	{ "close", DIALOGUE_CLOSE, "close", read_words },
	{ "exit", DIALOGUE_EXIT, "exit [N]", read_words, 0, 1, ARGUMENT_STATUS },
	{ "expect", DIALOGUE_EXPECT, "expect P, or expect { P {...} ... }", parse_expect },
	{ "fail", DIALOGUE_FAIL, "fail \"MESSAGE\"", read_words, 1, 1, ARGUMENT_STRING },
	{ "for", DIALOGUE_FOR, "for NAME in \"TEXT\" ... { ... }", parse_for },
	{ "if", DIALOGUE_IF, "if \"TEXT\" == \"TEXT\" { ... } else { ... }, also != and =~ /REGEX/", parse_if },
	{ "interact", DIALOGUE_INTERACT, "interact", read_words },
	{ "key", DIALOGUE_KEY, "key NAME ...", read_words, 1, SIZE_MAX, ARGUMENT_KEY },
	{ "on", DIALOGUE_ON, "on P { ... }", parse_on },
	{ "print", DIALOGUE_PRINT, "print \"TEXT\"", read_words, 1, 1, ARGUMENT_STRING },
	{ "repeat", DIALOGUE_REPEAT, "repeat N { ... }", parse_repeat },
	{ "reply", DIALOGUE_SET_REPLY, "reply FRAMING", read_words, 1, 1, ARGUMENT_FRAMING },
	{ "resize", DIALOGUE_RESIZE, "resize ROWS COLUMNS", read_words, 2, 2, ARGUMENT_EXTENT },
	{ "secret", DIALOGUE_SECRET, "secret [-f] SOURCE", parse_secret, 1, 1, ARGUMENT_SECRET, 'f' },
	{ "send", DIALOGUE_SEND, "send \"TEXT\"", read_words, 1, 1, ARGUMENT_STRING },
	{ "sendeof", DIALOGUE_SENDEOF, "sendeof", read_words },
	{ "sendline", DIALOGUE_SENDLINE, "sendline [\"TEXT\"]", read_words, 0, 1, ARGUMENT_STRING },
	{ "set", DIALOGUE_SET, "set NAME \"TEXT\"", parse_set },
	{ "signal", DIALOGUE_SIGNAL, "signal NAME", read_words, 1, 1, ARGUMENT_SIGNAL },
	{ "sleep", DIALOGUE_SLEEP, "sleep DURATION", read_words, 1, 1, ARGUMENT_DURATION },
	{ "spawn", DIALOGUE_SPAWN, "spawn [-p] COMMAND [ARGUMENT ...]", parse_spawn, 1, SIZE_MAX, ARGUMENT_WORD, 'p' },
	{ "timeout", DIALOGUE_SET_TIMEOUT, "timeout DURATION", read_words, 1, 1, ARGUMENT_DURATION },
	{ "wait", DIALOGUE_WAIT, "wait", read_words }
};
/* clang-format on */

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

/* The rule of the step whose name stands next; NULL for any other word. */
static const struct rule *
rule_next(struct parser *p)
{
	size_t i;

	if (token_next(&p->r) != TOKEN_WORD)
		return NULL;
	for (i = 0; i < RULES && !token_is(&p->r, rules[i].name); i++)
		;
	return i < RULES ? &rules[i] : NULL;
}

static int
unknown_step(struct parser *p, const char *word, size_t size)
{
	const char *nearest = suggest(word, size, &rules[0].name, RULES, sizeof(rules[0]));
	const char *here = suggest_here(word, size);
	struct dialogue_place at = p->r.place;

	if (token_is(&p->r, "else"))
		return token_fail(&p->r, &p->r.place, "this 'else' stands behind no if");
	if (here)
		return token_fail(&p->r, &p->r.place, "unknown step '%.*s'; here %s", shown(size), word, here);
	if (nearest && strcmp(nearest, "secret") == 0)
		hide_rest(p, size);
	if (nearest)
		return token_fail(&p->r, &at, "unknown step '%.*s'; did you mean '%s'?", shown(size), word, nearest);
	return token_fail(&p->r, &p->r.place, "unknown step '%.*s'; see dualpipe-dialogue(5)", shown(size), word);
}

static int
parse_step(struct parser *p, struct dialogue_block *block)
{
	const struct rule *rule = rule_next(p);
	struct dialogue_step *step;
	const char *word;
	size_t size;

	if (token_next(&p->r) != TOKEN_WORD)
		return token_fail(&p->r, &p->r.place, "a step begins with its name");
	word = token_peek(&p->r, &size);
	if (!rule)
		return unknown_step(p, word, size);
	step = add_step(p, block);
	if (!step)
		return -1;
	step->kind = rule->kind;
	step->verb = rule->name;
	step->at = p->r.place;
	token_take(&p->r, size);
	return rule->read(p, rule, step);
}

/* What is no text, and where. */
static int
check_bytes(const struct token_reader *start)
{
	struct token_reader r = *start;
	const struct source *s = r.source;
	size_t n;

	if (utf8_valid(s->text, s->size) && !memchr(s->text, '\0', s->size))
		return 0;
	while (r.at < s->size && s->text[r.at] && utf8_char(s->text + r.at, s->size - r.at) > 0) {
		n = (size_t)utf8_char(s->text + r.at, s->size - r.at);
		token_take(&r, n);
	}
	if (s->text[r.at] == '\0')
		return token_fail(&r, &r.place, "a NUL byte cannot stand in a dialogue; in a string it is \\0");
	return token_fail(&r, &r.place, "the byte 0x%02x is no UTF-8; in a string it is \\x%02x",
	    (unsigned char)s->text[r.at], (unsigned char)s->text[r.at]);
}

int
parse(struct dialogue *d, const struct source *source, char **cause)
{
	struct parser p = {
		.r = { .source = source, .place = { source->name, 1, 1 }, .cause = cause },
		.d = d,
	};

	if (check_bytes(&p.r) < 0)
		return -1;
	/* The mark that some editors put ahead of UTF-8 would be an invisible part of the first step's name. */
	if (strncmp(source->text, "\xef\xbb\xbf", 3) == 0)
		p.r.at = 3;
	return read_steps(&p, &d->block, NULL);
}
