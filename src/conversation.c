/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "conversation.h"

#include "buf.h"
#include "cmd.h"
#include "deadline.h"
#include "msg.h"
#include "outcome.h"
#include "profile.h"
#include "record.h"
#include "report.h"
#include "signame.h"
#include "tty.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of what is shown waits so much for its reader, and the child with it. */
enum { MOST_SHOWN = 65536 };

static void
show(struct conversation *c, const void *data, size_t size)
{
	if (c->shown)
		(void)outq_put(c->shown, data, size); /* memory is out: it is not shown */
}

/* Enter, as a newline: what comes next would be written over a line that ends in "\r". */
static void
show_sent(struct conversation *c, const char *data, size_t size)
{
	const char *end = data + size, *enter;

	while ((enter = memchr(data, '\r', (size_t)(end - data)))) {
		show(c, data, (size_t)(enter - data));
		if (enter + 1 == end || enter[1] != '\n')
			show(c, "\n", 1);
		data = enter + 1;
	}
	show(c, data, (size_t)(end - data));
}

static void
passed(void *arg, enum dualpipe_end end, const void *data, size_t size)
{
	struct conversation *c = arg;

	if (end == DUALPIPE_FROM_CHILD && c->parts.heard)
		c->parts.heard(c->parts.arg, data, size);
	else if (end == DUALPIPE_ERR && c->parts.heard_err)
		c->parts.heard_err(c->parts.arg, data, size);
	record_data(c->transcript, end, data, size);
	if (c->lent)
		return;
	if (end == DUALPIPE_TO_CHILD)
		show_sent(c, data, size);
	else if (end == DUALPIPE_FROM_CHILD)
		show(c, data, size);
}

static void
did(void *arg, const char *event)
{
	struct conversation *c = arg;

	record_event(c->transcript, event);
	if (strcmp(event, "secret") == 0)
		show(c, "\n", 1);
}

void
conversation_did(struct conversation *c, const char *event)
{
	did(c, event);
}

static size_t
not_shown(const struct conversation *c)
{
	return c->shown ? outq_size(c->shown) : 0;
}

bool
conversation_is_over(const struct conversation *c)
{
	return c->steps_over && (c->child_over || !c->dp) && not_shown(c) == 0;
}

static void
end_loop_if_over(struct conversation *c)
{
	if (conversation_is_over(c))
		loop_stop(c->loop);
}

static bool
is_full(void *arg)
{
	return not_shown(arg) >= MOST_SHOWN;
}

static void
shown(void *arg)
{
	struct conversation *c = arg;

	if (!is_full(c))
		talk_wake(c->talk);
	end_loop_if_over(c);
}

static void
hurry(struct conversation *c)
{
	if (c->shown)
		outq_hurry(c->shown, OUTLET_PATIENCE_MS);
}

/* What nobody looks at any more is taken in and thrown away, so that the child can end. */
static void
drop_output(struct conversation *c)
{
	size_t size;

	(void)dualpipe_expect(c->dp, NULL, 0, 0); /* its end is seen elsewhere */
	(void)dualpipe_peek(c->dp, &size);
	dualpipe_consume(c->dp, size);
}

static void
changed(void *arg)
{
	struct conversation *c = arg;

	if (c->steps_over)
		drop_output(c);
	else
		c->parts.changed(c->parts.arg);
	ending_output_done(c->ending);
}

void
conversation_lend(struct conversation *c, bool on)
{
	c->lent = on;
	talk_lend(c->talk, on);
}

void
conversation_end_input(struct conversation *c)
{
	if (!c->dp || c->child_over)
		return;
	talk_send_end(c->talk, NULL);
	ending_asked(c->ending);
}

/* What its profile has for that; else end-of-file. */
static void
take_leave(struct conversation *c)
{
	const struct profile *p = c->asked->profile;
	struct buf line = { 0 };

	if (!c->dp || c->child_over)
		return;
	if (p && p->quits && buf_append(&line, buf_peek(&p->quit), p->quit.size) == 0 &&
	    buf_append(&line, c->pty ? "\r" : "\n", 1) == 0 && talk_send(c->talk, buf_peek(&line), line.size, NULL) == 0)
		ending_asked(c->ending);
	else
		conversation_end_input(c);
	buf_free(&line);
}

void
conversation_steps_over(struct conversation *c)
{
	c->steps_over = true;
	if (c->dp && !c->child_over)
		talk_listen(c->talk, true);
	take_leave(c);
	end_loop_if_over(c);
}

