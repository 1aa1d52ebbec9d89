/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "parse.h"

#include "parsing.h"
#include "reach.h"
#include "suggest.h"
#include "utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks in blocks, an `else if' among them: whoever does the steps, or frees them, calls himself so often. */
enum { DEEPEST = 250 };

static int parse_step(struct parser *p, struct dialogue_block *block);

int
parse_no_memory(struct parser *p)
{
	*p->r.cause = NULL;
	errno = ENOMEM;
	return -1;
}

void *
parse_grow(struct parser *p, void *list, size_t count, size_t size)
{
	void *more = list;

	/* Twice the room whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		more = realloc(list, (count > 0 ? 2 * count : 1) * size);
	if (!more)
		(void)parse_no_memory(p);
	return more;
}

static struct dialogue_step *
add_step(struct parser *p, struct dialogue_block *block)
{
	struct dialogue_step *more = parse_grow(p, block->steps, block->count, sizeof(*more));

	if (!more)
		return NULL;
	block->steps = more;
	more[block->count] = (struct dialogue_step){ 0 };
	return &more[block->count++];
}

static struct dialogue_branch *
add_branch(struct parser *p, struct dialogue_step *step)
{
	struct dialogue_branch *more = parse_grow(p, step->branches, step->branch_count, sizeof(*more));

	if (!more)
		return NULL;
	step->branches = more;
	more[step->branch_count] = (struct dialogue_branch){ 0 };
	return &more[step->branch_count++];
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
	return parseword_no_separator(p);
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

	if (!branch || parsepattern_read(p, rule, step, &branch->pattern) < 0)
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
		if (parse_rule_next(p) && !token_is(&p->r, "timeout"))
			return token_fail(&p->r, &p->r.place,
			    "this is a step and no pattern; is the '}' of the block missing that begins at %d:%d?",
			    open.line, open.column);
		if (read_branch(p, rule, step) < 0 || check_end(p) < 0)
			return -1;
	}
	token_take(&p->r, 1);
	p->depth--;
	return step->branch_count == 0 ? parseword_too_little(p, rule, step) : 0;
}

/*
 * Steps
 */

static int
parse_spawn(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	p->d->spawns = true;
	return parseword_read_all(p, rule, step);
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
	return parseword_read_all(p, rule, step);
}

static int
parse_expect(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_branch *branch;

	if (token_next(&p->r) == TOKEN_OPEN)
		return read_branches(p, rule, step);
	branch = add_branch(p, step);
	if (!branch || parsepattern_read(p, rule, step, &branch->pattern) < 0)
		return -1;
	if (parse_rule_next(p))
		return parseword_no_separator(p);
	if (token_next(&p->r) == TOKEN_OPEN || parseword_is(token_next(&p->r)))
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
	return parseword_read_all(p, rule, step);
}

static int
parse_break(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (p->loops == 0)
		return token_fail(&p->r, &step->at, "'break' stands only in a repeat or a for");
	return parseword_read_all(p, rule, step);
}

static int
parse_ask(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	p->d->asks = true;
	if (parseword_read(p, rule, step, ARGUMENT_STRING) < 0)
		return -1;
	if (parseword_is(token_next(&p->r)) && parseword_name(p, rule, step) < 0)
		return -1;
	return parseword_no_more(p, rule);
}

static int
parse_set(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	struct dialogue_place at;

	(void)token_next(&p->r);
	at = p->r.place;
	if (parseword_name(p, rule, step) < 0)
		return -1;
	if (strcmp(step->name, "timeout") == 0 && token_next(&p->r) == TOKEN_WORD)
		return token_fail(&p->r, &at, "this would be a variable of that name; the time to wait is set by: timeout DURATION");
	if (parseword_read(p, rule, step, ARGUMENT_STRING) < 0)
		return -1;
	return parseword_no_more(p, rule);
}

static int
parse_repeat(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (parseword_read(p, rule, step, ARGUMENT_TIMES) < 0)
		return -1;
	return read_loop(p, rule, &step->body);
}

static int
parse_for(struct parser *p, const struct rule *rule, struct dialogue_step *step)
{
	if (parseword_name(p, rule, step) < 0)
		return -1;
	if (token_next(&p->r) != TOKEN_WORD || !token_is(&p->r, "in"))
		return token_fail(&p->r, &p->r.place, "an 'in' is missing; it is: %s", rule->usage);
	token_take(&p->r, 2);
	do {
		if (parseword_read(p, rule, step, ARGUMENT_STRING) < 0)
			return -1;
	} while (parseword_is(token_next(&p->r)));
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
		return parseword_read(p, rule, step, ARGUMENT_STRING);
	if (!parsepattern_is_regex_next(p))
		return token_fail(&p->r, &p->r.place, "behind =~ stands a regular expression: /REGEX/");
	branch = add_branch(p, step);
	return branch ? parsepattern_read(p, rule, step, &branch->pattern) : -1;
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
	if (parseword_read(p, rule, step, ARGUMENT_STRING) < 0 || read_test(p, rule, step) < 0 ||
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
	{ "close", DIALOGUE_CLOSE, "close", parseword_read_all },
	{ "exit", DIALOGUE_EXIT, "exit [N]", parseword_read_all, 0, 1, ARGUMENT_STATUS },
	{ "expect", DIALOGUE_EXPECT, "expect P, or expect { P {...} ... }", parse_expect },
	{ "fail", DIALOGUE_FAIL, "fail \"MESSAGE\"", parseword_read_all, 1, 1, ARGUMENT_STRING },
	{ "for", DIALOGUE_FOR, "for NAME in \"TEXT\" ... { ... }", parse_for },
	{ "if", DIALOGUE_IF, "if \"TEXT\" == \"TEXT\" { ... } else { ... }, also != and =~ /REGEX/", parse_if },
	{ "interact", DIALOGUE_INTERACT, "interact", parseword_read_all },
	{ "key", DIALOGUE_KEY, "key NAME ...", parseword_read_all, 1, SIZE_MAX, ARGUMENT_KEY },
	{ "on", DIALOGUE_ON, "on P { ... }", parse_on },
	{ "print", DIALOGUE_PRINT, "print \"TEXT\"", parseword_read_all, 1, 1, ARGUMENT_STRING },
	{ "repeat", DIALOGUE_REPEAT, "repeat N { ... }", parse_repeat },
	{ "reply", DIALOGUE_SET_REPLY, "reply FRAMING", parseword_read_all, 1, 1, ARGUMENT_FRAMING },
	{ "resize", DIALOGUE_RESIZE, "resize ROWS COLUMNS", parseword_read_all, 2, 2, ARGUMENT_EXTENT },
	{ "secret", DIALOGUE_SECRET, "secret [-f] SOURCE", parse_secret, 1, 1, ARGUMENT_SECRET, 'f' },
	{ "send", DIALOGUE_SEND, "send \"TEXT\"", parseword_read_all, 1, 1, ARGUMENT_STRING },
	{ "sendeof", DIALOGUE_SENDEOF, "sendeof", parseword_read_all },
	{ "sendline", DIALOGUE_SENDLINE, "sendline [\"TEXT\"]", parseword_read_all, 0, 1, ARGUMENT_STRING },
	{ "set", DIALOGUE_SET, "set NAME \"TEXT\"", parse_set },
	{ "signal", DIALOGUE_SIGNAL, "signal NAME", parseword_read_all, 1, 1, ARGUMENT_SIGNAL },
	{ "sleep", DIALOGUE_SLEEP, "sleep DURATION", parseword_read_all, 1, 1, ARGUMENT_DURATION },
	{ "spawn", DIALOGUE_SPAWN, "spawn [-p] COMMAND [ARGUMENT ...]", parse_spawn, 1, SIZE_MAX, ARGUMENT_WORD, 'p' },
	{ "timeout", DIALOGUE_SET_TIMEOUT, "timeout DURATION", parseword_read_all, 1, 1, ARGUMENT_DURATION },
	{ "wait", DIALOGUE_WAIT, "wait", parseword_read_all }
};
/* clang-format on */

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

const struct rule *
parse_rule_next(struct parser *p)
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
		return token_fail(&p->r, &p->r.place, "unknown step '%.*s'; here %s", parseword_shown(size), word, here);
	if (nearest && strcmp(nearest, "secret") == 0)
		hide_rest(p, size);
	if (nearest)
		return token_fail(&p->r, &at, "unknown step '%.*s'; did you mean '%s'?", parseword_shown(size), word, nearest);
	return token_fail(&p->r, &p->r.place, "unknown step '%.*s'; see dualpipe-dialogue(5)", parseword_shown(size), word);
}

static int
parse_step(struct parser *p, struct dialogue_block *block)
{
	const struct rule *rule = parse_rule_next(p);
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
