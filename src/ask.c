/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "ask.h"

#include "clean.h"
#include "deadline.h"
#include "drawn.h"
#include "io.h"
#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

enum phase {
	PHASE_IDLE,
	PHASE_LATE,	/* an earlier reply is still to come, and is thrown away */
	PHASE_GATE,	/* until the child waits for a request */
	PHASE_REPLY
};

struct ask {
	struct talk *talk;
	struct dualpipe *dp;
	struct ask_opts opts;
	enum phase phase;

	size_t first_at;	/* which of opts.first is next */
	struct buf wanted;	/* the request that has to wait for these */
	struct buf request;
	size_t line, line_size;	/* the one that is at work */
	size_t next_line;	/* behind the request where there is none */
	struct framing_progress progress;
	struct buf came;	/* since the request, or the line of it, was sent */
	size_t looked_at;	/* bytes of it that are still the library's, too */
	struct buf prompt;	/* the unfinished line before the request */
	struct buf taken;	/* and what was taken off the reply's end */
	struct buf drawn;	/* a line that is looked at, as one sees it */
	bool met;		/* the child was seen to wait once: its banner is over */
	bool outstanding;	/* the last reply did not come in time */
	struct buf late;	/* what it is the reply to */
	uint64_t heard;		/* all that it had said when it was sent something last */
	bool echo_tells;	/* its terminal's echo, that it wants a secret */
	bool echoes;		/* it shows what it is sent, as who edits lines does */
	bool silent;		/* it did not, once, where one could not know */
	bool weak;		/* what it waits for is not us alone */
	uint64_t sent, said;	/* all that had passed when the last reply was complete */

	deadline began, changed, next;
	deadline busy;		/* was seen last to wait for nothing that could be us */
	struct buf text;
	struct ask_reply reply;
};

struct ask *
ask_new(struct talk *t, struct dualpipe *dp, const struct ask_opts *opts)
{
	struct ask *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->talk = t;
	a->dp = dp;
	a->opts = *opts;
	a->next = DEADLINE_NEVER;
	a->changed = deadline_now();
	return a;
}

void
ask_free(struct ask *a)
{
	if (!a)
		return;
	buf_free(&a->wanted);
	buf_free(&a->request);
	buf_free(&a->late);
	buf_free(&a->came);
	buf_free(&a->prompt);
	buf_free(&a->taken);
	buf_free(&a->drawn);
	buf_free(&a->text);
	free(a);
}

void
ask_set_shared(struct ask *a, bool shared)
{
	a->opts.shared = shared;
}

int
ask_add(struct ask *a, const char *data, size_t size)
{
	/* What matched is gone from where the framing has looked already. */
	a->progress = (struct framing_progress){ 0 };
	a->looked_at = 0;
	return buf_append(&a->came, data, size);
}

const struct ask_reply *
ask_reply(const struct ask *a)
{
	return &a->reply;
}

deadline
ask_next_look(const struct ask *a)
{
	return a->next;
}

const char *
ask_state_name(enum ask_state state)
{
	switch (state) {
	case ASK_READY:
		return "ready";
	case ASK_SECRET:
		return "secret";
	case ASK_CONTINUATION:
		return "continuation";
	case ASK_TIMEOUT:
		return "timeout";
	case ASK_EXITED:
		return "exited";
	}
	return "ready";
}

/* Of the request: an Enter at its end is one more line. */
static bool
has_more(const struct ask *a)
{
	return a->next_line <= a->request.size;
}

/* Where there is no EXTPROC the terminal's echo is off for good, and tells nothing unless it was seen on. */
static bool
is_secret(struct ask *a)
{
	struct termios mode;
	int fd = dualpipe_fd(a->dp, DUALPIPE_TO_CHILD);

	if (!a->opts.pty || fd < 0 || tcgetattr(fd, &mode) < 0)
		return false;
	a->echo_tells = a->echo_tells || (mode.c_lflag & ECHO) || process_known();
	return a->echo_tells && (mode.c_lflag & ICANON) && !(mode.c_lflag & ECHO);
}

static bool
has_raw_terminal(const struct ask *a)
{
	struct termios mode;
	int fd = dualpipe_fd(a->dp, DUALPIPE_FROM_CHILD);

	return a->opts.pty && fd >= 0 && tcgetattr(fd, &mode) == 0 && !(mode.c_lflag & ICANON);
}

