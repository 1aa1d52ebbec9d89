/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "talk.h"

#include "buf.h"
#include "deadline.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MUCH = 65536,		/* all that a pipe held: a larger one is worth while */
	ERR_ROOM = 65536,	/* of stderr that waits for its reader */
	LAST_LINE = 4096,	/* of the unfinished line */
	KEPT = 65536,		/* of output that is taken in while nobody looks at it */
	RETRY_MS = 20		/* where there was no memory to send */
};

/* What is sent in one piece of the record. */
struct letter {
	char *data;
	size_t size, sent;
	const char *event;	/* in the place of the bytes; NULL for none */
	bool told;		/* the event: once, however often it does not go yet */
	struct letter *next;
};

struct talk {
	struct loop *loop;
	struct talk_opts opts;
	struct dualpipe *dp;
	struct watch *to_child, *from_child, *err, *err_out;
	struct timer *tend;	/* when the library, or who has woken us, wants to be called */
	struct letter *first, **last;
	size_t unsent;
	bool end_wanted;
	const char *end_event;
	bool ended;		/* end-of-file was given */
	bool refused;		/* nobody reads any more */
	bool starved;		/* what is to be sent waits for memory */
	bool listening;
	bool woken;
	bool lent;
	bool grown;		/* the pipe from the child */
	struct io_out err_io;
	struct buf err_data;
	deadline last_passed;
	uint64_t sent, said;
	struct buf last_line;
};

/* What follows the last newline; the end of it where it is too long. */
static void
note_last_line(struct talk *t, const char *data, size_t size)
{
	const char *newline = memrchr(data, '\n', size);

	if (newline) {
		buf_consume(&t->last_line, t->last_line.size);
		size -= (size_t)(newline + 1 - data);
		data = newline + 1;
	}
	if (size > LAST_LINE) {
		data += size - LAST_LINE;
		size = LAST_LINE;
	}
	if (t->last_line.size + size > LAST_LINE)
		buf_consume(&t->last_line, t->last_line.size + size - LAST_LINE);
	(void)buf_append(&t->last_line, data, size); /* at worst no prompt is known */
}

const char *
talk_last_line(const struct talk *t, size_t *size)
{
	*size = t->last_line.size;
	return buf_peek(&t->last_line);
}

void
talk_seen(void *talk, enum dualpipe_end end, const void *data, size_t size)
{
	struct talk *t = talk;

	t->last_passed = deadline_now();
	if (end == DUALPIPE_TO_CHILD) {
		t->sent += size;
		if (t->lent || (t->first && t->first->event))
			return;
	} else if (end == DUALPIPE_FROM_CHILD) {
		t->said += size;
		note_last_line(t, data, size);
		if (size >= MUCH && !t->grown) {
			t->grown = true;
			io_grow_pipe(dualpipe_fd(t->dp, DUALPIPE_FROM_CHILD));
		}
	}
	t->opts.passed(t->opts.arg, end, data, size);
}

static void
drop_first(struct talk *t)
{
	struct letter *l = t->first;

	t->first = l->next;
	if (!t->first)
		t->last = &t->first;
	t->unsent -= l->size - l->sent;
	if (l->event)
		explicit_bzero(l->data, l->size);
	free(l->data);
	free(l);
}

/* Nobody will ever read it. */
static void
refuse(struct talk *t)
{
	t->refused = true;
	while (t->first)
		drop_first(t);
}

static void
send_first(struct talk *t)
{
	struct letter *l = t->first;
	ssize_t n;

	if (l->event && !l->told)
		t->opts.did(t->opts.arg, l->event);
	l->told = true;
	n = dualpipe_write(t->dp, l->data + l->sent, l->size - l->sent, 0);
	if (n < 0) {
		t->starved = errno == ENOMEM;
		if (errno != ETIMEDOUT && errno != ENOMEM)
			refuse(t);
		return;
	}
	t->starved = false;
	l->sent += (size_t)n;
	t->unsent -= (size_t)n;
	if (l->sent == l->size)
		drop_first(t);
}

static void
send_queue(struct talk *t)
{
	size_t before;

	do {
		before = t->unsent;
		if (t->first)
			send_first(t);
	} while (t->first && t->unsent < before);
	if (!t->first && t->end_wanted && !t->ended) {
		t->ended = true;
		if (t->end_event)
			t->opts.did(t->opts.arg, t->end_event);
		(void)dualpipe_write_end(t->dp);
	}
}

