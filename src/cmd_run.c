/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The run: one child, and the relay between it and our standard descriptors. */

#include "cmd.h"

#include "answer.h"
#include "buf.h"
#include "dualpipe.h"
#include "editor.h"
#include "ending.h"
#include "engine.h"
#include "history.h"
#include "io.h"
#include "keylog.h"
#include "loop.h"
#include "msg.h"
#include "orphans.h"
#include "outcome.h"
#include "outlet.h"
#include "record.h"
#include "relay.h"
#include "report.h"
#include "requests.h"
#include "runopts.h"
#include "runprofile.h"
#include "script.h"
#include "signame.h"
#include "transcript.h"
#include "tty.h"
#include "typed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FLUSH_MS = 20		/* the most that the record of a stream is behind */
};

struct run {
	struct runopts asked;
	struct loop *loop;
	struct tty *tty;		/* where our stdin is a terminal */
	struct ending *ending;
	struct dualpipe *dp;
	pid_t pid;			/* of the child */
	struct relay *relay;
	struct transcript *transcript;
	struct timer *flush;		/* of the transcript, while much passes */

	/* With a person at a terminal. */
	struct editor *editor;
	struct history *history;
	struct answer *answer;		/* where there is no editor to see to the side terminal */
	struct keylog keylog;		/* where the keys go straight to the child's pty */

	const struct edit_engine *engine;	/* NULL: keys pass through */
	bool edits;			/* the editor has the terminal */
	bool has_side;			/* the child has a side terminal */
	bool typed;			/* the child's pty is as at a terminal, not for data */
	bool own_group;
	bool child_stopped;		/* and so are we */
	unsigned short rows, columns;	/* of the pty */
	struct outcome_failure failure;	/* to start the child */
	bool failed;			/* we ourselves */
	bool filled_screen;	/* the child did, on pipes */
	bool told_transcript;		/* that it cannot be written */
	int64_t began_us;
	struct outlet report;		/* of --status-fd */
	int patience_ms;		/* with who reads that, and stderr */
};

/* The child's terminal gets the size of ours, wherever that is: stdout will do. */
static void
follow_window(struct run *run)
{
	unsigned short rows, columns;
	char words[32];

	if (!run->dp || !(run->asked.pty || run->has_side) || run->asked.rows > 0 || !tty_size(&rows, &columns) ||
	    (rows == run->rows && columns == run->columns))
		return;
	run->rows = rows;
	run->columns = columns;
	(void)dualpipe_resize(run->dp, rows, columns); /* it may just have ended */
	if (!run->asked.pty)
		return;
	(void)snprintf(words, sizeof(words), "resize %u %u", rows, columns);
	record_event(run->transcript, words);
}

static void
window_changed(void *arg, int signo, bool from_kernel)
{
	(void)signo, (void)from_kernel;
	follow_window(arg);
}

static void
terminal_moved(void *arg, bool foreground)
{
	struct run *run = arg;

	msg_raw(foreground && run->asked.pty);
	if (run->editor)
		editor_moved(run->editor, foreground);
	else if (run->relay)
		relay_hold_in(run->relay, !foreground);
	if (foreground)
		follow_window(run); /* nobody told us of changes meanwhile */
}

static void
terminal_lost(void *arg)
{
	struct run *run = arg;

	if (run->editor)
		editor_lost(run->editor);
}

/* Before our terminal was raw: the same keys for who gets them now, as far as they can be told. */
static void
typed_ahead(void *arg, const char *line, size_t size)
{
	struct run *run = arg;
	struct buf keys = { 0 };
	struct termios mode;
	int fd = dualpipe_fd(run->dp, DUALPIPE_TO_CHILD);

	if (run->editor)
		editor_typed(run->editor, line, size);
	else if (fd >= 0 && tcgetattr(fd, &mode) == 0 &&
	    typed_again(&keys, &mode, line, size, tty_mode(run->tty)) == 0)
		(void)relay_send(run->relay, buf_peek(&keys), keys.size); /* nobody may read any more */
	buf_free(&keys);
}

/*
 * The child has a session of its own, so what the terminal stops is us: it is
 * stopped by STOP, since TSTP does nothing to a group that no shell looks after.
 */
static void
stopping(void *arg, bool stops)
{
	struct run *run = arg;

	if (!run->dp || !(run->has_side || run->child_stopped))
		return;
	(void)dualpipe_signal(run->dp, stops ? SIGSTOP : SIGCONT); /* it may just have ended */
	(void)kill(-dualpipe_pid(run->dp), stops ? SIGSTOP : SIGCONT);
	if (!stops)
		run->child_stopped = false;
}

