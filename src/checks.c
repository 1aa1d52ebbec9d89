/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "checks.h"

#include "check.h"
#include "cmd.h"
#include "deadline.h"
#include "dualpipe.h"
#include "edits.h"
#include "io.h"
#include "msg.h"
#include "outlet.h"
#include "outq.h"
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 10000 };	/* the most that an answer may take, where the file has no limit */

struct checks;

/* Who checks a file: a process of ours. */
struct worker {
	struct checks *all;
	const struct checks_file *file;
	struct dualpipe *dp;
	struct watch *out, *err;
	struct buf said, told;		/* for stdout and stderr */
	bool done;
	int status;
};

/* What there is to say of a file, in this order. */
enum stage { STAGE_VERDICT, STAGE_TOLD, STAGE_SAID };

struct checks {
	struct loop *loop;
	struct checks_opts opts;
	struct worker *workers;
	struct outq *out, *err;
	size_t begun, running, printed;
	enum stage stage;		/* of the file that is printed next */
	int interrupted;
	int status;
};

/* In the process that checks a file. */

/* Its lines as they stand. */
static int
keep_part(const struct checks_file *file, const struct recorded_part *part, struct edits *to)
{
	size_t i;

	for (i = part->first; i < part->end; i++)
		if (edits_keep(to, file->recorded->lines[i].text, file->recorded->lines[i].size) < 0)
			return -1;
	return 0;
}

/* *whole becomes false where it is not known what it would say now. */
static int
check_part(const struct worker *w, size_t n, deadline until, struct edits *to, bool *whole)
{
	struct check_opts opts = {
		.file = w->file->recorded,
		.part = &w->file->recorded->parts[n],
		.asked = &w->file->asked[n],
		.framing = w->all->opts.framing,
		.wait_ms = until == DEADLINE_NEVER ? WAIT_MS : -1,
		.secrets = w->all->opts.secrets,
		.secret_count = w->all->opts.secret_count
	};
	struct edits lines = { 0 };
	size_t i;
	int status, result = 0;

	if (until != DEADLINE_NEVER)
		opts.asked->timeout_ms = deadline_left(until) > 0 ? deadline_left(until) : 1;
	status = check_run(&opts, &lines);
	if (lines.count == 0) {
		*whole = false;
		result = keep_part(w->file, opts.part, to);
	}
	for (i = 0; i < lines.count && result == 0; i++)
		result = edits_move(to, &lines.list[i]);
	edits_free(&lines);
	if (result == 0)
		return status;
	msg_error("%s", strerror(errno));
	return CMD_FAILED;
}

static bool
holds(const struct buf *b, const char *text, size_t size)
{
	return b->size == size && memcmp(buf_peek(b), text, size) == 0;
}

