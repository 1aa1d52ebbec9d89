/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A record as text that can be checked again. */

#include "transcribing.h"

#include "signame.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

enum { MARK_SIZE = 2 }; /* with its blank */

/* Ends a line that its newline did not end. */
static void
cut_line(struct transcript *t)
{
	if (!t->open)
		return;
	t->open = false;
	transcript_put(t, "\\\n", 2);
}

/* A character of which only the front has come begins no line. */
static void
add(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	struct escape_lines lines = { .mark = transcript_marks[dir] };
	char *begun = NULL;

	if (size == 0)
		return;
	if (t->open && t->open_dir != dir)
		cut_line(t);
	lines.to = transcript_room(t);
	if (!t->open) {
		*lines.to++ = transcript_marks[dir];
		*lines.to++ = ' ';
		lines.line = begun = lines.to;
	}
	escape_lines(&t->cut[dir], &lines, data, size);
	t->open = lines.to != lines.line;
	t->open_dir = dir;
	if (!t->open)
		lines.to -= MARK_SIZE;
	if (lines.line != begun)
		t->whole = (size_t)(lines.line - t->out) - MARK_SIZE;
	t->used = (size_t)(lines.to - t->out);
}

/*
 * Keys come one by one, and what the child echoes comes between them. As one
 * line they can be sent again. Enter is "\r" where nobody has mapped it.
 */
static void
add_keys(struct transcript *t, const char *keys, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		char key = keys[i] == '\r' ? '\n' : keys[i];

		if (buf_append(&t->typed, &key, 1) < 0)
			t->error = errno;
		if (key != '\n' && t->typed.size < TRANSCRIPT_PIECE)
			continue;
		add(t, TRANSCRIPT_TO_CHILD, buf_peek(&t->typed), t->typed.size);
		buf_consume(&t->typed, t->typed.size);
	}
}

static void
put_data(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	if (t->keys && dir == TRANSCRIPT_TO_CHILD)
		add_keys(t, data, size);
	else
		add(t, dir, data, size);
}

static void
put_event(struct transcript *t, const char *words)
{
	/* What was typed before it does not wait for Enter any longer. */
	add(t, TRANSCRIPT_TO_CHILD, buf_peek(&t->typed), t->typed.size);
	buf_consume(&t->typed, t->typed.size);
	cut_line(t);
	transcript_put(t, "@ ", 2);
	transcript_put_text(t, words);
	transcript_put(t, "\n", 1);
}

/* What is held of a character stays what it is. */
static void
put_held(struct transcript *t)
{
	char text[ESCAPE_ROOM(0)], *end;
	int dir;

	add(t, TRANSCRIPT_TO_CHILD, buf_peek(&t->typed), t->typed.size);
	for (dir = 0; dir < TRANSCRIPT_DIRS; dir++) {
		if (t->cut[dir].size == 0)
			continue;
		if (!t->open || t->open_dir != (enum transcript_dir)dir) {
			cut_line(t);
			transcript_put(t, (char[]){ transcript_marks[dir], ' ' }, 2);
		}
		end = text;
		escape_end(&t->cut[dir], &end);
		transcript_put(t, text, (size_t)(end - text));
		t->open = true;
		t->open_dir = (enum transcript_dir)dir;
	}
	cut_line(t);
}

static void
put_status(struct transcript *t, int wait_status)
{
	char line[64], name[SIGNAME_ROOM];
	int n;

	if (WIFSIGNALED(wait_status))
		n = snprintf(line, sizeof(line), "= signal %s\n", signame_get(WTERMSIG(wait_status), name));
	else
		n = snprintf(line, sizeof(line), "= %d\n", WEXITSTATUS(wait_status));
	transcript_put(t, line, (size_t)n);
}

/* "bc -q", "--pty -- bc -q"; the "--" too where the command looks like an option. */
static int
quote_command(struct buf *line, const struct transcript_opts *opts)
{
	bool options = opts->options && opts->options[0];

	if (options && transcript_quote_words(line, (char *const *)opts->options) < 0)
		return -1;
	if (options || (opts->argv[0] && opts->argv[0][0] == '-')) {
		if (buf_append(line, " --", 3) < 0)
			return -1;
		if (!options)
			buf_consume(line, 1);
	}
	return transcript_quote_words(line, opts->argv);
}

static int
put_head(struct buf *head, const struct transcript_opts *opts, const char *path, time_t start)
{
	static const char first[] = "# dualpipe transcript 1\n$ ";
	struct buf command = { 0 };
	int result = -1;

	(void)path, (void)start;
	if (quote_command(&command, opts) == 0 && buf_append(head, first, sizeof(first) - 1) == 0 &&
	    buf_append(head, buf_peek(&command), command.size) == 0)
		result = buf_append(head, "\n", 1);
	buf_free(&command);
	return result;
}


const struct transcript_form transcript_text = {
	.head = put_head,
	.data = put_data,
	.event = put_event,
	.end = put_held,
	.status = put_status
};
