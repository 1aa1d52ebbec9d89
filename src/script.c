/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "script.h"

#include "buf.h"
#include "cmd.h"
#include "deadline.h"
#include "dialogue.h"
#include "dualpipe.h"
#include "ending.h"
#include "io.h"
#include "loop.h"
#include "msg.h"
#include "outcome.h"
#include "outq.h"
#include "play.h"
#include "record.h"
#include "report.h"
#include "secretsource.h"
#include "signame.h"
#include "talk.h"
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct script {
	struct runopts *asked;
	struct dialogue dialogue;
	char **arguments;
	struct loop *loop;
	struct ending *ending;
	struct talk *talk;
	struct play *play;
	struct outq *shown;		/* --show */
	struct transcript *transcript;
	struct dualpipe *dp;
	char *name;			/* of the command */
	bool pty;
	bool own_group;
	bool child_over;
	bool steps_over;
	bool failed;			/* we ourselves, besides what the dialogue comes to */
	int interrupted;		/* by this signal, for the dialogue to end */
	int64_t began_us;
	struct outlet report;		/* of --status-fd */
};

/* The dialogue. */

/* All of a file, NULL with errno; size without the NUL behind it. */
static char *
read_all(int fd, size_t *size)
{
	struct buf text = { 0 };
	ssize_t n;
	char *to;

	do {
		to = buf_reserve(&text, 65536);
		n = to ? io_read(fd, to, 65535) : -1;
		if (n > 0)
			buf_added(&text, (size_t)n);
	} while (n > 0);
	if (n < 0) {
		buf_free(&text);
		return NULL;
	}
	*size = text.size;
	return text.data;
}

/* What is wrong may take lines of its own: the place is shown. */
static int
tell_cause(char *cause)
{
	char *line, *next;

	for (line = cause; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		msg_error("%s", line);
	}
	free(cause);
	return -1;
}

static int
add_file(struct script *s, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = NULL, *cause = NULL;
	size_t size = 0;
	int result;

	if (fd >= 0)
		text = read_all(fd, &size);
	if (!text) {
		msg_error("cannot read dialogue '%s': %s", path, strerror(errno));
		if (!is_stdin)
			io_close(&fd);
		return -1;
	}
	if (!is_stdin)
		io_close(&fd);
	result = dialogue_add(&s->dialogue, is_stdin ? "stdin" : path, text, size, &cause);
	free(text);
	return result < 0 ? tell_cause(cause) : 0;
}

