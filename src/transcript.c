/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "transcript.h"

#include "buf.h"
#include "deadline.h"
#include "escape.h"
#include "io.h"
#include "json.h"
#include "signame.h"
#include "utf8.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	DIRS = 3,
	PATIENCE_MS = 1000,	/* with a reader who takes nothing, at the end */
	PIECE = 64 * 1024,	/* the most that is taken at once, and the most of a half line that is held */
	FULL = 256 * 1024,	/* from here on it is written */
	/* A piece of the worst kind fits behind that, the words around it too. Untouched memory costs nothing. */
	ROOM = FULL + JSON_ESCAPE_ROOM(PIECE) + 256
};

enum { MARK_SIZE = 2 };	/* with its blank */

static const char marks[DIRS] = { '>', '<', '!' };

struct transcript {
	int fd;
	int error;
	enum transcript_format format;
	bool ends_lines;	/* cast: the terminal has put a "\r" before each "\n" */
	bool returned;		/* cast: the child's last byte was a "\r" */
	int64_t start_us;

	/* What is to be written: used bytes, of which the first whole may go. The rest is a half line. */
	char *out;
	size_t used, whole;

	/* Once much passes, a file is written beside the relay, and out and spare take turns. */
	struct writer *writer;
	char *spare;
	bool asked_writer;

	/* Text: the direction whose line is not at its end, if any. */
	bool open;
	enum transcript_dir open_dir;

	bool keys;
	struct buf typed;		/* text: keys that wait for Enter */

	struct escape cut[DIRS];	/* a character of which the rest is to come */
	char joined[PIECE];		/* what was cut and what has come, in one piece */
};

/*
 * Output
 */

/* A short write is followed by one that says why: full, or never again. */
static ssize_t
more_of(struct transcript *t, size_t from, size_t size)
{
	ssize_t n = io_write(t->fd, t->out + from, size - from);

	if (n < 0 && errno != EAGAIN)
		t->error = errno;
	return n > 0 ? n : 0;
}

static void
write_some(struct transcript *t, size_t size)
{
	ssize_t n;

	if (size == 0 || t->error)
		return;
	n = io_write(t->fd, t->out, size);
	if (n > 0 && (size_t)n < size)
		n += more_of(t, (size_t)n, size);
	if (n < 0 && errno == EAGAIN)
		return; /* a FIFO whose reader is slow: it waits as long as there is room */
	if (n < 0) {
		t->error = errno;
		return;
	}
	t->used -= (size_t)n;
	t->whole -= (size_t)n < t->whole ? (size_t)n : t->whole;
	memmove(t->out, t->out + n, t->used);
}

/* The whole lines, and a half one that is too long to be held. */
static size_t
due(const struct transcript *t)
{
	return t->used - t->whole > PIECE ? t->used : t->whole;
}

static void
wait_for_writer(struct transcript *t)
{
	int error = t->writer ? writer_wait(t->writer) : 0;

	if (error && !t->error)
		t->error = error;
}

static void
write_out(struct transcript *t)
{
	wait_for_writer(t);
	write_some(t, due(t));
}