static void
flush_err(struct talk *t)
{
	ssize_t n;

	while (t->err_data.size > 0) {
		if (t->err_io.fd < 0)
			io_out_open(&t->err_io, t->opts.err_fd);
		n = io_out_write(&t->err_io, buf_peek(&t->err_data), t->err_data.size);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		/* What nobody reads is dropped, so that the child goes on. */
		buf_consume(&t->err_data, n < 0 ? t->err_data.size : (size_t)n);
	}
}

static void
read_err(struct talk *t)
{
	char *to;
	ssize_t n;

	while (t->err_data.size == 0 && dualpipe_fd(t->dp, DUALPIPE_ERR) >= 0) {
		to = buf_reserve(&t->err_data, ERR_ROOM);
		if (!to)
			return;
		n = dualpipe_read_err(t->dp, to, ERR_ROOM, 0);
		if (n <= 0)
			return;
		if (t->opts.err_fd < 0)
			continue;
		buf_added(&t->err_data, (size_t)n);
		flush_err(t);
	}
}

static bool
is_done(void *arg)
{
	const struct talk *t = arg;

	return dualpipe_fd(t->dp, DUALPIPE_FROM_CHILD) < 0 && dualpipe_fd(t->dp, DUALPIPE_ERR) < 0 &&
	    t->err_data.size == 0;
}

static bool
is_pending(void *arg)
{
	const struct talk *t = arg;

	return t->err_data.size > 0 || io_is_readable(dualpipe_fd(t->dp, DUALPIPE_FROM_CHILD)) ||
	    io_is_readable(dualpipe_fd(t->dp, DUALPIPE_ERR));
}

static bool
has_room(const struct talk *t)
{
	size_t size;

	(void)dualpipe_peek(t->dp, &size);
	return size < KEPT;
}

/* Whether more of it is to be read, as far as we are asked. */
static bool
takes_output(const struct talk *t)
{
	if (t->opts.full && t->opts.full(t->opts.arg))
		return false;
	return t->listening || has_room(t);
}

static void
arrange_watch(struct watch *w, bool on, short events)
{
	if (!w)
		return;
	if (on)
		watch_on(w, events);
	else
		watch_off(w);
}

static void
rest(struct talk *t)
{
	struct watch *all[] = { t->to_child, t->from_child, t->err, t->err_out };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			watch_off(all[i]);
	timer_set(t->tend, DEADLINE_NEVER);
}

static void
arrange(struct talk *t)
{
	struct pollfd fds[3];
	int n = dualpipe_pollfds(t->dp, fds, 3);
	int ms = dualpipe_pollms(t->dp);
	bool from_child = false, room = false, takes = takes_output(t);

	while (n-- > 0) {
		from_child |= fds[n].fd == dualpipe_fd(t->dp, DUALPIPE_FROM_CHILD) && (fds[n].events & POLLIN);
		room |= (fds[n].events & POLLOUT) != 0;
	}
	if (dualpipe_fd(t->dp, DUALPIPE_TO_CHILD) != dualpipe_fd(t->dp, DUALPIPE_FROM_CHILD))
		room |= t->first != NULL;
	arrange_watch(t->to_child, room && !t->refused && dualpipe_fd(t->dp, DUALPIPE_TO_CHILD) >= 0, POLLOUT);
	arrange_watch(t->from_child, from_child && takes, POLLIN);
	arrange_watch(t->err, dualpipe_fd(t->dp, DUALPIPE_ERR) >= 0 && t->err_data.size == 0, POLLIN);
	arrange_watch(t->err_out, t->err_data.size > 0, POLLOUT);
	if (t->starved && (ms < 0 || ms > RETRY_MS))
		ms = RETRY_MS;
	if (t->woken)
		ms = 0;
	timer_set(t->tend, ms < 0 ? DEADLINE_NEVER : deadline_in(ms));
}

static void
pump(struct talk *t)
{
	if (t->lent)
		return;
	send_queue(t);
	read_err(t);
	flush_err(t);
	if (!t->listening && takes_output(t))
		(void)dualpipe_expect(t->dp, NULL, 0, 0); /* what is there is kept; its end is for who asks */
	t->woken = false;
	t->opts.changed(t->opts.arg);
	arrange(t);
}