static void
child_over(void *arg)
{
	struct conversation *c = arg;
	int status = 0;

	c->child_over = true;
	(void)dualpipe_read_end(c->dp);
	(void)ending_status(c->ending, &status);
	if (c->parts.child_ended && !c->steps_over)
		c->parts.child_ended(c->parts.arg, status);
	if (c->lent)
		loop_stop(c->loop);
	end_loop_if_over(c);
}

static void
limit_struck(void *arg, enum ending_reason reason)
{
	struct conversation *c = arg;

	const char *limit = reason == ENDING_IDLE ? "--idle-timeout" : "--timeout";

	if (c->dp && reason != ENDING_STRUCK)
		msg_notice("%s ran out, '%s' is ended", limit, c->name);
	else if (reason != ENDING_STRUCK)
		msg_notice("%s ran out", limit);
	hurry(c);
	if (c->parts.struck)
		c->parts.struck(c->parts.arg);
}

static void
signal_went_on(void *arg, int signo)
{
	struct conversation *c = arg;
	char name[SIGNAME_ROOM], words[SIGNAME_ROOM + 8];

	(void)snprintf(words, sizeof(words), "signal %s", signame_get(signo, name));
	msg_verbose("%s went on to '%s'", words, c->name);
	record_event(c->transcript, words);
}

/* Without a child there is nobody for it to go on to; a second one means us. */
static void
interrupted(void *arg, int signo, bool from_kernel)
{
	struct conversation *c = arg;
	bool alone = !c->dp || c->child_over || c->interrupted++ > 0;

	(void)from_kernel;
	if (alone)
		hurry(c);
	if (c->parts.interrupted)
		c->parts.interrupted(c->parts.arg, signo, alone);
}

static enum dualpipe_terminal
terminal(const struct conversation *c)
{
	if (c->asked->echo || c->asked->raw)
		return DUALPIPE_TYPED;
	return c->parts.stream && !c->asked->keys ? DUALPIPE_DATA : DUALPIPE_KEYS;
}

static int
open_record(struct conversation *c, char *const argv[], unsigned short rows, unsigned short columns)
{
	const struct record_opts opts = {
		.asked = c->asked,
		.argv = argv,
		.pty = c->pty,
		.terminal = terminal(c),
		.keys = c->pty,
		.rows = rows,
		.columns = columns
	};

	return record_open(&c->transcript, &opts);
}

static enum dualpipe_stderr
stderr_way(const struct conversation *c)
{
	if (c->asked->stderr_given)
		return c->asked->stderr_to;
	return c->pty ? DUALPIPE_STDERR_DEFAULT : DUALPIPE_STDERR_PIPE;
}

static struct dualpipe *
start(struct conversation *c, char *const argv[], int *status)
{
	struct outcome_failure failure = { .name = c->name, .pty = c->pty };
	struct dualpipe_opts opts = {
		.channel = c->pty ? DUALPIPE_PTY : DUALPIPE_PIPES,
		.terminal = terminal(c),
		.stderr_to = stderr_way(c),
		.stderr_fd = c->asked->stderr_fd,
		.rows = c->asked->rows,
		.columns = c->asked->columns,
		.directory = c->asked->directory,
		.environment = runopts_environment(c->asked),
		.own_group = c->own_group,
		.die_with_parent = true,
		.sigpipe_handled = true,
		.ignored = loop_ignored(c->loop),
		.match_buffer = c->asked->match_buffer,
		.seen = talk_seen,
		.seen_arg = c->talk,
		.failed_at = &failure.stage
	};

	if (opts.rows == 0 && c->asked->tame) {
		opts.rows = TAME_ROWS;
		opts.columns = TAME_COLUMNS;
	}
	if (opts.rows == 0 && !tty_size(&opts.rows, &opts.columns)) {
		opts.rows = TTY_ROWS;
		opts.columns = TTY_COLUMNS;
	}
	*status = CMD_FAILED;
	if (open_record(c, argv, opts.rows, opts.columns) < 0)
		return NULL;
	c->dp = dualpipe_spawn(argv, &opts);
	if (!c->dp) {
		failure.error = errno;
		*status = outcome_not_started(c->asked, &failure);
	}
	return c->dp;
}

/* Without memory for it there is no child, so nobody waits for its end. */
static int
begin(struct conversation *c)
{
	struct ending_channel channel;

	talk_channel(c->talk, &channel);
	channel.own_group = c->own_group;
	if (talk_begin(c->talk, c->dp) == 0 && ending_begin(c->ending, c->dp, &channel) == 0)
		return 0;
	msg_error("cannot talk to '%s': %s", c->name, strerror(errno));
	talk_end(c->talk);
	(void)dualpipe_close(c->dp, NULL, NULL); /* whatever became of it */
	c->dp = NULL;
	return -1;
}

