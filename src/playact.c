/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The steps that are done at once. */

#include "playing.h"

#include "keyname.h"
#include "match.h"
#include "number.h"
#include "signame.h"
#include "wordlist.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

/* What nobody reads any more is dropped: the expect that follows tells of the end. */
static bool
send(struct play *p, const struct dialogue_step *step, const char *data, size_t size, const char *event)
{
	p->heard_prompt = false;
	if (talk_send(p->opts.talk, data, size, event) == 0)
		return true;
	if (errno != EPIPE)
		return play_fail(p, PLAY_FAILED, step->at, "cannot send: %s", strerror(errno));
	play_note(p, step->at, "nobody reads what is sent here");
	return true;
}

static bool
do_send(struct play *p, const struct dialogue_step *step)
{
	const char *enter = play_has_pty(p) ? "\r" : "\n";

	buf_consume(&p->text, p->text.size);
	if (step->word_count > 0 && !play_expand(p, &step->words[0]))
		return false;
	if (step->kind == DIALOGUE_SENDLINE && buf_append(&p->text, enter, 1) < 0)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	return send(p, step, buf_peek(&p->text), p->text.size, NULL);
}

/* How the child's terminal wants its keys. */
static struct keyname_mode
key_mode(const struct play *p)
{
	struct keyname_mode mode = { .enter = play_has_pty(p) ? '\r' : '\n', .application = p->keys.application };
	struct termios termios;

	if (play_has_pty(p) && tcgetattr(dualpipe_fd(p->dp, DUALPIPE_TO_CHILD), &termios) == 0)
		mode.erase = (char)termios.c_cc[VERASE];
	return mode;
}

static bool
do_key(struct play *p, const struct dialogue_step *step)
{
	struct keyname_mode mode = key_mode(p);
	char bytes[KEYNAME_ROOM];
	const char *name;
	size_t i;

	for (i = 0; i < step->word_count; i++) {
		name = play_word(p, &step->words[i], ARGUMENT_KEY);
		if (!name || !send(p, step, bytes, keyname_bytes(name, &mode, bytes), NULL))
			return false;
	}
	return true;
}

/* A terminal's end-of-file is a character, and one read of nothing; a pipe has but one end. */
static bool
do_sendeof(struct play *p, const struct dialogue_step *step)
{
	struct termios mode;
	char end = 4;

	if (!play_has_pty(p)) {
		talk_send_end(p->opts.talk, "eof");
		return true;
	}
	if (tcgetattr(dualpipe_fd(p->dp, DUALPIPE_TO_CHILD), &mode) == 0 && mode.c_cc[VEOF] != _POSIX_VDISABLE)
		end = (char)mode.c_cc[VEOF];
	return send(p, step, &end, 1, "eof");
}

static bool
do_signal(struct play *p, const struct dialogue_step *step)
{
	const char *name = play_word(p, &step->words[0], ARGUMENT_SIGNAL);
	char words[SIGNAME_ROOM + 8], text[SIGNAME_ROOM];
	int signo;

	if (!name)
		return false;
	signo = signame_parse(name);
	(void)snprintf(words, sizeof(words), "signal %s", signame_get(signo, text));
	p->opts.did(p->opts.arg, words);
	(void)dualpipe_signal(p->dp, signo); /* it may just have ended, which the next expect tells */
	return true;
}

static bool
take_extent(struct play *p, const struct dialogue_text *word, unsigned long *value)
{
	const char *text = play_word(p, word, ARGUMENT_EXTENT);

	return text && number_whole(text, 1, USHRT_MAX, value, NULL);
}

static bool
do_resize(struct play *p, const struct dialogue_step *step)
{
	unsigned long rows, columns;
	char words[32];

	if (!take_extent(p, &step->words[0], &rows) || !take_extent(p, &step->words[1], &columns))
		return false;
	if (!play_has_pty(p))
		return play_fail(p, PLAY_FAILED, step->at, "resize: the child has pipes and no terminal; spawn -p or --pty gives it one");
	(void)snprintf(words, sizeof(words), "resize %lu %lu", rows, columns);
	p->opts.did(p->opts.arg, words);
	(void)dualpipe_resize(p->dp, (unsigned short)rows, (unsigned short)columns); /* it may just have ended */
	return true;
}

static bool
do_spawn(struct play *p, const struct dialogue_step *step)
{
	char **argv = calloc(step->word_count + 1, sizeof(*argv));
	const char *word;
	int status = PLAY_FAILED;
	size_t i;

	for (i = 0; argv && i < step->word_count; i++) {
		word = play_word(p, &step->words[i], ARGUMENT_WORD);
		argv[i] = word ? strdup(word) : NULL;
		if (!argv[i])
			break;
	}
	if (argv && i == step->word_count && !p->dp) {
		play_take_child(p, p->opts.spawn(p->opts.arg, argv, step->flag, &status));
		if (!p->dp)
			play_stop(p, status);
	}
	wordlist_free(argv);
	if (!p->decided && !p->dp)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	return p->dp != NULL;
}

static bool
do_timeout(struct play *p, const struct dialogue_step *step)
{
	const char *word = play_word(p, &step->words[0], ARGUMENT_DURATION);

	return word && number_duration(word, &p->limit_ms);
}

static bool
do_set(struct play *p, const struct dialogue_step *step)
{
	if (!play_expand(p, &step->words[0]))
		return false;
	if (vars_set(p->vars, step->name, buf_peek(&p->text), p->text.size) < 0)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	return true;
}

