/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "relay.h"

#include "buf.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOST_ROUNDS = 16,		/* of one direction before the others get a turn */
	MUCH = 32768			/* at once, that is */
};

/* One direction. Its buffer is filled only when it is empty. */
struct flow {
	struct relay *relay;
	enum relay_dir dir;
	int source_fd;
	int sink_fd;
	struct watch *source;
	struct watch *sink;
	struct io_out sink_io;	/* of output of the child's; opened for the first write */

	char *data;
	size_t start;
	size_t size;		/* what waits for the sink */

	bool held;		/* the source is to be left alone */
	bool ended;		/* the source has nothing more */
	bool finished;		/* and all of it has gone, or nobody takes it */
	bool sink_gone;
	bool can_splice;
	bool spliced;		/* past our memory, while much passes */
	bool sink_full;		/* of a spliced flow: it waits for the sink */
	bool asked_source;	/* reading it cannot block, so need not be polled for */
	bool grown;		/* its pipes are big */
	uint64_t count;
};

struct relay {
	struct dualpipe *dp;
	bool is_pty;
	bool timed;
	bool child_ended;
	bool told_done;
	bool stdout_ended;
	struct flow in;
	struct flow out;
	struct flow err;
	struct io_in stdin_io;
	struct buf sent;	/* by relay_send(), not yet in a flow; it may hold a secret */
	bool sent_end;
	struct timer *tend;	/* when a pty wants to be looked after */
	deadline last;
	int read_error;
	int write_error;
	relay_seen_fn *seen;
	relay_done_fn *done;
	relay_divert_fn *divert;
	relay_take_fn *take;
	void *arg;
};

static ssize_t
read_sent(struct relay *r, char *data, size_t size)
{
	if (r->sent.size == 0 && !r->sent_end) {
		errno = EAGAIN;
		return -1;
	}
	if (size > r->sent.size)
		size = r->sent.size;
	if (size > 0)
		memcpy(data, buf_peek(&r->sent), size);
	buf_consume(&r->sent, size);
	return (ssize_t)size;
}

static ssize_t
read_stdin(struct relay *r, char *data, size_t size)
{
	if (r->stdin_io.fd < 0)
		io_in_open(&r->stdin_io, r->in.source_fd);
	return io_in_read(&r->stdin_io, data, size);
}

static ssize_t
read_source(struct flow *f, char *data, size_t size)
{
	struct relay *r = f->relay;

	switch (f->dir) {
	case RELAY_TO_CHILD:
		return f->source_fd < 0 || r->sent.size > 0 ? read_sent(r, data, size) : read_stdin(r, data, size);
	case RELAY_FROM_CHILD:
		return dualpipe_read(r->dp, data, size, 0);
	case RELAY_STDERR:
		return dualpipe_read_err(r->dp, data, size, 0);
	}
	return 0;
}

static ssize_t
write_sink(struct flow *f, const char *data, size_t size)
{
	const struct relay *r = f->relay;

	if (f->dir == RELAY_TO_CHILD)
		return dualpipe_write(r->dp, data, size, 0);
	if (f->sink_fd < 0 && r->take)
		return r->take(r->arg, f->dir, data, size);
	if (f->sink_io.fd < 0)
		io_out_open(&f->sink_io, f->sink_fd);
	return io_out_write(&f->sink_io, data, size);
}

static bool
is_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ETIMEDOUT;
}

/*
 * The end of our standard output for whoever reads it, as if the child had had
 * it itself. The number stays taken, so that nothing else is written there.
 */
static void
end_stdout(struct relay *r)
{
	struct io_out *io = &r->out.sink_io;
	int fd = r->out.sink_fd;
	int null;

	if (fd < 0 || r->stdout_ended)
		return;
	r->stdout_ended = true;
	io->fd = fd;
	if (io_out_close(io) < 0 && r->write_error == 0 && errno != EBADF)
		r->write_error = errno;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0 && null != fd) {
		(void)dup2(null, fd);
		io_close(&null);
	}
	io->fd = fd;
}

