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

#include "find.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/*
 * One by one
 */

/* A text that goes on, and what is to be said of it. */
static void
test_states(void)
{
	enum { M = MATCH_MULTILINE, L = MATCH_LITERAL };
	static const struct {
		const char *patterns[2];
		unsigned flags;
		const char *text;
		int state;
		size_t settled;	/* the pattern that is taken then; 9: none */
	} table[] = {
		{ { "DONE-(\\d+)" }, 0, "DONE-1", MATCH_DOUBTFUL, 0 },
		{ { "DONE-(\\d+)" }, 0, "DONE-12 ", MATCH_SURE, 0 },
		{ { "DONE-(\\d+)" }, 0, "DON", MATCH_NONE, 9 },
		{ { "DONE-1" }, 0, "DONE-1", MATCH_SURE, 0 },
		{ { "DONE-1" }, L, "x DONE-1", MATCH_SURE, 0 },
		{ { "DONE-1" }, L, "x DONE-", MATCH_NONE, 9 },
		{ { "done-1" }, L | MATCH_NOCASE, "x DONE-1", MATCH_SURE, 0 },
		{ { "foobar", "oo" }, L, "foo", MATCH_DOUBTFUL, 1 },
		{ { "foobar", "oo" }, L, "foo!", MATCH_SURE, 1 },
		{ { "oo", "foobar" }, L, "oo", MATCH_SURE, 0 },
		{ { "fo+", "foo" }, 0, "foo", MATCH_DOUBTFUL, 0 },
		{ { "foo", "fo+" }, 0, "foo", MATCH_SURE, 0 },
		{ { "\\$ $" }, 0, "$ ", MATCH_DOUBTFUL, 0 },
		{ { "\\$ $" }, 0, "$ \n", MATCH_DOUBTFUL, 0 },
		{ { "\\$ $" }, 0, "$ \nx", MATCH_NONE, 9 },
		{ { "ok\\Z|no\\n" }, 0, "ok\n", MATCH_DOUBTFUL, 0 },
		{ { "ok\\z" }, 0, "ok\n", MATCH_NONE, 9 },
		{ { "^ok$" }, M, "ok\n", MATCH_SURE, 0 },
		{ { "^ok$" }, M, "ok\r\n", MATCH_SURE, 0 },
		{ { "^ok$" }, M, "x\nok", MATCH_DOUBTFUL, 0 },
		{ { "^ok\\n" }, M, "x\nok\n", MATCH_SURE, 0 },
		{ { "ok\\n^" }, M, "ok\n", MATCH_NONE, 9 },
		{ { "ok\\n^" }, M, "ok\nx", MATCH_SURE, 0 },
		{ { "ok.*" }, 0, "ok then", MATCH_DOUBTFUL, 0 },
		{ { "ok.*" }, 0, "ok then\r", MATCH_SURE, 0 },
		{ { "ok\\R" }, 0, "ok\r", MATCH_DOUBTFUL, 0 },
		{ { "ok\\R" }, 0, "ok\r\n", MATCH_SURE, 0 },
		{ { "caf." }, 0, "caf\xc3", MATCH_NONE, 9 },
		{ { "caf." }, 0, "caf\xc3\xa9", MATCH_SURE, 0 },
		{ { "caf\xc3" }, L, "caf\xc3", MATCH_SURE, 0 },
		{ { "\xc9" }, L | MATCH_NOCASE, "\xc9", MATCH_SURE, 0 },
		{ { "a(?!b)" }, 0, "a", MATCH_DOUBTFUL, 0 },
		{ { "a(?!b)" }, 0, "ac", MATCH_SURE, 0 },
		{ { "\\w+\\b" }, 0, "gr\xc3\xbcn", MATCH_DOUBTFUL, 0 },
		{ { ".*" }, 0, "", MATCH_DOUBTFUL, 0 },
		{ { "" }, L, "", MATCH_SURE, 0 },
		{ { "x" }, 0, "", MATCH_NONE, 9 },
	};
	struct match *matches[2];
	struct match_found found;
	struct match_set *set;
	size_t i, n, settled;
	bool good = true;
	int state;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (n = 0; n < 2 && table[i].patterns[n]; n++)
			matches[n] = match_new(table[i].patterns[n], strlen(table[i].patterns[n]), table[i].flags, NULL, NULL);
		set = match_set_new(matches, n);
		state = match_set_look(set, table[i].text, strlen(table[i].text), false, &found);
		settled = 9;
		if (match_set_look(set, table[i].text, strlen(table[i].text), true, &found) == MATCH_SURE)
			settled = found.index;
		if (state != table[i].state || settled != table[i].settled) {
			printf("# %zu: %s: state %d, settled %zu\n", i, table[i].patterns[0], state, settled);
			good = false;
		}
		match_set_free(set);
		while (n > 0)
			match_free(matches[--n]);
	}
	ok(good, "what is sure, what the next byte could change, and what is taken then");
}

static void
test_names(void)
{
	static const char text[] = "(?<b>x)|(?J)(?<a>y)(z)|(?<a>q)";
	struct match *m = match_new(text, strlen(text), 0, NULL, NULL);
	struct match_span spans[5];

	ok(m && match_groups(m) == 4, "groups are counted");
	ok(m && strcmp(match_name(m, 0), "a") == 0 && strcmp(match_name(m, 1), "b") == 0 && !match_name(m, 2),
	    "each name is told once");
	ok(m && match_once(m, "_q", 2, spans) == 1 && spans[0].start == 1 && spans[0].end == 2, "a text is matched once");
	ok(m && match_named(m, "a", spans) == 4 && spans[2].start == SIZE_MAX && match_named(m, "c", spans) == -1,
	    "of several groups of a name it is the one that took part");
	ok(m && match_once(m, "_", 1, spans) == 0, "or it is not");
	match_free(m);
	match_free(NULL);
	match_set_free(NULL);
}