/* For the same reason no shell sees that the child was stopped, or stopped itself: we stand for it. */
static void
child_changed(void *arg, int signo, bool from_kernel)
{
	struct run *run = arg;

	(void)signo, (void)from_kernel;
	if (!run->dp || !run->tty || !dualpipe_stopped(run->dp))
		return;
	run->child_stopped = true;
	tty_suspend(run->tty);
}

static void
limit_struck(void *arg, enum ending_reason reason)
{
	struct run *run = arg;

	run->patience_ms = OUTLET_PATIENCE_MS;
	msg_notice("%s ran out, '%s' is ended",
	    reason == ENDING_IDLE ? "--idle-timeout" : "--timeout", runopts_name(&run->asked));
}

static void
signal_went_on(void *arg, int signo)
{
	struct run *run = arg;
	char name[SIGNAME_ROOM], words[SIGNAME_ROOM + 8];

	(void)snprintf(words, sizeof(words), "signal %s", signame_get(signo, name));
	msg_verbose("%s went on to '%s'", words, runopts_name(&run->asked));
	record_event(run->transcript, words);
}

/* On the screen and in the record. */
static void
take_side_first(struct run *run)
{
	if (run->answer)
		answer_take(run->answer);
	else if (run->editor)
		editor_take_side(run->editor);
}

static void
bytes_passed(void *arg, enum relay_dir dir, const void *data, size_t size)
{
	static const enum transcript_dir marks[] = {
		[RELAY_TO_CHILD] = TRANSCRIPT_TO_CHILD,
		[RELAY_FROM_CHILD] = TRANSCRIPT_FROM_CHILD,
		[RELAY_STDERR] = TRANSCRIPT_STDERR
	};
	struct run *run = arg;

	if (dir == RELAY_TO_CHILD && (run->editor || run->keylog.dp))
		return; /* these tell themselves what was typed, and is to be seen */
	if (dir != RELAY_TO_CHILD)
		take_side_first(run);
	if (!run->transcript)
		return;
	transcript_data(run->transcript, marks[dir], data, size);
	/* Behind a full buffer more is on its way: what is gathered goes in larger pieces. */
	if (size < RELAY_BUFFER)
		transcript_flush(run->transcript);
	else
		timer_set(run->flush, deadline_in(FLUSH_MS));
	/* A message has to wait until what has passed is shown. */
	if (transcript_error(run->transcript) && !run->told_transcript)
		timer_set(run->flush, deadline_in(0));
}

static void
flush_transcript(void *arg)
{
	struct run *run = arg;
	int error;

	transcript_flush(run->transcript);
	error = transcript_error(run->transcript);
	if (error && !run->told_transcript)
		record_tell(&run->asked, error);
	run->told_transcript = error != 0;
}

static void
all_over(void *arg)
{
	struct run *run = arg;

	loop_stop(run->loop);
}

static void
output_done(void *arg)
{
	struct run *run = arg;

	ending_output_done(run->ending);
}

static ssize_t
take_output(void *arg, enum relay_dir dir, const void *data, size_t size)
{
	static const char other_screen[] = "\033[?1049h";
	struct run *run = arg;

	run->filled_screen |= !run->asked.pty && memmem(data, size, other_screen, sizeof(other_screen) - 1);
	return editor_take(run->editor, dir, data, size);
}

static void
line_sent(void *arg, const void *data, size_t size)
{
	struct run *run = arg;

	record_data(run->transcript, DUALPIPE_TO_CHILD, data, size);
}

static void
was_done(void *arg, const char *words)
{
	struct run *run = arg;

	record_event(run->transcript, words);
}

/* Beside the child's output, as its stderr is. */
static void
heard_at_side(void *arg, const void *data, size_t size)
{
	struct run *run = arg;

	record_data(run->transcript, DUALPIPE_SIDE, data, size);
}

static void
end_wanted(void *arg)
{
	struct run *run = arg;

	relay_send_end(run->relay);
	ending_asked(run->ending);
}

static void
show_message(void *arg, const char *line, size_t size)
{
	struct run *run = arg;

	editor_note(run->editor, line, size);
}

static bool
divert_answer(void *arg, const void *data, size_t size)
{
	struct run *run = arg;

	return answer_line(run->answer, data, size);
}

static bool
record_keys(void *arg, const void *data, size_t size)
{
	struct run *run = arg;

	keylog_add(&run->keylog, data, size);
	return false;
}

