/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "check.h"

#include "clean.h"
#include "cmd.h"
#include "compare.h"
#include "conversation.h"
#include "deadline.h"
#include "io.h"
#include "msg.h"
#include "outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

enum {
	SETTLE_MS = 20,		/* of silence behind an answer that has come, where it is not sure that the child waits */
	BUSY_MS = 300,		/* the same where it is sure that it does not */
	PATIENCE_MS = 1000,	/* with an answer that has not come, behind a sign that is not sure */
	FIRST_LOOK_MS = 1,	/* whether a secret is asked for, growing */
	LAST_LOOK_MS = 50,
	PROMPT_MS = 100		/* a question that nothing follows for so long is one */
};

/* Of what was not recorded so much is kept. */
#define MOST_MORE ((size_t)64 << 20)

/* One of its two streams, and how far it is as it was recorded. */
struct stream {
	bool is_err;
	struct buf said;
	size_t *ends;		/* of each turn, as compare() wants them */
	size_t recorded;	/* bytes that it was recorded to say */
	size_t line;		/* of the file, that is to come next */
	size_t at;		/* where in what was said */
	bool lost;		/* it is not as it was recorded, or it is not known how far it is, until the next step */
};

enum phase {
	PHASE_TALKING,
	PHASE_ASKED,		/* the answer is complete, and a secret goes when it is asked for */
	PHASE_ENDING,		/* end-of-file was given */
	PHASE_OVER
};

struct check {
	struct conversation c;
	struct check_opts opts;
	enum phase phase;
	struct stream out, err;
	struct timer *timer;
	size_t turn;		/* steps that were begun */
	size_t line;		/* of the file, behind the last of them */
	size_t secrets;		/* that were sent */
	bool ended;		/* end-of-file was given by a step */

	struct framing_progress progress;
	struct buf prompt;	/* the unfinished line before the step */
	deadline changed;	/* when something passed last */
	deadline busy;		/* when it was seen last to wait for nothing that could be us */
	deadline limit;		/* of this wait */
	int looks;

	int deaf;		/* the errno that what it says is kept no more for: E2BIG where it is far too much */
	bool struck;		/* a limit, or it said too much: what comes now does not count */
	int status;
	bool known;		/* wait_status is */
	int wait_status;
};

static const struct recorded_line *
line_at(const struct check *k, size_t index)
{
	return &k->opts.file->lines[index];
}

static void
hear(struct check *k, struct stream *s, const void *data, size_t size)
{
	k->changed = deadline_now();
	if (k->struck || k->deaf)
		return;
	if (s->said.size + size > 2 * s->recorded + MOST_MORE)
		k->deaf = E2BIG;
	else if (buf_append(&s->said, data, size) < 0)
		k->deaf = ENOMEM;
}

static void
heard(void *arg, const void *data, size_t size)
{
	struct check *k = arg;

	hear(k, &k->out, data, size);
}

static void
heard_err(void *arg, const void *data, size_t size)
{
	struct check *k = arg;

	hear(k, &k->err, data, size);
}

/*
 * The half line that ends a turn may be the prompt and the echo of what is sent
 * next, which was typed key by key when it was recorded.
 */
static size_t
without_echo(const struct check *k, const struct recorded_line *line)
{
	const struct recorded_line *next;
	size_t size = line->data_size, echo, index = (size_t)(line - k->opts.file->lines) + 1;

	if (size > 0 && line->data[size - 1] == '\n')
		return size;
	for (; index < k->opts.part->status; index++) {
		next = line_at(k, index);
		if (next->kind == RECORDED_REMARK || (recorded_is_said(next) && next->of_stderr != line->of_stderr))
			continue;
		echo = next->data_size;
		echo -= echo > 0 && next->data[echo - 1] == '\n';
		if (next->kind == RECORDED_SENT && echo <= size && memcmp(line->data + size - echo, next->data, echo) == 0)
			return size - echo;
		break;
	}
	return size;
}

enum come { COME_NOT, COME, COME_BUT_ECHO };

static enum come
look_for_match(struct stream *s, const struct recorded_line *line)
{
	const char *data = buf_peek(&s->said) + s->at;
	const char *newline = memchr(data, '\n', s->said.size - s->at);

	if (!newline)
		return COME_NOT;
	s->lost = match_test(line->pattern, data, (size_t)(newline - data)) <= 0;
	if (s->lost)
		return COME_NOT;
	s->at += (size_t)(newline + 1 - data);
	return COME;
}

