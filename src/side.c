/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "side.h"

#include "buf.h"
#include "deadline.h"
#include "io.h"
#include "process.h"
#include "typed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum {
	PIECE = 4096,
	LOOK_MS = 50	/* in a burst of lines, between two looks at who waits */
};

struct side {
	struct dualpipe *dp;
	int fd;
	struct stat file;	/* the terminal, to know its readers by */
	bool known;		/* file is */
	struct watch *in;
	struct watch *out;

	side_said_fn *said;
	void *arg;
	struct buf heard;	/* for which there was no room */
	size_t echoed;		/* of it that is an echo, at its front */
	bool half_line;		/* what was said last has no end: a question, by its looks */

	struct buf answers;	/* on their way */
	bool echo_due;		/* of the last one */
	enum side_asks last;
	deadline last_until;
};

static void
end(struct side *s)
{
	watch_off(s->in);
	watch_off(s->out);
	s->fd = -1;
}

/* An echo, then lines, then what has no end. */
static size_t
next_piece(const struct side *s)
{
	const char *data = buf_peek(&s->heard), *newline;

	if (s->echoed > 0)
		return s->echoed;
	newline = memrchr(data, '\n', s->heard.size);
	return newline ? (size_t)(newline - data) + 1 : s->heard.size;
}

static void
pass_on(struct side *s)
{
	size_t size;

	while (s->heard.size > 0) {
		size = next_piece(s);
		if (!s->said(s->arg, buf_peek(&s->heard), size, s->echoed > 0))
			break;
		buf_consume(&s->heard, size);
		s->echoed = 0;
	}
	if (s->fd < 0)
		return;
	if (s->heard.size > 0)
		watch_off(s->in);
	else
		watch_on(s->in, POLLIN);
}

static void
readable(void *arg, short revents)
{
	struct side *s = arg;
	char *room = buf_reserve(&s->heard, PIECE), *newline;
	ssize_t n;

	(void)revents;
	if (!room)
		return;
	n = io_read(s->fd, room, PIECE);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end(s); /* its session has ended */
		return;
	}
	buf_added(&s->heard, (size_t)n);
	s->half_line = room[n - 1] != '\n';
	if (s->echo_due) {
		newline = memchr(room, '\n', (size_t)n);
		s->echoed = newline ? (size_t)(newline - room) + 1 : (size_t)n;
		s->echo_due = !newline;
	}
	s->last_until = 0;
	pass_on(s);
}

static void
write_answers(struct side *s)
{
	ssize_t n;

	while (s->fd >= 0 && s->answers.size > 0) {
		n = io_write(s->fd, buf_peek(&s->answers), s->answers.size);
		if (n < 0 && errno != EAGAIN)
			end(s);
		if (n < 0)
			break;
		buf_consume(&s->answers, (size_t)n);
	}
	if (s->fd < 0)
		return;
	if (s->answers.size > 0)
		watch_on(s->out, POLLOUT);
	else
		watch_off(s->out);
}

static void
writable(void *arg, short revents)
{
	(void)revents;
	write_answers(arg);
}

struct side *
side_new(struct loop *l, struct dualpipe *dp, side_said_fn *said, void *arg)
{
	int fd = dualpipe_fd(dp, DUALPIPE_SIDE);
	struct side *s;
	char *name;

	if (fd < 0) {
		errno = EINVAL;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct side){ .dp = dp, .fd = fd, .said = said, .arg = arg,
		.answers = { .secret = true } };
	name = ptsname(fd);
	s->known = name && stat(name, &s->file) == 0;
	s->in = watch_new(l, fd, readable, s);
	s->out = watch_new(l, fd, writable, s);
	if (!s->in || !s->out) {
		side_free(s);
		return NULL;
	}
	watch_on(s->in, POLLIN);
	return s;
}

void
side_free(struct side *s)
{
	if (!s)
		return;
	watch_free(s->in);
	watch_free(s->out);
	buf_free(&s->heard);
	buf_free(&s->answers);
	free(s);
}