/* Somebody may have written it meanwhile, and what he wrote is not ours to throw away. -1 with errno. */
static int
look_for_changes(const struct checks_file *file, const struct buf *wanted)
{
	const char *read = file->recorded->text;
	struct buf now = { 0 };
	int fd = open(file->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int result = fd < 0 ? -1 : io_read_all(fd, &now);

	io_close(&fd);
	if (result == 0 && !holds(&now, read, strlen(read)) && !holds(&now, buf_peek(wanted), wanted->size)) {
		errno = EBUSY;
		result = -1;
	}
	buf_free(&now);
	return result;
}

static int
update(const struct worker *w, const struct edits *lines)
{
	struct buf text = { 0 };
	int result = edits_apply(lines, &text);

	if (result == 0)
		result = look_for_changes(w->file, &text);
	if (result == 0)
		result = replace_file(w->file->name, buf_peek(&text), text.size);
	if (result < 0 && errno == EBUSY)
		msg_error("cannot update the transcript: it has changed meanwhile");
	else if (result < 0)
		msg_error("cannot update the transcript: %s", strerror(errno));
	else
		msg_verbose("updated");
	buf_free(&text);
	return result < 0 ? CMD_FAILED : 0;
}

static int
show(const struct worker *w, const struct edits *lines, int status)
{
	const struct edits_style style = {
		.name = w->file->name,
		.prefix = w->all->opts.tap ? "# " : "",
		.colours = w->all->opts.colours
	};
	struct buf diff = { 0 };
	int result = edits_diff(lines, &style, &diff);

	if (result == 0)
		result = io_write_all(STDOUT_FILENO, buf_peek(&diff), diff.size);
	if (result < 0)
		msg_error("%s", strerror(errno));
	buf_free(&diff);
	return result < 0 ? CMD_FAILED : status;
}

static int
check_file(void *arg)
{
	const struct worker *w = arg;
	deadline until = deadline_in(w->all->opts.timeout_ms);
	struct edits lines = { 0 };
	int status = 0, one;
	bool whole = true;
	size_t n;

	(void)setsid(); /* fails for nobody who was just forked */
	msg_about(w->file->name);
	for (n = 0; n < w->file->recorded->part_count && status < CMD_SIGNAL; n++) {
		one = check_part(w, n, until, &lines, &whole);
		status = one > status ? one : status;
	}
	if (w->all->opts.update && status == 1 && whole)
		status = update(w, &lines);
	else if (status < CMD_SIGNAL)
		status = show(w, &lines, status);
	edits_free(&lines);
	return status;
}

static void
fail_to_write(struct checks *c, int error)
{
	if (c->interrupted)
		return;
	c->interrupted = error == EPIPE ? CMD_SIGNAL + SIGPIPE : CMD_FAILED;
	if (error != EPIPE)
		msg_error("cannot write to stdout: %s", strerror(error));
	loop_stop(c->loop);
}

static void
print(struct checks *c, const void *data, size_t size)
{
	if (outq_put(c->out, data, size) < 0)
		fail_to_write(c, errno);
	else if (outq_error(c->out) != 0)
		fail_to_write(c, outq_error(c->out));
}

/* A "#" in a name would begin a directive. */
static int
append_name(struct buf *line, const char *name)
{
	char byte;

	for (; *name; name++) {
		if ((*name == '#' || *name == '\\') && buf_append(line, "\\", 1) < 0)
			return -1;
		byte = (unsigned char)*name < ' ' ? '?' : *name;
		if (buf_append(line, &byte, 1) < 0)
			return -1;
	}
	return buf_append(line, "\n", 1);
}

static void
print_verdict(struct checks *c, const struct worker *w)
{
	struct buf line = { 0 };
	char front[48];
	int n = snprintf(front, sizeof(front), "%s %zu - ", w->status == 0 ? "ok" : "not ok", (size_t)(w - c->workers) + 1);

	if (buf_append(&line, front, (size_t)n) == 0 && append_name(&line, w->file->name) == 0)
		print(c, buf_peek(&line), line.size);
	else
		fail_to_write(c, errno);
	buf_free(&line);
}

static void
print_stage(struct checks *c, struct worker *w)
{
	switch (c->stage) {
	case STAGE_VERDICT:
		if (c->opts.tap)
			print_verdict(c, w);
		c->stage = STAGE_TOLD;
		break;
	case STAGE_TOLD:
		(void)outq_put(c->err, buf_peek(&w->told), w->told.size); /* there is nobody to tell */
		c->stage = STAGE_SAID;
		break;
	case STAGE_SAID:
		print(c, buf_peek(&w->said), w->said.size);
		buf_free(&w->said);
		buf_free(&w->told);
		c->printed++;
		c->stage = STAGE_VERDICT;
		break;
	}
}

static bool
is_written(const struct checks *c)
{
	return outq_size(c->out) == 0 && outq_size(c->err) == 0;
}

/* One stream waits for the other: both may lead to the same reader. */
static void
print_done(struct checks *c)
{
	while (!c->interrupted && c->printed < c->opts.count && c->workers[c->printed].done && is_written(c))
		print_stage(c, &c->workers[c->printed]);
}

static void
end_if_over(struct checks *c)
{
	if (c->running == 0 && is_written(c))
		loop_stop(c->loop);
}

static void
written(void *arg)
{
	struct checks *c = arg;

	if (outq_error(c->out) != 0)
		fail_to_write(c, outq_error(c->out));
	print_done(c);
	end_if_over(c);
}

static void
give_up(struct checks *c)
{
	if (c->interrupted)
		return;
	msg_error("%s", strerror(errno));
	c->interrupted = CMD_FAILED;
	loop_stop(c->loop);
}

static void
take(struct worker *w, enum dualpipe_end end, struct buf *to)
{
	enum { PIECE = 65536 };
	char *room;
	ssize_t n = 1;

	while (n > 0 && dualpipe_fd(w->dp, end) >= 0) {
		room = buf_reserve(to, PIECE);
		if (!room) {
			give_up(w->all);
			return;
		}
		n = end == DUALPIPE_ERR ? dualpipe_read_err(w->dp, room, PIECE, 0) : dualpipe_read(w->dp, room, PIECE, 0);
		if (n > 0)
			buf_added(to, (size_t)n);
	}
}

static void
take_all(struct worker *w)
{
	take(w, DUALPIPE_FROM_CHILD, &w->said);
	take(w, DUALPIPE_ERR, &w->told);
	if (dualpipe_fd(w->dp, DUALPIPE_FROM_CHILD) < 0)
		watch_off(w->out);
	if (dualpipe_fd(w->dp, DUALPIPE_ERR) < 0)
		watch_off(w->err);
}

static void
readable(void *arg, short revents)
{
	(void)revents;
	take_all(arg);
}

static void
abandon(struct worker *w)
{
	watch_free(w->out);
	watch_free(w->err);
	(void)dualpipe_close(w->dp, NULL, NULL); /* its status is known, or we failed */
	w->dp = NULL;
}

static int
begin(struct worker *w)
{
	const struct dualpipe_opts opts = {
		.stderr_to = DUALPIPE_STDERR_PIPE,
		.die_with_parent = true,
		.sigpipe_handled = true,
		.ignored = loop_ignored(w->all->loop),
		.kill_after_ms = -1
	};

	w->dp = dualpipe_fork(check_file, w, &opts);
	if (!w->dp)
		return -1;
	w->out = watch_new(w->all->loop, dualpipe_fd(w->dp, DUALPIPE_FROM_CHILD), readable, w);
	w->err = watch_new(w->all->loop, dualpipe_fd(w->dp, DUALPIPE_ERR), readable, w);
	if (!w->out || !w->err) {
		abandon(w);
		errno = ENOMEM;
		return -1;
	}
	watch_on(w->out, POLLIN);
	watch_on(w->err, POLLIN);
	return 0;
}

static void
begin_more(struct checks *c)
{
	while (c->begun < c->opts.count && c->running < c->opts.at_once && !c->interrupted) {
		if (begin(&c->workers[c->begun++]) < 0) {
			msg_error("cannot check '%s': %s", c->workers[c->begun - 1].file->name, strerror(errno));
			c->interrupted = CMD_FAILED;
		} else {
			c->running++;
		}
	}
	end_if_over(c);
}

static void
end(struct worker *w, int status)
{
	take_all(w);
	abandon(w);
	w->done = true;
	w->all->running--;
	w->status = WIFEXITED(status) ? WEXITSTATUS(status) : CMD_FAILED;
	if (w->status > w->all->status)
		w->all->status = w->status;
	if (WIFSIGNALED(status))
		msg_error("the check of '%s' was ended by signal %d", w->file->name, WTERMSIG(status));
}

static void
worker_changed(void *arg, int signo, bool from_kernel)
{
	struct checks *c = arg;
	int status;
	size_t i;

	(void)signo, (void)from_kernel;
	for (i = 0; i < c->begun; i++)
		if (c->workers[i].dp && dualpipe_wait(c->workers[i].dp, &status, 0) == 1)
			end(&c->workers[i], status);
	print_done(c);
	begin_more(c);
}

/* They see to it that their children end. A reader who takes nothing is not waited for. */
static void
interrupted(void *arg, int signo, bool from_kernel)
{
	struct checks *c = arg;
	size_t i;

	(void)from_kernel;
	c->interrupted = CMD_SIGNAL + signo;
	outq_hurry(c->out, OUTLET_PATIENCE_MS);
	outq_hurry(c->err, OUTLET_PATIENCE_MS);
	for (i = 0; i < c->begun; i++)
		if (c->workers[i].dp)
			(void)kill(dualpipe_pid(c->workers[i].dp), signo); /* it may just have ended */
}

static int
catch_signals(struct checks *c)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (loop_signal(c->loop, ending[i], interrupted, c) < 0)
			return -1;
	return loop_signal(c->loop, SIGCHLD, worker_changed, c);
}

