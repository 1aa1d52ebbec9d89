/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "play.h"

#include "outlet.h"
#include "playing.h"
#include "reach.h"
#include "signame.h"
#include "suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	DEFAULT_LIMIT_MS = 10000,
	STEPS_AT_ONCE = 1000,	/* then the loop has its turn: a dialogue may go round for ever */
	FIRST_FRAMES = 16,
	MOST_FRAMES = 1000
};

__attribute__((format(printf, 4, 0))) static void
say(struct play *p, enum play_voice voice, struct dialogue_place at, const char *format, va_list args)
{
	char *text = NULL, *line = NULL;

	if (vasprintf(&text, format, args) < 0)
		return;
	if (asprintf(&line, "%s:%d:%d: %s", at.file, at.line, at.column, text) >= 0)
		p->opts.say(p->opts.arg, voice, line);
	free(line);
	free(text);
}

void
play_notice(struct play *p, struct dialogue_place at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(p, PLAY_NOTICE, at, format, args);
	va_end(args);
}

void
play_note(struct play *p, struct dialogue_place at, const char *format, ...)
{
	va_list args;

	if (!p->opts.verbose)
		return;
	va_start(args, format);
	say(p, PLAY_VERBOSE, at, format, args);
	va_end(args);
}

static void
stop(struct play *p, int status)
{
	if (!p->decided)
		p->status = status;
	p->decided = true;
	p->depth = 0;
	p->waiting = WAITING_STOPPED;
	p->until = DEADLINE_NEVER;
	timer_set(p->timer, deadline_now()); /* whoever stopped it may not be the one who goes from step to step */
	talk_listen(p->opts.talk, false);
}

bool
play_fail(struct play *p, int status, struct dialogue_place at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(p, PLAY_ERROR, at, format, args);
	va_end(args);
	stop(p, status);
	return false;
}

