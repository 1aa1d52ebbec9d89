/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Transcripts read back, each mistake as it is told, and what differs from them as it is shown. */

#include "buf.h"
#include "compare.h"
#include "edits.h"
#include "recorded.h"
#include "shwords.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_STEPS = 20000 };

static int tests, failures;

static void
ok(bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
	if (!good)
		failures++;
}

/* What was wanted and what came, where they differ. */
static bool
same(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return true;
	printf("# wanted %s\n# got    %s\n", want, got);
	return false;
}

#define HEAD "# dualpipe transcript 1\n"
#define CAT HEAD "$ cat\n"

/*
 * Mistakes
 */

static void
test_mistakes(void)
{
	static const struct {
		const char *text, *cause;
		size_t size;	/* 0: strlen */
	} table[] = {
		{ "", "t:1: this is no transcript: it is empty", 0 },
		{ "# dualpipe", "t:1: this is no transcript as text: it does not begin with '# dualpipe transcript 1'", 0 },
		{ "\177ELF\xff", "t:1: this is no transcript as text: it does not begin with '# dualpipe transcript 1'", 0 },
		{ "{\"dualpipe\":1}\n", "t:1: this is no transcript as text: it does not begin with '# dualpipe transcript 1'", 0 },
		{ "# dualpipe transcript 2\n$ cat\n= 0\n",
		    "t:1: the transcript is of version 2, and this dualpipe reads version 1", 0 },
		{ "# dualpipe transcript 1x\n", "t:1: what stands behind '# dualpipe transcript' is no version", 0 },
		{ "# dualpipe transcript \n", "t:1: what stands behind '# dualpipe transcript' is no version", 0 },
		{ CAT "= 0\n# dualpipe transcript 3\n", "t:4: the transcript is of version 3, and this dualpipe reads version 1", 0 },
		{ HEAD, "t:1: the transcript has no command ($)", 0 },
		{ HEAD "$\n= 0\n", "t:2: there is no command; it stands behind '$', and behind its options and '--'", 0 },
		{ HEAD "$ --pty\n= 0\n", "t:2: there is no command; it stands behind '$', and behind its options and '--'", 0 },
		{ HEAD "= 0\n", "t:2: '=' stands behind no command ($)", 0 },
		{ CAT "= 0\n> x\n", "t:4: '>' stands behind no command ($)", 0 },
		{ CAT "> x\n", "t:3: the record has no status (=) at its end: it is cut off", 0 },
		{ CAT "> x\n$ cat\n= 0\n",
		    "t:4: a command stands in the middle of a record: the one before has no status (=), it is cut off", 0 },
		{ CAT "> x\n= 0", "t:4: the last line has no newline: it is cut off", 0 },
		{ "# dualpipe transcript 1", "t:1: the last line has no newline: it is cut off", 0 },
		{ CAT "> a\xff\n= 0\n", "t:3: byte 4 of the line is no UTF-8; it is written as \\xff", 0 },
		{ CAT "> \xe2\x82\n= 0\n", "t:3: byte 3 of the line is no UTF-8; it is written as \\xe2", 0 },
		{ CAT "> a\tb\n= 0\n", "t:3: byte 4 of the line is a control character; it is written as an escape, such as \\t", 0 },
		{ CAT "< a\r\n= 0\n", "t:3: byte 4 of the line is a control character; it is written as an escape, such as \\r", 0 },
		{ CAT "< \0\n= 0\n", "t:3: byte 3 of the line is a control character; it is written as an escape, such as \\x01",
		    sizeof(CAT "< \0\n= 0\n") - 1 },
		{ CAT "< \xc2\x9b\n= 0\n",
		    "t:3: byte 3 of the line is a control character; it is written as an escape, such as \\x01", 0 },
		{ CAT "< a\\q\n= 0\n", "t:3: '\\q' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", 0 },
		{ CAT "< \\\\\\\xc3\xa9 x\n= 0\n", "t:3: '\\\xc3\xa9' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", 0 },
		{ CAT "< \\x4\n= 0\n", "t:3: '\\x4' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", 0 },
		{ CAT "< \\x4\xc3\xa9\n= 0\n", "t:3: '\\x4' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", 0 },
		{ CAT "< \\x4G1\n= 0\n", "t:3: '\\x4G' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", 0 },
		{ CAT ">x\n= 0\n", "t:3: behind '>' a blank has to stand", 0 },
		{ CAT "? x\n= 0\n", "t:3: '?' is no mark; a line begins with $ > < ! @ = or #", 0 },
		{ CAT " \n= 0\n", "t:3: ' ' is no mark; a line begins with $ > < ! @ = or #", 0 },
		{ CAT "<~ (a\n= 0\n", "t:3: '(a' is no pattern: missing closing parenthesis", 0 },
		{ CAT "!~ a)(b\n= 0\n", "t:3: 'a)(b' is no pattern: unmatched closing parenthesis", 0 },
		{ CAT "<~x\n= 0\n", "t:3: behind '<~' a blank has to stand", 0 },
		{ CAT "<* x\n= 0\n", "t:3: behind '<*' nothing can stand", 0 },
		{ CAT "@ foo\n= 0\n",
		    "t:3: '@ foo' says nothing that can be done; it is eof, signal NAME, resize ROWS COLUMNS or secret", 0 },
		{ CAT "@ eof now\n= 0\n",
		    "t:3: '@ eof now' says nothing that can be done; it is eof, signal NAME, resize ROWS COLUMNS or secret", 0 },
		{ CAT "@ signal NOPE\n= 0\n", "t:3: no signal is called 'NOPE'", 0 },
		{ CAT "@ signal\n= 0\n", "t:3: no signal is called ''", 0 },
		{ CAT "@ resize 24\n= 0\n", "t:3: '24' is no size; it is: @ resize ROWS COLUMNS", 0 },
		{ CAT "@ resize 0 80\n= 0\n", "t:3: '0 80' is no size; it is: @ resize ROWS COLUMNS", 0 },
		{ CAT "= 256\n", "t:3: '= 256' is no status; it is a number up to 255, or: = signal NAME", 0 },
		{ CAT "= signal\n", "t:3: '= signal' is no status; it is a number up to 255, or: = signal NAME", 0 },
		{ CAT "=\n", "t:3: '=' is no status; it is a number up to 255, or: = signal NAME", 0 },
		{ HEAD "$ echo 'a\n= 0\n", "t:2: a ' is not closed", 0 },
		{ HEAD "$ echo $'a\n= 0\n", "t:2: a $' is not closed", 0 },
		{ HEAD "$ echo \"a\n= 0\n", "t:2: a \" is not closed", 0 },
		{ HEAD "$ echo \"$a\"\n= 0\n", "t:2: '$' is not expanded: no shell reads this line", 0 },
		{ HEAD "$ echo $a\n= 0\n", "t:2: '$' has to stand in quotes: no shell reads this line", 0 },
		{ HEAD "$ echo a|b\n= 0\n", "t:2: '|' has to stand in quotes: no shell reads this line", 0 },
		{ HEAD "$ echo $'\\q'\n= 0\n", "t:2: '\\q' is no escape", 0 },
		{ HEAD "$ echo $'\\\xc3\xa9'\n= 0\n", "t:2: '\\\xc3\xa9' is no escape", 0 },
		{ HEAD "$ echo $'\\0'\n= 0\n", "t:2: a word cannot hold a NUL", 0 },
	};
	struct recorded *r;
	char *cause;
	size_t i;
	bool good = true;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		r = recorded_new("t", table[i].text, table[i].size ? table[i].size : strlen(table[i].text), &cause);
		good &= !r && cause && same(cause, table[i].cause);
		if (r)
			printf("# it was read: %s\n", table[i].text);
		recorded_free(r);
		free(cause);
	}
	ok(good, "each mistake is told with its line");
}