/* Nothing has been sent or said since the last reply: the child waits still. */
static bool
is_settled(const struct ask *a)
{
	return a->met && !a->outstanding && talk_unsent(a->talk) == 0 && talk_to_child(a->talk) == a->sent &&
	    talk_from_child(a->talk) == a->said && !io_is_readable(dualpipe_fd(a->dp, DUALPIPE_FROM_CHILD));
}

/* Before a request any sign that the child waits will do, but at its beginning. */
static const struct framing *
framing_now(const struct ask *a)
{
	static const struct framing ready = { .kind = FRAMING_READY };

	if (framing_waits(a->opts.framing) && a->phase == PHASE_GATE && a->met && !a->outstanding)
		return &ready;
	return a->opts.framing;
}

/* Copies what has come; what of it is no part of the reply stays unread. */
static int
take_in(struct ask *a)
{
	const char *data;
	size_t size;

	if (!a->opts.shared)
		(void)dualpipe_expect(a->dp, NULL, 0, 0); /* its end is seen below */
	data = dualpipe_peek(a->dp, &size);
	if (size > (a->opts.shared ? a->looked_at : 0))
		a->changed = deadline_now();
	a->looked_at = size;
	if (size == 0)
		return 0;
	return buf_append(&a->came, data, size);
}

static bool
has_half_line(const struct ask *a)
{
	size_t size;

	(void)talk_last_line(a->talk, &size);
	return size > 0;
}

static struct framing_view
view_of(struct ask *a)
{
	struct framing_view v = {
		.data = buf_peek(&a->came),
		.size = a->came.size,
		.ended = dualpipe_fd(a->dp, DUALPIPE_FROM_CHILD) < 0,
		.silent_ms = deadline_now() - a->changed,
		.fresh = a->phase == PHASE_GATE && !a->met && !has_half_line(a),
		.prompt = buf_peek(&a->prompt),
		.prompt_size = a->phase == PHASE_REPLY || a->outstanding ? a->prompt.size : 0,
		.continuation = a->opts.continuation,
		.more = a->phase == PHASE_REPLY && has_more(a),
		.waiting = DUALPIPE_BUSY
	};

	v.edits = v.more && has_raw_terminal(a);
	v.secret = a->phase == PHASE_REPLY && v.size > 0 && v.data[v.size - 1] != '\n' && is_secret(a);
	v.drained = !io_is_readable(dualpipe_fd(a->dp, DUALPIPE_FROM_CHILD)) && !io_is_readable(dualpipe_fd(a->dp, DUALPIPE_ERR));
	if (framing_wants_waiting(framing_now(a), &v) && talk_unsent(a->talk) == 0)
		v.waiting = dualpipe_waits(a->dp);
	a->weak = v.waiting != DUALPIPE_WAITS;
	if (v.waiting == DUALPIPE_BUSY)
		a->busy = deadline_now();
	v.waiting_ms = deadline_now() - (a->busy > a->changed ? a->busy : a->changed);
	return v;
}

/* A rule, with what it found; what is done with has been consumed. */
static int
look_at_output(struct ask *a, struct framing_found *found)
{
	struct framing_view v;
	size_t before;
	int rule;

	if (take_in(a) < 0)
		return -1;
	v = view_of(a);
	/* A prompt that is there already was seen before: it was taken off the last reply, say. One before a request that is at work tells nothing. */
	if (a->phase == PHASE_GATE && v.size == 0 && (!a->outstanding || talk_from_child(a->talk) > a->heard))
		v.data = talk_last_line(a->talk, &v.size);
	rule = framing_look(framing_now(a), &a->progress, &v, found);
	if (found->all > a->came.size)
		found->all = a->came.size;
	if (rule == FRAMING_NOT_YET)
		a->next = found->look_ms < 0 ? DEADLINE_NEVER : deadline_in(found->look_ms);
	before = a->came.size - a->looked_at;
	if (rule <= FRAMING_NOT_YET && a->opts.shared)
		a->came.size = before; /* it comes again, as it is */
	else if (rule <= FRAMING_NOT_YET)
		dualpipe_consume(a->dp, a->looked_at);
	else if (found->all > before)
		dualpipe_consume(a->dp, found->all - before);
	return rule;
}

static void
begin_looking(struct ask *a)
{
	a->progress = (struct framing_progress){ 0 };
	buf_consume(&a->came, a->came.size);
	a->looked_at = 0;
	a->next = deadline_now();
}