static int
run(struct checks *c)
{
	char plan[32];
	size_t i;

	c->out = outq_new(c->loop, STDOUT_FILENO, written, c);
	c->err = outq_new(c->loop, STDERR_FILENO, written, c);
	if (!c->workers || !c->out || !c->err || catch_signals(c) < 0) {
		msg_error("%s", strerror(errno));
		return CMD_FAILED;
	}
	for (i = 0; i < c->opts.count; i++)
		c->workers[i] = (struct worker){ .all = c, .file = &c->opts.files[i] };
	if (c->opts.tap)
		print(c, plan, (size_t)snprintf(plan, sizeof(plan), "1..%zu\n", c->opts.count));
	begin_more(c);
	if ((c->running > 0 || !is_written(c)) && loop_run(c->loop) < 0) {
		msg_error("cannot wait: %s", strerror(errno));
		return CMD_FAILED;
	}
	return c->interrupted ? c->interrupted : c->status;
}

int
checks_run(struct loop *l, const struct checks_opts *opts)
{
	struct checks c = { .loop = l, .opts = *opts, .workers = calloc(opts->count, sizeof(*c.workers)) };
	int status = run(&c);
	size_t i;

	loop_forget(l, &c);
	for (i = 0; c.workers && i < c.begun; i++) {
		(void)dualpipe_close(c.workers[i].dp, NULL, NULL); /* we failed */
		buf_free(&c.workers[i].said);
		buf_free(&c.workers[i].told);
	}
	outq_free(c.out);
	outq_free(c.err);
	free(c.workers);
	return status;
}