/*
 * Words
 */

static void
test_words(void)
{
	static const struct {
		const char *text, *words;	/* these with a "|" behind each */
	} table[] = {
		{ "", "" },
		{ "  a   b ", "a|b|" },
		{ "'a b' 'it'\\''s' ''", "a b|it's||" },
		{ "$'tab\\there\\n\\'\\\\\\xff'", "tab\there\n'\\\xff|" },
		{ "\"a $'\\\\\"", NULL },
		{ "\"a \\\"b\\\" \\\\ \\x\"c'd'", "a \"b\" \\ \\xcd|" },
		{ "a\\ b\\|c", "a b|c|" },
		{ "\xc3\xa9", "\xc3\xa9|" },
	};
	struct buf all = { 0 };
	char **words, *cause;
	size_t i, n;
	bool good = true;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		words = shwords_split(table[i].text, strlen(table[i].text), &n, &cause);
		free(cause);
		good &= !words == !table[i].words;
		buf_consume(&all, all.size);
		for (n = 0; words && words[n]; n++)
			good &= buf_append(&all, words[n], strlen(words[n])) == 0 && buf_append(&all, "|", 1) == 0;
		good &= buf_append(&all, "", 1) == 0;
		if (words && table[i].words)
			good &= same(buf_peek(&all), table[i].words);
		shwords_free(words);
	}
	buf_free(&all);
	ok(good, "words are read as a shell would that expands nothing");
}