/* In one piece: a terminal's driver is asked for each. */
static int
send_with_enter(struct ask *a, const char *line, size_t size)
{
	struct buf whole = { 0 };
	int result = -1;

	if (buf_append(&whole, line, size) == 0 && buf_append(&whole, a->opts.pty ? "\r" : "\n", 1) == 0)
		result = talk_send(a->talk, buf_peek(&whole), whole.size, NULL);
	buf_free(&whole);
	return result;
}

static int
send_length(struct ask *a)
{
	unsigned char bytes[4];
	size_t size = a->request.size;
	int i;

	for (i = 3; i >= 0; i--, size >>= 8)
		bytes[i] = (unsigned char)size;
	return talk_send(a->talk, bytes, sizeof(bytes), NULL);
}

/* With its length in front, or a NUL behind. */
static int
send_binary(struct ask *a)
{
	bool length = a->opts.framing->kind == FRAMING_LENGTH;

	if ((length && send_length(a) < 0) || talk_send(a->talk, buf_peek(&a->request), a->request.size, NULL) < 0)
		return -1;
	return length ? 0 : talk_send(a->talk, "", 1, NULL);
}

/* All of it, as the framing wants it. */
static int
send_whole(struct ask *a)
{
	const struct framing *f = a->opts.framing;
	int result;

	if (framing_binary(f))
		return send_binary(a);
	result = send_with_enter(a, buf_peek(&a->request), a->request.size);
	if (f->kind == FRAMING_EOF)
		talk_send_end(a->talk, NULL);
	if (f->kind != FRAMING_ECHO || result < 0)
		return result;
	return send_with_enter(a, f->request, strlen(f->request));
}

/* One line, where they go one by one. */
static int
send_line(struct ask *a)
{
	const char *line = buf_peek(&a->request) + a->next_line;
	const char *end = memchr(line, '\n', a->request.size - a->next_line);
	size_t size = end ? (size_t)(end - line) : a->request.size - a->next_line;

	a->line = a->next_line;
	a->line_size = size;
	a->next_line += size + 1;
	a->heard = talk_from_child(a->talk);
	return send_with_enter(a, line, size);
}

static int
send_request(struct ask *a)
{
	int result;

	a->phase = PHASE_REPLY;
	a->reply.sent = true;
	a->began = a->changed = deadline_now();
	a->next_line = 0;
	a->echoes = has_raw_terminal(a);
	begin_looking(a);
	if (framing_waits(a->opts.framing)) {
		result = send_line(a);
	} else {
		a->line_size = a->request.size;
		a->next_line = a->request.size + 1;
		result = send_whole(a);
	}
	/* Nobody reads any more: its end tells. */
	return result < 0 && errno != EPIPE ? -1 : 0;
}

static bool
asks_for_more(struct ask *a, const char *line, size_t size)
{
	return a->opts.continuation && match_test(a->opts.continuation, line, size) > 0;
}

/* Where the prompt at the end of a piece begins. That the child asks for more is known of the whole line. */
static size_t
find_prompt(struct ask *a, const char *data, size_t size, bool between)
{
	size_t at = framing_last_line(data, size), prompt = a->prompt.size;

	if (at == size || asks_for_more(a, data + at, size - at))
		return at;
	if (prompt == 0)
		return size;
	if (size - at >= prompt && memcmp(data + size - prompt, buf_peek(&a->prompt), prompt) == 0)
		return size - prompt;
	return between || framing_like_prompt(data + at, size - at, buf_peek(&a->prompt), prompt) ? at : size;
}

/* The unfinished line that is there before a request. Who draws it may need more for that than is kept elsewhere. */
static int
learn_prompt(struct ask *a)
{
	size_t size, at = framing_last_line(buf_peek(&a->came), a->came.size);
	const char *line = talk_last_line(a->talk, &size);

	if (a->came.size - at > size) {
		line = buf_peek(&a->came) + at;
		size = a->came.size - at;
	}
	if (has_raw_terminal(a))
		return drawn_prompt(&a->prompt, line, size);
	buf_consume(&a->prompt, a->prompt.size);
	if (buf_append(&a->prompt, line, size) < 0)
		return -1;
	a->prompt.size = clean_terminal((char *)buf_peek(&a->prompt), a->prompt.size);
	return 0;
}

/* A line of the request, but for blanks at its end, which one does not see. */
struct line {
	const char *text;
	size_t size;
	size_t next;	/* where in the request the one behind it begins */
};