/* poll(2) waits for what the kernel still carries over. */
static bool
has_come(const struct side *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	return s->fd >= 0 && s->heard.size == 0 && poll(&p, 1, 0) > 0;
}

void
side_take(struct side *s)
{
	while (has_come(s))
		readable(s, POLLIN);
}

void
side_room(struct side *s)
{
	if (s->heard.size > 0)
		pass_on(s);
}

void
side_finish(struct side *s, side_drain_fn *drain, void *arg)
{
	enum { MOST_ROUNDS = 8 }; /* somebody may be left there who says something for ever */
	int i;

	for (i = 0; i < MOST_ROUNDS; i++) {
		side_room(s);
		side_take(s);
		if (s->heard.size == 0 || !drain(arg))
			return;
	}
}

struct search {
	const struct side *side;
	pid_t group;
	bool waits;
	bool unknown;
};

static bool
look_at(const struct process *p, void *arg)
{
	struct search *search = arg;
	enum process_waits waits;

	if (p->tty != search->side->file.st_rdev || p->group != search->group)
		return true;
	waits = process_found_waits_for(p, &search->side->file);
	search->unknown |= waits == PROCESS_UNKNOWN;
	/* Who waits for other things as well is a relay, as sudo is for its command. */
	search->waits = waits == PROCESS_WAITS;
	return !search->waits;
}

static enum side_asks
look_for_reader(const struct side *s)
{
	struct search search = { .side = s, .group = tcgetpgrp(s->fd) };

	if (!s->known || process_each(look_at, &search) < 0)
		search.unknown = true;
	if (search.waits)
		return SIDE_ASKS;
	return search.unknown && s->half_line ? SIDE_ASKS : SIDE_QUIET;
}

enum side_asks
side_asks(struct side *s, bool exact)
{
	struct termios mode;

	if (s->fd < 0 || tcgetattr(s->fd, &mode) < 0)
		return SIDE_QUIET;
	if (!(mode.c_lflag & ICANON))
		return SIDE_ASKS_KEYS;
	if (!(mode.c_lflag & ECHO))
		return SIDE_ASKS_SECRET;
	if (!exact)
		return SIDE_QUIET;
	if (deadline_left(s->last_until) == 0) {
		s->last = look_for_reader(s);
		s->last_until = deadline_in(LOOK_MS);
	}
	return s->last;
}

int
side_keys(struct side *s, const void *data, size_t size)
{
	if (s->fd < 0) {
		errno = EPIPE;
		return -1;
	}
	if (buf_append(&s->answers, data, size) < 0)
		return -1;
	write_answers(s);
	return 0;
}

size_t
side_stop_key(const struct side *s, const char *keys, size_t size)
{
	struct termios mode;
	const char *found;

	if (s->fd < 0 || tcgetattr(s->fd, &mode) < 0 || !(mode.c_lflag & ISIG) ||
	    mode.c_cc[VSUSP] == _POSIX_VDISABLE)
		return size;
	found = memchr(keys, mode.c_cc[VSUSP], size);
	return found ? (size_t)(found - keys) : size;
}

int
side_answer(struct side *s, const char *line, size_t size)
{
	bool ended = size > 0 && line[size - 1] == '\n';
	struct termios mode;

	if (s->fd < 0 || tcgetattr(s->fd, &mode) < 0) {
		errno = EPIPE;
		return -1;
	}
	if (typed_line(&s->answers, &mode, line, size - ended) < 0 ||
	    (ended && buf_append(&s->answers, "\n", 1) < 0))
		return -1;
	s->half_line = false;
	s->last_until = 0;
	s->echo_due = ended && (mode.c_lflag & ECHO);
	write_answers(s);
	return 0;
}

int
side_answer_end(struct side *s)
{
	struct termios mode;

	if (s->fd < 0 || tcgetattr(s->fd, &mode) < 0 || !(mode.c_lflag & ICANON)) {
		errno = EPIPE;
		return -1;
	}
	if (buf_append(&s->answers, &mode.c_cc[VEOF], 1) < 0)
		return -1;
	s->half_line = false;
	s->last_until = 0;
	write_answers(s);
	return 0;
}
