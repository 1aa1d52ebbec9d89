/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A record as a dialogue that holds the same conversation again: it expects
 * what the child said last before something was sent, and then sends that.
 */

#include "transcribing.h"

#include "deadline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	SAID_MAX = 4096,		/* of what the child says, as much of the end is looked at */
	SLACK = 4,			/* so many times as long it may take the next time */
	DEFAULT_LIMIT_US = 10000000	/* of a step that waits */
};

static void
failed(struct transcript *t)
{
	if (!t->error)
		t->error = errno;
}

static void
put_line(struct transcript *t, const char *line)
{
	transcript_put_text(t, line);
	transcript_put_text(t, "\n");
}

/* A step and the string behind it. */
static void
put_step(struct transcript *t, const char *step, const char *data, size_t size)
{
	struct buf string = { 0 };

	if (escape_string(&string, data, size) < 0)
		failed(t);
	transcript_put_text(t, step);
	transcript_put(t, " ", 1);
	transcript_put(t, buf_peek(&string), string.size);
	transcript_put(t, "\n", 1);
	buf_free(&string);
}

/*
 * Waiting
 */

static int64_t
now_us(const struct transcript *t)
{
	return deadline_now_us() - t->start_us;
}

/* What took long once has more time than a dialogue gives by itself. */
static void
allow_time(struct transcript *t, int64_t us)
{
	char step[48];
	int64_t seconds;

	if (us * SLACK <= DEFAULT_LIMIT_US || us * SLACK <= t->limit_us)
		return;
	seconds = us * SLACK / 1000000 + 1;
	t->limit_us = seconds * 1000000;
	(void)snprintf(step, sizeof(step), "timeout %" PRId64 "s", seconds);
	put_line(t, step);
}

/* Where the line begins that ends at end, its newline included. */
static size_t
line_start(const char *said, size_t end)
{
	do
		end--;
	while (end > 0 && said[end - 1] != '\n');
	return end;
}

/*
 * From where on it is the end and nothing else: the last line, with as many in
 * front of it as it takes for that not to stand earlier, too.
 */
static size_t
end_of_it(const char *said, size_t size)
{
	size_t from = size;

	do
		from = line_start(said, from);
	while (from > 0 && memmem(said, size, said + from, size - from) != said + from);
	return from;
}

static void
put_expect(struct transcript *t)
{
	const char *said = buf_peek(&t->said);
	size_t from;

	if (t->said.size == 0)
		return;
	from = end_of_it(said, t->said.size);
	allow_time(t, t->said_us - t->sent_us);
	put_step(t, "expect", said + from, t->said.size - from);
	buf_consume(&t->said, t->said.size);
}

static void
add_said(struct transcript *t, const char *data, size_t size)
{
	size_t skip = size > SAID_MAX ? size - SAID_MAX : 0;

	if (buf_append(&t->said, data + skip, size - skip) < 0)
		failed(t);
	if (t->said.size > SAID_MAX)
		buf_consume(&t->said, t->said.size - SAID_MAX);
	t->said_us = now_us(t);
}

/*
 * Sending
 */

static void
put_typed(struct transcript *t, const char *step)
{
	if (t->typed.size > 0)
		put_step(t, step, buf_peek(&t->typed), t->typed.size);
	else
		put_line(t, step);
	buf_consume(&t->typed, t->typed.size);
	t->half_sent = strcmp(step, "send") == 0;
	t->eof_sent = false;
	t->sent_us = now_us(t);
}

static void
put_half(struct transcript *t)
{
	if (t->typed.size > 0)
		put_typed(t, "send");
}

/* What is typed comes back before Enter does: that is no answer. */
static bool
is_echo(const struct transcript *t)
{
	return t->keys && t->said.size <= t->typed.size &&
	    memcmp(buf_peek(&t->said), buf_peek(&t->typed), t->said.size) == 0;
}

/* All that was sent before an answer stands before it, and then the answer. */
static void
put_answered(struct transcript *t)
{
	if (t->said.size == 0 || is_echo(t))
		return;
	put_half(t);
	put_expect(t);
}

/* Enter is "\r" where nobody has mapped it. */
static size_t
find_enter(const struct transcript *t, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size && data[i] != '\n' && !(t->keys && data[i] == '\r'); i++)
		;
	return i;
}

static void
add_sent(struct transcript *t, const char *data, size_t size)
{
	size_t n;

	put_answered(t);
	for (; size > 0; data += n, size -= n) {
		n = find_enter(t, data, size);
		if (buf_append(&t->typed, data, n) < 0)
			failed(t);
		if (n < size) {
			put_typed(t, "sendline");
			n++;
		} else if (t->typed.size >= TRANSCRIPT_PIECE) {
			put_typed(t, "send");
		}
	}
}