static struct line
line_at(const struct ask *a, size_t at)
{
	const char *text = buf_peek(&a->request) + at;
	const char *end = memchr(text, '\n', a->request.size - at);
	size_t size = end ? (size_t)(end - text) : a->request.size - at;
	struct line l = { .text = text, .size = size, .next = at + size + 1 };

	while (l.size > 0 && l.text[l.size - 1] == ' ')
		l.size--;
	return l;
}

/* Whether what was drawn is the line, behind a prompt if there is one. */
static bool
shows(const struct ask *a, const struct line *l, bool prompted)
{
	size_t before = a->drawn.size - l->size;
	const char *drawn = buf_peek(&a->drawn);

	if (a->drawn.size < l->size || (l->size > 0 && memcmp(drawn + before, l->text, l->size) != 0))
		return false;
	if (before == 0)
		return !prompted;
	return a->prompt.size > 0 && framing_like_prompt(drawn, before, buf_peek(&a->prompt), a->prompt.size);
}

/*
 * How much of data is what was drawn anew of a request of several lines: the
 * first one behind its prompt, and those that follow. -1 with ENOMEM.
 */
static ssize_t
redrawn_size(struct ask *a, const char *data, size_t size)
{
	struct line l = line_at(a, 0);
	enum drawn_end end;
	size_t at = 0;
	ssize_t n = drawn_line(&a->drawn, data, size, &end);

	if (n < 0 || end == DRAWN_OPEN || !shows(a, &l, true))
		return n < 0 ? -1 : 0;
	do {
		at += (size_t)n;
		if (l.next > a->line)
			break;
		l = line_at(a, l.next);
		n = drawn_line(&a->drawn, data + at, size - at, &end);
	} while (n >= 0 && end != DRAWN_OPEN && a->drawn.size == l.size && shows(a, &l, false));
	return n < 0 ? -1 : (ssize_t)at;
}

/* How much of data is what was drawn of the request's line, and, for one of several, of others. -1 with ENOMEM. */
static ssize_t
drawn_size(struct ask *a, const char *data, size_t size)
{
	struct line l = line_at(a, a->line);
	enum drawn_end end;
	size_t at = 0;
	bool seen = false;
	ssize_t n;

	for (; at < size; at += (size_t)n) {
		n = drawn_line(&a->drawn, data + at, size - at, &end);
		if (n < 0)
			return -1;
		if (end == DRAWN_STEP || (end == DRAWN_NEWLINE && !seen && shows(a, &l, false)))
			seen = true;
		else if (a->line_size == a->request.size || (n = redrawn_size(a, data + at, size - at)) <= 0)
			break;
	}
	return n < 0 ? -1 : (ssize_t)at;
}

/*
 * How much of data shows what was sent, where the child is one that does: a
 * program that edits lines, or who has a terminal at the far end of a wire, as
 * the first reply tells. What another one says may be just what it was sent.
 */
static ssize_t
echo_size(struct ask *a, const char *data, size_t size)
{
	ssize_t n;

	a->echoes = a->echoes || has_raw_terminal(a);
	if (size == 0 || (!a->echoes && (a->opts.pty || a->silent || !a->weak || a->prompt.size == 0)))
		return 0;
	n = drawn_size(a, data, size);
	a->silent |= n == 0 && a->line_size > 0;
	return n;
}

/*
 * Where the prompt at the end of a piece begins that was drawn, which is in
 * a->drawn then; size where it is not known for one. -1 with ENOMEM.
 */
static ssize_t
find_drawn_prompt(struct ask *a, const char *data, size_t size, bool between)
{
	size_t at = framing_last_line(data, size), mark;
	const char *drawn;

	if (!a->echoes || drawn_prompt(&a->drawn, data + at, size - at) < 0)
		return a->echoes ? -1 : (ssize_t)size;
	drawn = buf_peek(&a->drawn);
	/* With nothing to draw it is as it came. */
	if (a->drawn.size == size - at && memcmp(drawn, data + at, size - at) == 0)
		return (ssize_t)size;
	if (!asks_for_more(a, drawn, a->drawn.size) && (a->prompt.size == 0 ||
	    (!between && !framing_like_prompt(drawn, a->drawn.size, buf_peek(&a->prompt), a->prompt.size))))
		return (ssize_t)size;
	mark = drawn_mark(data + at, size - at);
	return (ssize_t)(mark < size - at ? at + mark : at);
}

