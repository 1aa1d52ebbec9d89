/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The ask step: a request, its reply in a variable, by the framing of the reply step. */

#include "playing.h"

#include "escape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The library takes what is in doubt after so long. */
enum { DOUBT_MS = 20 };

bool
playask_set_framing(struct play *p, const struct dialogue_step *step)
{
	const char *word = play_word(p, &step->words[0], ARGUMENT_FRAMING);
	struct framing framing = { 0 };

	if (!word)
		return false;
	if (framing_parse(&framing, word, NULL) < 0)
		return play_fail(p, PLAY_FAILED, step->words[0].at, "%s", strerror(ENOMEM));
	framing_free(&p->framing);
	p->framing = framing;
	p->framing_given = true;
	return true;
}

static void
unasked(void *arg, const char *data, size_t size)
{
	struct play *p = arg;

	play_note(p, p->step->at, "ask: unasked, and not part of the reply: %.*s", (int)(size > 200 ? 200 : size), data);
}

static struct ask *
asker(struct play *p)
{
	const struct ask_opts opts = {
		.framing = &p->framing,
		.continuation = p->profile ? p->profile->continuation : NULL,
		.first = p->profile ? p->profile->requests : NULL,
		.first_count = p->profile ? p->profile->request_count : 0,
		.raw = p->opts.raw,
		.pty = play_has_pty(p),
		.unasked = unasked,
		.arg = p
	};

	if (!p->ask)
		p->ask = ask_new(p->opts.talk, p->dp, &opts);
	return p->ask;
}

bool
playask_begin(struct play *p, const struct dialogue_step *step)
{
	if (!play_expand(p, &step->words[0]))
		return false;
	p->step = step;
	if (!asker(p) || ask_begin(p->ask, buf_peek(&p->text), p->text.size) < 0)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	return playwait_look_for(p, step);
}

/* Without its last newline. */
static void
set_reply(struct play *p, const struct ask_reply *reply)
{
	const char *name = p->step->name ? p->step->name : "reply";
	size_t size = reply->size;

	if (size > 0 && reply->text[size - 1] == '\n' && !framing_binary(&p->framing))
		size--;
	if (vars_set(p->vars, name, reply->text, size) < 0)
		(void)play_fail(p, PLAY_FAILED, p->step->at, "%s", strerror(ENOMEM));
}

static bool
is_cut_off(const struct play *p, const struct ask_reply *reply)
{
	return !reply->whole && !framing_waits(&p->framing) && p->framing.kind != FRAMING_QUIET;
}

/* A branch that stands for all may be for the end, or for the time. */
static void
end_without_reply(struct play *p, enum dialogue_pattern_kind kind, int status, const char *what)
{
	const struct ask_reply *reply = ask_reply(p->ask);
	struct buf came = { 0 };
	char state[80];

	if (playwait_special(p, kind))
		return;
	if (kind == DIALOGUE_EOF && p->interrupted > 0 && p->child_ended) {
		play_abandon(p);
		return;
	}
	(void)escape_last_lines(&came, reply->text, reply->size); /* without memory they are not told */
	if (reply->late)
		(void)play_fail(p, status, p->step->at, "ask: still busy with: %.*s; %s", (int)reply->late_size, reply->late,
		    play_state(p, state, sizeof(state)));
	else
		(void)play_fail(p, status, p->step->at, "ask: %s after %.3g s; %s%s%.*s", what, play_waited(p),
		    play_state(p, state, sizeof(state)), came.size > 0 ? "; what came:" : "", (int)came.size, buf_peek(&came));
	buf_free(&came);
}

static void
take_reply(struct play *p)
{
	const struct ask_reply *reply = ask_reply(p->ask);

	play_note(p, p->step->at, "ask: %s, by %s", ask_state_name(reply->state), framing_rule_name(reply->rule));
	set_reply(p, reply);
	switch (reply->state) {
	case ASK_READY:
		break;
	case ASK_SECRET:
		(void)play_fail(p, 1, p->step->at, "ask: the child waits for a secret%s",
		    reply->sent ? "" : ", so nothing was sent");
		return;
	case ASK_CONTINUATION:
		(void)play_fail(p, 1, p->step->at, "ask: the request is not complete: the child asks for more of it");
		return;
	case ASK_TIMEOUT:
		end_without_reply(p, DIALOGUE_TIMEOUT, PLAY_TIMEOUT, reply->sent ? "the reply was not complete" :
		    "nothing was sent");
		return;
	case ASK_EXITED:
		p->met_end = true;
		if (p->framing.kind != FRAMING_EOF && playwait_special(p, DIALOGUE_EOF))
			return;
		if (!reply->sent || is_cut_off(p, reply)) {
			end_without_reply(p, DIALOGUE_EOF, 1, "the output has ended before the reply was complete");
			return;
		}
		break;
	}
	play_go_on(p);
}

/* How the child ended comes behind its output, and belongs to what is told. */
static bool
end_is_to_come(struct play *p, bool late)
{
	if (ask_reply(p->ask)->state != ASK_EXITED || p->child_ended || late)
		return false;
	playwait_for_end(p);
	return true;
}

static void
look_later(struct play *p)
{
	deadline next = ask_next_look(p->ask);

	timer_set(p->timer, next < p->until ? next : p->until);
}

/* What came last may still be for a branch that stands for all: the library decides it soon. */
static bool
is_in_doubt(struct play *p)
{
	int ms = p->pattern_count > 0 ? dualpipe_pollms(p->dp) : -1;
	deadline next;

	if (ms < 0 || ms > DOUBT_MS)
		return false;
	next = deadline_in(ms);
	timer_set(p->timer, next < p->until ? next : p->until);
	return true;
}

void
playask_look(struct play *p, bool late)
{
	int result;

	ask_set_shared(p->ask, p->pattern_count > 0);
	if (!p->at_end && (playwait_standing(p) || p->decided))
		return;
	if (!late && !p->at_end && is_in_doubt(p))
		return;
	result = p->at_end ? 1 : ask_look(p->ask, late);
	if (result < 0)
		(void)play_fail(p, PLAY_FAILED, p->step->at, "ask: %s",
		    errno == E2BIG ? "the pattern of the framing backtracks without end" : strerror(errno));
	else if (result == 0)
		look_later(p);
	else if (!end_is_to_come(p, late))
		take_reply(p);
}

void
playask_free(struct play *p)
{
	ask_free(p->ask);
	framing_free(&p->framing);
}