/*
 * Standard error
 */

static void
put_comment(struct transcript *t, const char *data, size_t size)
{
	struct escape e = { 0 };
	struct escape_lines lines = { 0 };
	struct buf text = { 0 };
	char *start = buf_reserve(&text, ESCAPE_ROOM(size));

	if (!start) {
		failed(t);
		return;
	}
	lines.to = start;
	escape_lines(&e, &lines, data, size);
	escape_end(&e, &lines.to);
	transcript_put_text(t, size > 0 ? "# ! " : "# !");
	transcript_put(t, start, (size_t)(lines.to - start));
	transcript_put(t, "\n", 1);
	buf_free(&text);
}

static void
add_err(struct transcript *t, const char *data, size_t size)
{
	ptrdiff_t newline;

	if (buf_append(&t->err, data, size) < 0)
		failed(t);
	while ((newline = buf_find(&t->err, 0, '\n')) >= 0) {
		put_comment(t, buf_peek(&t->err), (size_t)newline);
		buf_consume(&t->err, (size_t)newline + 1);
	}
	if (t->err.size < TRANSCRIPT_PIECE)
		return;
	put_comment(t, buf_peek(&t->err), t->err.size);
	buf_consume(&t->err, t->err.size);
}

/*
 * The form
 */

/* The options that no step stands for; "--pty" is one of spawn's. */
static int
put_options(struct buf *head, const struct transcript_opts *opts, const char *path)
{
	static const char first[] = "# run with: dualpipe";
	const char *const *options = opts->options;

	if (options && options[0] && strcmp(options[0], "--pty") == 0)
		options++;
	if (!options || !options[0])
		return 0;
	if (buf_append(head, first, sizeof(first) - 1) < 0 ||
	    transcript_quote_words(head, (char *const *)options) < 0 ||
	    transcript_quote_words(head, (char *[]){ (char *)"--script", (char *)path, NULL }) < 0)
		return -1;
	return buf_append(head, "\n", 1);
}

/* A command that looks like an option would be one of spawn's. */
static int
put_word(struct buf *head, const char *word, bool first)
{
	if (first && word[0] == '-')
		return escape_string(head, word, strlen(word));
	return escape_word(head, word);
}

static int
put_command(struct buf *head, char *const *argv)
{
	char *const *word;

	for (word = argv; *word; word++)
		if (buf_append(head, " ", 1) < 0 || put_word(head, *word, word == argv) < 0)
			return -1;
	return 0;
}

static int
put_head(struct buf *head, const struct transcript_opts *opts, const char *path, time_t start)
{
	const char *spawn = opts->pty ? "spawn -p" : "spawn";

	(void)start;
	if (put_options(head, opts, path) < 0 || buf_append(head, spawn, strlen(spawn)) < 0 ||
	    put_command(head, opts->argv) < 0)
		return -1;
	return buf_append(head, "\n", 1);
}

static void
put_data(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	switch (dir) {
	case TRANSCRIPT_TO_CHILD:
		add_sent(t, data, size);
		break;
	case TRANSCRIPT_FROM_CHILD:
		add_said(t, data, size);
		break;
	case TRANSCRIPT_STDERR:
		add_err(t, data, size);
		break;
	}
}

/* A signal and a resize are steps as they stand. */
static void
put_event(struct transcript *t, const char *words)
{
	put_half(t);
	put_expect(t);
	t->sent_us = now_us(t);
	if (strcmp(words, "eof") == 0) {
		put_line(t, "sendeof");
		t->eof_sent = !t->pty || !t->half_sent; /* a terminal's ends half a line first */
		t->half_sent = false;
	} else if (strcmp(words, "secret") == 0) {
		put_line(t, "# not recorded; other sources are env:NAME, file:PATH, command:STRING");
		put_line(t, "secret tty");
	} else {
		put_line(t, words);
	}
}

/* The end of a stream goes without saying, and for a child that had ended before it means nothing. */
static void
put_eof(struct transcript *t)
{
	if (t->eof_sent)
		return;
	if (t->pty && t->half_sent)
		put_line(t, "sendeof");
	put_line(t, "sendeof");
}

static void
put_end(struct transcript *t)
{
	if (t->err.size > 0)
		put_comment(t, buf_peek(&t->err), t->err.size);
	put_half(t);
	put_eof(t);
	allow_time(t, now_us(t) - t->sent_us);
	put_line(t, "wait");
}

const struct transcript_form transcript_dialogue = {
	.head = put_head,
	.data = put_data,
	.event = put_event,
	.end = put_end
};