/* The prompt is at prompt, the reply is of that size. */
static int
add_reply(struct ask *a, const char *data, size_t size, const char *prompt, size_t prompt_size, bool between)
{
	if (buf_append(&a->text, data, size) < 0)
		return -1;
	if (between)
		return 0;
	if (asks_for_more(a, prompt, prompt_size))
		a->reply.state = ASK_CONTINUATION;
	return buf_append(&a->taken, prompt, prompt_size);
}

static int
add_piece(struct ask *a, const struct framing_found *found, bool between)
{
	char *data = (char *)buf_peek(&a->came) + found->skip, *prompt = data + found->reply;
	size_t size = found->reply, at;
	bool looks = found->prompt == 0 && framing_waits(a->opts.framing);
	ssize_t n;

	if (a->opts.raw || framing_binary(a->opts.framing))
		return buf_append(&a->text, data, size);
	n = echo_size(a, data, size);
	if (n < 0)
		return -1;
	data += n;
	size -= (size_t)n;
	n = looks ? find_drawn_prompt(a, data, size, between) : (ssize_t)size;
	if (n < 0)
		return -1;
	if ((size_t)n < size)
		return add_reply(a, data, clean_terminal(data, (size_t)n), buf_peek(&a->drawn), a->drawn.size, between);
	size = clean_terminal(data, size);
	if (!looks)
		return add_reply(a, data, size, prompt, clean_terminal(prompt, found->prompt), between);
	at = find_prompt(a, data, size, between);
	return add_reply(a, data, at, data + at, size - at, between);
}

/* Takes up the request that is next: one of those in front, or the one that was wanted. -1 with ENOMEM. */
static int
take_up(struct ask *a)
{
	const struct buf *next = &a->wanted;

	if (a->first_at < a->opts.first_count)
		next = &a->opts.first[a->first_at];
	if (a->first_at <= a->opts.first_count)
		a->first_at++;
	a->reply = (struct ask_reply){ 0 };
	a->began = deadline_now();
	a->line = a->line_size = a->next_line = 0;
	buf_consume(&a->request, a->request.size);
	buf_consume(&a->text, a->text.size);
	buf_consume(&a->taken, a->taken.size);
	return buf_append(&a->request, buf_peek(next), next->size);
}

/* Whether what is at work is one of those in front. */
static bool
is_in_front(const struct ask *a)
{
	return a->first_at <= a->opts.first_count;
}

/* Behind one of these. 0, or -1 with ENOMEM. */
static int
go_on(struct ask *a)
{
	a->phase = PHASE_GATE;
	begin_looking(a);
	return take_up(a);
}

/* Who asks next may have to be told what the child is at. */
static int
keep_late(struct ask *a)
{
	buf_consume(&a->late, a->late.size);
	return buf_append(&a->late, buf_peek(&a->request), a->request.size);
}

/* The request is done, come what may. */
static int
finish(struct ask *a, enum ask_state state)
{
	bool clean = !a->opts.raw && !framing_binary(a->opts.framing);

	if (a->reply.state != ASK_CONTINUATION || state != ASK_READY)
		a->reply.state = state;
	if (is_in_front(a) && a->reply.state == ASK_READY)
		return go_on(a);
	if (clean && a->text.size > 0 && buf_peek(&a->text)[a->text.size - 1] != '\n' && buf_append(&a->text, "\n", 1) < 0)
		return -1;
	if (state == ASK_TIMEOUT && a->reply.sent && keep_late(a) < 0)
		return -1;
	a->outstanding = state == ASK_TIMEOUT && (a->reply.sent || a->outstanding);
	if (a->outstanding && !a->reply.sent) {
		a->reply.late = buf_peek(&a->late);
		a->reply.late_size = a->late.size;
	}
	a->reply.sent &= !is_in_front(a);
	if (state != ASK_TIMEOUT)
		a->phase = PHASE_IDLE;
	a->sent = talk_to_child(a->talk);
	a->said = talk_from_child(a->talk);
	a->next = DEADLINE_NEVER;
	a->reply.text = buf_peek(&a->text);
	a->reply.size = a->text.size;
	a->reply.prompt = buf_peek(&a->taken);
	a->reply.prompt_size = a->taken.size;
	a->reply.ms = deadline_now() - a->began;
	talk_listen(a->talk, false);
	return 1;
}