static bool
is_done(void *arg)
{
	const struct relay *r = arg;

	return r->out.finished && r->err.finished;
}

static void
tell_done(struct relay *r)
{
	if (r->told_done || !is_done(r))
		return;
	r->told_done = true;
	if (r->done)
		r->done(r->arg);
}

/* From the front of what waits for the sink. */
static void
take_out(struct flow *f, size_t size)
{
	if (f->source_fd < 0 && size > 0)
		explicit_bzero(f->data + f->start, size); /* it was typed, and may be a secret */
	f->start += size;
	f->size -= size;
}

/* Nothing more will pass this way. */
static void
finish(struct flow *f)
{
	struct relay *r = f->relay;

	f->finished = f->ended = true;
	take_out(f, f->size);
	if (f->source)
		watch_off(f->source);
	if (f->sink)
		watch_off(f->sink);
	if (f->dir == RELAY_TO_CHILD)
		(void)dualpipe_write_end(r->dp);
	else if (f->dir == RELAY_FROM_CHILD && !f->sink_gone && !r->child_ended)
		end_stdout(r);
	tell_done(r);
}

/*
 * Nobody takes it any more. To the child that is as if we were not there: its
 * next write fails as this one did. On a pty it is hung up, when there is
 * output that cannot be passed on.
 */
static void
lose_sink(struct flow *f, int error)
{
	struct relay *r = f->relay;

	f->sink_gone = true;
	switch (f->dir) {
	case RELAY_TO_CHILD:
		break;
	case RELAY_FROM_CHILD:
		if (error != EPIPE && r->write_error == 0)
			r->write_error = error;
		if (r->is_pty && f->size == 0) {
			watch_off(f->sink);
			return;
		}
		(void)dualpipe_read_end(r->dp);
		if (r->is_pty && !r->in.finished)
			finish(&r->in); /* it was the same descriptor */
		break;
	case RELAY_STDERR:
		/* What nobody reads is dropped, so that the child goes on. */
		f->size = 0;
		watch_off(f->sink);
		return;
	}
	finish(f);
}

static void
note_passed(struct flow *f, const char *data, size_t size)
{
	struct relay *r = f->relay;

	f->count += size;
	if (r->timed)
		r->last = deadline_now();
	if (r->seen && data)
		r->seen(r->arg, f->dir, data, size);
}

static void
grow_pipes(struct flow *f)
{
	f->grown = true;
	io_grow_pipe(f->source_fd);
	io_grow_pipe(f->sink_fd);
}