static void
test_errors(void)
{
	char *cause;
	size_t at = 0;

	errno = 0;
	ok(!match_new("a(b", 3, 0, &cause, &at) && errno == EINVAL && at == 3 &&
	    strcmp(cause, "missing closing parenthesis") == 0, "what is no pattern, why, and where");
	free(cause);
	ok(!match_new("ab\\G", 4, 0, &cause, &at) && errno == EINVAL && at == 2 && cause, "there is no \\G");
	free(cause);
	ok(!match_new("a\xff", 2, 0, &cause, NULL) && errno == EINVAL && cause, "nor bytes that are no UTF-8");
	free(cause);
}

/* What fell out of a window begins no line, but may be looked behind at. */
static void
test_dropped(void)
{
	static const char *const patterns[] = { "\\Ab", "(?-m)^b", "(?<=a)b", "^b", "ba" };
	struct match *matches[5];
	struct match_found found;
	struct match_set *set;
	char text[1025];
	size_t i;
	int state;

	memset(text, 'b', sizeof(text));
	text[1023] = 'a';
	for (i = 0; i < 5; i++)
		matches[i] = match_new(patterns[i], strlen(patterns[i]), MATCH_MULTILINE, NULL, NULL);
	set = match_set_new(matches + 4, 1);
	ok(match_set_look(set, text, 1023, false, &found) == MATCH_NONE, "nothing matches before");
	match_set_dropped(set, 512, text + 512, 511);
	state = match_set_look(set, text + 512, 512, false, &found);
	ok(state == MATCH_SURE && found.spans[0].start == 510, "what began to match before the front fell out goes on");
	match_set_free(set);
	set = match_set_new(matches, 4);
	for (i = 0; i < 4; i++)
		match_set_dropped(set, 100, text, 900);
	state = match_set_look(set, text + 4 * 100, 1025 - 4 * 100, false, &found);
	ok(state == MATCH_SURE && found.index == 2 && found.spans[0].start == 624, "where it fell out no line begins");
	match_set_free(set);
	for (i = 0; i < 5; i++)
		match_free(matches[i]);
}

/* 4 MiB in small pieces: looked at anew with each of them, they would be 8 GiB. */
static void
test_linear(void)
{
	enum { SIZE = 4 * 1024 * 1024, PIECE = 1024, MOST_S = 3 };
	static const char pattern[] = "begin.*end";
	struct match *m = match_new(pattern, strlen(pattern), MATCH_DOTALL, NULL, NULL);
	struct match_set *set = match_set_new(&m, 1);
	char *text = malloc(SIZE);
	struct match_found found;
	clock_t start = clock();
	int state = MATCH_NONE;
	size_t size;

	memset(text, 'n', SIZE);
	memcpy(text, "begin", 5);
	for (size = PIECE; size <= SIZE && state != MATCH_SURE; size += PIECE)
		state = match_set_look(set, text, size, false, &found);
	memcpy(text + SIZE - 5, "ends!", 5);
	ok((clock() - start) / CLOCKS_PER_SEC < MOST_S, "a long partial match is not looked at with each piece");
	ok(match_set_look(set, text, SIZE, true, &found) == MATCH_SURE && found.spans[0].end == SIZE - 2,
	    "and is found when nothing more comes");
	free(text);
	match_set_free(set);
	match_free(m);
}

/*
 * Finding
 */

/* As find_front(), but plain. */
static size_t
plain_front(const char *text, size_t size, const char *in, size_t in_size)
{
	size_t at = in_size >= size ? in_size - size + 1 : 0;

	while (at < in_size && memcmp(in + at, text, in_size - at) != 0)
		at++;
	return at;
}

/* The rarest byte of the literal may be everywhere, or nowhere. */
static bool
finds_all(unsigned rounds)
{
	enum { MOST = 2000, LONGEST = 6 };
	static char in[MOST];
	char text[LONGEST];
	struct find f;
	size_t size, in_size, i;
	unsigned letters;

	while (rounds-- > 0) {
		letters = 1 + random_below(rounds % 2 == 0 ? 3 : 60);
		in_size = random_below(MOST);
		size = 1 + random_below(LONGEST);
		for (i = 0; i < in_size; i++)
			in[i] = (char)(' ' + random_below(letters));
		for (i = 0; i < size; i++)
			text[i] = (char)(' ' + random_below(letters));
		find_init(&f, text, size);
		if (find_first(&f, in, in_size) != memmem(in, in_size, text, size) ||
		    find_front(&f, in, in_size) != plain_front(text, size, in, in_size)) {
			show("literal", text, size);
			show("in", in, in_size);
			return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	if (argc > 2)
		random_state = strtoull(argv[2], NULL, 10) * 2654435761u + 1;
	if (argc == 1) {
		test_states();
		test_names();
		test_errors();
		test_dropped();
		test_linear();
	}
	ok(random_samples(argc > 1 ? strtoul(argv[1], NULL, 10) : 20000), "random patterns over random text and cuts");
	ok(finds_all(20000), "random literals in random text");
	printf("1..%d\n", tests);
	return failures > 0;
}
