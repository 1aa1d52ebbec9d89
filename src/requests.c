/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "requests.h"

#include "ask.h"
#include "buf.h"
#include "cmd.h"
#include "conversation.h"
#include "deadline.h"
#include "escape.h"
#include "framing.h"
#include "io.h"
#include "json.h"
#include "match.h"
#include "msg.h"
#include "number.h"
#include "outq.h"
#include "profile.h"
#include "runprofile.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 65536 };	/* of stdin, at a time */

enum phase {
	PHASE_READING,		/* the request, from stdin */
	PHASE_ASKING,
	PHASE_LEARNING,		/* what the request ended with */
	PHASE_EXITING,		/* the reply ended with the child's output: its status is still to come */
	PHASE_COLLECTING,	/* end-of-file was sent to a child that may buffer its output */
	PHASE_OVER
};

struct requests {
	struct conversation c;
	struct framing framing;
	struct match *error;
	const struct profile *profile;	/* NULL where none is known */
	struct ask *ask;
	struct outq *out;
	struct timer *timer;
	enum phase phase;
	size_t at;			/* the request that is at work */
	struct buf request;		/* the text of it */
	struct io_in in;		/* it is read from there */
	struct watch *in_ready;
	struct ask_reply reply;		/* what it got, while it is asked what it ended with */
	struct buf reply_text, reply_prompt;
	deadline until;
	int learned;			/* what it ended with */
	bool any_reply;
	bool told_blind;
	struct buf collected;
	bool decided;
	int status;
	int child_status;
};

/* Of several the first that is not 0 counts. */
static void
count_status(struct requests *r, int status)
{
	if (r->status == 0)
		r->status = status;
}

static void
end(struct requests *r, int status)
{
	count_status(r, status);
	if (r->phase == PHASE_OVER)
		return;
	r->phase = PHASE_OVER;
	watch_off(r->in_ready);
	timer_set(r->timer, DEADLINE_NEVER);
	if (outq_size(r->out) == 0)
		conversation_steps_over(&r->c);
}

static void
print(struct requests *r, const char *data, size_t size)
{
	if (outq_put(r->out, data, size) < 0) {
		msg_error("%s", strerror(errno));
		end(r, CMD_FAILED);
	}
}

static void
print_json(struct requests *r, const struct ask_reply *reply, int status)
{
	struct buf line = { 0 };
	struct json j = { .to = &line };
	size_t size = reply->size;

	if (size > 0 && reply->text[size - 1] == '\n')
		size--;
	json_open(&j, '{');
	json_key(&j, "reply");
	json_string(&j, reply->text, size);
	json_key(&j, "prompt");
	json_string(&j, reply->prompt, reply->prompt_size);
	json_key(&j, "state");
	json_text(&j, ask_state_name(reply->state));
	json_key(&j, "reason");
	json_text(&j, reply->state == ASK_TIMEOUT ? "timeout" : framing_rule_name(reply->rule));
	json_key(&j, "ms");
	json_int(&j, reply->ms);
	json_key(&j, "status");
	json_int(&j, status);
	json_close(&j, '}');
	if (json_end(&j) == 0)
		print(r, buf_peek(&line), line.size);
	else
		end(r, CMD_FAILED);
	buf_free(&line);
}

/* On a pty what it said is all that there is of why. */
static void
tell_last_words(const struct requests *r, const struct ask_reply *reply)
{
	struct buf words = { 0 };
	char *lines;

	if (escape_last_lines(&words, reply->text, reply->size) == 0 &&
	    asprintf(&lines, "'%s' has ended before it was asked%s%.*s", r->c.name,
	    words.size > 0 ? "; what it said:" : "", (int)words.size, words.size > 0 ? buf_peek(&words) : "") >= 0) {
		msg_error_lines(lines);
		free(lines);
	}
	buf_free(&words);
}

/* Whether a line of it is what --error looks for: 1, 0, or -1 where that cannot be told, which was told. */
static int
find_error(struct requests *r, const struct ask_reply *reply)
{
	const char *line = reply->text, *all = reply->text + reply->size, *end;
	int found = 0;

	for (; r->error && line < all && found == 0; line = end + 1) {
		end = memchr(line, '\n', (size_t)(all - line));
		if (!end)
			end = all;
		found = match_test(r->error, line, (size_t)(end - line));
	}
	if (found < 0)
		msg_error("--error: %s", errno == E2BIG ? "its pattern backtracks without end" : strerror(errno));
	return found;
}