/* A terminal that has gone is at its end, as is a descriptor that never was. */
static bool
is_end(int fd, int error)
{
	struct stat st;

	return error == EBADF || (error == EIO && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
}

/* Reads once. Whether it is worth trying again at once. */
static bool
fill(struct flow *f)
{
	ssize_t n;

	if (!f->data)
		f->data = malloc(RELAY_BUFFER);
	if (!f->data)
		return false; /* it stays where it is, and is tried again */
	n = read_source(f, f->data, RELAY_BUFFER);
	if (n >= 0 && f->dir == RELAY_TO_CHILD && f->relay->divert &&
	    f->relay->divert(f->relay->arg, f->data, (size_t)n))
		return false;
	if (n > 0) {
		f->start = 0;
		f->size = (size_t)n;
		if (n >= MUCH && !f->grown)
			grow_pipes(f);
		f->spliced = f->can_splice && n >= MUCH;
		if (f->dir != RELAY_TO_CHILD)
			note_passed(f, f->data, (size_t)n);
		return n == RELAY_BUFFER && (f->asked_source || f->relay->sent.size > 0);
	}
	if (n < 0 && is_later(errno))
		return false;
	if (n < 0 && f->dir == RELAY_TO_CHILD && !is_end(f->source_fd, errno))
		f->relay->read_error = errno;
	f->ended = true;
	return false;
}

/* The library has none for what a pty needs besides; the child reads as before. */
static bool
is_out_of_memory(const struct flow *f)
{
	return f->dir == RELAY_TO_CHILD && errno == ENOMEM;
}

static void
drain(struct flow *f)
{
	ssize_t n;

	while (f->size > 0) {
		n = write_sink(f, f->data + f->start, f->size);
		if (n < 0 && (is_later(errno) || is_out_of_memory(f)))
			return;
		if (n < 0) {
			lose_sink(f, errno);
			return;
		}
		if (f->dir == RELAY_TO_CHILD)
			note_passed(f, f->data + f->start, (size_t)n);
		take_out(f, (size_t)n);
		if (n == 0)
			return;
	}
}

static void
copy(struct flow *f, bool readable)
{
	bool again = readable;
	int round;

	for (round = 0; round < MOST_ROUNDS; round++) {
		if (again && f->size == 0 && !f->ended)
			again = fill(f);
		if (f->sink_gone && f->dir == RELAY_FROM_CHILD && f->size > 0)
			lose_sink(f, EPIPE);
		else if (f->sink_gone)
			f->size = 0;
		else
			drain(f);
		if (f->finished || f->size > 0 || f->spliced || !again)
			break;
	}
}

/* A pipe that has ended is not: its end is there to be read. */
static bool
is_empty(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

static bool
is_full(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 0;
}

/*
 * Each piece takes a place in the sink of its own, of which a pipe has 16, be
 * they bytes: little is copied, so that the sink holds as much of it as of
 * what its writer had written there himself.
 */
static void
splice_all(struct flow *f, bool sink_ready)
{
	ssize_t n;
	int round;

	for (round = 0; round < MOST_ROUNDS; round++) {
		n = io_splice(f->source_fd, f->sink_fd, IO_BIG_PIPE);
		if (n <= 0)
			break;
		note_passed(f, NULL, (size_t)n);
		f->sink_full = false;
		if (n < MUCH) {
			f->spliced = is_full(f->sink_fd);
			return;
		}
		if (!f->grown)
			grow_pipes(f);
	}
	if (n > 0)
		return;
	if (n == 0)
		f->ended = true;
	else if (errno == EAGAIN)
		f->sink_full = !sink_ready && !is_empty(f->source_fd); /* it does not say which side */
	else if (errno == EINVAL || errno == ENOSYS)
		f->spliced = f->can_splice = false;
	else
		lose_sink(f, errno);
}

static bool
can_splice(const struct flow *f)
{
	struct stat source, sink;

	return !f->relay->is_pty && !f->relay->seen && f->dir != RELAY_STDERR &&
	    fstat(f->source_fd, &source) == 0 && S_ISFIFO(source.st_mode) &&
	    fstat(f->sink_fd, &sink) == 0 && S_ISFIFO(sink.st_mode);
}

/* Whether the library asks to be told of events on fd for its own sake. */
static bool
channel_asks(const struct relay *r, int fd, short events)
{
	struct pollfd fds[3];
	int n = dualpipe_pollfds(r->dp, fds, 3);

	while (n-- > 0)
		if (fds[n].fd == fd && (fds[n].events & events))
			return true;
	return false;
}

static void
arrange_source(struct flow *f)
{
	bool wanted = !f->ended && !f->held && f->size == 0 && !f->sink_full;

	/* One that is hung up would wake us for nothing: the library says when to look. */
	if (wanted && f->relay->is_pty && f->dir == RELAY_FROM_CHILD)
		wanted = channel_asks(f->relay, f->source_fd, POLLIN);
	if (wanted)
		watch_on(f->source, POLLIN);
	else
		watch_off(f->source);
}

static void
arrange_sink(struct flow *f)
{
	const struct relay *r = f->relay;
	bool full = f->size > 0 || f->sink_full;

	if (f->sink_gone) {
		watch_off(f->sink);
	} else if (f->dir != RELAY_TO_CHILD || !r->is_pty) {
		watch_on(f->sink, full ? POLLOUT : 0);
	} else if ((full && dualpipe_pollms(r->dp) < 0) || channel_asks(r, f->sink_fd, POLLOUT)) {
		watch_on(f->sink, POLLOUT);
	} else {
		watch_off(f->sink);
	}
}

static void
arrange(struct flow *f)
{
	if (f->finished)
		return;
	arrange_source(f);
	arrange_sink(f);
}

/* A pty's end is brought to its readers by the clock. */
static void
arrange_tending(struct relay *r)
{
	int ms;

	if (!r->is_pty)
		return;
	ms = dualpipe_pollms(r->dp);
	timer_set(r->tend, ms < 0 ? DEADLINE_NEVER : deadline_in(ms));
	if (!r->out.finished)
		arrange(&r->out);
	if (!r->in.finished)
		arrange_sink(&r->in); /* what was to wait by the clock may have become due on the way */
	if (r->in.sink && channel_asks(r, r->in.sink_fd, POLLOUT))
		watch_on(r->in.sink, POLLOUT);
}

static void
move(struct flow *f, bool readable, bool sink_ready)
{
	if (f->finished)
		return;
	if (f->dir == RELAY_FROM_CHILD && dualpipe_fd(f->relay->dp, DUALPIPE_FROM_CHILD) < 0)
		readable = true; /* the library has hung it up: its end is to be read */
	if (f->spliced && f->size == 0)
		splice_all(f, sink_ready);
	else
		copy(f, readable);
	if (f->ended && f->size == 0 && !f->finished)
		finish(f);
	arrange(f);
	arrange_tending(f->relay);
}

/* The library does what is due when it is called, be it for nothing. */
static void
tend(void *arg)
{
	struct relay *r = arg;

	(void)dualpipe_write(r->dp, "", 0, 0);
	move(&r->out, true, false);
	if (r->in.size > 0)
		move(&r->in, false, true);
	arrange_tending(r);
}

static void
source_ready(void *arg, short revents)
{
	(void)revents; /* a hang-up is read as an end, an error as one */
	move(arg, true, false);
}

static void
sink_ready(void *arg, short revents)
{
	struct flow *f = arg;

	if (f->finished) {
		/* What the library holds for a pty after our end. */
		watch_off(f->sink);
		tend(f->relay);
	} else if (!(revents & POLLOUT) && (revents & (POLLERR | POLLHUP | POLLNVAL))) {
		lose_sink(f, EPIPE);
		arrange(f);
	} else {
		move(f, f->dir == RELAY_TO_CHILD && (f->relay->sent.size > 0 || f->relay->sent_end), true);
	}
}

static int
open_flow(struct relay *r, struct flow *f, struct loop *l)
{
	f->relay = r;
	f->source = watch_new(l, f->source_fd, source_ready, f);
	f->sink = watch_new(l, f->sink_fd, sink_ready, f);
	if (!f->source || !f->sink)
		return -1;
	f->can_splice = can_splice(f);
	arrange(f);
	return 0;
}

static void
close_flow(struct flow *f)
{
	watch_free(f->source);
	watch_free(f->sink);
	io_out_leave(&f->sink_io);
	free(f->data);
}

struct relay *
relay_new(struct loop *l, struct dualpipe *dp, const struct relay_opts *opts)
{
	const struct io_out none = { .fd = -1, .own = -1 };
	struct relay *r = calloc(1, sizeof(*r));
	int err_fd = dualpipe_fd(dp, DUALPIPE_ERR);

	if (!r)
		return NULL;
	*r = (struct relay){
		.dp = dp,
		.is_pty = dualpipe_fd(dp, DUALPIPE_TO_CHILD) == dualpipe_fd(dp, DUALPIPE_FROM_CHILD),
		.timed = opts->timed,
		.last = opts->timed ? deadline_now() : 0,
		.seen = opts->seen,
		.done = opts->done,
		.divert = opts->divert,
		.take = opts->take,
		.arg = opts->arg,
		.stdin_io = { .fd = -1, .own = -1 },
		.sent = { .secret = true },
	};
	r->in = (struct flow){ .dir = RELAY_TO_CHILD, .source_fd = opts->in_fd,
		.sink_fd = dualpipe_fd(dp, DUALPIPE_TO_CHILD), .sink_io = none, .held = opts->in_held,
		.asked_source = opts->in_fd < 0 };
	r->out = (struct flow){ .dir = RELAY_FROM_CHILD, .source_fd = dualpipe_fd(dp, DUALPIPE_FROM_CHILD),
		.sink_fd = opts->out_fd, .sink_io = none, .asked_source = true };
	r->err = (struct flow){ .dir = RELAY_STDERR, .source_fd = err_fd,
		.sink_fd = opts->err_fd, .sink_io = none, .asked_source = true };
	r->tend = timer_new(l, tend, r);
	if (!r->tend || open_flow(r, &r->in, l) < 0 || open_flow(r, &r->out, l) < 0)
		goto fail;
	if (err_fd < 0)
		r->err.finished = true;
	else if (open_flow(r, &r->err, l) < 0)
		goto fail;
	return r;
fail:
	relay_free(r);
	return NULL;
}

void
relay_begin(struct relay *r)
{
	move(&r->out, true, false);
}

void
relay_close_out(struct relay *r)
{
	end_stdout(r);
}

void
relay_free(struct relay *r)
{
	if (!r)
		return;
	close_flow(&r->in);
	close_flow(&r->out);
	close_flow(&r->err);
	io_in_close(&r->stdin_io);
	timer_free(r->tend);
	buf_free(&r->sent);
	free(r);
}

int
relay_send(struct relay *r, const void *data, size_t size)
{
	if (r->in.finished || r->sent_end) {
		errno = EPIPE;
		return -1;
	}
	if (buf_append(&r->sent, data, size) < 0)
		return -1;
	move(&r->in, true, false);
	return 0;
}

size_t
relay_unsent(const struct relay *r)
{
	return r->sent.size + r->in.size;
}

void
relay_send_end(struct relay *r)
{
	r->sent_end = true;
	move(&r->in, true, false);
}

void
relay_unsend(struct relay *r)
{
	buf_consume(&r->sent, r->sent.size);
	take_out(&r->in, r->in.size);
}

void
relay_room(struct relay *r)
{
	move(&r->out, false, true);
	move(&r->err, false, true);
}

void
relay_hold_in(struct relay *r, bool hold)
{
	r->in.held = hold;
	arrange(&r->in);
}

static void
child_ended(void *arg)
{
	struct relay *r = arg;

	r->child_ended = true;
	r->timed = true;
	r->last = deadline_now();
	if (!r->in.finished)
		finish(&r->in);
	move(&r->out, true, false);
	move(&r->err, true, false);
	tell_done(r);
}

/* Whether something that has come waits for a reader that is slow. */
static bool
is_pending(void *arg)
{
	const struct relay *r = arg;

	return (!r->out.finished && (r->out.size > 0 || (r->out.spliced && !is_empty(r->out.source_fd)))) ||
	    (!r->err.finished && r->err.size > 0);
}

static deadline
last(void *arg)
{
	const struct relay *r = arg;

	return r->last;
}

void
relay_channel(struct relay *r, struct ending_channel *c)
{
	*c = (struct ending_channel){
		.child_ended = child_ended,
		.done = is_done,
		.pending = is_pending,
		.last = last,
		.arg = r
	};
}

uint64_t
relay_to_child(const struct relay *r)
{
	return r->in.count;
}

uint64_t
relay_from_child(const struct relay *r)
{
	return r->out.count;
}

int
relay_read_error(const struct relay *r)
{
	return r->read_error;
}

int
relay_write_error(const struct relay *r)
{
	return r->write_error;
}