static int
add_steps(struct script *s)
{
	char name[32], *cause;
	size_t i;

	for (i = 0; i < s->asked->step_count; i++) {
		(void)snprintf(name, sizeof(name), "step %zu", i + 1);
		cause = NULL;
		if (dialogue_add(&s->dialogue, name, s->asked->steps[i], strlen(s->asked->steps[i]), &cause) < 0)
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
	char **words = s->asked->words;
	size_t n = 0;

	while (words[n] && (s->dialogue.spawns || strcmp(words[n], "--") != 0))
		n++;
	s->arguments = calloc(n + 1, sizeof(*s->arguments));
	if (!s->arguments) {
		msg_error("%s", strerror(ENOMEM));
		return -1;
	}
	memcpy(s->arguments, words, n * sizeof(*words));
	return words[n] ? runopts_take_command(s->asked, words + n + 1) : 0;
}

/* What is named to us is not the child's. */
static void
keep_secret_fds(const struct dialogue_block *block)
{
	size_t i, j;
	int fd;

	for (i = 0; i < block->count; i++) {
		const struct dialogue_step *step = &block->steps[i];

		if (step->kind == DIALOGUE_SECRET && step->words[0].count == 1 && !step->words[0].pieces[0].is_variable) {
			fd = secretsource_fd(step->words[0].pieces[0].text);
			if (fd > STDERR_FILENO)
				(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* one that is not open is told where it is used */
		}
		for (j = 0; j < step->branch_count; j++)
			keep_secret_fds(&step->branches[j].block);
		keep_secret_fds(&step->body);
		keep_secret_fds(&step->otherwise);
	}
}

static int
read_dialogue(struct script *s)
{
	struct dialogue_opts opts = { 0 };
	char *cause = NULL;

	if ((s->asked->script ? add_file(s, s->asked->script) : add_steps(s)) < 0)
		return -1;
	if (s->asked->script && take_words(s) < 0)
		return -1;
	opts.has_command = s->asked->argv != NULL;
	if (dialogue_check(&s->dialogue, &opts, &cause) < 0)
		return tell_cause(cause);
	keep_secret_fds(&s->dialogue.block);
	return 0;
}

/* What the parts tell us. */

static void
show(struct script *s, const void *data, size_t size)
{
	if (s->shown)
		(void)outq_put(s->shown, data, size); /* memory is out: it is not shown */
}

static void
passed(void *arg, enum dualpipe_end end, const void *data, size_t size)
{
	struct script *s = arg;

	if (end == DUALPIPE_FROM_CHILD)
		play_heard(s->play, data, size);
	record_data(s->transcript, end, data, size);
	if (end != DUALPIPE_ERR)
		show(s, data, size);
}

static void
did(void *arg, const char *event)
{
	struct script *s = arg;

	record_event(s->transcript, event);
	if (strcmp(event, "secret") == 0)
		show(s, "\n", 1);
}

static void
shown(void *arg)
{
	struct script *s = arg;

	talk_wake(s->talk);
}

static void
say(void *arg, enum play_voice voice, const char *line)
{
	(void)arg;
	if (voice == PLAY_ERROR)
		(void)tell_cause(strdup(line));
	else
		msg_verbose("%s", line);
}

static void
end_loop_if_over(struct script *s)
{
	if (s->steps_over && (s->child_over || !s->dp))
		loop_stop(s->loop);
}

/* What nobody looks at any more is taken in and thrown away, so that the child can end. */
static void
drop_output(struct script *s)
{
	size_t size;

	(void)dualpipe_expect(s->dp, NULL, 0, 0);
	(void)dualpipe_peek(s->dp, &size);
	dualpipe_consume(s->dp, size);
}

static void
changed(void *arg)
{
	struct script *s = arg;

	if (s->steps_over)
		drop_output(s);
	else
		play_changed(s->play);
	ending_output_done(s->ending);
}

static void
steps_over(void *arg)
{
	struct script *s = arg;

	s->steps_over = true;
	if (s->dp && !s->child_over) {
		talk_listen(s->talk, true);
		talk_send_end(s->talk);
		ending_asked(s->ending);
	}
	end_loop_if_over(s);
}

static void
child_over(void *arg)
{
	struct script *s = arg;
	int status = 0;

	s->child_over = true;
	(void)dualpipe_read_end(s->dp);
	(void)ending_status(s->ending, &status);
	play_child_ended(s->play, status);
	end_loop_if_over(s);
}

static void
limit_struck(void *arg, enum ending_reason reason)
{
	struct script *s = arg;

	msg_notice("%s ran out, '%s' is ended", reason == ENDING_IDLE ? "--idle-timeout" : "--timeout", s->name);
	play_stop(s->play, CMD_TIMEOUT);
}

static void
signal_went_on(void *arg, int signo)
{
	struct script *s = arg;
	char name[SIGNAME_ROOM], words[SIGNAME_ROOM + 8];

	(void)snprintf(words, sizeof(words), "signal %s", signame_get(signo, name));
	msg_verbose("%s went on to '%s'", words, s->name);
	record_event(s->transcript, words);
}

/* Without a child there is nobody for it to go on to; a second one means us. */
static void
interrupted(void *arg, int signo, bool from_kernel)
{
	struct script *s = arg;

	(void)from_kernel;
	if (s->dp && !s->child_over && s->interrupted++ == 0) {
		play_interrupt(s->play);
		return;
	}
	play_stop(s->play, CMD_SIGNAL + signo);
}

/* The child. */

static int
open_record(struct script *s, char *const argv[], unsigned short rows, unsigned short columns)
{
	const struct record_opts opts = {
		.asked = s->asked,
		.argv = argv,
		.pty = s->pty,
		.typed = s->asked->echo || s->asked->raw,
		.keys = s->pty,
		.rows = rows,
		.columns = columns
	};

	return record_open(&s->transcript, &opts);
}

static enum dualpipe_stderr
stderr_way(const struct script *s)
{
	if (s->asked->stderr_given)
		return s->asked->stderr_to;
	return s->pty ? DUALPIPE_STDERR_DEFAULT : DUALPIPE_STDERR_PIPE;
}

static struct dualpipe *
start(struct script *s, char *const argv[], int *status)
{
	struct outcome_failure failure = { .name = argv[0], .pty = s->pty };
	struct dualpipe_opts opts = {
		.channel = s->pty ? DUALPIPE_PTY : DUALPIPE_PIPES,
		.terminal = s->asked->echo || s->asked->raw ? DUALPIPE_TYPED : DUALPIPE_KEYS,
		.stderr_to = stderr_way(s),
		.stderr_fd = s->asked->stderr_fd,
		.rows = s->asked->rows,
		.columns = s->asked->columns,
		.directory = s->asked->directory,
		.environment = s->asked->environment,
		.own_group = s->own_group,
		.die_with_parent = true,
		.sigpipe_handled = true,
		.ignored = loop_ignored(s->loop),
		.match_buffer = s->asked->match_buffer,
		.seen = talk_seen,
		.seen_arg = s->talk,
		.failed_at = &failure.stage
	};

	if (opts.rows == 0 && !tty_size(&opts.rows, &opts.columns)) {
		opts.rows = TTY_ROWS;
		opts.columns = TTY_COLUMNS;
	}
	*status = CMD_FAILED;
	if (open_record(s, argv, opts.rows, opts.columns) < 0)
		return NULL;
	s->dp = dualpipe_spawn(argv, &opts);
	if (!s->dp) {
		failure.error = errno;
		*status = outcome_not_started(s->asked, &failure);
	}
	return s->dp;
}

/* Of a spawn step, or of our command line. */
static struct dualpipe *
spawn(void *arg, char *const argv[], bool pty, int *status)
{
	struct script *s = arg;
	struct ending_channel channel;

	s->pty = pty || s->asked->pty;
	s->own_group = s->pty || !tty_controls();
	free(s->name);
	s->name = strdup(argv[0]);
	if (!s->name || !start(s, argv, status))
		return NULL;
	report_start(&s->report, dualpipe_pid(s->dp));
	msg_verbose("'%s' runs as process %d on %s", s->name, (int)dualpipe_pid(s->dp), s->pty ? "a pty" : "pipes");
	talk_channel(s->talk, &channel);
	channel.own_group = s->own_group;
	if (talk_begin(s->talk, s->dp) == 0 && ending_begin(s->ending, s->dp, &channel) == 0)
		return s->dp;
	msg_error("%s", strerror(errno));
	return NULL;
}

/* All of it. */

static int
open_talk(struct script *s)
{
	struct talk_opts talk = {
		.changed = changed,
		.passed = passed,
		.did = did,
		.arg = s,
		.err_fd = STDERR_FILENO
	};
	struct play_opts play = {
		.dialogue = &s->dialogue,
		.arguments = s->arguments,
		.spawn = spawn,
		.say = say,
		.did = did,
		.over = steps_over,
		.arg = s
	};

	s->talk = talk_new(s->loop, &talk);
	play.talk = s->talk;
	s->play = s->talk ? play_new(s->loop, &play) : NULL;
	if (s->asked->show)
		s->shown = outq_new(s->loop, STDERR_FILENO, shown, s);
	return s->play && (s->shown || !s->asked->show) ? 0 : -1;
}

static int
catch_signals(struct script *s)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (loop_signal(s->loop, ending[i], interrupted, s) < 0)
			return -1;
	return 0;
}

static int
prepare(struct script *s)
{
	struct ending_opts opts = {
		.timeout_ms = s->asked->timeout_ms,
		.idle_ms = s->asked->idle_ms,
		.kill_after_ms = s->asked->kill_after_ms,
		.linger_ms = s->asked->linger_ms,
		.struck = limit_struck,
		.signalled = signal_went_on,
		.over = child_over,
		.arg = s
	};

	if (read_dialogue(s) < 0)
		return -1;
	s->loop = loop_new();
	if (s->loop)
		s->ending = ending_new(s->loop, &opts);
	if (s->ending && open_talk(s) == 0 && catch_signals(s) == 0)
		return 0;
	msg_error("%s", strerror(errno));
	return -1;
}

static bool
tell_failures(struct script *s)
{
	int wait_status = 0;
	bool known = s->dp && ending_status(s->ending, &wait_status);

	return record_close(&s->transcript, s->asked, known, wait_status) < 0;
}

static int
converse(struct script *s)
{
	bool wants_child;
	int status;

	if (loop_run(s->loop) < 0) {
		msg_error("cannot wait for '%s': %s", s->name ? s->name : "the dialogue", strerror(errno));
		return CMD_FAILED;
	}
	status = play_status(s->play, &wants_child);
	if (wants_child)
		status = outcome_status(s->ending);
	if (tell_failures(s))
		return CMD_FAILED;
	return status;
}

static int
play(struct script *s)
{
	int status = CMD_FAILED;

	if (prepare(s) < 0)
		return CMD_FAILED;
	if (s->asked->argv && !spawn(s, s->asked->argv, false, &status))
		return status;
	play_begin(s->play, s->dp);
	return converse(s);
}

static void
report(struct script *s, bool failed)
{
	struct report report = {
		.pid = s->dp ? dualpipe_pid(s->dp) : 0,
		.reason = outcome_reason(s->ending, failed || !s->dp),
		.ms = (deadline_now_us() - s->began_us) / 1000
	};

	if (s->dp) {
		report.have_status = ending_status(s->ending, &report.status);
		report.to_child = talk_to_child(s->talk);
		report.from_child = talk_from_child(s->talk);
	}
	report_end(&s->report, &report);
}

static void
clean_up(struct script *s)
{
	play_free(s->play);
	outq_free(s->shown);
	ending_free(s->ending);
	talk_free(s->talk);
	loop_free(s->loop);
	(void)dualpipe_close(s->dp, NULL, NULL); /* its status was told, or we failed */
	record_drop(&s->transcript);
	dialogue_free(&s->dialogue);
	free(s->arguments);
	free(s->name);
}

int
script_run(struct runopts *asked)
{
	struct script s = { .asked = asked, .began_us = deadline_now_us() };
	int patience_ms = -1, status;

	report_open(&s.report, asked->status_fd);
	msg_keep();
	status = play(&s);
	report(&s, status == CMD_FAILED);
	if (s.ending && ending_reason(s.ending) != ENDING_BY_ITSELF)
		patience_ms = OUTLET_PATIENCE_MS;
	outlet_end(&s.report, patience_ms);
	msg_end(patience_ms);
	clean_up(&s);
	return status;
}
