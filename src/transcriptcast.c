/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A record as an asciicast: an array for each piece. */

#include "transcribing.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

/*
 * A pipe, and a terminal that is for data, has put no "\r" before the child's
 * "\n", which a player needs.
 */
static void
put_lines(struct transcript *t, const char *data, size_t size)
{
	const char *newline;
	size_t n;
	char *to;

	while (size > 0) {
		newline = memchr(data, '\n', size);
		n = newline ? (size_t)(newline - data) : size;
		to = transcript_room(t);
		t->used += json_escape(to, data, n);
		if (n > 0)
			t->returned = data[n - 1] == '\r';
		if (newline) {
			transcript_put_text(t, t->returned ? "\\n" : "\\r\\n");
			t->returned = false;
			n++;
		}
		data += n;
		size -= n;
	}
}

static void
put_piece(struct transcript *t, const char *kind, bool lines, const char *data, size_t size)
{
	char *to;

	transcript_put_text(t, "[");
	transcript_put_time(t);
	transcript_put_text(t, kind);
	if (lines) {
		put_lines(t, data, size);
	} else {
		to = transcript_room(t);
		t->used += json_escape(to, data, size);
	}
	transcript_put_text(t, "\"]\n");
}

static void
put_data(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	static const char input[] = ", \"i\", \"", output[] = ", \"o\", \"";

	switch (dir) {
	case TRANSCRIPT_TO_CHILD:
		put_piece(t, input, false, data, size);
		if (t->shown)
			put_piece(t, output, true, data, size);
		break;
	case TRANSCRIPT_FROM_CHILD:
		put_piece(t, output, !t->ends_lines, data, size);
		break;
	case TRANSCRIPT_STDERR:
		put_piece(t, output, true, data, size);
		break;
	}
}

static void
put_event(struct transcript *t, const char *words)
{
	unsigned short rows, columns;
	char text[64];

	if (sscanf(words, "resize %hu %hu", &rows, &columns) != 2)
		return;
	transcript_put_text(t, "[");
	transcript_put_time(t);
	(void)snprintf(text, sizeof(text), ", \"r\", \"%hux%hu\"]\n", columns, rows);
	transcript_put_text(t, text);
}

static void
add_number(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

static int
put_head(struct buf *head, const struct transcript_opts *opts, const char *path, time_t start)
{
	struct json j = { .to = head };
	struct buf command = { 0 };
	int result = -1;

	(void)path;
	if (transcript_quote_words(&command, opts->argv) < 0)
		goto out;
	json_open(&j, '{');
	add_number(&j, "version", 2);
	add_number(&j, "width", opts->columns > 0 ? opts->columns : 80);
	add_number(&j, "height", opts->rows > 0 ? opts->rows : 24);
	add_number(&j, "timestamp", start);
	json_key(&j, "command");
	json_string(&j, buf_peek(&command), command.size);
	json_key(&j, "env");
	json_open(&j, '{');
	if (opts->term) {
		json_key(&j, "TERM");
		json_text(&j, opts->term);
	}
	json_close(&j, '}');
	json_close(&j, '}');
	result = json_end(&j);
out:
	buf_free(&command);
	return result;
}

const struct transcript_form transcript_cast = {
	.head = put_head,
	.data = put_data,
	.whole_characters = true,
	.event = put_event
};