/* Why a reply is none, or no whole one. The status that it comes to; -1 where find_error() fails. */
static int
judge(struct requests *r, const struct ask_reply *reply)
{
	const char *name = r->c.name, *question;

	switch (reply->state) {
	case ASK_READY:
		break;
	case ASK_SECRET:
		question = reply->text + strspn(reply->text, "\r\n"); /* ssh begins a line of its own */
		if (reply->sent)
			msg_error("the reply ends in a question for a secret, which '%s' still waits for", name);
		else
			msg_error("'%s' waits for a secret, so the request was not sent: %.*s", name,
			    (int)strcspn(question, "\n"), question);
		return 1;
	case ASK_CONTINUATION:
		msg_error("'%s' asks for more of the same request: it is not complete", name);
		return 1;
	case ASK_TIMEOUT:
		if (!reply->sent)
			msg_error("time is out, and '%s' was not there to be asked", name);
		else if (!r->c.pty && reply->size == 0 && talk_from_child(r->c.talk) == 0)
			msg_error("time is out, and '%s' has said nothing: it may buffer what it says to a pipe; see --pty", name);
		else
			msg_error("time is out before the reply of '%s' was complete", name);
		return CMD_TIMEOUT;
	case ASK_EXITED:
		if (!reply->sent && (r->child_status == 0 || reply->size > 0))
			tell_last_words(r, reply);
		if (r->child_status != 0)
			return r->child_status;
		if (!reply->sent)
			return 1;
		if (!reply->whole && !framing_waits(&r->framing) && r->framing.kind != FRAMING_QUIET)
			msg_error("'%s' has ended in the middle of its reply", name);
		else
			return find_error(r, reply);
		return 1;
	}
	return find_error(r, reply);
}

/* Whether the next request can be sent. */
static bool
goes_on(const struct ask_reply *reply)
{
	return reply->state == ASK_READY;
}

static void begin_next(struct requests *r);

static void
take_reply(struct requests *r, const struct ask_reply *reply)
{
	int judged = judge(r, reply), status = judged;

	if (r->learned != 0)
		status = r->learned;
	if (judged < 0)
		status = CMD_FAILED;
	r->learned = 0;
	msg_verbose("request %zu: %s, by %s", r->at + 1, ask_state_name(reply->state), framing_rule_name(reply->rule));
	if (reply->blind && !r->told_blind) {
		msg_notice("silence alone told that the reply is complete; see --reply");
		r->told_blind = true;
	}
	r->any_reply |= reply->size > 0 || framing_binary(&r->framing);
	if (r->c.asked->json)
		print_json(r, reply, status);
	else if (reply->sent)
		print(r, reply->text, reply->size);
	count_status(r, status);
	r->at++;
	if (goes_on(reply) && judged >= 0) {
		begin_next(r);
		return;
	}
	if (reply->state == ASK_EXITED && status == 0 && r->at < r->c.asked->request_count) {
		msg_error("'%s' has ended before it was asked request %zu", r->c.name, r->at + 1);
		status = 1;
	}
	end(r, status);
}

static bool
wants_status(const struct requests *r, const struct ask_reply *reply)
{
	return r->c.asked->ask_status && r->phase == PHASE_ASKING && reply->state == ASK_READY;
}

static void
limit_reply(struct requests *r)
{
	int64_t limit = r->c.asked->request_timeout_ms;

	r->until = limit > 0 ? deadline_in(limit) : DEADLINE_NEVER;
	timer_set(r->timer, deadline_now());
}

