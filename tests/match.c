/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Patterns over text that comes in pieces: whatever the cuts, the answer is
 * the one that all of the text in one piece gives. Prints TAP.
 *
 *	match			all tests
 *	match COUNT [SEED]	that many random ones
 */
#include "match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST_PATTERNS = 4,
	PATTERN_ROOM = 256,
	TEXT_ROOM = 64
};

static int tests, failures;

static void
ok(bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
	if (!good)
		failures++;
}

static uint64_t random_state = 88172645463325252u;

static unsigned
random_below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % n;
}

static void
show(const char *name, const char *bytes, size_t size)
{
	size_t i;

	printf("# %s: ", name);
	for (i = 0; i < size; i++)
		printf(bytes[i] >= ' ' && bytes[i] < 127 ? "%c" : "\\x%02x", (unsigned char)bytes[i]);
	putchar('\n');
}

/*
 * One case: patterns, a text, where it is cut
 */

struct pattern {
	char text[PATTERN_ROOM];
	size_t size;
	unsigned flags;
	struct match *match;
};

struct sample {
	struct pattern patterns[MOST_PATTERNS];
	size_t count;
	char text[TEXT_ROOM];
	size_t size;
	bool cut[TEXT_ROOM];	/* behind each byte */
};

struct answer {
	bool found;
	size_t index;
	size_t count;
	struct match_span spans[PATTERN_ROOM];
};

/* -1 where a limit was hit. */
static int
answer_at_once(const struct sample *s, struct answer *best)
{
	struct answer a;
	size_t i;
	int found;

	best->found = false;
	for (i = 0; i < s->count; i++) {
		a.index = i;
		a.count = match_groups(s->patterns[i].match) + 1;
		found = match_once(s->patterns[i].match, s->text, s->size, a.spans);
		if (found < 0)
			return -1;
		a.found = found == 1;
		if (a.found && (!best->found || a.spans[0].start < best->spans[0].start))
			*best = a;
	}
	return 0;
}

static int
answer_in_pieces(const struct sample *s, struct answer *a)
{
	struct match *matches[MOST_PATTERNS];
	struct match_set *set;
	struct match_found found;
	int state = MATCH_NONE;
	size_t i, size;

	for (i = 0; i < s->count; i++)
		matches[i] = s->patterns[i].match;
	set = match_set_new(matches, s->count);
	if (!set)
		return -1;
	for (size = 0; size < s->size && state != MATCH_SURE && state >= 0; size++)
		if (size == 0 || s->cut[size - 1])
			state = match_set_look(set, s->text, size, false, &found);
	if (state != MATCH_SURE && state >= 0)
		state = match_set_look(set, s->text, s->size, true, &found);
	a->found = state == MATCH_SURE;
	if (a->found) {
		a->index = found.index;
		a->count = match_groups(matches[found.index]) + 1;
		memcpy(a->spans, found.spans, a->count * sizeof(a->spans[0]));
	}
	match_set_free(set);
	return state < 0 ? -1 : 0;
}

static bool
are_same(const struct answer *a, const struct answer *b)
{
	size_t i;

	if (a->found != b->found || !a->found)
		return a->found == b->found;
	if (a->index != b->index || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->spans[i].start != b->spans[i].start || a->spans[i].end != b->spans[i].end)
			return false;
	return true;
}

static void
show_answer(const char *name, const struct answer *a)
{
	size_t i;

	printf("# %s:", name);
	if (!a->found)
		printf(" no match");
	else
		printf(" pattern %zu", a->index);
	for (i = 0; a->found && i < a->count; i++)
		printf(" %zd-%zd", (ssize_t)a->spans[i].start, (ssize_t)a->spans[i].end);
	putchar('\n');
}

static void
show_sample(const struct sample *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		show("pattern", s->patterns[i].text, s->patterns[i].size);
		printf("# flags %u\n", s->patterns[i].flags);
	}
	show("text", s->text, s->size);
	printf("# cut behind:");
	for (i = 0; i < s->size; i++)
		if (s->cut[i])
			printf(" %zu", i + 1);
	putchar('\n');
}