/*
 * Reading
 */

static void
test_reading(void)
{
	static const char text[] = HEAD "# of mine\n\n$ --pty --size 3x4 -- cat -- '-x'\n> a\n> \n>\n< b\\\n!~ c+\n<*\n@ signal SIGINT\n"
	    "@ resize 3 4\n> a\\\\\n= signal TERM\n# end\n" HEAD "$ true -- x\n= 7\n\n";
	char *cause;
	struct recorded *r = recorded_new("t", text, sizeof(text) - 1, &cause);
	const struct recorded_line *l = r ? r->lines : NULL;

	ok(r && r->part_count == 2 && r->line_count == 19, "a file holds records, and every line of it");
	if (!r)
		return;
	ok(r->parts[0].first == 0 && r->parts[0].command == 3 && r->parts[0].status == 13 && r->parts[0].end == 14 &&
	    r->parts[1].first == 14 && r->parts[1].command == 16 && r->parts[1].end == 19, "remarks belong to the record behind them, or the last one");
	ok(strcmp(r->parts[0].options[1], "--size") == 0 && !r->parts[0].options[3] && strcmp(r->parts[0].argv[0], "cat") == 0 &&
	    strcmp(r->parts[0].argv[2], "-x") == 0 && !r->parts[0].argv[3] && !r->parts[1].options[0] &&
	    strcmp(r->parts[1].argv[1], "--") == 0, "options stand before the first --, where there are any");
	ok(l[4].data_size == 2 && l[5].data_size == 1 && l[6].data_size == 1 && l[7].data_size == 1 && l[7].data[0] == 'b' &&
	    l[12].data_size == 3 && l[12].data[1] == '\\', "lines hold their bytes, a half one no newline");
	ok(l[8].kind == RECORDED_LIKE && l[8].of_stderr && l[9].kind == RECORDED_ANY && !l[9].of_stderr && l[10].signo == 2 &&
	    l[11].rows == 3 && l[11].columns == 4 && l[13].signo == 15 && l[17].status == 7, "marks are what they say");
	ok(l[4].turn == 1 && l[6].turn == 1 && l[9].turn == 1 && l[10].turn == 2 && l[11].turn == 3 && l[12].turn == 4 &&
	    r->parts[0].turns == 4 && r->parts[1].turns == 0, "what is sent and stands together is one step, all else its own");
	recorded_free(r);
}

/*
 * Comparing
 */

/* What is said: a "<" or "!" line is of that stream, "\" at its end as in a transcript, "|" is a step. */
static void
say(const char *said, struct buf *out, struct buf *err, size_t *out_ends, size_t *err_ends)
{
	const char *newline;
	struct buf *to;
	size_t turn = 0, size;

	for (; *said; said = newline + 1) {
		newline = strchr(said, '\n');
		size = (size_t)(newline - said);
		if (*said == '|') {
			out_ends[turn] = out->size;
			err_ends[turn++] = err->size;
			continue;
		}
		to = *said == '!' ? err : out;
		if (said[size - 1] == '\\')
			size--;
		if (buf_append(to, said + 1, size - 1) < 0 || (said + size == newline && buf_append(to, "\n", 1) < 0))
			abort();
	}
	out_ends[turn] = out->size;
	err_ends[turn] = err->size;
}

