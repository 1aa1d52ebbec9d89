/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "script.h"

#include "buf.h"
#include "cmd.h"
#include "conversation.h"
#include "dialogue.h"
#include "handover.h"
#include "io.h"
#include "msg.h"
#include "play.h"
#include "runprofile.h"
#include "secretfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct script {
	struct conversation c;
	struct dialogue dialogue;
	char **arguments;
	struct play *play;
	bool hands_over;
};

/* What is wrong may take lines of its own: the place is shown. */
static int
tell_cause(char *cause)
{
	msg_error_lines(cause);
	free(cause);
	return -1;
}

static int
add_file(struct script *s, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct buf text = { 0 };
	char *cause = NULL;
	int result = fd >= 0 ? io_read_all(fd, &text) : -1;

	if (result < 0)
		msg_error("cannot read dialogue '%s': %s", path, strerror(errno));
	if (!is_stdin)
		io_close(&fd);
	if (result == 0 &&
	    dialogue_add(&s->dialogue, is_stdin ? "stdin" : path, buf_peek(&text), text.size, &cause) < 0)
		result = tell_cause(cause);
	buf_free(&text);
	return result;
}

static int
add_steps(struct script *s)
{
	char name[32], *cause;
	size_t i;

	for (i = 0; i < s->c.asked->step_count; i++) {
		(void)snprintf(name, sizeof(name), "step %zu", i + 1);
		cause = NULL;
		if (dialogue_add(&s->dialogue, name, s->c.asked->steps[i], strlen(s->c.asked->steps[i]), &cause) < 0)
			return tell_cause(cause);
	}
	return 0;
}

/*
 * Behind FILE stand the dialogue's arguments, up to a "--" with the command
 * where the dialogue has none of its own.
 */
static int
take_words(struct script *s)
{
	char **words = s->c.asked->words;
	size_t n = 0;

	while (words[n] && (s->dialogue.spawns || strcmp(words[n], "--") != 0))
		n++;
	s->arguments = calloc(n + 1, sizeof(*s->arguments));
	if (!s->arguments) {
		msg_error("%s", strerror(ENOMEM));
		return -1;
	}
	memcpy(s->arguments, words, n * sizeof(*words));
	return words[n] ? runopts_take_command(s->c.asked, words + n + 1) : 0;
}

static int
read_dialogue(struct script *s)
{
	struct dialogue_opts opts = { 0 };
	char *cause = NULL;

	if ((s->c.asked->script ? add_file(s, s->c.asked->script) : add_steps(s)) < 0)
		return -1;
	if (s->c.asked->script && take_words(s) < 0)
		return -1;
	opts.has_command = s->c.asked->argv != NULL;
	if (dialogue_check(&s->dialogue, &opts, &cause) < 0)
		return tell_cause(cause);
	secretfd_keep(&s->dialogue);
	if (!s->c.asked->tame_given)
		s->c.asked->tame = s->dialogue.asks;
	return 0;
}

static void
heard(void *arg, const void *data, size_t size)
{
	struct script *s = arg;

	play_heard(s->play, data, size);
}

static void
changed(void *arg)
{
	struct script *s = arg;

	play_changed(s->play);
}

static void
child_ended(void *arg, int wait_status)
{
	struct script *s = arg;

	play_child_ended(s->play, wait_status);
}

static void
struck(void *arg)
{
	struct script *s = arg;

	play_stop(s->play, CMD_TIMEOUT);
}

static void
interrupted(void *arg, int signo, bool alone)
{
	struct script *s = arg;

	if (alone)
		play_stop(s->play, CMD_SIGNAL + signo);
	else
		play_interrupt(s->play, signo);
}

static void
say(void *arg, enum play_voice voice, const char *line)
{
	(void)arg;
	switch (voice) {
	case PLAY_ERROR:
		msg_error_lines(line);
		break;
	case PLAY_NOTICE:
		msg_notice_lines(line);
		break;
	case PLAY_VERBOSE:
		msg_verbose("%s", line);
		break;
	}
}

static struct dualpipe *
spawn(void *arg, char *const argv[], bool pty, int *status)
{
	struct script *s = arg;

	*status = CMD_FAILED;
	if (s->dialogue.asks)
		argv = runprofile_ask(s->c.asked, argv);
	if (!argv)
		return NULL;
	play_know(s->play, s->c.asked->profile);
	return conversation_start(&s->c, argv, pty, status);
}

static void
did(void *arg, const char *event)
{
	struct script *s = arg;

	conversation_did(&s->c, event);
}

static void
steps_over(void *arg)
{
	struct script *s = arg;

	conversation_steps_over(&s->c);
}

/* The editor waits in a place of its own, which must not be inside of the loop. */
static void
hand_over(void *arg)
{
	struct script *s = arg;

	s->hands_over = true;
	loop_stop(s->c.loop);
}

static int
converse(struct script *s)
{
	const char *cause = NULL;
	bool failed;

	for (;;) {
		if (conversation_run(&s->c) < 0)
			return -1;
		if (!s->hands_over)
			return 0;
		s->hands_over = false;
		failed = handover_run(&s->c, &cause) == HANDOVER_FAILED;
		play_back(s->play, failed ? cause : NULL);
		if (conversation_is_over(&s->c))
			return 0;
	}
}

static int
prepare(struct script *s)
{
	const struct conversation_parts parts = {
		.heard = heard,
		.changed = changed,
		.child_ended = child_ended,
		.struck = struck,
		.interrupted = interrupted,
		.arg = s
	};
	struct play_opts play = {
		.dialogue = &s->dialogue,
		.verbose = msg_is_verbose(),
		.reply = s->c.asked->reply,
		.raw = s->c.asked->raw,
		.spawn = spawn,
		.say = say,
		.did = did,
		.hand_over = hand_over,
		.over = steps_over,
		.arg = s
	};

	if (read_dialogue(s) < 0 || conversation_open(&s->c, &parts) < 0)
		return -1;
	play.arguments = s->arguments;
	play.talk = s->c.talk;
	s->play = play_new(s->c.loop, &play);
	if (s->play)
		return 0;
	msg_error("%s", strerror(errno));
	return -1;
}

static int
run(struct script *s, struct runopts *asked)
{
	int status = CMD_FAILED;
	bool wants_child;

	if (prepare(s) < 0)
		return CMD_FAILED;
	if (asked->argv && !spawn(s, asked->argv, false, &status))
		return status;
	play_begin(s->play, s->c.dp);
	if (converse(s) < 0)
		return CMD_FAILED;
	status = play_status(s->play, &wants_child);
	return wants_child ? conversation_status(&s->c) : status;
}

int
script_run(struct runopts *asked)
{
	struct script s = { .play = NULL };
	int status;

	conversation_begin(&s.c, asked);
	status = run(&s, asked);
	status = conversation_close(&s.c, status);
	play_free(s.play);
	conversation_free(&s.c);
	dialogue_free(&s.dialogue);
	free(s.arguments);
	return status;
}