static enum come
look_for_text(const struct check *k, struct stream *s, const struct recorded_line *line)
{
	size_t left = s->said.size - s->at;

	if (left > line->data_size)
		left = line->data_size;
	s->lost = memcmp(buf_peek(&s->said) + s->at, line->data, left) != 0;
	if (s->lost)
		return COME_NOT;
	if (left < line->data_size)
		return left >= without_echo(k, line) ? COME_BUT_ECHO : COME_NOT;
	s->at += left;
	return COME;
}

/* Goes past a line of the record, where it has come. Lines of which any number may come are never all there. */
static enum come
look_for_line(const struct check *k, struct stream *s, const struct recorded_line *line)
{
	if (line->kind == RECORDED_SAID)
		return look_for_text(k, s, line);
	if (line->kind == RECORDED_LIKE)
		return look_for_match(s, line);
	s->lost = true;
	return COME_NOT;
}

/* Whether all that was recorded up to now has come. */
static bool
has_come(const struct check *k, struct stream *s)
{
	const struct recorded_line *line;
	enum come come;

	for (; !s->lost && s->line < k->opts.part->status; s->line++) {
		line = line_at(k, s->line);
		if (line->turn > k->turn)
			return true;
		if (!recorded_is_said(line) || line->of_stderr != s->is_err)
			continue;
		come = look_for_line(k, s, line);
		if (come != COME)
			return come == COME_BUT_ECHO;
	}
	return !s->lost;
}

static bool
answered(struct check *k)
{
	bool out = has_come(k, &k->out), err = has_come(k, &k->err);

	return out && err;
}

/* A stream that is lost is looked at anew from here. */
static void
find_again(struct check *k, struct stream *s)
{
	if (!s->lost)
		return;
	s->lost = false;
	s->at = s->said.size;
	while (s->line < k->opts.part->status && line_at(k, s->line)->turn < k->turn)
		s->line++;
}

/* The line that begins it; the status where there is none. */
static size_t
next_step(const struct check *k)
{
	size_t i = k->line;

	while (i < k->opts.part->status && !recorded_is_step(line_at(k, i)))
		i++;
	return i;
}

static int
learn_prompt(struct check *k)
{
	size_t size;
	const char *line = talk_last_line(k->c.talk, &size);

	buf_consume(&k->prompt, k->prompt.size);
	if (buf_append(&k->prompt, line, size) < 0)
		return -1;
	k->prompt.size = clean_terminal((char *)buf_peek(&k->prompt), k->prompt.size);
	return 0;
}

/* What is sent is typed, not data. */
static bool
is_typed(const struct check *k)
{
	return k->opts.asked->pty && (k->opts.asked->echo || k->opts.asked->keys);
}

/* Enter at its end is the key, where it is typed. */
static int
append_line(const struct check *k, struct buf *to, const struct recorded_line *line)
{
	size_t size = line->data_size;

	if (!is_typed(k) || size == 0 || line->data[size - 1] != '\n')
		return buf_append(to, line->data, size);
	return buf_append(to, line->data, size - 1) < 0 ? -1 : buf_append(to, "\r", 1);
}

/* What nobody reads any more is no matter. */
static int
send(struct check *k, const void *data, size_t size, const char *event)
{
	return talk_send(k->c.talk, data, size, event) < 0 && errno != EPIPE ? -1 : 0;
}

/* All that stands together. */
static int
send_lines(struct check *k, size_t first)
{
	struct buf data = { 0 };
	size_t i;
	int result = 0;

	for (i = first; result == 0 && i < k->opts.part->status && line_at(k, i)->turn == k->turn; i++) {
		if (line_at(k, i)->kind != RECORDED_SENT)
			continue;
		result = append_line(k, &data, line_at(k, i));
		k->line = i + 1;
	}
	if (result == 0)
		result = send(k, buf_peek(&data), data.size, NULL);
	buf_free(&data);
	return result;
}

/* Typed, end-of-file is a character, and one read of nothing; a stream has but one end. */
static int
send_end(struct check *k)
{
	struct termios mode;
	char end = 4;

	if (!is_typed(k)) {
		k->ended = true;
		talk_send_end(k->c.talk, NULL);
		return 0;
	}
	if (tcgetattr(dualpipe_fd(k->c.dp, DUALPIPE_TO_CHILD), &mode) == 0 && mode.c_cc[VEOF] != _POSIX_VDISABLE)
		end = (char)mode.c_cc[VEOF];
	return send(k, &end, 1, NULL);
}