/* The diff that comes of it, less its head. */
static char *
differ(const char *text, const char *said, int status)
{
	static size_t out_ends[MOST_STEPS + 1], err_ends[MOST_STEPS + 1];
	struct buf out = { 0 }, err = { 0 }, diff = { 0 };
	struct edits edits = { 0 };
	const struct edits_style style = { .name = "t", .prefix = "" };
	char *cause, *result;
	struct recorded *r = recorded_new("t", text, strlen(text), &cause);
	struct compare_opts opts = { .file = r, .out_ends = out_ends, .err_ends = err_ends, .has_status = true,
		.wait_status = status << 8 };

	if (!r || r->parts[0].turns > MOST_STEPS)
		abort();
	say(said, &out, &err, out_ends, err_ends);
	opts.part = &r->parts[0];
	opts.turns = opts.part->turns;
	opts.out = (struct compare_said){ buf_peek(&out), out.size };
	opts.err = (struct compare_said){ buf_peek(&err), err.size };
	if (compare(&opts, &edits) < 0 || edits_diff(&edits, &style, &diff) < 0)
		abort();
	result = strndup(buf_peek(&diff) + (diff.size > 0 ? 12 : 0), diff.size > 0 ? diff.size - 12 : 0);
	edits_free(&edits);
	recorded_free(r);
	buf_free(&out);
	buf_free(&err);
	buf_free(&diff);
	return result;
}

