/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "recorded.h"

#include "escape.h"
#include "number.h"
#include "shwords.h"
#include "signame.h"
#include "utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_VERSION = 1 };

static const char head[] = "# dualpipe transcript ";

struct reader {
	struct recorded *to;
	char **cause;
	size_t number;		/* of the line that is read, from 1 */
	char *bytes;		/* where the next decoded line goes */
	bool in_part;		/* behind a $, with no = yet */
	size_t turn;
	bool sending;		/* the last line but for comments was sent */
};

__attribute__((format(printf, 2, 3))) static int
complain(struct reader *r, const char *format, ...)
{
	char *what = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0 || asprintf(r->cause, "%s:%zu: %s", r->to->name, r->number, what) < 0)
		*r->cause = NULL;
	va_end(args);
	free(what);
	return -1;
}

/* How much of a text a message shows: no half character. */
static int
most(const char *text, size_t size)
{
	enum { MOST = 40 };

	if (size > MOST)
		size = MOST - utf8_tail(text, MOST);
	return (int)size;
}

/* What may not stand in a line of text: else two lines that look alike could differ. */
static int
look_at_characters(struct reader *r, const struct recorded_line *line)
{
	size_t at;
	int length;

	for (at = 0; at < line->size; at += (size_t)length) {
		length = utf8_char(line->text + at, line->size - at);
		if (length <= 0)
			return complain(r, "byte %zu of the line is no UTF-8; it is written as \\x%02x", at + 1,
			    (unsigned char)line->text[at]);
		if ((unsigned char)line->text[at] < 0x20 || line->text[at] == 0x7f ||
		    utf8_is_c1(line->text + at, line->size - at))
			return complain(r, "byte %zu of the line is a control character; it is written as an escape, such as %s",
			    at + 1, line->text[at] == '\t' ? "\\t" : line->text[at] == '\r' ? "\\r" : "\\x01");
	}
	return 0;
}

/* What stands behind a mark and its blank; -1 where something else follows the mark. */
static int
behind_mark(struct reader *r, const struct recorded_line *line, size_t mark, const char **text, size_t *size)
{
	*text = "";
	*size = 0;
	if (line->size == mark)
		return 0;
	if (line->text[mark] != ' ')
		return complain(r, "behind '%.*s' a blank has to stand", (int)mark, line->text);
	*text = line->text + mark + 1;
	*size = line->size - mark - 1;
	return 0;
}

static int
complain_of_escape(struct reader *r, const char *text, size_t size)
{
	size_t at, n = 1;
	char byte;

	for (at = 0; at + 1 < size; at += n) {
		n = 1;
		if (text[at] != '\\')
			continue;
		n = text[at + 1] == 'x' ? 4 : 1 + (size_t)utf8_char(text + at + 1, size - at - 1);
		n = n < size - at ? n : size - at;
		n -= utf8_tail(text + at, n); /* no half character is shown */
		if (escape_decode(&byte, text + at, n, NULL) != 1)
			break;
	}
	return complain(r, "'%.*s' is no escape; they are \\t \\r \\e \\a \\b \\0 \\xhh and \\\\", (int)n, text + at);
}

static int
take_data(struct reader *r, struct recorded_line *line)
{
	const char *text;
	size_t size;
	bool half;
	ssize_t n;

	if (behind_mark(r, line, 1, &text, &size) < 0)
		return -1;
	n = escape_decode(r->bytes, text, size, &half);
	if (n < 0)
		return complain_of_escape(r, text, size);
	line->data = r->bytes;
	if (!half)
		r->bytes[n++] = '\n';
	line->data_size = (size_t)n;
	r->bytes += n;
	return 0;
}

/*
 * Alone it has to be one, too: "a)(b" is none. A dot is any character, since
 * there is but one line, whose end may be "\r". A \Q may last to its end.
 */
static struct match *
match_whole(const char *text, size_t size, char **cause)
{
	struct match *m = match_new(text, size, MATCH_DOTALL, cause, NULL);
	char *whole = NULL;
	int n;

	if (!m)
		return NULL;
	match_free(m);
	n = asprintf(&whole, "\\A(?:%.*s\\E)\\z", (int)size, text);
	m = n < 0 ? NULL : match_new(whole, (size_t)n, MATCH_DOTALL, cause, NULL);
	if (n >= 0)
		free(whole);
	return m;
}