static int
send_secret(struct check *k)
{
	size_t n = k->secrets < k->opts.secret_count ? k->secrets : k->opts.secret_count - 1;
	struct buf line = { .secret = true };
	int result = -1;

	k->secrets++;
	if (buf_append(&line, buf_peek(&k->opts.secrets[n]), k->opts.secrets[n].size) == 0 &&
	    buf_append(&line, is_typed(k) ? "\r" : "\n", 1) == 0)
		result = send(k, buf_peek(&line), line.size, "secret");
	buf_free(&line);
	return result;
}

/* The key that the child's terminal makes the signal of; NULL where it is another one. */
static const char *
key_of(int signo)
{
	switch (signo) {
	case SIGINT:
		return "\003";
	case SIGQUIT:
		return "\034";
	case SIGTSTP:
		return "\032";
	default:
		return NULL;
	}
}

/* A signal that was typed: the terminal has echoed its key, "^C". */
static bool
was_typed(const struct check *k, size_t first)
{
	const char *key = key_of(line_at(k, first)->signo);
	const struct recorded_line *line;
	size_t i;

	if (!key || !k->opts.asked->pty || !k->opts.asked->echo)
		return false;
	for (i = first + 1; i < k->opts.part->status && line_at(k, i)->turn == k->turn; i++) {
		line = line_at(k, i);
		if (line->kind == RECORDED_SAID && !line->of_stderr)
			return line->data_size >= 2 && line->data[0] == '^' && line->data[1] == (key[0] | 0x40);
	}
	return false;
}

/* What is signalled may just have ended. */
static int
send_signal(struct check *k, size_t first)
{
	if (was_typed(k, first))
		return send(k, key_of(line_at(k, first)->signo), 1, NULL);
	(void)dualpipe_signal(k->c.dp, line_at(k, first)->signo);
	return 0;
}

/* What gets another size may just have ended. */
static int
do_step(struct check *k, size_t first)
{
	const struct recorded_line *line = line_at(k, first);

	k->line = first + 1;
	switch (line->kind) {
	case RECORDED_SENT:
		return send_lines(k, first);
	case RECORDED_END:
		return send_end(k);
	case RECORDED_SECRET:
		return send_secret(k);
	case RECORDED_SIGNAL:
		return send_signal(k, first);
	case RECORDED_RESIZE:
		(void)dualpipe_resize(k->c.dp, line->rows, line->columns);
		return 0;
	case RECORDED_REMARK:
	case RECORDED_COMMAND:
	case RECORDED_SAID:
	case RECORDED_LIKE:
	case RECORDED_ANY:
	case RECORDED_STATUS:
		break; /* no steps */
	}
	return 0;
}

static void
begin_wait(struct check *k)
{
	k->changed = deadline_now();
	k->progress = (struct framing_progress){ 0 };
	k->limit = deadline_in(k->opts.wait_ms);
	k->looks = 0;
	timer_set(k->timer, deadline_now());
}

/* A child that was recorded to be ended, since it did not end with its input, is ended again. */
static void
end_input(struct check *k)
{
	int signo = line_at(k, k->opts.part->status)->signo;

	k->phase = PHASE_ENDING;
	begin_wait(k);
	if (!k->ended)
		talk_send_end(k->c.talk, NULL);
	if (signo == SIGTERM || signo == SIGKILL)
		ending_asked(k->c.ending);
}

static void
fail(struct check *k, int status)
{
	k->status = status;
	k->struck = true;
	ending_strike(k->c.ending);
}

static void
begin_step(struct check *k)
{
	size_t first = next_step(k);

	if (first == k->opts.part->status) {
		end_input(k);
		return;
	}
	k->phase = PHASE_TALKING;
	k->out.ends[k->turn] = k->out.said.size;
	k->err.ends[k->turn] = k->err.said.size;
	k->turn++;
	find_again(k, &k->out);
	find_again(k, &k->err);
	if (learn_prompt(k) == 0 && do_step(k, first) == 0) {
		begin_wait(k);
		return;
	}
	msg_error("%s", strerror(errno));
	fail(k, CMD_FAILED);
}