/* Whether the sample has the same answer both ways. */
static bool
is_exact(const struct sample *s)
{
	struct answer whole, pieces;

	if (answer_at_once(s, &whole) < 0 || answer_in_pieces(s, &pieces) < 0)
		return errno == E2BIG;
	if (are_same(&whole, &pieces))
		return true;
	show_sample(s);
	show_answer("at once", &whole);
	show_answer("in pieces", &pieces);
	return false;
}

/*
 * Random ones
 */

/*
 * Where PCRE2 is not of one mind there is nothing to compare: its two engines
 * differ before bytes that are no UTF-8; a pattern that names a newline may
 * begin between "\r" and "\n", or not. Nor do we look for what is broken in it,
 * such as lazy repeats in atomic groups.
 */
enum kind {
	NEWLINES,
	RETURNS,	/* "\r\n" too, and no newline in a pattern */
	WITHOUT_JIT,
	INVALID_TEXT,	/* with JIT, and without assertions */
	KINDS
};

static void
add(struct pattern *p, const char *text)
{
	size_t size = strlen(text);

	if (p->size + size >= PATTERN_ROOM)
		return;
	memcpy(p->text + p->size, text, size);
	p->size += size;
}

static const char *
one_of(const char *const *words, size_t count)
{
	return words[random_below((unsigned)count)];
}

#define ONE_OF(words) one_of((words), sizeof(words) / sizeof((words)[0]))

static void
add_atom(struct pattern *p, enum kind kind)
{
	enum { NEWLINE = 3 }; /* at the end of these */
	static const char *const atoms[] = {
		"a", "b", "c", "a", "b", "c", "ab", "bc", "\xc3\xa9", "\xe2\x82\xac", ".", ".", "[ab]", "[^a]", "[^\\n]",
		"\\w", "\\W", "\\s", "\\S", "\\h", "\\X", "\\R", " ", "\\n", "\\n", "\\nb"
	};

	add(p, one_of(atoms, sizeof(atoms) / sizeof(atoms[0]) - (kind == RETURNS ? NEWLINE : 0)));
}

static void
add_assertion(struct pattern *p, enum kind kind)
{
	static const char *const assertions[] = {
		"^", "^", "$", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "(?<=a)", "(?<!a)", "(?<=ab|c)",
		"(?<=\xc3\xa9)", "(?<![^a])", "(?=[bc])", "(?!b)", "(?=.b)", "(?!$)", "(?!\\z)", "(?<=^a)",
		"(?<!^)", "(?=a*c)", "(?m:$)", "(?-m:^)",
		/* without JIT, PCRE2 does not look behind as far as this */
		"(?<=(?<=a)b)",
		"(?<=\\n)"
	};
	size_t count = sizeof(assertions) / sizeof(assertions[0]);

	if (kind == RETURNS)
		count -= 1;
	else if (kind == WITHOUT_JIT)
		count -= 2;
	add(p, one_of(assertions, count));
}

static void
add_pattern(struct pattern *p, unsigned depth, enum kind kind)
{
	static const char *const quantifiers[] = { "?", "*", "+", "??", "*?", "+?", "{2}", "{1,2}" };
	static const char *const openings[] = { "(", "(?:", "(?i:", "(?s:" };
	unsigned i, parts = 1 + random_below(4);

	for (i = 0; i < parts; i++) {
		if (kind != INVALID_TEXT && random_below(5) == 0) {
			add_assertion(p, kind);
			continue;
		}
		if (depth > 0 && random_below(4) == 0) {
			add(p, ONE_OF(openings));
			add_pattern(p, depth - 1, kind);
			add(p, ")");
		} else {
			add_atom(p, kind);
		}
		if (random_below(3) == 0)
			add(p, ONE_OF(quantifiers));
	}
	if (random_below(5) == 0) {
		add(p, "|");
		add_pattern(p, depth > 0 ? depth - 1 : 0, kind);
	}
}