static int
take_pattern(struct reader *r, struct recorded_line *line)
{
	const char *text;
	char *cause = NULL;
	size_t size;

	if (behind_mark(r, line, 2, &text, &size) < 0)
		return -1;
	line->kind = RECORDED_LIKE;
	line->pattern = match_whole(text, size, &cause);
	if (line->pattern)
		return 0;
	if (errno == EINVAL)
		(void)complain(r, "'%.*s' is no pattern: %s", most(text, size), text, cause ? cause : "");
	free(cause);
	return -1;
}

static int
take_said(struct reader *r, struct recorded_line *line)
{
	line->kind = RECORDED_SAID;
	line->of_stderr = line->text[0] == '!';
	if (line->size > 1 && line->text[1] == '~')
		return take_pattern(r, line);
	if (line->size == 1 || line->text[1] != '*')
		return take_data(r, line);
	line->kind = RECORDED_ANY;
	return line->size == 2 ? 0 : complain(r, "behind '%.2s' nothing can stand", line->text);
}

/* Digits of a whole number, all of the text. */
static bool
take_number(const char *text, size_t size, unsigned long least, unsigned long most, unsigned long *value)
{
	char digits[16];

	if (size == 0 || size >= sizeof(digits))
		return false;
	memcpy(digits, text, size);
	digits[size] = '\0';
	return number_whole(digits, least, most, value, NULL);
}

static int
signal_number(const char *name, size_t size)
{
	char text[SIGNAME_ROOM];

	if (size == 0 || size >= sizeof(text))
		return -1;
	memcpy(text, name, size);
	text[size] = '\0';
	return signame_parse(text);
}

/* Whether text is word, or word, a blank and more, which is left. */
static bool
takes_word(const char **text, size_t *size, const char *word)
{
	size_t length = strlen(word);

	if (*size < length || memcmp(*text, word, length) != 0 || (*size > length && (*text)[length] != ' '))
		return false;
	length += *size > length;
	*text += length;
	*size -= length;
	return true;
}

static int
take_resize(struct reader *r, struct recorded_line *line, const char *text, size_t size)
{
	const char *blank = memchr(text, ' ', size);
	size_t first = blank ? (size_t)(blank - text) : size;
	unsigned long rows, columns;

	line->kind = RECORDED_RESIZE;
	if (!blank || !take_number(text, first, 1, USHRT_MAX, &rows) ||
	    !take_number(blank + 1, size - first - 1, 1, USHRT_MAX, &columns))
		return complain(r, "'%.*s' is no size; it is: @ resize ROWS COLUMNS", most(text, size), text);
	line->rows = (unsigned short)rows;
	line->columns = (unsigned short)columns;
	return 0;
}

static int
take_event(struct reader *r, struct recorded_line *line)
{
	const char *text;
	size_t size;

	if (behind_mark(r, line, 1, &text, &size) < 0)
		return -1;
	if (takes_word(&text, &size, "resize"))
		return take_resize(r, line, text, size);
	if (takes_word(&text, &size, "signal")) {
		line->kind = RECORDED_SIGNAL;
		line->signo = signal_number(text, size);
		return line->signo > 0 ? 0 : complain(r, "no signal is called '%.*s'", most(text, size), text);
	}
	line->kind = takes_word(&text, &size, "eof") ? RECORDED_END : RECORDED_SECRET;
	if (line->kind == RECORDED_SECRET && !takes_word(&text, &size, "secret"))
		size = 1;
	if (size == 0)
		return 0;
	return complain(r, "'%.*s' says nothing that can be done; it is eof, signal NAME, resize ROWS COLUMNS or secret",
	    most(line->text, line->size), line->text);
}