struct dualpipe *
conversation_start(struct conversation *c, char *const argv[], bool pty, int *status)
{
	c->pty = pty || c->asked->pty;
	c->own_group = c->pty || !tty_controls();
	free(c->name);
	c->name = strdup(argv == c->asked->argv ? runopts_name(c->asked) : argv[0]);
	if (!c->name || !start(c, argv, status) || begin(c) < 0)
		return NULL;
	report_start(&c->report, dualpipe_pid(c->dp));
	msg_verbose("'%s' runs as process %d on %s", c->name, (int)dualpipe_pid(c->dp), c->pty ? "a pty" : "pipes");
	return c->dp;
}

static int
catch_signals(struct conversation *c)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (loop_signal(c->loop, ending[i], interrupted, c) < 0)
			return -1;
	return 0;
}

static int
open_talk(struct conversation *c)
{
	const struct talk_opts talk = {
		.changed = changed,
		.passed = passed,
		.full = is_full,
		.did = did,
		.arg = c,
		.err_fd = c->parts.heard_err ? -1 : STDERR_FILENO
	};

	c->talk = talk_new(c->loop, &talk);
	if (c->asked->show)
		c->shown = outq_new(c->loop, STDERR_FILENO, shown, c);
	return c->talk && (c->shown || !c->asked->show) ? 0 : -1;
}

void
conversation_begin(struct conversation *c, struct runopts *asked)
{
	*c = (struct conversation){ .asked = asked, .began_us = deadline_now_us() };
	report_open(&c->report, asked->status_fd);
	msg_keep();
}

int
conversation_open(struct conversation *c, const struct conversation_parts *parts)
{
	struct ending_opts opts = {
		.timeout_ms = c->asked->timeout_ms,
		.idle_ms = c->asked->idle_ms,
		.kill_after_ms = c->asked->kill_after_ms,
		.linger_ms = c->asked->linger_ms,
		.struck = limit_struck,
		.signalled = signal_went_on,
		.over = child_over,
		.arg = c
	};

	c->parts = *parts;
	if (runopts_open(c->asked) < 0)
		return -1;
	c->loop = loop_new();
	if (c->loop)
		c->ending = ending_new(c->loop, &opts);
	if (c->ending && open_talk(c) == 0 && catch_signals(c) == 0)
		return 0;
	msg_error("%s", strerror(errno));
	return -1;
}

int
conversation_run(struct conversation *c)
{
	if (loop_run(c->loop) == 0)
		return 0;
	msg_error("cannot wait for '%s': %s", c->name ? c->name : "the dialogue", strerror(errno));
	return -1;
}

/* A dialogue may do without a child. */
static const char *
reason(const struct conversation *c, bool failed)
{
	if (!failed && !c->name && ending_reason(c->ending) == ENDING_BY_ITSELF)
		return "exited";
	return outcome_reason(c->ending, failed);
}

static void
report(struct conversation *c, bool failed)
{
	struct report report = {
		.pid = c->dp ? dualpipe_pid(c->dp) : 0,
		.reason = reason(c, failed || c->report.error),
		.ms = (deadline_now_us() - c->began_us) / 1000
	};

	if (c->dp) {
		report.have_status = ending_status(c->ending, &report.status);
		report.to_child = talk_to_child(c->talk);
		report.from_child = talk_from_child(c->talk);
	}
	report_end(&c->report, &report);
}

int
conversation_status(struct conversation *c)
{
	c->child_says = true;
	outcome_tell_rest(c->ending, c->name);
	return outcome_status(c->ending);
}

int
conversation_close(struct conversation *c, int status)
{
	bool failed = status == CMD_FAILED && !c->child_says;
	int wait_status = 0;
	bool known = c->dp && ending_status(c->ending, &wait_status);
	int patience_ms = c->ending && ending_reason(c->ending) != ENDING_BY_ITSELF ? OUTLET_PATIENCE_MS : -1;

	if (record_close(&c->transcript, c->asked, known, wait_status) < 0) {
		status = CMD_FAILED;
		failed = true;
	}
	if (!c->loop)
		c->loop = loop_new(); /* SIGPIPE does no harm while there is one */
	report(c, failed);
	if (outcome_close_report(c->asked, &c->report, patience_ms) < 0)
		status = CMD_FAILED;
	msg_end(patience_ms);
	return status;
}

void
conversation_free(struct conversation *c)
{
	record_drop(&c->transcript); /* while SIGPIPE does no harm */
	outq_free(c->shown);
	ending_free(c->ending);
	talk_free(c->talk);
	loop_free(c->loop);
	(void)dualpipe_close(c->dp, NULL, NULL); /* its status was told, or we failed */
	free(c->name);
}