static void
ready(void *arg, short revents)
{
	(void)revents;
	pump(arg);
}

static void
due(void *arg)
{
	struct talk *t = arg;

	(void)dualpipe_write(t->dp, "", 0, 0); /* the library does what is due when it is called */
	pump(t);
}

static void
child_ended(void *arg)
{
	struct talk *t = arg;

	t->last_passed = deadline_now();
	pump(t);
}

static deadline
last(void *arg)
{
	const struct talk *t = arg;

	return t->last_passed;
}

void
talk_channel(struct talk *t, struct ending_channel *c)
{
	*c = (struct ending_channel){
		.child_ended = child_ended,
		.done = is_done,
		.pending = is_pending,
		.last = last,
		.arg = t
	};
}

struct talk *
talk_new(struct loop *l, const struct talk_opts *opts)
{
	struct talk *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->loop = l;
	t->opts = *opts;
	t->last = &t->first;
	t->err_io = (struct io_out){ .fd = -1, .own = -1 };
	t->last_passed = deadline_now();
	t->tend = timer_new(l, due, t);
	t->err_out = opts->err_fd >= 0 ? watch_new(l, opts->err_fd, ready, t) : NULL;
	if (t->tend && (t->err_out || opts->err_fd < 0))
		return t;
	talk_free(t);
	return NULL;
}

int
talk_begin(struct talk *t, struct dualpipe *dp)
{
	int err = dualpipe_fd(dp, DUALPIPE_ERR);

	t->dp = dp;
	t->to_child = watch_new(t->loop, dualpipe_fd(dp, DUALPIPE_TO_CHILD), ready, t);
	t->from_child = watch_new(t->loop, dualpipe_fd(dp, DUALPIPE_FROM_CHILD), ready, t);
	t->err = err >= 0 ? watch_new(t->loop, err, ready, t) : NULL;
	if (!t->to_child || !t->from_child || (err >= 0 && !t->err)) {
		talk_end(t);
		return -1;
	}
	arrange(t);
	return 0;
}

void
talk_end(struct talk *t)
{
	rest(t);
	watch_free(t->to_child);
	watch_free(t->from_child);
	watch_free(t->err);
	t->to_child = t->from_child = t->err = NULL;
	t->dp = NULL;
}

void
talk_free(struct talk *t)
{
	if (!t)
		return;
	refuse(t);
	talk_end(t);
	watch_free(t->err_out);
	timer_free(t->tend);
	io_out_leave(&t->err_io);
	buf_free(&t->err_data);
	buf_free(&t->last_line);
	free(t);
}

int
talk_send(struct talk *t, const void *data, size_t size, const char *event)
{
	struct letter *l;

	if (t->refused || t->end_wanted) {
		errno = EPIPE;
		return -1;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -1;
	*l = (struct letter){ .data = malloc(size > 0 ? size : 1), .size = size, .event = event };
	if (!l->data) {
		free(l);
		return -1;
	}
	memcpy(l->data, data, size);
	*t->last = l;
	t->last = &l->next;
	t->unsent += size;
	send_queue(t);
	talk_wake(t); /* what the library has taken may have to wait for the child there */
	return 0;
}

size_t
talk_unsent(const struct talk *t)
{
	return t->unsent;
}

void
talk_send_end(struct talk *t, const char *event)
{
	if (!t->end_wanted)
		t->end_event = event;
	t->end_wanted = true;
	send_queue(t);
	talk_wake(t);
}

void
talk_listen(struct talk *t, bool on)
{
	t->listening = on;
	talk_wake(t);
}

void
talk_lend(struct talk *t, bool on)
{
	t->lent = on;
	if (on)
		rest(t);
	else
		talk_wake(t);
}

void
talk_wake(struct talk *t)
{
	t->woken = true;
	if (t->dp)
		timer_set(t->tend, deadline_now());
}

int64_t
talk_silent_ms(const struct talk *t)
{
	return deadline_now() - t->last_passed;
}

uint64_t
talk_to_child(const struct talk *t)
{
	return t->sent;
}

uint64_t
talk_from_child(const struct talk *t)
{
	return t->said;
}