int
play_code(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* A child that takes the signal for a wish to end well has not ended the dialogue well. */
void
play_abandon(struct play *p)
{
	int code = play_code(p->wait_status);

	stop(p, code > 0 ? code : 128 + p->interrupted);
	playsecret_free(p);
}

static const char *
work_of(enum dualpipe_waiting waiting)
{
	switch (waiting) {
	case DUALPIPE_WAITS:
	case DUALPIPE_MAY_WAIT:
		return "waits for input";
	case DUALPIPE_WAITS_UNKNOWN:
		return "runs, and whether it waits for input cannot be told";
	case DUALPIPE_BUSY:
		break;
	}
	return "is busy";
}

const char *
play_state(struct play *p, char *text, size_t size)
{
	char name[SIGNAME_ROOM];

	if (!p->dp)
		return "no child runs";
	if (p->child_ended && WIFSIGNALED(p->wait_status))
		(void)snprintf(text, size, "the child was ended by %s", signame_get(WTERMSIG(p->wait_status), name));
	else if (p->child_ended)
		(void)snprintf(text, size, "the child has exited %d", WEXITSTATUS(p->wait_status));
	else if (dualpipe_fd(p->dp, DUALPIPE_FROM_CHILD) < 0)
		(void)snprintf(text, size, "the child has closed its output, and has not ended");
	else if (dualpipe_stopped(p->dp))
		(void)snprintf(text, size, "the child is stopped");
	else
		(void)snprintf(text, size, "the child %s", work_of(dualpipe_waits(p->dp)));
	return text;
}

/* What it has is to be told after its end, too. */
void
play_take_child(struct play *p, struct dualpipe *dp)
{
	p->dp = dp;
	p->has_pty = dp && dualpipe_fd(dp, DUALPIPE_TO_CHILD) == dualpipe_fd(dp, DUALPIPE_FROM_CHILD);
}

bool
play_has_pty(const struct play *p)
{
	return p->has_pty;
}

bool
play_expand_to(struct play *p, const struct dialogue_text *text, enum vars_quoting quoting, struct buf *to)
{
	const struct dialogue_piece *unset;
	const char *here;

	if (vars_expand(p->vars, text, quoting, to, &unset))
		return true;
	if (!unset)
		return play_fail(p, PLAY_FAILED, text->at, "%s", strerror(ENOMEM));
	here = suggest_here(unset->text, unset->size);
	return play_fail(p, PLAY_FAILED, unset->at, "$%s is not set%s%s", unset->text, here ? "; here " : "", here ? here : "");
}

bool
play_expand(struct play *p, const struct dialogue_text *text)
{
	return play_expand_to(p, text, VARS_PLAIN, &p->text);
}

const char *
play_word(struct play *p, const struct dialogue_text *word, enum argument kind)
{
	char why[ARGUMENT_WHY];

	if (!play_expand(p, word))
		return NULL;
	if (buf_append(&p->text, "", 1) < 0) {
		(void)play_fail(p, PLAY_FAILED, word->at, "%s", strerror(ENOMEM));
		return NULL;
	}
	if (argument_check(kind, buf_peek(&p->text), p->text.size - 1, why))
		return buf_peek(&p->text);
	(void)play_fail(p, PLAY_FAILED, word->at, "%s", why);
	return NULL;
}

void
play_wait(struct play *p, enum waiting what, const struct dialogue_step *step, int64_t limit_ms)
{
	p->waiting = what;
	p->step = step;
	p->began = deadline_now();
	p->until = limit_ms < 0 ? DEADLINE_NEVER : deadline_in(limit_ms);
	timer_set(p->timer, p->until);
}

double
play_waited(const struct play *p)
{
	return (double)(deadline_now() - p->began) / 1000;
}

void
play_go_on(struct play *p)
{
	p->waiting = WAITING_NOT;
	p->step = NULL;
	p->until = DEADLINE_NEVER;
	timer_set(p->timer, DEADLINE_NEVER);
}

bool
play_enter(struct play *p, const struct frame *frame)
{
	struct frame *more;

	if (p->depth == MOST_FRAMES)
		return play_fail(p, PLAY_FAILED, frame->step->at, "blocks stand too deep in each other here");
	if (p->depth == p->room) {
		more = realloc(p->frames, p->room * 2 * sizeof(*more));
		if (!more)
			return play_fail(p, PLAY_FAILED, frame->step->at, "%s", strerror(ENOMEM));
		p->frames = more;
		p->room *= 2;
	}
	p->frames[p->depth++] = *frame;
	return true;
}

/* A round of a loop begins. False when there was none left. */
static bool
next_round(struct play *p, struct frame *f)
{
	const struct dialogue_text *word;

	if (f->left == 0)
		return false;
	if (f->kind == FRAME_FOR) {
		word = &f->step->words[f->step->word_count - f->left];
		if (!play_expand(p, word))
			return false;
		if (vars_set(p->vars, f->step->name, buf_peek(&p->text), p->text.size) < 0)
			return play_fail(p, PLAY_FAILED, word->at, "%s", strerror(ENOMEM));
	}
	f->left--;
	f->at = 0;
	return true;
}

/* The block of the innermost frame is done. */
static void
leave(struct play *p)
{
	struct frame f = p->frames[p->depth - 1];

	switch (f.kind) {
	case FRAME_REPEAT:
	case FRAME_FOR:
		if (next_round(p, &p->frames[p->depth - 1]) || p->decided)
			return;
		break;
	case FRAME_ON:
		p->standing[f.on].busy = false;
		p->depth--;
		if (f.at_end)
			(void)play_fail(p, 1, f.step->at, "the output has ended");
		else
			(void)playwait_again(p, f.step);
		return;
	case FRAME_PLAIN:
	case FRAME_BRANCH:
		break;
	}
	p->depth--;
}

static bool
begin_loop(struct play *p, const struct dialogue_step *step)
{
	struct frame f = { .block = &step->body, .step = step };
	const char *word;

	if (step->kind == DIALOGUE_FOR) {
		f.kind = FRAME_FOR;
		f.left = step->word_count;
	} else {
		f.kind = FRAME_REPEAT;
		word = play_word(p, &step->words[0], ARGUMENT_TIMES);
		if (!word)
			return false;
		f.left = strtoul(word, NULL, 10);
	}
	f.at = step->body.count; /* so that the first round begins as each does */
	return play_enter(p, &f);
}

/* Out of what stands inside it, too. */
static void
leave_loop(struct play *p)
{
	enum frame_kind kind;

	do {
		kind = p->frames[--p->depth].kind;
		if (kind == FRAME_ON)
			p->standing[p->frames[p->depth].on].busy = false;
	} while (kind != FRAME_REPEAT && kind != FRAME_FOR);
}

/* The innermost branch of an expect is left, and the expect waits on. */
static bool
do_again(struct play *p, const struct dialogue_step *step)
{
	struct frame f;

	do {
		f = p->frames[--p->depth];
	} while (f.kind != FRAME_BRANCH && f.kind != FRAME_ON);
	if (f.kind == FRAME_ON)
		p->standing[f.on].busy = false;
	if (f.at_end)
		return play_fail(p, 1, step->at, "again: the output has ended, there is nothing to wait for");
	return playwait_again(p, f.step);
}

static bool
add_standing(struct play *p, const struct dialogue_step *step)
{
	struct standing *more = realloc(p->standing, (p->standing_count + 1) * sizeof(*more));
	size_t i;

	if (!more)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	p->standing = more;
	for (i = 0; i < p->standing_count; i++)
		if (more[i].step == step)
			return true; /* a loop comes by again */
	more[p->standing_count++] = (struct standing){ .step = step };
	return true;
}

/* Whether the two sides of an if are as it says. -1 for a failure. */
static int
test(struct play *p, const struct dialogue_step *step)
{
	bool equal;

	if (step->test == DIALOGUE_MATCHES)
		return playact_matches(p, step);
	if (!play_expand_to(p, &step->words[0], VARS_PLAIN, &p->other) || !play_expand(p, &step->words[1]))
		return -1;
	equal = p->text.size == p->other.size && memcmp(buf_peek(&p->text), buf_peek(&p->other), p->text.size) == 0;
	return equal == (step->test == DIALOGUE_EQUAL);
}

static bool
do_if(struct play *p, const struct dialogue_step *step)
{
	int holds = test(p, step);
	struct frame f = { .step = step, .block = holds > 0 ? &step->body : &step->otherwise };

	return holds >= 0 && play_enter(p, &f);
}

static void
do_step(struct play *p, const struct dialogue_step *step)
{
	play_note(p, step->at, "%s", step->verb);
	if (!p->dp && reach_needs_child(step->kind)) {
		(void)play_fail(p, PLAY_FAILED, step->at, "there is no child: no spawn was done before");
		return;
	}
	switch (step->kind) {
	case DIALOGUE_IF:
		(void)do_if(p, step);
		return;
	case DIALOGUE_REPEAT:
	case DIALOGUE_FOR:
		(void)begin_loop(p, step);
		return;
	case DIALOGUE_BREAK:
		leave_loop(p);
		return;
	case DIALOGUE_AGAIN:
		(void)do_again(p, step);
		return;
	case DIALOGUE_ON:
		(void)add_standing(p, step);
		return;
	case DIALOGUE_EXPECT:
	case DIALOGUE_CLOSE:
	case DIALOGUE_WAIT:
	case DIALOGUE_SLEEP:
		(void)playwait_begin(p, step);
		return;
	case DIALOGUE_SECRET:
		(void)playsecret_begin(p, step);
		return;
	case DIALOGUE_ASK:
		(void)playask_begin(p, step);
		return;
	case DIALOGUE_SET_REPLY:
		(void)playask_set_framing(p, step);
		return;
	case DIALOGUE_EXIT:
	case DIALOGUE_FAIL:
	case DIALOGUE_SPAWN:
	case DIALOGUE_SEND:
	case DIALOGUE_SENDLINE:
	case DIALOGUE_KEY:
	case DIALOGUE_SENDEOF:
	case DIALOGUE_SIGNAL:
	case DIALOGUE_RESIZE:
	case DIALOGUE_SET_TIMEOUT:
	case DIALOGUE_SET:
	case DIALOGUE_PRINT:
	case DIALOGUE_INTERACT:
		(void)playact_do(p, step);
		return;
	}
}

/* Nothing of ours is left to be done: once. */
static void
end_if_told(struct play *p)
{
	if (p->over || outq_size(p->out) > 0)
		return;
	if (outq_gave_up(p->out)) /* the status is that of what stopped it */
		(void)play_fail(p, PLAY_FAILED, p->step->at, "what was printed last was not taken from us in time");
	p->over = true;
	p->waiting = WAITING_STOPPED;
	timer_set(p->timer, DEADLINE_NEVER);
	p->opts.over(p->opts.arg);
}

static void
next_step(struct play *p)
{
	struct frame *f = &p->frames[p->depth - 1];

	if (f->at < f->block->count)
		do_step(p, &f->block->steps[f->at++]);
	else
		leave(p);
}

static void
run(struct play *p)
{
	int steps = 0;

	while (p->waiting == WAITING_NOT && p->depth > 0 && steps++ < STEPS_AT_ONCE)
		next_step(p);
	if (p->waiting == WAITING_NOT && p->depth > 0 && p->interrupted > 0 && p->child_ended)
		play_abandon(p); /* it goes round, and waits for nothing that could end it */
	if (p->waiting == WAITING_NOT && p->depth > 0)
		timer_set(p->timer, deadline_now());
	else if (p->waiting == WAITING_NOT || p->waiting == WAITING_STOPPED)
		end_if_told(p);
}

/* After a signal the child's end is that of every step but those that look at it. */
static bool
is_abandoned(const struct play *p)
{
	if (p->interrupted == 0 || !p->child_ended)
		return false;
	switch (p->waiting) {
	case WAITING_NOT:
	case WAITING_EXPECT:
	case WAITING_REPLY:
	case WAITING_PERSON:
	case WAITING_CHILD:
	case WAITING_STOPPED:
		return false;
	case WAITING_SECRET:
	case WAITING_PROMPT:
	case WAITING_SLEEP:
	case WAITING_CLOSE:
	case WAITING_OUTPUT:
		break;
	}
	return true;
}

static void
look(struct play *p, bool late)
{
	if (is_abandoned(p))
		play_abandon(p);
	switch (p->waiting) {
	case WAITING_NOT:
	case WAITING_STOPPED:
	case WAITING_PERSON:
		break;
	case WAITING_OUTPUT:
		playact_printed(p);
		break;
	case WAITING_SECRET:
	case WAITING_PROMPT:
		playsecret_look(p, late);
		break;
	case WAITING_REPLY:
		playask_look(p, late);
		break;
	case WAITING_EXPECT:
	case WAITING_SLEEP:
	case WAITING_CHILD:
	case WAITING_CLOSE:
		playwait_look(p, late);
		break;
	}
	if (!p->over)
		run(p);
}

static void
time_over(void *arg)
{
	struct play *p = arg;

	look(p, p->until != DEADLINE_NEVER && deadline_left(p->until) == 0);
}

static void
output_moved(void *arg)
{
	look(arg, false);
}

struct play *
play_new(struct loop *l, const struct play_opts *opts)
{
	struct play *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->loop = l;
	p->opts = *opts;
	p->framing_given = opts->reply != NULL;
	p->limit_ms = DEFAULT_LIMIT_MS;
	p->until = DEADLINE_NEVER;
	p->room = FIRST_FRAMES;
	p->frames = calloc(p->room, sizeof(*p->frames));
	p->vars = vars_new(opts->arguments);
	p->timer = timer_new(l, time_over, p);
	p->out = outq_new(l, STDOUT_FILENO, output_moved, p);
	if (opts->reply && framing_parse(&p->framing, opts->reply, NULL) < 0)
		goto fail;
	if (p->frames && p->vars && p->timer && p->out)
		return p;
fail:
	play_free(p);
	return NULL;
}

void
play_free(struct play *p)
{
	if (!p)
		return;
	playwait_free(p);
	playsecret_free(p);
	playask_free(p);
	vars_free(p->vars);
	outq_free(p->out);
	timer_free(p->timer);
	buf_free(&p->text);
	buf_free(&p->other);
	free(p->standing);
	free(p->frames);
	free(p);
}

void
play_know(struct play *p, const struct profile *profile)
{
	p->profile = profile;
	/* That it is one was looked at before; without memory it is `ready'. */
	if (profile && profile->reply && !p->framing_given)
		(void)framing_parse(&p->framing, profile->reply, NULL);
}

void
play_begin(struct play *p, struct dualpipe *dp)
{
	static const struct dialogue_step whole;
	struct frame f = { .block = &p->opts.dialogue->block, .step = &whole };

	play_take_child(p, dp);
	(void)play_enter(p, &f); /* there is room for the first */
	timer_set(p->timer, deadline_now());
}

void
play_heard(struct play *p, const void *data, size_t size)
{
	keyname_follow(&p->keys, data, size);
	p->heard = deadline_now();
	p->heard_prompt = size > 0 && ((const char *)data)[size - 1] != '\n';
}

void
play_changed(struct play *p)
{
	if (p->waiting != WAITING_NOT && !p->over)
		look(p, false);
}

void
play_child_ended(struct play *p, int wait_status)
{
	p->child_ended = true;
	p->wait_status = wait_status;
	if (p->waiting != WAITING_NOT && !p->over)
		look(p, false);
}

void
play_back(struct play *p, const char *cause)
{
	if (p->waiting != WAITING_PERSON)
		return; /* it was stopped meanwhile */
	if (cause)
		(void)play_fail(p, PLAY_FAILED, p->step->at, "interact: %s", cause);
	else
		play_go_on(p);
	timer_set(p->timer, deadline_now());
}

void
play_interrupt(struct play *p, int signo)
{
	p->interrupted = signo;
}

void
play_stop(struct play *p, int status)
{
	if (p->over)
		return;
	if (status == PLAY_TIMEOUT)
		playwait_struck(p);
	stop(p, status);
	playsecret_free(p);
	outq_hurry(p->out, OUTLET_PATIENCE_MS);
	end_if_told(p);
}

int
play_status(const struct play *p, bool *wants_child)
{
	*wants_child = !p->decided && p->met_end;
	return p->status;
}