static void
find_window(struct run *run)
{
	run->rows = run->asked.rows;
	run->columns = run->asked.columns;
	if (run->rows > 0 || tty_size(&run->rows, &run->columns))
		return;
	run->rows = TTY_ROWS;
	run->columns = TTY_COLUMNS;
}

static int
open_transcript(struct run *run)
{
	const struct record_opts opts = {
		.asked = &run->asked,
		.argv = run->asked.argv,
		.pty = run->asked.pty,
		.terminal = run->typed ? DUALPIPE_TYPED : DUALPIPE_DATA,
		.keys = run->asked.pty && run->tty,
		.shown = !run->asked.pty && run->tty,
		.rows = run->rows,
		.columns = run->columns
	};

	if (record_open(&run->transcript, &opts) < 0)
		return -1;
	run->flush = timer_new(run->loop, flush_transcript, run);
	if (!run->flush)
		msg_error("%s", strerror(errno));
	return run->flush ? 0 : -1;
}

/* Without its module there is no editor, but all the rest. */
static void
find_editor(struct run *run)
{
	const char *cause = "";

	if (!tty_can_edit())
		return;
	if (!run->asked.no_edit)
		run->engine = engine_open(&cause);
	if (!run->asked.no_edit && !run->engine)
		msg_notice("no line editing: %s", cause);
	if (run->engine && !run->engine->wanted())
		run->engine = NULL;
	run->edits = run->engine || (run->asked.pty && run->asked.escape >= 0);
}

static int
open_history(struct run *run)
{
	char *path;

	if (run->asked.no_history)
		return 0;
	if (run->asked.history) {
		run->history = history_open(run->asked.history);
		if (!run->history)
			msg_error("cannot write history '%s': %s", run->asked.history, strerror(errno));
		return run->history ? 0 : -1;
	}
	path = history_path(run->asked.argv[0]);
	run->history = path ? history_open(path) : NULL;
	if (!run->history)
		msg_verbose("no history is kept: %s", path ? strerror(errno) : "there is no place for it");
	free(path);
	return 0;
}

static int
open_editor(struct run *run)
{
	struct editor_opts opts = {
		.engine = run->engine,
		.tty = run->tty,
		.pty = run->asked.pty,
		.escape = run->asked.escape,
		.sent = line_sent,
		.did = was_done,
		.heard = heard_at_side,
		.end = end_wanted,
		.arg = run
	};

	if (!run->edits)
		return 0;
	if (run->engine && open_history(run) < 0)
		return -1;
	opts.history = run->history;
	run->editor = editor_new(run->loop, &opts);
	if (!run->editor)
		msg_error("cannot edit lines: %s", strerror(errno));
	return run->editor ? 0 : -1;
}

static int
open_terminal(struct run *run)
{
	struct tty_opts opts = {
		.raw = run->asked.pty || run->edits,
		.newlines = !run->asked.pty && run->edits, /* else a side terminal's driver sees to them */
		.typed = run->asked.pty || run->edits ? typed_ahead : NULL,
		.undo = run->edits ? "\033[?2004l" : NULL,
		.moved = terminal_moved,
		.lost = terminal_lost,
		.stopping = run->asked.pty || run->has_side ? stopping : NULL,
		.arg = run
	};

	if (!isatty(STDIN_FILENO))
		return 0;
	run->tty = tty_new(run->loop, STDIN_FILENO, &opts);
	if (!run->tty || loop_signal(run->loop, SIGCHLD, child_changed, run) < 0)
		msg_error("cannot use the terminal: %s", strerror(errno));
	return run->tty ? 0 : -1;
}

/* Who wants to know of the child's stderr makes it a pipe of ours. */
static enum dualpipe_stderr
stderr_way(const struct run *run)
{
	if (run->asked.stderr_given)
		return run->asked.stderr_to;
	if (!run->asked.pty && (run->editor || run->asked.transcript || run->asked.idle_ms > 0))
		return DUALPIPE_STDERR_PIPE;
	return DUALPIPE_STDERR_DEFAULT;
}