/* The reply is kept while the child is asked for its status. */
static void
ask_for_status(struct requests *r, const struct ask_reply *reply)
{
	const char *request = r->profile->status_request;

	buf_consume(&r->reply_text, r->reply_text.size);
	buf_consume(&r->reply_prompt, r->reply_prompt.size);
	if (buf_append(&r->reply_text, reply->text, reply->size) < 0 ||
	    buf_append(&r->reply_prompt, reply->prompt, reply->prompt_size) < 0) {
		msg_error("%s", strerror(errno));
		end(r, CMD_FAILED);
		return;
	}
	r->reply = *reply;
	r->reply.text = buf_peek(&r->reply_text);
	r->reply.prompt = buf_peek(&r->reply_prompt);
	if (ask_begin(r->ask, request, strlen(request)) < 0) {
		msg_error("%s", strerror(errno));
		end(r, CMD_FAILED);
		return;
	}
	r->phase = PHASE_LEARNING;
	limit_reply(r);
}

/* The number in group 1; -1 where there is none. */
static int
find_status(struct match *m, const char *text, size_t size)
{
	struct match_span *spans = calloc(match_groups(m) + 1, sizeof(*spans));
	unsigned long value;
	char *digits = NULL;
	int status = -1;

	if (spans && match_once(m, text, size, spans) > 0 && spans[1].start != SIZE_MAX)
		digits = strndup(text + spans[1].start, spans[1].end - spans[1].start);
	if (digits && number_whole(digits, 0, 255, &value, NULL))
		status = (int)value;
	free(digits);
	free(spans);
	return status;
}

static void
take_status(struct requests *r, const struct ask_reply *answer)
{
	r->phase = PHASE_ASKING;
	r->learned = answer->state == ASK_TIMEOUT ? CMD_TIMEOUT : find_status(r->profile->status, answer->text, answer->size);
	if (answer->state == ASK_TIMEOUT)
		msg_error("time is out before '%s' told what the request ended with", r->c.name);
	else if (r->learned < 0)
		msg_error("'%s' did not tell what the request ended with", r->c.name);
	if (r->learned < 0)
		r->learned = CMD_FAILED;
	take_reply(r, &r->reply);
}

/* Where every reply was empty, a child on pipes may have kept what it had to say. */
static void
collect(struct requests *r)
{
	r->phase = PHASE_COLLECTING;
	timer_set(r->timer, DEADLINE_NEVER);
	talk_listen(r->c.talk, true);
	conversation_end_input(&r->c);
}

static void
take_collected(struct requests *r)
{
	struct ask_reply reply = *ask_reply(r->ask);

	if (r->collected.size > 0) {
		msg_notice("'%s' kept its output until the end of its input; with --pty it need not", r->c.name);
		if (buf_peek(&r->collected)[r->collected.size - 1] != '\n')
			(void)buf_append(&r->collected, "\n", 1); /* without memory it lacks just that */
		reply.text = buf_peek(&r->collected);
		reply.size = r->collected.size;
		reply.rule = FRAMING_BY_END;
	}
	take_reply(r, &reply);
}

static bool
may_have_kept_it(const struct requests *r, const struct ask_reply *reply)
{
	return r->at + 1 == r->c.asked->request_count && !r->any_reply && reply->size == 0 && reply->state == ASK_READY &&
	    r->framing.kind == FRAMING_READY && !r->c.pty && !r->profile && !r->c.child_over;
}

/* The request that is at work is done. */
static void
take(struct requests *r, const struct ask_reply *reply)
{
	if (r->phase == PHASE_LEARNING) {
		take_status(r, reply);
	} else if (may_have_kept_it(r, reply)) {
		collect(r);
	} else if (wants_status(r, reply)) {
		ask_for_status(r, reply);
	} else if (reply->state != ASK_EXITED || r->c.child_over) {
		take_reply(r, reply);
	} else {
		r->phase = PHASE_EXITING;
		timer_set(r->timer, DEADLINE_NEVER);
		conversation_end_input(&r->c);
	}
}

static void
look_at_reply(struct requests *r, bool late)
{
	deadline next;
	int result = ask_look(r->ask, late);

	if (result < 0) {
		msg_error("--reply: %s", errno == E2BIG ? "its pattern backtracks without end" : strerror(errno));
		end(r, CMD_FAILED);
		return;
	}
	if (result == 0) {
		next = ask_next_look(r->ask);
		timer_set(r->timer, next < r->until ? next : r->until);
		return;
	}
	take(r, ask_reply(r->ask));
}