static int
take_status(struct reader *r, struct recorded_line *line)
{
	const char *text;
	unsigned long status;
	size_t size;

	line->kind = RECORDED_STATUS;
	if (behind_mark(r, line, 1, &text, &size) < 0)
		return -1;
	if (take_number(text, size, 0, 255, &status)) {
		line->status = (int)status;
		return 0;
	}
	if (takes_word(&text, &size, "signal") && (line->signo = signal_number(text, size)) > 0)
		return 0;
	return complain(r, "'%.*s' is no status; it is a number up to 255, or: = signal NAME",
	    most(line->text, line->size), line->text);
}

/* "# dualpipe transcript 1": the first line is one, and each that --append begins with. */
static int
look_at_head(struct reader *r, const struct recorded_line *line)
{
	const size_t size = sizeof(head) - 1;
	unsigned long version;

	if (line->size < size || memcmp(line->text, head, size) != 0)
		return r->number > 1 ? 0 : complain(r, "this is no transcript as text: it does not begin with '%s%d'", head, FORM_VERSION);
	if (!take_number(line->text + size, line->size - size, 1, ULONG_MAX, &version))
		return complain(r, "what stands behind '%.*s' is no version", (int)size - 1, head);
	if (version != FORM_VERSION)
		return complain(r, "the transcript is of version %lu, and this dualpipe reads version %d", version, FORM_VERSION);
	return 0;
}

static struct recorded_part *
add_part(struct recorded *to)
{
	struct recorded_part *more;

	if (to->part_count == to->part_room) {
		more = realloc(to->parts, (to->part_room * 2 + 1) * sizeof(*more));
		if (!more)
			return NULL;
		to->parts = more;
		to->part_room = to->part_room * 2 + 1;
	}
	to->parts[to->part_count] = (struct recorded_part){ .first = to->part_count > 0 ? to->parts[to->part_count - 1].end : 0 };
	return &to->parts[to->part_count++];
}

/* The options before "--", where there is one among the words that is no value of theirs: a command stands in front of none. */
static int
split_command(struct recorded_part *part, char **words, size_t count)
{
	size_t n = 0;

	if (count > 0 && words[0][0] == '-')
		while (n < count && strcmp(words[n], "--") != 0)
			n++;
	part->options = calloc(n + 1, sizeof(*part->options));
	part->argv = calloc(count + 1, sizeof(*part->argv));
	if (!part->options || !part->argv)
		return -1;
	memcpy(part->options, words, n * sizeof(*words));
	if (n < count && strcmp(words[n], "--") == 0) {
		free(words[n]);
		memcpy(part->argv, words + n + 1, (count - n - 1) * sizeof(*words));
	} else {
		memcpy(part->argv, words + n, (count - n) * sizeof(*words));
	}
	free(words);
	return 0;
}

static int
take_command(struct reader *r, struct recorded_line *line)
{
	struct recorded_part *part;
	const char *text;
	char **words, *cause = NULL;
	size_t size, count;

	line->kind = RECORDED_COMMAND;
	if (behind_mark(r, line, 1, &text, &size) < 0)
		return -1;
	if (r->in_part)
		return complain(r, "a command stands in the middle of a record: the one before has no status (=), it is cut off");
	part = add_part(r->to);
	if (!part)
		return -1;
	part->command = r->number - 1;
	r->in_part = true;
	r->turn = 0;
	r->sending = false;
	words = shwords_split(text, size, &count, &cause);
	if (!words) {
		if (cause)
			(void)complain(r, "%s", cause);
		free(cause);
		return -1;
	}
	if (split_command(part, words, count) < 0) {
		shwords_free(words);
		return -1;
	}
	return part->argv[0] ? 0 : complain(r, "there is no command; it stands behind '$', and behind its options and '--'");
}

static int
end_part(struct reader *r)
{
	struct recorded_part *part = &r->to->parts[r->to->part_count - 1];

	part->status = r->number - 1;
	part->turns = r->turn;
	part->end = r->number;
	r->in_part = false;
	return 0;
}