static int
spawn(struct run *run)
{
	struct termios mode = run->tty ? tty_mode_for_command(run->tty) : (struct termios){ 0 };
	struct dualpipe_opts opts = {
		.channel = run->asked.pty ? DUALPIPE_PTY : DUALPIPE_PIPES,
		.terminal = run->typed ? DUALPIPE_TYPED : DUALPIPE_DATA,
		.stderr_to = stderr_way(run),
		.stderr_fd = run->asked.stderr_fd,
		.rows = run->rows,
		.columns = run->columns,
		.side_terminal = run->has_side,
		.termios = run->tty ? &mode : NULL,
		.directory = run->asked.directory,
		.environment = runopts_environment(&run->asked),
		.own_group = run->own_group,
		.die_with_parent = true,
		.sigpipe_handled = true,
		.ignored = loop_ignored(run->loop),
		.failed_at = &run->failure.stage
	};

	run->dp = dualpipe_spawn(run->asked.argv, &opts);
	if (!run->dp) {
		run->failure.name = runopts_name(&run->asked);
		run->failure.pty = run->asked.pty;
		run->failure.error = errno;
		return -1;
	}
	run->pid = dualpipe_pid(run->dp);
	return 0;
}

static int
begin_answers(struct run *run)
{
	const struct answer_opts opts = {
		.tty = run->tty,
		.sent = line_sent,
		.did = was_done,
		.heard = heard_at_side,
		.arg = run
	};

	if (!run->has_side || run->editor)
		return 0;
	run->answer = answer_new(run->loop, run->dp, &opts);
	return run->answer ? 0 : -1;
}

/* What a relay reads may have to be looked at before the child gets it. */
static relay_divert_fn *
begin_diverting(struct run *run)
{
	if (run->editor)
		return NULL;
	if (run->has_side)
		return divert_answer;
	if (!run->transcript || !run->tty)
		return NULL;
	run->keylog = (struct keylog){ .dp = run->dp, .sent = line_sent, .did = was_done, .arg = run };
	return record_keys;
}

static int
begin_relay(struct run *run)
{
	struct relay_opts opts = {
		.in_fd = run->editor ? -1 : STDIN_FILENO,
		.out_fd = run->editor ? -1 : STDOUT_FILENO,
		.err_fd = run->editor && isatty(STDERR_FILENO) ? -1 : STDERR_FILENO,
		.in_held = run->tty != NULL, /* until tty_begin() says that it is ours */
		.timed = run->asked.idle_ms > 0,
		.done = output_done,
		.divert = begin_diverting(run),
		.take = run->editor ? take_output : NULL,
		.arg = run
	};
	struct ending_channel channel;

	/* First, so that what comes at once from both is shown before what the child wrote behind it. */
	if (begin_answers(run) < 0)
		return -1;
	if (run->transcript || (run->answer && isatty(STDOUT_FILENO)))
		opts.seen = bytes_passed;
	run->relay = relay_new(run->loop, run->dp, &opts);
	if (!run->relay)
		return -1;
	if (run->tty)
		tty_begin(run->tty);
	if (run->editor && editor_begin(run->editor, run->dp, run->relay) < 0)
		return -1;
	relay_channel(run->relay, &channel);
	channel.own_group = run->own_group;
	return ending_begin(run->ending, run->dp, &channel);
}

/* All that can fail before a child runs; what failed was told. */
static int
prepare(struct run *run)
{
	struct ending_opts opts = {
		.timeout_ms = run->asked.timeout_ms,
		.idle_ms = run->asked.idle_ms,
		.kill_after_ms = run->asked.kill_after_ms,
		.linger_ms = run->asked.linger_ms,
		.struck = limit_struck,
		.signalled = signal_went_on,
		.over = all_over,
		.arg = run
	};

	run->loop = loop_new(); /* first, so that SIGPIPE does no harm */
	if (!run->loop) {
		msg_error("%s", strerror(errno));
		return -1;
	}
	if (runopts_open(&run->asked) < 0)
		return -1;
	if (!run->asked.no_edit && tty_can_edit() && runprofile_edit(&run->asked) < 0)
		return -1;
	find_window(run);
	find_editor(run);
	run->has_side = !run->asked.pty && isatty(STDIN_FILENO);
	run->own_group = run->asked.pty || run->has_side || !tty_controls();
	if (orphans_reap(run->loop, &run->pid) == 0)
		run->ending = ending_new(run->loop, &opts);
	if (!run->ending) {
		msg_error("%s", strerror(errno));
		return -1;
	}
	if (run->edits || ((run->asked.pty || run->has_side) && run->asked.rows == 0))
		(void)loop_signal(run->loop, SIGWINCH, window_changed, run); /* at worst the size stays */
	if (open_terminal(run) < 0 || open_editor(run) < 0)
		return -1;
	run->typed = run->asked.pty && (run->tty || run->asked.echo);
	return open_transcript(run);
}