static void
test_comparing(void)
{
	static const struct {
		const char *what, *text, *said, *diff;
		int status;
	} table[] = {
		{ "what is the same", CAT "> a\n< a\n! b\n> c\n< d\n= 0\n", "|\n<a\n!b\n|\n<d\n", "", 0 },
		{ "a changed line", CAT "> a\n< a\n< b\n< c\n= 0\n", "|\n<a\n<x\n<c\n",
		    "@@ -2,6 +2,6 @@\n $ cat\n > a\n < a\n-< b\n+< x\n < c\n = 0\n", 0 },
		{ "a missing line", CAT "> a\n< a\n< b\n= 0\n", "|\n<a\n", "@@ -2,5 +2,4 @@\n $ cat\n > a\n < a\n-< b\n = 0\n", 0 },
		{ "a line too many", CAT "> a\n< a\n= 0\n", "|\n<a\n<b\n", "@@ -2,4 +2,5 @@\n $ cat\n > a\n < a\n+< b\n = 0\n", 0 },
		{ "a line of stderr too many", CAT "> a\n< a\n> b\n= 0\n", "|\n<a\n!x y\n|\n",
		    "@@ -2,5 +2,6 @@\n $ cat\n > a\n < a\n+! x y\n > b\n = 0\n", 0 },
		{ "the status", CAT "> a\n= 0\n", "|\n", "@@ -1,4 +1,4 @@\n # dualpipe transcript 1\n $ cat\n > a\n-= 0\n+= 3\n", 3 },
		{ "what comes sooner is as good", CAT "> a\n< a\n> b\n< b\n< c\n= 0\n", "|\n<a\n<b\n<c\n|\n", "", 0 },
		{ "what comes later is not", CAT "> a\n< a\n> b\n< b\n= 0\n", "|\n|\n<a\n<b\n",
		    "@@ -1,7 +1,7 @@\n # dualpipe transcript 1\n $ cat\n > a\n-< a\n > b\n+< a\n < b\n = 0\n", 0 },
		{ "half lines are joined", CAT "< na\\\n< me? \\\n> joe\n< hi\n= 0\n", "<name? \\\n|\n<hi\n", "", 0 },
		{ "a half line that comes with its rest is in time", CAT "< >>> 1+1\\\n> 1+1\n< \\r\n< 2\n= 0\n",
		    "<>>> \\\n|\n<1+1\r\n<2\n", "", 0 },
		{ "the rest of a half line changes alone", CAT "< name? \\\n> joe\n< hi joe\n= 0\n", "<name? \\\n|\n<hi bob\n",
		    "@@ -2,5 +2,5 @@\n $ cat\n < name? \\\n > joe\n-< hi joe\n+< hi bob\n = 0\n", 0 },
		{ "a prompt that changes", CAT "< % \\\n> x\n< 1\n= 0\n", "<$ \\\n|\n<1\n",
		    "@@ -1,6 +1,6 @@\n # dualpipe transcript 1\n $ cat\n-< % \\\n+< $ \\\n > x\n < 1\n = 0\n", 0 },
		{ "an answer that is missing between prompts", CAT "< % \\\n> x\n< 1\n< % \\\n> y\n< 2\n< % \\\n= 0\n",
		    "<% \\\n|\n<% \\\n|\n<2\n<% \\\n",
		    "@@ -2,7 +2,6 @@\n $ cat\n < % \\\n > x\n-< 1\n < % \\\n > y\n < 2\n", 0 },
		{ "a newline that is missing", CAT "> a\n< a\n= 0\n", "|\n<a\\\n", "@@ -1,5 +1,5 @@\n # dualpipe transcript 1\n $ cat\n > a\n-< a\n+< a\\\n = 0\n", 0 },
		{ "a newline too many", CAT "> a\n< a\\\n= 0\n", "|\n<a\n", "@@ -1,5 +1,5 @@\n # dualpipe transcript 1\n $ cat\n > a\n-< a\\\n+< a\n = 0\n", 0 },
		{ "an empty line", CAT "<\n= 0\n", "<\n<\n", "@@ -1,4 +1,5 @@\n # dualpipe transcript 1\n $ cat\n <\n+<\n = 0\n", 0 },
		{ "a pattern", CAT "<~ \\d+ ms.\n< b\n= 0\n", "<12 ms\r\n<b\n", "", 0 },
		{ "a pattern is of the whole line", CAT "<~ \\d+\n= 0\n", "<12 ms\n",
		    "@@ -1,4 +1,4 @@\n # dualpipe transcript 1\n $ cat\n-<~ \\d+\n+< 12 ms\n = 0\n", 0 },
		{ "a pattern that quotes up to its end", CAT "<~ a\\Q.b\n= 0\n", "<a.b\n", "", 0 },
		{ "a pattern behind a prompt", CAT "< $ \\\n> x\n<~ \\d+\n= 0\n", "<$ \\\n|\n<12\n", "", 0 },
		{ "any lines, and none", CAT "<*\n< a\n<*\n< b\n<*\n= 0\n", "<x\n<y\n<a\n<b\n<a\n<b\n", "", 0 },
		{ "any lines, and the last a half one", CAT "< a\n<*\n= 0\n", "<a\n<b\n<c\\\n", "", 0 },
		{ "any lines, but one is missing", CAT "<*\n< a\n= 0\n", "<x\n", "@@ -1,5 +1,4 @@\n # dualpipe transcript 1\n $ cat\n <*\n-< a\n = 0\n", 0 },
		{ "any lines of the one are none of the other", CAT "!*\n< a\n= 0\n", "<a\n!x\n<b\n",
		    "@@ -2,4 +2,5 @@\n $ cat\n !*\n < a\n+< b\n = 0\n", 0 },
		{ "the order of the two does not count", CAT "< a\n! x\n< b\n! y\n= 0\n", "!x\n!y\n<a\n<b\n", "", 0 },
		{ "what comes in two turns stands in front of what stays behind it", CAT "> 1\n< x\n> 2\n< a\\\n< dd\n= 0\n", "|\n<a\\\n|\n<a\n<add\n",
		    "@@ -1,8 +1,8 @@\n # dualpipe transcript 1\n $ cat\n > 1\n-< x\n > 2\n+< aa\n < a\\\n < dd\n = 0\n", 0 },
		{ "a half line comes later along with what comes in front of it", CAT "> 1\n< a\\\n> 2\n< b\n= 0\n", "|\n|\n<x\n<ab\n",
		    "@@ -1,7 +1,8 @@\n # dualpipe transcript 1\n $ cat\n > 1\n-< a\\\n > 2\n+< x\n+< a\\\n < b\n = 0\n", 0 },
		{ "a half line that came with its rest is late where that goes", CAT "> 1\n< a\\\n> 2\n< b\n= 0\n", "|\n|\n<a\\\n",
		    "@@ -1,7 +1,6 @@\n # dualpipe transcript 1\n $ cat\n > 1\n-< a\\\n > 2\n+< a\\\n-< b\n = 0\n", 0 },
		{ "comments stay", CAT "# one\n> a\n# two\n< b\n# three\n= 0\n", "|\n<c\n",
		    "@@ -3,6 +3,6 @@\n # one\n > a\n # two\n-< b\n+< c\n # three\n = 0\n", 0 },
		{ "keys that had no Enter stand behind what they led to", CAT "< a\n> \\x04\\\n= 0\n", "|\n<a\n", "", 0 },
		{ "bytes are shown as they would be recorded", CAT "= 0\n", "<a\t\\\n<\x01\xff\n", "@@ -1,3 +1,4 @@\n # dualpipe transcript 1\n $ cat\n+< a\\t\\x01\\xff\n = 0\n", 0 },
	};
	size_t i;
	char *diff;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		diff = differ(table[i].text, table[i].said, table[i].status);
		ok(same(diff, table[i].diff), table[i].what);
		free(diff);
	}
}