static void
look_at_rest(struct requests *r)
{
	const char *data;
	size_t size;

	(void)dualpipe_expect(r->c.dp, NULL, 0, 0); /* its end is seen elsewhere */
	data = dualpipe_peek(r->c.dp, &size);
	if (buf_append(&r->collected, data, size) < 0) {
		msg_error("%s", strerror(errno));
		end(r, CMD_FAILED);
	}
	dualpipe_consume(r->c.dp, size);
}

static void
take_rest(struct requests *r)
{
	look_at_rest(r);
	take_collected(r);
}

static void
look(struct requests *r, bool late)
{
	switch (r->phase) {
	case PHASE_ASKING:
	case PHASE_LEARNING:
		look_at_reply(r, late);
		break;
	case PHASE_COLLECTING:
		look_at_rest(r);
		break;
	case PHASE_READING:
	case PHASE_EXITING:
	case PHASE_OVER:
		break;
	}
}

static void
changed(void *arg)
{
	look(arg, false);
}

static void
time_over(void *arg)
{
	struct requests *r = arg;

	look(r, deadline_left(r->until) == 0);
}

static void begin_ask(struct requests *r);

static void
child_ended(void *arg, int wait_status)
{
	struct requests *r = arg;

	(void)wait_status;
	r->child_status = conversation_status(&r->c);
	switch (r->phase) {
	case PHASE_READING:
		begin_ask(r); /* which tells that nobody is there to be asked */
		break;
	case PHASE_ASKING:
	case PHASE_LEARNING:
		look(r, false);
		break;
	case PHASE_EXITING:
		take_reply(r, ask_reply(r->ask));
		break;
	case PHASE_COLLECTING:
		take_rest(r);
		break;
	case PHASE_OVER:
		break;
	}
}

static void
struck(void *arg)
{
	struct requests *r = arg;

	if (r->phase == PHASE_ASKING || r->phase == PHASE_LEARNING)
		look(r, true);
	/* The reply may be there, and only the child's end not. */
	if (r->phase == PHASE_EXITING)
		take_reply(r, ask_reply(r->ask));
	else if (r->phase == PHASE_COLLECTING)
		take_rest(r);
	outq_hurry(r->out, OUTLET_PATIENCE_MS);
	end(r, CMD_TIMEOUT);
}

static void
interrupted(void *arg, int signo, bool alone)
{
	struct requests *r = arg;

	if (!alone)
		return;
	outq_hurry(r->out, OUTLET_PATIENCE_MS);
	end(r, CMD_SIGNAL + signo);
}

/* A reader who has gone ends us as SIGPIPE would. */
static void
printed(void *arg)
{
	struct requests *r = arg;
	int error = outq_error(r->out);

	if (error != 0 && !r->decided) {
		r->decided = true;
		if (error != EPIPE)
			msg_error("cannot write to stdout: %s", strerror(error));
		end(r, error == EPIPE ? CMD_SIGNAL + SIGPIPE : CMD_FAILED);
	}
	if (r->phase != PHASE_OVER || outq_size(r->out) > 0 || r->c.steps_over)
		return;
	if (outq_gave_up(r->out))
		msg_notice("the reply was not taken from us in time");
	conversation_steps_over(&r->c);
}

static void
tell_unread(struct requests *r)
{
	msg_error("cannot read request %zu: %s", r->at + 1, strerror(errno));
	end(r, CMD_FAILED);
}

static void
begin_ask(struct requests *r)
{
	watch_off(r->in_ready);
	if (ask_begin(r->ask, buf_peek(&r->request), r->request.size) < 0) {
		tell_unread(r);
		return;
	}
	r->phase = PHASE_ASKING;
	limit_reply(r);
}

/* All of stdin, less one last newline. Who writes it may take his time, and the limits count meanwhile. */
static void
read_more(void *arg, short revents)
{
	struct requests *r = arg;
	char *room = buf_reserve(&r->request, PIECE);
	ssize_t n = room ? io_in_read(&r->in, room, PIECE) : -1;

	(void)revents;
	if (n > 0) {
		buf_added(&r->request, (size_t)n);
	} else if (n == 0) {
		if (r->request.size > 0 && buf_peek(&r->request)[r->request.size - 1] == '\n')
			r->request.size--;
		begin_ask(r);
	} else if (errno != EAGAIN) {
		tell_unread(r);
	}
}