static int
take_line(struct reader *r, struct recorded_line *line)
{
	char mark = line->size > 0 ? line->text[0] : '#';

	if ((r->number == 1 && look_at_head(r, line) < 0) || look_at_characters(r, line) < 0)
		return -1;
	if (!r->in_part && strchr("<>!@=", mark))
		return complain(r, "'%c' stands behind no command ($)", mark);
	switch (mark) {
	case '#':
		return look_at_head(r, line);
	case '$':
		return take_command(r, line);
	case '>':
		line->kind = RECORDED_SENT;
		return take_data(r, line);
	case '<':
	case '!':
		return take_said(r, line);
	case '@':
		return take_event(r, line);
	case '=':
		return take_status(r, line) < 0 ? -1 : end_part(r);
	default:
		return complain(r, "'%.*s' is no mark; a line begins with $ > < ! @ = or #", utf8_char(line->text, line->size),
		    line->text);
	}
}

/* Lines that are sent and stand together, with no more than comments between them, are one step. */
static void
count_turn(struct reader *r, struct recorded_line *line)
{
	if (recorded_is_step(line))
		r->turn += line->kind != RECORDED_SENT || !r->sending;
	if (line->kind != RECORDED_REMARK || line->size == 0)
		r->sending = line->kind == RECORDED_SENT;
	line->turn = r->turn;
}

static struct recorded_line *
add_line(struct recorded *to, const char *text, size_t size)
{
	struct recorded_line *more;

	if (to->line_count == to->line_room) {
		more = realloc(to->lines, (to->line_room * 2 + 64) * sizeof(*more));
		if (!more)
			return NULL;
		to->lines = more;
		to->line_room = to->line_room * 2 + 64;
	}
	to->lines[to->line_count] = (struct recorded_line){ .text = text, .size = size };
	return &to->lines[to->line_count++];
}

static int
read_lines(struct reader *r, size_t size)
{
	const char *at = r->to->text, *end = at + size, *newline;
	struct recorded_line *line;

	for (r->number = 1; at < end; r->number++, at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		line = add_line(r->to, at, (size_t)((newline ? newline : end) - at));
		if (!line)
			return -1;
		/* A head tells more of what is wrong than that a line is cut. */
		if (!newline && r->number > 1)
			return complain(r, "the last line has no newline: it is cut off");
		if (take_line(r, line) < 0)
			return -1;
		if (!newline)
			return complain(r, "the last line has no newline: it is cut off");
		count_turn(r, line);
	}
	r->number = r->number > 1 ? r->number - 1 : 1;
	if (r->in_part)
		return complain(r, "the record has no status (=) at its end: it is cut off");
	if (r->to->line_count == 0)
		return complain(r, "this is no transcript: it is empty");
	if (r->to->part_count == 0)
		return complain(r, "the transcript has no command ($)");
	r->to->parts[r->to->part_count - 1].end = r->to->line_count;
	return 0;
}

struct recorded *
recorded_new(const char *name, const char *text, size_t size, char **cause)
{
	struct recorded *to = calloc(1, sizeof(*to));
	struct reader r = { .to = to, .cause = cause };

	*cause = NULL;
	if (!to)
		return NULL;
	to->name = strdup(name);
	to->text = malloc(size + 1);
	to->bytes = malloc(size + 1); /* a line has no more bytes than characters, its newline for its mark */
	r.bytes = to->bytes;
	if (to->name && to->text && to->bytes) {
		memcpy(to->text, text, size);
		to->text[size] = '\0';
		if (read_lines(&r, size) == 0)
			return to;
	}
	recorded_free(to);
	return NULL;
}

void
recorded_free(struct recorded *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->line_count; i++)
		match_free(r->lines[i].pattern);
	for (i = 0; i < r->part_count; i++) {
		shwords_free(r->parts[i].options);
		shwords_free(r->parts[i].argv);
	}
	free(r->name);
	free(r->lines);
	free(r->parts);
	free(r->text);
	free(r->bytes);
	free(r);
}

bool
recorded_is_said(const struct recorded_line *line)
{
	return line->kind == RECORDED_SAID || line->kind == RECORDED_LIKE || line->kind == RECORDED_ANY;
}

bool
recorded_is_step(const struct recorded_line *line)
{
	return line->kind == RECORDED_SENT || line->kind == RECORDED_END || line->kind == RECORDED_SIGNAL ||
	    line->kind == RECORDED_RESIZE || line->kind == RECORDED_SECRET;
}