static bool
is_drained(const struct check *k)
{
	return !io_is_readable(dualpipe_fd(k->c.dp, DUALPIPE_FROM_CHILD)) &&
	    !io_is_readable(dualpipe_fd(k->c.dp, DUALPIPE_ERR));
}

static struct framing_view
view_of(struct check *k)
{
	size_t from = k->turn > 0 ? k->out.ends[k->turn - 1] : 0;
	struct framing_view v = {
		.data = buf_peek(&k->out.said) + from,
		.size = k->out.said.size - from,
		.drained = is_drained(k),
		.ended = dualpipe_fd(k->c.dp, DUALPIPE_FROM_CHILD) < 0,
		.silent_ms = deadline_now() - k->changed,
		.fresh = k->turn == 0 && k->out.said.size == 0 && k->err.said.size == 0,
		.prompt = buf_peek(&k->prompt),
		.prompt_size = k->prompt.size,
		.waiting = DUALPIPE_BUSY
	};

	if (framing_wants_waiting(k->opts.framing, &v) && talk_unsent(k->c.talk) == 0)
		v.waiting = dualpipe_waits(k->c.dp);
	if (v.waiting == DUALPIPE_BUSY)
		k->busy = deadline_now();
	v.waiting_ms = deadline_now() - (k->busy > k->changed ? k->busy : k->changed);
	return v;
}

/* How long nothing may come behind an answer that is there, before the next step is taken all the same. */
static int64_t
settle_ms(const struct check *k, const struct framing_view *v)
{
	size_t next = next_step(k);
	bool sends = next == k->opts.part->status || line_at(k, next)->kind == RECORDED_SENT;

	/* What nobody reads yet need not be sent yet. */
	if (framing_waits(k->opts.framing) && v->waiting == DUALPIPE_BUSY && sends && !k->ended)
		return BUSY_MS;
	/* What was sent has to be read before anything is done besides. */
	return k->turn > 0 && k->out.said.size == k->out.ends[k->turn - 1] && !sends && !k->ended ? BUSY_MS : SETTLE_MS;
}

/* Whether the child can be taken to be done: 1, 0 with the time to look again, or -1 with errno. */
static int
is_complete(struct check *k, int64_t *look_ms)
{
	bool come = answered(k), last = next_step(k) == k->opts.part->status;
	struct framing_found found;
	struct framing_view v = view_of(k);
	int rule = framing_look(k->opts.framing, &k->progress, &v, &found);
	bool weak = rule == FRAMING_BY_SILENCE || rule == FRAMING_BY_PROMPT;
	int64_t patience_ms = come ? settle_ms(k, &v) : PATIENCE_MS;

	if (rule < 0)
		return -1;
	if (rule != FRAMING_NOT_YET && (!weak || come || k->out.lost || k->err.lost))
		return 1;
	*look_ms = found.look_ms;
	if (!v.drained || (rule == FRAMING_NOT_YET && !come && !last))
		return 0;
	if (v.silent_ms >= patience_ms)
		return 1;
	if (*look_ms < 0 || *look_ms > patience_ms - v.silent_ms)
		*look_ms = patience_ms - v.silent_ms;
	return 0;
}

/* Nothing was recorded before the next step, nor done: it stands at the beginning. */
static bool
begins_at_once(const struct check *k)
{
	size_t i = k->opts.part->command + 1;

	while (line_at(k, i)->kind == RECORDED_REMARK)
		i++;
	return k->turn == 0 && line_at(k, i)->kind == RECORDED_SENT;
}

/* It sleeps reading a line that it does not echo. */
static bool
asks_for_secret(struct check *k)
{
	struct termios mode;

	if (!k->c.pty)
		return true;
	if (tcgetattr(dualpipe_fd(k->c.dp, DUALPIPE_TO_CHILD), &mode) < 0 ||
	    !(mode.c_lflag & ICANON) || (mode.c_lflag & ECHO) || talk_unsent(k->c.talk) > 0)
		return false;
	switch (dualpipe_waits(k->c.dp)) {
	case DUALPIPE_BUSY:
		return false;
	case DUALPIPE_WAITS_UNKNOWN:
		return deadline_now() - k->changed >= PROMPT_MS;
	case DUALPIPE_MAY_WAIT:
	case DUALPIPE_WAITS:
		break;
	}
	return true;
}

/* When this wait is over at the latest; negative: only then. */
static void
look_again(struct check *k, int64_t ms)
{
	deadline next = deadline_in(ms);

	timer_set(k->timer, next < k->limit ? next : k->limit);
}