/* How many lines go and come where each nth of so many has changed, in bounded time. */
static bool
changes_each(int nth, int lines)
{
	struct buf text = { 0 }, said = { 0 };
	int drops = 0, adds = 0, wanted = (lines + nth - 1) / nth, i;
	char line[64], *diff, *at;

	(void)buf_append(&text, CAT, sizeof(CAT) - 1);
	for (i = 0; i < lines; i++) {
		(void)buf_append(&text, line, (size_t)snprintf(line, sizeof(line), "< old %d\n", i));
		(void)buf_append(&said, line, (size_t)snprintf(line, sizeof(line), "<%s %d\n", i % nth ? "old" : "new", i));
	}
	(void)buf_append(&text, "= 0\n", 5);
	(void)buf_append(&said, "", 1);
	diff = differ(buf_peek(&text), buf_peek(&said), 0);
	for (at = diff; *at; at += strcspn(at, "\n") + 1) {
		drops += at[0] == '-';
		adds += at[0] == '+';
	}
	free(diff);
	buf_free(&text);
	buf_free(&said);
	if (drops == wanted && adds == wanted)
		return true;
	printf("# %d go and %d come, not %d\n", drops, adds, wanted);
	return false;
}

/* A line that comes piece by piece, one a step, where nothing was recorded. */
static bool
comes_step_by_step(void)
{
	struct buf text = { 0 }, said = { 0 };
	char *diff, *at;
	int i;

	(void)buf_append(&text, CAT, sizeof(CAT) - 1);
	for (i = 0; i < MOST_STEPS; i++) {
		(void)buf_append(&text, "@ signal INT\n", 13);
		(void)buf_append(&said, "<x\\\n|\n", 6);
	}
	(void)buf_append(&text, "= 0\n", 5);
	(void)buf_append(&said, "", 1);
	diff = differ(buf_peek(&text), buf_peek(&said), 0);
	at = strstr(diff, "\n+< ");
	i = at ? (int)strspn(at + 4, "x") : 0;
	free(diff);
	buf_free(&text);
	buf_free(&said);
	return i == MOST_STEPS;
}

/* What takes time by the square, or worse, does not end in this one. */
int
main(void)
{
	(void)alarm(300);
	test_mistakes();
	test_words();
	test_reading();
	test_comparing();
	ok(changes_each(1, 20000), "where nothing is alike all of it changes");
	ok(changes_each(50, 200000), "where much is alike only the rest changes");
	ok(comes_step_by_step(), "a line that comes in many steps is one");
	printf("1..%d\n", tests);
	return failures > 0;
}
