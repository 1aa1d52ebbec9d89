/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* When a reply is complete, and what it is cleaned of, without a child; what a terminal is asked, cut anywhere. */

#include "buf.h"
#include "clean.h"
#include "crlf.h"
#include "drawn.h"
#include "framing.h"
#include "query.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests, failures;

static void
ok(bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
	failures += !good;
}

static bool
same(const char *got, size_t size, const char *want)
{
	if (size == strlen(want) && memcmp(got, want, size) == 0)
		return true;
	printf("# wanted: %s\n# got: %.*s\n", want, (int)size, got);
	return false;
}

/* Cleaning. */

static bool
cleans(const char *text, const char *want)
{
	char data[256];

	(void)snprintf(data, sizeof(data), "%s", text);
	return same(data, clean_terminal(data, strlen(data)), want);
}

static void
test_clean(void)
{
	char data[] = "a\0\033\0b";

	ok(cleans("a\r\nb\rc\r", "a\nb\rc\r"), "a carriage return goes before a newline only");
	ok(cleans("\033[1mbold\033[0;31m!\033(B\033=\033[?25h", "bold!"), "sequences go");
	ok(cleans("\033]0;title\007x\033]8;;u\033\\y\033Pq\033\\z", "xyz"), "strings go with their end");
	ok(cleans("\033]0;no end\nmore", "\nmore") && cleans("\033[1\nmore", "\nmore") && cleans("a\033", "a"),
	    "what has no end takes its line with it at the most");
	ok(clean_terminal(data, 5) == 4 && memcmp(data, "a\0\0b", 4) == 0, "NULs stay");
	ok(clean_where("\033[1mab\033[0m\r\ncd", 14, 2) == 6 && clean_where("ab", 2, 9) == 2, "and where one was");
}

/* The first line of text, what ends it, and how much of text that is. */
static bool
draws(const char *text, const char *want, enum drawn_end want_end, size_t want_used)
{
	struct buf line = { 0 };
	enum drawn_end end;
	bool good = drawn_line(&line, text, strlen(text), &end) == (ssize_t)want_used && end == want_end &&
	    same(buf_peek(&line), line.size, want);

	buf_free(&line);
	return good;
}

static bool
prompts(const char *text, const char *want)
{
	struct buf line = { 0 };
	bool good = drawn_prompt(&line, text, strlen(text)) == 0 && same(buf_peek(&line), line.size, want);

	buf_free(&line);
	return good;
}

static void
test_drawn(void)
{
	static const char blanks[] = "hi\u23ce                                        \r\u23ce \r$ ";

	ok(draws("1+1\r\n2\n", "1+1", DRAWN_NEWLINE, 5), "a line that was just written");
	ok(draws("\r$ a\r$ a b\r$ a b\nx", "$ a b", DRAWN_NEWLINE, 17), "one that was drawn three times");
	ok(draws("\033[1G> 67\033[4D\033[2C\033[K6*7\033[1B\033[1G=> 42\n", "> 6*7", DRAWN_STEP, 26),
	    "one with steps aside, and one to the next line");
	ok(draws("ab\b\b\033[31mx\033[0m\u00e4\033[9Gz  \n", "x\u00e4      z", DRAWN_NEWLINE, 24),
	    "back steps, colours, and a column that is not there yet");
	ok(draws("a\033[99999999999999999C\r\033[K", "", DRAWN_OPEN, 25) && draws("", "", DRAWN_OPEN, 0) &&
	    draws("a\033[1", "a", DRAWN_OPEN, 4), "a step that is far too far, nothing, and half a sequence");
	ok(prompts("\033[1G> \033[K\033[1G\033[3G", "> ") && prompts("> ab\b\b", "> "), "a prompt goes up to the cursor");
	ok(prompts(blanks, "$ ") && drawn_mark(blanks, sizeof(blanks) - 1) == 2 && drawn_mark("hi\r$ ", 5) == 5,
	    "behind the mark of a line that was not complete");
	ok(drawn_mark(blanks + 5, sizeof(blanks) - 6) == sizeof(blanks) - 6, "blanks without a mark are none");
}

/* Framings. */

static struct framing_view view;
static struct framing_found found;