static int
look_at_reply(struct ask *a)
{
	struct framing_found found;
	int rule = look_at_output(a, &found);
	bool more = has_more(a);

	if (rule <= FRAMING_NOT_YET)
		return rule;
	a->reply.rule = (enum framing_rule)rule;
	a->reply.blind |= rule == FRAMING_BY_SILENCE && a->opts.framing->kind == FRAMING_READY;
	a->reply.whole = rule != FRAMING_BY_END || a->opts.framing->kind == FRAMING_EOF;
	if (add_piece(a, &found, more && rule != FRAMING_BY_END) < 0)
		return -1;
	if (rule == FRAMING_BY_END)
		return finish(a, ASK_EXITED);
	if (framing_waits(a->opts.framing) && is_secret(a))
		return finish(a, ASK_SECRET);
	if (!more)
		return finish(a, ASK_READY);
	begin_looking(a);
	a->changed = deadline_now();
	return send_line(a) < 0 && errno != EPIPE ? -1 : 0;
}

static void
drop_unasked(struct ask *a)
{
	const char *data;
	size_t size;

	(void)dualpipe_expect(a->dp, NULL, 0, 0); /* its end is seen later */
	data = dualpipe_peek(a->dp, &size);
	if (size > 0)
		a->opts.unasked(a->opts.arg, data, size);
	dualpipe_consume(a->dp, size);
}

/* Its banner, and what came unasked, are no part of a reply; the line that is left there is the prompt. */
static int
look_at_gate(struct ask *a)
{
	struct framing_found found;
	size_t at, size;
	char *data;
	int rule;

	if (!framing_waits(a->opts.framing)) {
		drop_unasked(a);
		return send_request(a);
	}
	if (is_settled(a))
		return learn_prompt(a) < 0 ? -1 : send_request(a);
	rule = look_at_output(a, &found);
	if (rule <= FRAMING_NOT_YET)
		return rule;
	a->reply.rule = (enum framing_rule)rule;
	if (learn_prompt(a) < 0)
		return -1;
	data = (char *)buf_peek(&a->came);
	size = a->opts.raw ? a->came.size : clean_terminal(data, a->came.size);
	at = framing_last_line(data, size);
	/* Its last words tell why it has ended. */
	if (rule == FRAMING_BY_END)
		return buf_append(&a->text, data, size) < 0 ? -1 : finish(a, ASK_EXITED);
	if (a->met && at > 0)
		a->opts.unasked(a->opts.arg, data, at);
	if (is_secret(a)) {
		if (buf_append(&a->text, data + at, size - at) < 0)
			return -1;
		return finish(a, ASK_SECRET);
	}
	a->met = true;
	return send_request(a);
}

static int
look_at_late(struct ask *a)
{
	struct framing_found found;
	int rule = look_at_output(a, &found);

	if (rule <= FRAMING_NOT_YET)
		return rule;
	a->phase = PHASE_GATE;
	begin_looking(a);
	return 0;
}

static int
look(struct ask *a)
{
	switch (a->phase) {
	case PHASE_LATE:
		return look_at_late(a);
	case PHASE_GATE:
		return look_at_gate(a);
	case PHASE_REPLY:
		return look_at_reply(a);
	case PHASE_IDLE:
		break;
	}
	return 1;
}

/* What there is of the reply. */
static int
give_up(struct ask *a)
{
	struct framing_found found = { .reply = a->came.size };

	if (a->phase == PHASE_REPLY && add_piece(a, &found, false) < 0)
		return -1;
	/* What has been counted of it counts when somebody waits on. */
	buf_consume(&a->came, a->came.size);
	a->progress.seen = 0;
	return finish(a, ASK_TIMEOUT);
}

int
ask_look(struct ask *a, bool late)
{
	enum phase before;
	int result;

	if (a->phase == PHASE_IDLE)
		return 1;
	do {
		before = a->phase;
		result = look(a);
	} while (result == 0 && a->phase != before);
	return result == 0 && late ? give_up(a) : result;
}

int
ask_begin(struct ask *a, const char *request, size_t size)
{
	enum phase phase = a->outstanding && !framing_waits(a->opts.framing) ? PHASE_LATE : PHASE_GATE;

	buf_consume(&a->wanted, a->wanted.size);
	if (buf_append(&a->wanted, request, size) < 0 || take_up(a) < 0)
		return -1;
	/* Who waits for a child that waits has waited for the earlier reply as well. */
	a->phase = phase;
	if (phase == PHASE_GATE)
		begin_looking(a);
	talk_listen(a->talk, true);
	return 0;
}