static void
report(struct run *run)
{
	struct report report = {
		.pid = run->dp ? dualpipe_pid(run->dp) : 0,
		.reason = outcome_reason(run->ending, run->failed || !run->relay || run->report.error),
		.ms = (deadline_now_us() - run->began_us) / 1000
	};

	if (run->relay) {
		report.have_status = ending_status(run->ending, &report.status);
		report.to_child = relay_to_child(run->relay);
		report.from_child = relay_from_child(run->relay);
	}
	report_end(&run->report, &report);
}

/* What went wrong on our side, each told once. */
static bool
tell_failures(struct run *run)
{
	int error, status = 0;
	bool known = ending_status(run->ending, &status);
	bool failed = false;

	error = relay_read_error(run->relay);
	if (error) {
		msg_error("cannot read stdin: %s", strerror(error));
		failed = true;
	}
	error = relay_write_error(run->relay);
	if (error) {
		msg_error("cannot write to stdout: %s", strerror(error));
		failed = true;
	}
	if (run->told_transcript) {
		record_drop(&run->transcript);
		failed = true;
	} else if (record_close(&run->transcript, &run->asked, known, status) < 0) {
		failed = true;
	}
	if (!known) {
		msg_error("the status of '%s' is not known: somebody else has reaped it", runopts_name(&run->asked));
		failed = true;
	}
	return failed;
}

static int
converse(struct run *run)
{
	int status;

	if ((run->editor ? editor_run(run->editor) : loop_run(run->loop)) < 0) {
		msg_error("cannot wait for '%s': %s", runopts_name(&run->asked), strerror(errno));
		return CMD_FAILED;
	}
	msg_route(NULL, NULL);
	editor_end(run->editor);
	answer_end(run->answer);
	tty_free(run->tty);
	run->tty = NULL;
	msg_raw(false);
	if (run->filled_screen)
		msg_notice("'%s' draws on a whole screen; with --pty it can", runopts_name(&run->asked));
	outcome_tell_rest(run->ending, runopts_name(&run->asked));
	relay_close_out(run->relay);
	run->failed = tell_failures(run);
	status = run->failed ? CMD_FAILED : outcome_status(run->ending);
	msg_verbose("'%s' is over, status %d", runopts_name(&run->asked), status);
	return status;
}

static int
start_and_converse(struct run *run)
{
	if (prepare(run) < 0)
		return CMD_FAILED;
	if (spawn(run) < 0)
		return outcome_not_started(&run->asked, &run->failure);
	report_start(&run->report, dualpipe_pid(run->dp));
	msg_verbose("'%s' runs as process %d on %s", runopts_name(&run->asked), (int)dualpipe_pid(run->dp),
	    run->asked.pty ? "a pty" : "pipes");
	follow_window(run); /* it may have changed before we were told of changes */
	if (run->editor)
		msg_route(show_message, run);
	if (begin_relay(run) < 0) {
		msg_error("%s", strerror(errno));
		return CMD_FAILED;
	}
	return converse(run);
}

static void
clean_up(struct run *run)
{
	msg_route(NULL, NULL);
	editor_free(run->editor);
	history_close(run->history);
	answer_free(run->answer);
	tty_free(run->tty);
	relay_free(run->relay);
	ending_free(run->ending);
	record_drop(&run->transcript);
	loop_free(run->loop); /* from here on SIGPIPE ends us */
	(void)dualpipe_close(run->dp, NULL, NULL); /* its status was told, or we failed */
	runopts_free(&run->asked);
}

static int
run_by(int (*talk)(struct runopts *), struct runopts *asked)
{
	int status = talk(asked);

	runopts_free(asked);
	return status;
}

static int
run_command(int argc, char **argv)
{
	struct run run = { .began_us = deadline_now_us(), .report = { .fd = -1 }, .patience_ms = -1 };
	int status = runopts_read(&run.asked, argc, argv);

	if (status < 0) {
		if (run.asked.script || run.asked.step_count > 0)
			return run_by(script_run, &run.asked);
		if (run.asked.request_count > 0)
			return run_by(requests_run, &run.asked);
		report_open(&run.report, run.asked.status_fd);
		msg_keep();
		run.failed = true; /* until it is over */
		status = start_and_converse(&run);
		report(&run);
		if (outcome_close_report(&run.asked, &run.report, run.patience_ms) < 0)
			status = CMD_FAILED;
		msg_end(run.patience_ms);
	}
	clean_up(&run);
	return status;
}

const struct cmd cmd_run = { .run = run_command };