/* A reader who has gone ends us as SIGPIPE would. */
void
playact_printed(struct play *p)
{
	int error = outq_error(p->out);

	if (error == EPIPE) {
		play_stop(p, 128 + SIGPIPE);
	} else if (error != 0) {
		(void)play_fail(p, PLAY_FAILED, p->step->at, "cannot write to stdout: %s", strerror(error));
	} else if (outq_size(p->out) == 0) {
		play_go_on(p);
	}
}

static bool
do_print(struct play *p, const struct dialogue_step *step)
{
	if (!play_expand(p, &step->words[0]))
		return false;
	if (buf_append(&p->text, "\n", 1) < 0 || outq_put(p->out, buf_peek(&p->text), p->text.size) < 0)
		return play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
	play_wait(p, WAITING_OUTPUT, step, -1);
	playact_printed(p);
	return true;
}

static bool
do_exit(struct play *p, const struct dialogue_step *step)
{
	const char *word = step->word_count > 0 ? play_word(p, &step->words[0], ARGUMENT_STATUS) : "0";

	if (!word)
		return false;
	play_stop(p, atoi(word));
	return true;
}

/* Into p->other: a message goes on behind a NUL. */
static bool
show_nuls(struct play *p, const struct dialogue_step *step)
{
	const char *at = buf_peek(&p->text), *end = at + p->text.size, *nul;
	int result = 0;

	buf_consume(&p->other, p->other.size);
	while (result == 0 && (nul = memchr(at, '\0', (size_t)(end - at)))) {
		result = buf_append(&p->other, at, (size_t)(nul - at));
		if (result == 0)
			result = buf_append(&p->other, "\\0", 2);
		at = nul + 1;
	}
	if (result == 0)
		result = buf_append(&p->other, at, (size_t)(end - at));
	return result == 0 || play_fail(p, PLAY_FAILED, step->at, "%s", strerror(ENOMEM));
}

static bool
do_fail(struct play *p, const struct dialogue_step *step)
{
	if (!play_expand(p, &step->words[0]) || !show_nuls(p, step))
		return false;
	return play_fail(p, 1, step->at, "%.*s", (int)p->other.size, buf_peek(&p->other));
}

/* What matched in p->text. */
struct found {
	const char *text;
	const struct match *match;
	struct match_span *spans;
};

static const char *
get_group(void *arg, unsigned group, const char *name, size_t *size)
{
	const struct found *f = arg;
	const struct match_span *span = &f->spans[name ? (unsigned)match_named(f->match, name, f->spans) : group];

	*size = span->end - span->start;
	return span->start == SIZE_MAX ? NULL : f->text + span->start;
}

/* Looks for it in p->text; as match_once(). */
static int
look_for(struct play *p, struct match *m, const struct dialogue_pattern *pattern)
{
	struct found f = { .text = buf_peek(&p->text), .match = m };
	int result;

	f.spans = calloc(match_groups(m) + 1, sizeof(*f.spans));
	if (!f.spans)
		return -1;
	result = match_once(m, f.text, p->text.size, f.spans);
	if (result > 0 && (vars_set_match(p->vars, pattern, get_group, &f) < 0 ||
	    vars_set(p->vars, "before", f.text, f.spans[0].start) < 0))
		result = -1;
	free(f.spans);
	return result;
}

int
playact_matches(struct play *p, const struct dialogue_step *step)
{
	const struct dialogue_pattern *pattern = &step->branches[0].pattern;
	struct match *m;
	char *cause;
	int result;

	if (!play_expand(p, &step->words[0]) || !play_expand_to(p, &pattern->text, VARS_REGEX, &p->other))
		return -1;
	m = match_new(buf_peek(&p->other), p->other.size, dialogue_match_flags(pattern), &cause, NULL);
	result = m ? look_for(p, m, pattern) : -1;
	if (result < 0 && !cause && errno == E2BIG)
		(void)play_fail(p, PLAY_FAILED, pattern->at, "%s: it backtracks without end", pattern->source);
	else if (result < 0)
		(void)play_fail(p, PLAY_FAILED, pattern->at, "%s: %s", pattern->source, cause ? cause : strerror(errno));
	match_free(m);
	free(cause);
	return result;
}

bool
playact_do(struct play *p, const struct dialogue_step *step)
{
	switch (step->kind) {
	case DIALOGUE_SPAWN:
		return do_spawn(p, step);
	case DIALOGUE_SEND:
	case DIALOGUE_SENDLINE:
		return do_send(p, step);
	case DIALOGUE_KEY:
		return do_key(p, step);
	case DIALOGUE_SENDEOF:
		return do_sendeof(p, step);
	case DIALOGUE_SIGNAL:
		return do_signal(p, step);
	case DIALOGUE_RESIZE:
		return do_resize(p, step);
	case DIALOGUE_SET_TIMEOUT:
		return do_timeout(p, step);
	case DIALOGUE_SET:
		return do_set(p, step);
	case DIALOGUE_INTERACT:
		play_wait(p, WAITING_PERSON, step, -1);
		p->opts.hand_over(p->opts.arg);
		return true;
	case DIALOGUE_PRINT:
		return do_print(p, step);
	case DIALOGUE_EXIT:
		return do_exit(p, step);
	case DIALOGUE_FAIL:
		return do_fail(p, step);
	case DIALOGUE_EXPECT:
	case DIALOGUE_ON:
	case DIALOGUE_AGAIN:
	case DIALOGUE_ASK:
	case DIALOGUE_SET_REPLY:
	case DIALOGUE_IF:
	case DIALOGUE_REPEAT:
	case DIALOGUE_FOR:
	case DIALOGUE_BREAK:
	case DIALOGUE_CLOSE:
	case DIALOGUE_WAIT:
	case DIALOGUE_SLEEP:
	case DIALOGUE_SECRET:
		break; /* not done at once */
	}
	return false;
}