static void
look_for_question(struct check *k)
{
	int ms = FIRST_LOOK_MS << (k->looks < 6 ? k->looks : 6);

	if (asks_for_secret(k)) {
		begin_step(k);
		return;
	}
	k->looks++;
	look_again(k, ms < LAST_LOOK_MS ? ms : LAST_LOOK_MS);
}

static void
look_at_answer(struct check *k)
{
	int64_t look_ms = 0;
	size_t next = next_step(k);
	int result = begins_at_once(k) ? 1 : is_complete(k, &look_ms);

	if (result < 0) {
		msg_error("--reply: %s", errno == E2BIG ? "its pattern backtracks without end" : strerror(errno));
		fail(k, CMD_FAILED);
	} else if (result == 0) {
		look_again(k, look_ms);
	} else if (next < k->opts.part->status && line_at(k, next)->kind == RECORDED_SECRET) {
		k->phase = PHASE_ASKED;
		look_for_question(k);
	} else {
		begin_step(k);
	}
}

static void
tell_late(struct check *k)
{
	size_t next = next_step(k);

	msg_about(NULL);
	if (k->phase == PHASE_ENDING)
		msg_error("%s:%zu: time is out, and '%s' has not ended", k->opts.file->name, next + 1, k->c.name);
	else if (k->phase == PHASE_ASKED)
		msg_error("%s:%zu: time is out, and '%s' does not ask for a secret with echo off", k->opts.file->name, next + 1,
		    k->c.name);
	else
		msg_error("%s:%zu: time is out, and '%s' has neither answered as recorded nor waits for input",
		    k->opts.file->name, next + 1, k->c.name);
	msg_about(k->opts.file->name);
}

static bool
is_late(struct check *k)
{
	if (deadline_left(k->limit) != 0)
		return false;
	tell_late(k);
	fail(k, CMD_TIMEOUT);
	return true;
}

static void
look(struct check *k)
{
	enum phase before;
	size_t turn;

	do {
		before = k->phase;
		turn = k->turn;
		if (k->struck)
			return;
		if (k->phase == PHASE_TALKING)
			look_at_answer(k);
		else if (k->phase == PHASE_ASKED)
			look_for_question(k);
	} while (k->phase != before || k->turn != turn);
}

static void
due(void *arg)
{
	struct check *k = arg;

	if (k->struck || k->c.child_over)
		return;
	timer_set(k->timer, k->limit);
	if (!is_late(k))
		look(k);
}

static void
fail_to_hear(struct check *k)
{
	if (k->deaf == E2BIG)
		msg_error("'%s' says far more than was recorded, and is ended", k->c.name);
	else
		msg_error("%s", strerror(k->deaf));
	fail(k, k->deaf == E2BIG ? 1 : CMD_FAILED);
}

/* What was heard is kept by ourselves. */
static void
changed(void *arg)
{
	struct check *k = arg;
	size_t size;

	(void)dualpipe_expect(k->c.dp, NULL, 0, 0); /* its end is seen below */
	(void)dualpipe_peek(k->c.dp, &size);
	dualpipe_consume(k->c.dp, size);
	if (k->deaf && !k->struck)
		fail_to_hear(k);
	if (!k->struck && !k->c.child_over)
		look(k);
}

/* What it says and how it ends counts only when nobody has ended it. */
static void
child_ended(void *arg, int wait_status)
{
	struct check *k = arg;
	size_t i;

	k->phase = PHASE_OVER;
	k->known = !k->struck;
	k->wait_status = wait_status;
	/* What it was not there for any more has had nothing said to it. */
	for (i = k->turn; i <= k->opts.part->turns; i++) {
		k->out.ends[i] = k->out.said.size;
		k->err.ends[i] = k->err.said.size;
	}
	conversation_steps_over(&k->c);
}

static void
struck(void *arg)
{
	struct check *k = arg;

	k->struck = true;
	if (k->status == 0)
		k->status = CMD_TIMEOUT;
}

/* Whoever interrupts us wants no more of it. */
static void
interrupted(void *arg, int signo, bool alone)
{
	struct check *k = arg;

	(void)alone;
	k->status = CMD_SIGNAL + signo;
	k->struck = true;
	if (k->phase != PHASE_OVER)
		conversation_end_input(&k->c);
}