/* Only for a file: a FIFO may have a slow reader, and nobody is to wait for him. */
static void
ask_writer(struct transcript *t)
{
	struct stat st;

	t->asked_writer = true;
	if (fstat(t->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	t->spare = malloc(ROOM);
	if (t->spare)
		t->writer = writer_new(t->fd); /* without one all is as before */
}

/* Has it written, and goes on in the memory that was written before. */
static void
hand_out(struct transcript *t)
{
	char *out = t->out;
	size_t size = due(t);

	wait_for_writer(t);
	if (t->error)
		return;
	t->used -= size;
	t->whole -= size < t->whole ? size : t->whole;
	memcpy(t->spare, out + size, t->used);
	t->out = t->spare;
	t->spare = out;
	writer_write(t->writer, out, size);
}

/* Where a piece can be put down; whatever there is, where writing has failed. */
static char *
room(struct transcript *t)
{
	if (t->used > FULL && !t->asked_writer)
		ask_writer(t);
	if (t->used > FULL && t->writer)
		hand_out(t);
	else if (t->used > FULL)
		write_out(t);
	if (t->used > FULL && !t->error)
		t->error = EAGAIN; /* its reader is too far behind, and nobody is to wait for it */
	if (t->error)
		t->used = t->whole = 0;
	return t->out + t->used;
}

/* Whole lines of any length. */
static void
put(struct transcript *t, const char *data, size_t size)
{
	size_t n;

	for (; size > 0; data += n, size -= n) {
		n = size < PIECE ? size : PIECE;
		memcpy(room(t), data, n);
		t->used += n;
		t->whole = t->used;
	}
}

/*
 * Text
 */

/* Ends a line that its newline did not end. */
static void
text_cut(struct transcript *t)
{
	if (!t->open)
		return;
	t->open = false;
	put(t, "\\\n", 2);
}

/* A character of which only the front has come begins no line. */
static void
text_data(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	struct escape_lines lines = { .mark = marks[dir] };
	char *begun = NULL;

	if (size == 0)
		return;
	if (t->open && t->open_dir != dir)
		text_cut(t);
	lines.to = room(t);
	if (!t->open) {
		*lines.to++ = marks[dir];
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
text_keys(struct transcript *t, const char *keys, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		char key = keys[i] == '\r' ? '\n' : keys[i];

		if (buf_append(&t->typed, &key, 1) < 0)
			t->error = errno;
		if (key != '\n' && t->typed.size < PIECE)
			continue;
		text_data(t, TRANSCRIPT_TO_CHILD, buf_peek(&t->typed), t->typed.size);
		buf_consume(&t->typed, t->typed.size);
	}
}

/* What is held of a character stays what it is. */
static void
text_end(struct transcript *t)
{
	char text[ESCAPE_ROOM(0)], *end;
	int dir;

	text_data(t, TRANSCRIPT_TO_CHILD, buf_peek(&t->typed), t->typed.size);
	for (dir = 0; dir < DIRS; dir++) {
		if (t->cut[dir].size == 0)
			continue;
		if (!t->open || t->open_dir != (enum transcript_dir)dir) {
			text_cut(t);
			put(t, (char[]){ marks[dir], ' ' }, 2);
		}
		end = text;
		escape_end(&t->cut[dir], &end);
		put(t, text, (size_t)(end - text));
		t->open = true;
		t->open_dir = (enum transcript_dir)dir;
	}
	text_cut(t);
}

static void
text_status(struct transcript *t, int wait_status)
{
	char line[64], name[SIGNAME_ROOM];
	int n;

	if (WIFSIGNALED(wait_status))
		n = snprintf(line, sizeof(line), "= signal %s\n", signame_get(WTERMSIG(wait_status), name));
	else
		n = snprintf(line, sizeof(line), "= %d\n", WEXITSTATUS(wait_status));
	put(t, line, (size_t)n);
}

/*
 * JSON lines and asciicast: an object, or an array, for each piece
 */

/* Seconds since the start, as "1.000002"; not by %f, which may have a comma of its own. */
static void
put_time(struct transcript *t, const char *before)
{
	char text[64];
	int64_t us = deadline_now_us() - t->start_us;
	int n = snprintf(text, sizeof(text), "%s%" PRId64 ".%06d", before, us / 1000000, (int)(us % 1000000));

	put(t, text, (size_t)n);
}

static void
put_text(struct transcript *t, const char *text)
{
	put(t, text, strlen(text));
}

/* {"time":0.001234,"dir":"<" and what follows, the closing brace aside. */
static void
jsonl_open(struct transcript *t, char mark)
{
	char dir[] = ",\"dir\":\"?\"";

	dir[8] = mark;
	put_time(t, "{\"time\":");
	put_text(t, dir);
}

static void
jsonl_piece(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	bool valid = utf8_valid(data, size);
	char *to;

	jsonl_open(t, marks[dir]);
	put_text(t, valid ? ",\"data\":\"" : ",\"base64\":\"");
	to = room(t);
	t->used += valid ? json_escape(to, data, size) : json_base64(to, data, size);
	put_text(t, "\"}\n");
}

static void
jsonl_status(struct transcript *t, int wait_status)
{
	char text[64], name[SIGNAME_ROOM];
	int n;

	jsonl_open(t, '=');
	if (WIFSIGNALED(wait_status))
		n = snprintf(text, sizeof(text), ",\"signal\":\"%s\"}\n", signame_get(WTERMSIG(wait_status), name));
	else
		n = snprintf(text, sizeof(text), ",\"status\":%d}\n", WEXITSTATUS(wait_status));
	put(t, text, (size_t)n);
}

/*
 * A pipe, and a terminal that is for data, has put no "\r" before the child's
 * "\n", which a player needs.
 */
static void
cast_lines(struct transcript *t, const char *data, size_t size)
{
	const char *newline;
	size_t n;
	char *to;

	while (size > 0) {
		newline = memchr(data, '\n', size);
		n = newline ? (size_t)(newline - data) : size;
		to = room(t);
		t->used += json_escape(to, data, n);
		if (n > 0)
			t->returned = data[n - 1] == '\r';
		if (newline) {
			put_text(t, t->returned ? "\\n" : "\\r\\n");
			t->returned = false;
			n++;
		}
		data += n;
		size -= n;
	}
}

static void
cast_piece(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	char *to;

	put_time(t, "[");
	put_text(t, dir == TRANSCRIPT_TO_CHILD ? ", \"i\", \"" : ", \"o\", \"");
	if (dir == TRANSCRIPT_STDERR || (dir == TRANSCRIPT_FROM_CHILD && !t->ends_lines)) {
		cast_lines(t, data, size);
	} else {
		to = room(t);
		t->used += json_escape(to, data, size);
	}
	put_text(t, "\"]\n");
}

static void
cast_event(struct transcript *t, const char *words)
{
	unsigned short rows, columns;
	char text[64];

	if (sscanf(words, "resize %hu %hu", &rows, &columns) != 2)
		return;
	put_time(t, "[");
	(void)snprintf(text, sizeof(text), ", \"r\", \"%hux%hu\"]\n", columns, rows);
	put_text(t, text);
}

static void
put_piece(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	if (size == 0)
		return;
	if (t->format == TRANSCRIPT_JSONL)
		jsonl_piece(t, dir, data, size);
	else
		cast_piece(t, dir, data, size);
}

/* One piece, begun by what was cut from the one before, without what is cut now. */
static void
whole_characters(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	struct escape *cut = &t->cut[dir];
	size_t tail;

	if (cut->size > 0) {
		memcpy(t->joined, cut->held, cut->size);
		memcpy(t->joined + cut->size, data, size);
		data = t->joined;
		size += cut->size;
	}
	tail = utf8_tail(data, size);
	memcpy(cut->held, data + size - tail, tail);
	cut->size = (unsigned char)tail;
	put_piece(t, dir, data, size - tail);
}

/* Half characters that no more will come of. */
static void
end_characters(struct transcript *t)
{
	int dir;

	for (dir = 0; dir < DIRS; dir++)
		put_piece(t, (enum transcript_dir)dir, t->cut[dir].held, t->cut[dir].size);
}

/*
 * Heads
 */

static int
quote_words(struct buf *line, char *const *words)
{
	for (; *words; words++) {
		if (line->size > 0 && buf_append(line, " ", 1) < 0)
			return -1;
		if (escape_quote(line, *words) < 0)
			return -1;
	}
	return 0;
}

/* "bc -q", "--pty -- bc -q"; the "--" too where the command looks like an option. */
static int
quote_command(struct buf *line, const struct transcript_opts *opts)
{
	bool options = opts->options && opts->options[0];

	if (options && quote_words(line, (char *const *)opts->options) < 0)
		return -1;
	if (options || (opts->argv[0] && opts->argv[0][0] == '-')) {
		if (buf_append(line, " --", 3) < 0)
			return -1;
		if (!options)
			buf_consume(line, 1);
	}
	return quote_words(line, opts->argv);
}

static int
text_head(struct buf *head, const struct transcript_opts *opts)
{
	static const char first[] = "# dualpipe transcript 1\n$ ";
	struct buf command = { 0 };
	int result = -1;

	if (quote_command(&command, opts) == 0 && buf_append(head, first, sizeof(first) - 1) == 0 &&
	    buf_append(head, buf_peek(&command), command.size) == 0)
		result = buf_append(head, "\n", 1);
	buf_free(&command);
	return result;
}

static int
jsonl_head(struct buf *head, const struct transcript_opts *opts, time_t start)
{
	struct json j = { .to = head };
	char utc[32];
	struct tm tm;
	char *const *word;

	if (!gmtime_r(&start, &tm) || strftime(utc, sizeof(utc), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		errno = EOVERFLOW;
		return -1;
	}
	json_open(&j, '{');
	json_key(&j, "dualpipe");
	json_int(&j, 1);
	json_key(&j, "command");
	json_open(&j, '[');
	for (word = opts->argv; *word; word++)
		json_text(&j, *word);
	json_close(&j, ']');
	json_key(&j, "channel");
	json_text(&j, opts->pty ? "pty" : "pipes");
	json_key(&j, "start");
	json_text(&j, utc);
	json_close(&j, '}');
	return json_end(&j);
}

static void
json_number(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

static int
cast_head(struct buf *head, const struct transcript_opts *opts, time_t start)
{
	struct json j = { .to = head };
	struct buf command = { 0 };
	int result = -1;

	if (quote_words(&command, opts->argv) < 0)
		goto out;
	json_open(&j, '{');
	json_number(&j, "version", 2);
	json_number(&j, "width", opts->columns > 0 ? opts->columns : 80);
	json_number(&j, "height", opts->rows > 0 ? opts->rows : 24);
	json_number(&j, "timestamp", start);
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

static int
put_head(struct transcript *t, const struct transcript_opts *opts)
{
	struct buf head = { 0 };
	struct timespec now;
	int result = -1;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with this clock */
	switch (opts->format) {
	case TRANSCRIPT_TEXT:
		result = text_head(&head, opts);
		break;
	case TRANSCRIPT_JSONL:
		result = jsonl_head(&head, opts, now.tv_sec);
		break;
	case TRANSCRIPT_CAST:
		result = cast_head(&head, opts, now.tv_sec);
		break;
	}
	if (result == 0)
		put(t, buf_peek(&head), head.size);
	buf_free(&head);
	return result;
}

/* A record that was torn off in the middle of a line does not run into ours. */
static void
end_last_line(struct transcript *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char last;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		put(t, "\n", 1);
	io_close(&fd);
}

/*
 * The calls
 */

enum transcript_format
transcript_format_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	if (dot && strcmp(dot, ".jsonl") == 0)
		return TRANSCRIPT_JSONL;
	if (dot && strcmp(dot, ".cast") == 0)
		return TRANSCRIPT_CAST;
	return TRANSCRIPT_TEXT;
}

struct transcript *
transcript_open(const char *path, const struct transcript_opts *opts)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (opts->append ? O_APPEND : O_TRUNC);
	struct transcript *t;
	int saved;

	if (opts->append && opts->format == TRANSCRIPT_CAST) {
		errno = EINVAL;
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->fd = -1;
	t->format = opts->format;
	t->ends_lines = opts->ends_lines;
	t->keys = opts->keys;
	t->start_us = deadline_now_us();
	t->out = malloc(ROOM);
	if (!t->out)
		goto fail;
	t->fd = io_above_stdio(open(path, flags, 0600));
	if (t->fd < 0)
		goto fail;
	if (opts->append)
		end_last_line(t, path);
	if (put_head(t, opts) < 0)
		goto fail;
	write_out(t);
	return t;
fail:
	saved = errno;
	io_close(&t->fd);
	free(t->out);
	free(t);
	errno = saved;
	return NULL;
}

void
transcript_data(struct transcript *t, enum transcript_dir dir, const void *data, size_t size)
{
	const char *from = data;
	size_t n;

	for (; size > 0 && !t->error; from += n, size -= n) {
		n = PIECE - t->cut[dir].size;
		if (n > size)
			n = size;
		if (t->format == TRANSCRIPT_TEXT && t->keys && dir == TRANSCRIPT_TO_CHILD)
			text_keys(t, from, n);
		else if (t->format == TRANSCRIPT_TEXT)
			text_data(t, dir, from, n);
		else
			whole_characters(t, dir, from, n);
	}
}

void
transcript_event(struct transcript *t, const char *words)
{
	if (t->error)
		return;
	switch (t->format) {
	case TRANSCRIPT_TEXT:
		text_cut(t);
		put(t, "@ ", 2);
		put_text(t, words);
		put(t, "\n", 1);
		break;
	case TRANSCRIPT_JSONL:
		jsonl_open(t, '@');
		put_text(t, ",\"data\":\"");
		put_text(t, words); /* our own: nothing in it to escape */
		put_text(t, "\"}\n");
		break;
	case TRANSCRIPT_CAST:
		cast_event(t, words);
		break;
	}
}

void
transcript_flush(struct transcript *t)
{
	write_out(t);
}

/* What is still held, and the status. */
static void
end_record(struct transcript *t, bool have_status, int wait_status)
{
	if (t->format == TRANSCRIPT_TEXT)
		text_end(t);
	else
		end_characters(t);
	if (have_status && t->format == TRANSCRIPT_TEXT)
		text_status(t, wait_status);
	if (have_status && t->format == TRANSCRIPT_JSONL)
		jsonl_status(t, wait_status);
	write_out(t);
}

/* What a slow reader has not taken yet, for as long as he takes some. */
static void
wait_for_reader(struct transcript *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };

	while (t->used > 0 && !t->error) {
		if (poll(&p, 1, PATIENCE_MS) == 0)
			t->error = EAGAIN;
		else
			write_some(t, t->used);
	}
}

int
transcript_close(struct transcript *t, bool have_status, int wait_status)
{
	int error;

	if (!t)
		return 0;
	if (!t->error)
		end_record(t, have_status, wait_status);
	wait_for_reader(t);
	writer_free(t->writer);
	/* Some file systems tell only here that what was written is lost. EINTR says nothing of the kind. */
	if (close(t->fd) < 0 && errno != EINTR && !t->error)
		t->error = errno;
	error = t->error;
	buf_free(&t->typed);
	free(t->out);
	free(t->spare);
	free(t);
	if (!error)
		return 0;
	errno = error;
	return -1;
}

int
transcript_error(const struct transcript *t)
{
	return t->error;
}