static void
add_literal(struct pattern *p)
{
	static const char *const pieces[] = { "a", "b", "c", "ab", "\n", "\r", "\xc3\xa9", "\xc3", "\xff", "\xa9", " " };
	unsigned i, parts = 1 + random_below(3);

	for (i = 0; i < parts; i++)
		add(p, ONE_OF(pieces));
}

/* A pattern that compiles. */
static void
make_pattern(struct pattern *p, enum kind kind)
{
	do {
		p->size = 0;
		p->flags = random_below(4) == 0 ? MATCH_LITERAL : 0;
		p->flags |= random_below(4) == 0 ? MATCH_NOCASE : 0;
		p->flags |= random_below(3) == 0 ? MATCH_MULTILINE : 0;
		p->flags |= random_below(3) == 0 ? MATCH_DOTALL : 0;
		if (p->flags & MATCH_LITERAL) {
			add_literal(p);
		} else {
			if (kind == WITHOUT_JIT)
				add(p, "(*NO_JIT)");
			else if (kind == INVALID_TEXT)
				add(p, "(*NO_DOTSTAR_ANCHOR)");
			add_pattern(p, 2, kind);
		}
		p->match = match_new(p->text, p->size, p->flags, NULL, NULL);
	} while (!p->match);
}

static const char *
text_piece(enum kind kind)
{
	static const char *const all[] = {
		"a", "b", "c", "a", "b", "c", "A", "B", " ", "\n", "\n", "\xc3\xa9", "\xc3\x89", "\xe2\x82\xac"
	};
	static const char *const returns[] = { "\r\n", "\r\n", "\r" };
	static const char *const invalid[] = { "\xff", "\xc3", "\xe2\x82", "\xa9" };

	if (kind == RETURNS && random_below(4) == 0)
		return ONE_OF(returns);
	if (kind == INVALID_TEXT && random_below(4) == 0)
		return ONE_OF(invalid);
	return ONE_OF(all);
}

static void
make_text(struct sample *s, enum kind kind)
{
	unsigned most = 1 + random_below(TEXT_ROOM / 2);
	const char *piece;

	for (s->size = 0; s->size < most; s->size += strlen(piece)) {
		piece = text_piece(kind);
		memcpy(s->text + s->size, piece, strlen(piece));
	}
}

static void
make_cuts(struct sample *s)
{
	unsigned every = 1 + random_below(8);
	size_t i;

	for (i = 0; i < s->size; i++)
		s->cut[i] = random_below(every) == 0;
}

/* Each list of patterns gets several texts, since compiling is what takes time. */
static bool
random_samples(unsigned long count)
{
	enum { TEXTS = 16, WORTH_SHOWING = 5 };
	struct sample s;
	enum kind kind;
	unsigned long i;
	unsigned bad = 0, text;
	size_t p;

	for (i = 0; i < count && bad < WORTH_SHOWING; i += TEXTS) {
		s.count = random_below(2) == 0 ? 1 : 1 + random_below(MOST_PATTERNS);
		kind = (enum kind)random_below(KINDS);
		for (p = 0; p < s.count; p++)
			make_pattern(&s.patterns[p], kind);
		for (text = 0; text < TEXTS; text++) {
			make_text(&s, kind);
			make_cuts(&s);
			if (!is_exact(&s)) {
				bad++;
				break;
			}
		}
		for (p = 0; p < s.count; p++)
			match_free(s.patterns[p].match);
	}
	return bad == 0;
}

int
main(int argc, char **argv)
{
	if (argc > 2)
		random_state = strtoull(argv[2], NULL, 10) * 2654435761u + 1;
	ok(random_samples(argc > 1 ? strtoul(argv[1], NULL, 10) : 20000), "random patterns over random text and cuts");
	printf("1..%d\n", tests);
	return failures > 0;
}