static bool
parses(struct framing *f, const char *text)
{
	char *cause = NULL;
	bool good = framing_parse(f, text, &cause) == 0;

	if (!good && !cause)
		printf("# no cause for %s\n", text);
	free(cause);
	return good;
}

/* Looks at all beginnings of text. Returns the rule, and where it was found. */
static int
look_bytewise(const char *framing, const char *text, size_t size, size_t *at)
{
	struct framing_progress progress = { 0 };
	struct framing f;
	int rule = FRAMING_NOT_YET;

	if (!parses(&f, framing))
		return -2;
	view.data = text;
	for (*at = 0; rule == FRAMING_NOT_YET && *at <= size; (*at)++) {
		view.size = *at;
		view.ended = *at == size;
		rule = framing_look(&f, &progress, &view, &found);
	}
	(*at)--;
	framing_free(&f);
	return rule;
}

static bool
ends(const char *framing, const char *text, size_t size, size_t reply, size_t all)
{
	size_t at = 0;
	int rule = look_bytewise(framing, text, size, &at);

	if (rule > FRAMING_NOT_YET && found.reply == reply && found.all == all && at == all)
		return true;
	printf("# %s: rule %d at %zu, reply %zu, all %zu\n", framing, rule, at, found.reply, found.all);
	return false;
}

static void
test_framings(void)
{
	view = (struct framing_view){ .drained = true, .waiting = DUALPIPE_WAITS };
	ok(ends("line", "ab\ncd\n", 6, 3, 3), "line");
	ok(ends("lines:2", "ab\n\ncd\n", 7, 4, 4), "lines:N");
	ok(ends("until:^b", "ab\nbc\nd\n", 8, 3, 6), "until:RE takes its line off");
	ok(ends("until:^b$", "ab\r\nb\r\nd\n", 9, 4, 7), "a carriage return is no part of the line");
	ok(ends("until:^b$", "ab\nb", 4, 3, 4), "the last line may lack its newline");
	ok(ends("echo:a:b:c$", "ab\nbc\n", 6, 3, 6), "echo:REQUEST:RE");
	ok(ends("prompt:> ", "ab> c> ", 7, 2, 4), "prompt:RE where the child waits");
	ok(ends("prompt:> ", "a\033[1m> \033[0m", 11, 1, 7), "prompt:RE among colours");
	ok(ends("null", "a\0b\0", 4, 1, 2), "null");
	ok(ends("length", "\0\0\0\2abc", 7, 2, 6) && found.skip == 4, "length");
	ok(ends("eof", "abc", 3, 3, 3), "eof");
	view.waiting = DUALPIPE_BUSY;
	ok(ends("prompt:> ", "ab> c> ", 7, 7, 7), "no prompt while the child is busy");
}

static int
look_once(const char *framing, const char *text)
{
	struct framing_progress progress = { 0 };
	struct framing f;
	int rule;

	(void)parses(&f, framing);
	view.data = text;
	view.size = strlen(text);
	rule = framing_look(&f, &progress, &view, &found);
	framing_free(&f);
	return rule;
}

