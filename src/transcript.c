/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "transcribing.h"

#include "deadline.h"
#include "io.h"
#include "json.h"
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
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 1000,	/* with a reader who takes nothing, at the end */
	FULL = 256 * 1024,	/* from here on it is written */
	/* A piece of the worst kind fits behind that, the words around it too. Untouched memory costs nothing. */
	ROOM = FULL + JSON_ESCAPE_ROOM(TRANSCRIPT_PIECE) + 256
};

const char transcript_marks[TRANSCRIPT_DIRS] = { '>', '<', '!' };

static const struct transcript_form *const forms[] = {
	[TRANSCRIPT_TEXT] = &transcript_text,
	[TRANSCRIPT_JSONL] = &transcript_jsonl,
	[TRANSCRIPT_CAST] = &transcript_cast,
	[TRANSCRIPT_DIALOGUE] = &transcript_dialogue
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
	return t->used - t->whole > TRANSCRIPT_PIECE ? t->used : t->whole;
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

char *
transcript_room(struct transcript *t)
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

void
transcript_put(struct transcript *t, const char *data, size_t size)
{
	size_t n;

	for (; size > 0; data += n, size -= n) {
		n = size < TRANSCRIPT_PIECE ? size : TRANSCRIPT_PIECE;
		memcpy(transcript_room(t), data, n);
		t->used += n;
		t->whole = t->used;
	}
}

void
transcript_put_text(struct transcript *t, const char *text)
{
	transcript_put(t, text, strlen(text));
}

/* Not by %f, which may have a comma of its own. */
void
transcript_put_time(struct transcript *t)
{
	char text[64];
	int64_t us = deadline_now_us() - t->start_us;
	int n = snprintf(text, sizeof(text), "%" PRId64 ".%06d", us / 1000000, (int)(us % 1000000));

	transcript_put(t, text, (size_t)n);
}

/*
 * Pieces of whole characters
 */

static void
put_piece(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	if (size > 0)
		t->form->data(t, dir, data, size);
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

	for (dir = 0; dir < TRANSCRIPT_DIRS; dir++)
		put_piece(t, (enum transcript_dir)dir, t->cut[dir].held, t->cut[dir].size);
}

/*
 * Heads
 */

int
transcript_quote_words(struct buf *line, char *const *words)
{
	for (; *words; words++) {
		if (line->size > 0 && buf_append(line, " ", 1) < 0)
			return -1;
		if (escape_quote(line, *words) < 0)
			return -1;
	}
	return 0;
}

static int
put_head(struct transcript *t, const struct transcript_opts *opts, const char *path)
{
	struct buf head = { 0 };
	struct timespec now;
	int result;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with this clock */
	result = t->form->head(&head, opts, path, now.tv_sec);
	if (result == 0)
		transcript_put(t, buf_peek(&head), head.size);
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
		transcript_put(t, "\n", 1);
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
	if (dot && strcmp(dot, ".dp") == 0)
		return TRANSCRIPT_DIALOGUE;
	return TRANSCRIPT_TEXT;
}

bool
transcript_is_single(enum transcript_format format)
{
	return format == TRANSCRIPT_CAST || format == TRANSCRIPT_DIALOGUE;
}

struct transcript *
transcript_open(const char *path, const struct transcript_opts *opts)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (opts->append ? O_APPEND : O_TRUNC);
	struct transcript *t;
	int saved;

	if (opts->append && transcript_is_single(opts->format)) {
		errno = EINVAL;
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->fd = -1;
	t->form = forms[opts->format];
	t->pty = opts->pty;
	t->ends_lines = opts->ends_lines;
	t->shown = opts->shown;
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
	if (put_head(t, opts, path) < 0)
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
		n = TRANSCRIPT_PIECE - t->cut[dir].size;
		if (n > size)
			n = size;
		if (t->form->whole_characters)
			whole_characters(t, dir, from, n);
		else
			t->form->data(t, dir, from, n);
	}
}

void
transcript_event(struct transcript *t, const char *words)
{
	if (!t->error)
		t->form->event(t, words);
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
	if (t->form->whole_characters)
		end_characters(t);
	if (t->form->end)
		t->form->end(t);
	if (have_status && t->form->status)
		t->form->status(t, wait_status);
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
	buf_free(&t->said);
	buf_free(&t->err);
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