static void
begin_next(struct requests *r)
{
	const char *word;

	if (outq_error(r->out) != 0) {
		printed(r);
		return;
	}
	if (r->at == r->c.asked->request_count) {
		end(r, 0);
		return;
	}
	word = r->c.asked->requests[r->at];
	buf_consume(&r->request, r->request.size);
	if (strcmp(word, "-") == 0) {
		r->phase = PHASE_READING;
		watch_on(r->in_ready, POLLIN);
	} else if (buf_append(&r->request, word, strlen(word)) < 0) {
		tell_unread(r);
	} else {
		begin_ask(r);
	}
}

static void
unasked(void *arg, const char *data, size_t size)
{
	(void)arg;
	msg_verbose("unasked: %.*s", (int)(size > 200 ? 200 : size), data);
}

static int
open_ask(struct requests *r)
{
	const struct ask_opts opts = {
		.framing = &r->framing,
		.continuation = r->profile ? r->profile->continuation : NULL,
		.first = r->profile ? r->profile->requests : NULL,
		.first_count = r->profile ? r->profile->request_count : 0,
		.raw = r->c.asked->raw,
		.pty = r->c.pty,
		.unasked = unasked,
		.arg = r
	};

	r->ask = ask_new(r->c.talk, r->c.dp, &opts);
	r->timer = timer_new(r->c.loop, time_over, r);
	r->out = outq_new(r->c.loop, STDOUT_FILENO, printed, r);
	r->in_ready = watch_new(r->c.loop, STDIN_FILENO, read_more, r);
	io_in_open(&r->in, STDIN_FILENO);
	if (r->ask && r->timer && r->out && r->in_ready)
		return 0;
	msg_error("%s", strerror(errno));
	return -1;
}

/* The words to start. NULL for a mistake, which was told. */
static char *const *
find_profile(struct requests *r)
{
	struct runopts *asked = r->c.asked;
	char *const *argv = runprofile_ask(asked, asked->argv);

	r->profile = asked->profile;
	if (!argv || !asked->ask_status || (r->profile && r->profile->status))
		return argv;
	msg_error("--status: how to ask '%s' what a request ended with is not known; see --profile", asked->argv[0]);
	return NULL;
}

/* What it holds was looked at before. */
static int
open_framing(struct requests *r)
{
	const struct runopts *asked = r->c.asked;

	bool framed = !asked->reply || framing_parse(&r->framing, asked->reply, NULL) == 0;

	if (framed && asked->error_pattern)
		r->error = match_new(asked->error_pattern, strlen(asked->error_pattern), 0, NULL, NULL);
	if (framed && (!asked->error_pattern || r->error))
		return 0;
	msg_error("%s", strerror(errno));
	return -1;
}

static int
run(struct requests *r)
{
	const struct conversation_parts parts = {
		.changed = changed,
		.child_ended = child_ended,
		.struck = struck,
		.interrupted = interrupted,
		.arg = r
	};
	char *const *argv;
	int status = CMD_FAILED;

	if (conversation_open(&r->c, &parts) < 0 || !(argv = find_profile(r)) || open_framing(r) < 0 ||
	    !conversation_start(&r->c, argv, false, &status))
		return status;
	if (open_ask(r) < 0)
		return CMD_FAILED;
	begin_next(r);
	return conversation_run(&r->c) < 0 ? CMD_FAILED : r->status;
}

int
requests_run(struct runopts *asked)
{
	struct requests r = { .in = { .fd = -1, .own = -1 } };
	int status;

	if (!asked->tame_given)
		asked->tame = true;
	conversation_begin(&r.c, asked);
	status = conversation_close(&r.c, run(&r));
	ask_free(r.ask);
	outq_free(r.out);
	timer_free(r.timer);
	watch_free(r.in_ready);
	io_in_close(&r.in);
	conversation_free(&r.c);
	framing_free(&r.framing);
	match_free(r.error);
	buf_free(&r.request);
	buf_free(&r.reply_text);
	buf_free(&r.reply_prompt);
	buf_free(&r.collected);
	return status;
}