static size_t
recorded_size(const struct check *k, const struct stream *s)
{
	size_t size = 0, i;

	for (i = k->opts.part->first; i < k->opts.part->end; i++)
		if (line_at(k, i)->kind == RECORDED_SAID && line_at(k, i)->of_stderr == s->is_err)
			size += line_at(k, i)->data_size;
	return size;
}

static int
open_stream(struct check *k, struct stream *s)
{
	s->ends = calloc(k->opts.part->turns + 1, sizeof(*s->ends));
	s->recorded = recorded_size(k, s);
	s->line = k->opts.part->command;
	return s->ends ? 0 : -1;
}

static int
compare_all(struct check *k, struct edits *to)
{
	const struct compare_opts opts = {
		.file = k->opts.file,
		.part = k->opts.part,
		.out = { buf_peek(&k->out.said), k->out.said.size },
		.err = { buf_peek(&k->err.said), k->err.said.size },
		.out_ends = k->out.ends,
		.err_ends = k->err.ends,
		.turns = k->known ? k->opts.part->turns : k->turn,
		.has_status = k->known,
		.wait_status = k->wait_status
	};

	if (compare(&opts, to) == 0)
		return k->status == 0 && to->any ? 1 : k->status;
	msg_error("%s", errno == E2BIG ? "a pattern backtracks without end" : strerror(errno));
	return CMD_FAILED;
}

static int
run(struct check *k, struct edits *to)
{
	const struct conversation_parts parts = {
		.heard = heard,
		.heard_err = heard_err,
		.changed = changed,
		.child_ended = child_ended,
		.struck = struck,
		.interrupted = interrupted,
		.arg = k,
		.stream = true
	};
	struct runopts *asked = k->opts.asked;
	int status = CMD_FAILED;

	if (conversation_open(&k->c, &parts) < 0)
		return CMD_FAILED;
	k->timer = timer_new(k->c.loop, due, k);
	if (!k->timer || open_stream(k, &k->out) < 0 || open_stream(k, &k->err) < 0) {
		msg_error("%s", strerror(errno));
		return CMD_FAILED;
	}
	if (!conversation_start(&k->c, asked->argv, false, &status))
		return status;
	k->line = k->opts.part->command + 1;
	talk_listen(k->c.talk, true);
	begin_wait(k);
	if (conversation_run(&k->c) < 0)
		return CMD_FAILED;
	outcome_tell_rest(k->c.ending, k->c.name);
	return k->status >= CMD_FAILED || k->deaf ? k->status : compare_all(k, to);
}

int
check_run(const struct check_opts *opts, struct edits *to)
{
	struct check k = { .opts = *opts, .err = { .is_err = true } };
	int status;

	conversation_begin(&k.c, opts->asked);
	status = conversation_close(&k.c, run(&k, to));
	timer_free(k.timer);
	conversation_free(&k.c);
	buf_free(&k.out.said);
	buf_free(&k.err.said);
	free(k.out.ends);
	free(k.err.ends);
	buf_free(&k.prompt);
	return status;
}

/* Why it cannot be done, NULL where it can. */
static const char *
why_not(const struct check_opts *opts, const struct recorded_line *line, bool ended)
{
	const struct runopts *asked = opts->asked;
	bool typed = asked->pty && (asked->echo || asked->keys);

	if (line->kind == RECORDED_RESIZE && !asked->pty)
		return "a child on pipes has no terminal to resize; --pty gives it one";
	if (ended && !typed && (line->kind == RECORDED_SENT || line->kind == RECORDED_SECRET || line->kind == RECORDED_END))
		return "nothing can be sent behind the end of a stream";
	if (line->kind == RECORDED_SECRET && asked->pty && !typed)
		return "a secret is asked for by a terminal that is typed at; --keys or --echo makes it one";
	if (line->kind == RECORDED_SECRET && opts->secret_count == 0)
		return "a secret is wanted; --secret says where it is to be had";
	return NULL;
}

int
check_possible(const struct check_opts *opts)
{
	const struct recorded_line *line;
	bool ended = false;
	const char *why;
	size_t i;

	for (i = opts->part->first; i < opts->part->end; i++) {
		line = &opts->file->lines[i];
		why = why_not(opts, line, ended);
		if (why) {
			msg_error("%s:%zu: %s", opts->file->name, i + 1, why);
			return -1;
		}
		ended |= line->kind == RECORDED_END;
	}
	return 0;
}