static void
test_ready(void)
{
	view = (struct framing_view){ .drained = true, .waiting = DUALPIPE_WAITS };
	ok(look_once("ready", "x") == FRAMING_BY_READY, "ready: it waits");
	view.drained = false;
	ok(look_once("ready", "x") == FRAMING_NOT_YET && found.look_ms == 0, "not while there is more to read");
	view = (struct framing_view){ .drained = true, .waiting = DUALPIPE_BUSY, .silent_ms = 100000, .waiting_ms = 100000 };
	ok(look_once("ready", "x") == FRAMING_NOT_YET && found.look_ms > 0, "nor ever while it is busy");
	view.waiting = DUALPIPE_MAY_WAIT;
	view.waiting_ms = 100;
	ok(look_once("ready", "x") == FRAMING_NOT_YET && found.look_ms == 200, "a weak sign needs 300 ms, all of them of it");
	view.waiting_ms = 300;
	ok(look_once("ready", "x") == FRAMING_BY_SILENCE, "silence decides where there is no prompt");
	view.prompt = "$ ";
	view.prompt_size = 2;
	ok(look_once("ready", "x\n") == FRAMING_NOT_YET && look_once("ready", "x$\n") == FRAMING_NOT_YET, "not where there is one");
	ok(look_once("ready", "x\nroot# ") == FRAMING_BY_PROMPT && look_once("ready", "$ \033[K") == FRAMING_BY_PROMPT,
	    "and it, or one like it, ends the reply");
	view = (struct framing_view){ .drained = true, .waiting = DUALPIPE_MAY_WAIT, .waiting_ms = 999, .fresh = true };
	ok(look_once("ready", "") == FRAMING_NOT_YET && found.look_ms == 1, "who has never said anything has a second");
	view.waiting = DUALPIPE_WAITS_UNKNOWN;
	ok(look_once("ready", "") == FRAMING_NOT_YET && found.look_ms == 1, "and so where nothing tells who waits");
	view = (struct framing_view){ .ended = true };
	ok(look_once("ready", "x") == FRAMING_BY_END && found.all == 1, "the end ends it");
	view = (struct framing_view){ .silent_ms = 50 };
	ok(look_once("quiet:60ms", "x") == FRAMING_NOT_YET && found.look_ms == 10, "quiet:TIME");
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "Ready", "line:", "lines", "lines:", "lines:0", "lines:x", "prompt", "prompt:",
		"prompt:(", "until:", "echo:", "echo:x", "echo::x", "echo:x:", "echo:x:(", "quiet:", "quiet:x", "eof:", "ready:" };
	struct framing f;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parses(&f, bad[i]))
			break;
	ok(i == sizeof(bad) / sizeof(bad[0]), "what is no framing is told");
	ok(framing_like_prompt("a> ", 3, "b>", 2) && framing_like_prompt("x#", 2, "$", 1) && framing_like_prompt("b:", 2, "a: ", 3) &&
	    !framing_like_prompt("b:", 2, "a>", 2) && !framing_like_prompt("", 0, "", 0) && !framing_like_prompt(" ", 1, " ", 1),
	    "a prompt like another");
}

/* Streams that are cut anywhere. */

static void
keep_answer(void *arg, const char *answer, size_t size)
{
	(void)buf_append(arg, answer, size); /* what lacks is seen */
}

static bool
asks(const char *text, size_t cut, const char *want, const char *want_answers)
{
	char data[256], rest[256];
	struct buf answers = { 0 };
	struct query q = { 0 };
	size_t size = strlen(text), put = 0, n;
	bool good;

	memcpy(data, text, cut);
	put = query_take(&q, data, cut, keep_answer, &answers);
	memcpy(rest, text + cut, size - cut);
	n = query_take(&q, rest, size - cut, keep_answer, &answers);
	memcpy(data + put, rest, n);
	put += n;
	put += query_end(&q, data + put);
	good = same(data, put, want) && same(answers.size > 0 ? buf_peek(&answers) : "", answers.size, want_answers);
	buf_free(&answers);
	return good;
}

static void
test_query(void)
{
	static const char text[] = "a\033[6nb\033[31mc\033\033[5n\033[?6n\033[c\033[0c\033[>cd\033[6";
	static const char rest[] = "ab\033[31mc\033d\033[6";
	static const char answers[] = "\033[1;1R\033[0n\033[?1;1R\033[?1;2c\033[?1;2c\033[>0;0;0c";
	size_t cut = 0;

	while (cut < strlen(text) && asks(text, cut, rest, answers))
		cut++;
	ok(cut == strlen(text), "questions to the terminal are answered, and taken out, cut anywhere");
}

static void
test_crlf(void)
{
	static const char text[] = "a\r\nb\rc\r\r\n\nd\r";
	char to[32];
	size_t cut, put = 0;
	bool good = true;

	for (cut = 0; good && cut < sizeof(text); cut++) {
		struct crlf c = { 0 };

		put = crlf_fold(&c, to, text, cut);
		put += crlf_fold(&c, to + put, text + cut, sizeof(text) - 1 - cut);
		good = same(to, put, "a\nb\rc\r\n\nd") && c.held;
	}
	ok(good, "\\r\\n is \\n, cut anywhere");
}

int
main(void)
{
	test_clean();
	test_drawn();
	test_framings();
	test_ready();
	test_names();
	test_query();
	test_crlf();
	printf("1..%d\n", tests);
	return failures > 0;
}
