/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A secret: got from where it is kept, and sent to a child that asks for one,
 * by a way that no record sees.
 */

#include "playing.h"

#include "secretfd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

enum {
	FIRST_LOOK_MS = 1,	/* between two looks whether the child has turned echo off and reads, growing */
	LAST_LOOK_MS = 50,
	PROMPT_MS = 100		/* a prompt that nothing follows for so long is one */
};

/* The line, with its Enter. */
static void
keep(void *arg, const char *secret, size_t size, const char *cause)
{
	struct play *p = arg;

	if (p->waiting != WAITING_SECRET)
		return; /* it was stopped meanwhile */
	if (cause) {
		(void)play_fail(p, PLAY_FAILED, p->step->at, "secret: %s", cause);
		return;
	}
	p->secret = malloc(size + 1);
	if (!p->secret) {
		(void)play_fail(p, PLAY_FAILED, p->step->at, "%s", strerror(ENOMEM));
		return;
	}
	memcpy(p->secret, secret, size);
	p->secret[size] = play_has_pty(p) ? '\r' : '\n';
	p->secret_size = size + 1;
	p->looks = 0;
	play_wait(p, WAITING_PROMPT, p->step, p->limit_ms);
	talk_wake(p->opts.talk);
}

static void
forget(struct play *p)
{
	if (p->secret)
		explicit_bzero(p->secret, p->secret_size);
	free(p->secret);
	p->secret = NULL;
	secretsource_free(p->source);
	p->source = NULL;
}

static void
send_secret(struct play *p)
{
	int result = talk_send(p->opts.talk, p->secret, p->secret_size, "secret");
	int error = errno;

	p->heard_prompt = false;
	play_note(p, p->step->at, "secret sent");
	if (result < 0 && error != EPIPE)
		(void)play_fail(p, PLAY_FAILED, p->step->at, "secret: cannot send: %s", strerror(error));
	else
		play_go_on(p);
	forget(p);
}

/* It sleeps reading a line that it does not echo. What was sent before has been read, or it would not be seen to wait. */
static bool
is_asked(struct play *p)
{
	struct termios mode;

	if (!play_has_pty(p) || p->step->flag)
		return true;
	if (tcgetattr(dualpipe_fd(p->dp, DUALPIPE_TO_CHILD), &mode) < 0)
		return false; /* it is gone */
	if (!(mode.c_lflag & ICANON) || (mode.c_lflag & ECHO) || talk_unsent(p->opts.talk) > 0)
		return false;
	switch (dualpipe_waits(p->dp)) {
	case DUALPIPE_BUSY:
		return false;
	case DUALPIPE_WAITS_UNKNOWN: /* nor is it known whose echo is off */
		return p->heard_prompt && deadline_left(p->heard + PROMPT_MS) == 0;
	case DUALPIPE_MAY_WAIT:
	case DUALPIPE_WAITS:
		break;
	}
	return true;
}

static void
look_again(struct play *p)
{
	int ms = FIRST_LOOK_MS << (p->looks < 6 ? p->looks : 6);
	deadline next = deadline_in(ms < LAST_LOOK_MS ? ms : LAST_LOOK_MS);

	p->looks++;
	timer_set(p->timer, next < p->until ? next : p->until);
}

void
playsecret_look(struct play *p, bool late)
{
	char state[80];

	if (p->waiting == WAITING_PROMPT && is_asked(p))
		send_secret(p);
	else if (late && p->waiting == WAITING_SECRET)
		(void)play_fail(p, PLAY_TIMEOUT, p->step->at, "secret: it was not to be had in %.3g s", play_waited(p));
	else if (late || (p->child_ended && p->waiting == WAITING_PROMPT))
		(void)play_fail(p, late ? PLAY_TIMEOUT : 1, p->step->at,
		    "secret: not sent, the child has not asked for one with echo off in %.3g s; %s (secret -f sends it anyway)",
		    play_waited(p), play_state(p, state, sizeof(state)));
	else if (p->waiting == WAITING_PROMPT)
		look_again(p);
	if (p->decided)
		forget(p);
}

/* What a person sees who is to type it. */
static void
make_question(struct play *p, char *text, size_t size)
{
	(void)snprintf(text, size, "dualpipe: secret for %s:%d", p->step->at.file, p->step->at.line);
}

bool
playsecret_begin(struct play *p, const struct dialogue_step *step)
{
	const char *word;
	char question[200];
	int fd;

	word = play_word(p, &step->words[0], ARGUMENT_SECRET);
	if (!word)
		return false;
	fd = secretsource_fd(word);
	if (fd >= 0 && !secretfd_is_given(p->opts.dialogue, fd))
		return play_fail(p, PLAY_FAILED, step->at, "secret: descriptor %d: %s", fd, strerror(errno));
	/* A person takes his time. */
	play_wait(p, WAITING_SECRET, step, strcmp(word, "tty") == 0 ? -1 : p->limit_ms);
	make_question(p, question, sizeof(question));
	p->source = secretsource_new(p->loop, word, question, keep, p);
	if (!p->source && !p->decided)
		return play_fail(p, PLAY_FAILED, step->at, "secret: %s", strerror(errno));
	if (p->decided)
		forget(p);
	else
		playsecret_look(p, false);
	return true;
}

void
playsecret_free(struct play *p)
{
	forget(p);
}
