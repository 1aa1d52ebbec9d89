/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "dualpipe.h"

#include "await.h"
#include "expect.h"
#include "handle.h"
#include "io.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEFAULT_KILL_AFTER_MS = 5000, DEFAULT_MATCH_BUFFER = 1048576 };

static void
free_handle(struct dualpipe *dp)
{
	int saved = errno;

	io_close(&dp->to_child);
	if (!dp->is_pty)
		io_close(&dp->from_child);
	io_close(&dp->err);
	io_close(&dp->side_held);
	io_close(&dp->side.master);
	expect_free(dp);
	buf_free(&dp->kept);
	buf_free(&dp->kept_err);
	buf_free(&dp->quoted);
	ptykeys_free(&dp->keys);
	free(dp);
	errno = saved;
}

/* The descriptors on the child's side; closed in the parent after the fork. */
struct child_ends {
	int in;
	int out;
	int err;
};

static int
open_pipes(struct dualpipe *dp, struct child_ends *child)
{
	int in[2], out[2];

	if (io_pipe(in) < 0)
		return -1;
	child->in = in[0];
	dp->to_child = in[1];
	if (io_pipe(out) < 0)
		return -1;
	dp->from_child = out[0];
	child->out = out[1];
	if (io_nonblock(dp->to_child) < 0 || io_nonblock(dp->from_child) < 0)
		return -1;
	return 0;
}

static int
open_terminal(struct dualpipe *dp, struct child_ends *child, const struct dualpipe_opts *opts)
{
	if (pty_open(&dp->pty, &child->in, opts) < 0)
		return -1;
	dp->to_child = dp->from_child = dp->pty.master;
	return 0;
}

/* It is typed at, whatever passes through the pipes. */
static int
open_side(struct dualpipe *dp, const struct dualpipe_opts *opts)
{
	struct dualpipe_opts typed = *opts;

	typed.terminal = DUALPIPE_TYPED;
	return pty_open(&dp->side, &dp->side_held, &typed);
}

static int
open_stderr(struct dualpipe *dp, struct child_ends *child)
{
	int err[2];

	if (io_pipe(err) < 0)
		return -1;
	dp->err = err[0];
	child->err = err[1];
	return io_nonblock(dp->err);
}

/* What the child gets as its standard error; -1 is ours. */
static int
stderr_of_child(struct dualpipe *dp, struct child_ends *child, const struct dualpipe_opts *opts)
{
	switch (opts->stderr_to) {
	case DUALPIPE_STDERR_DEFAULT:
		return dp->is_pty ? child->in : -1;
	case DUALPIPE_STDERR_INHERIT:
		return -1;
	case DUALPIPE_STDERR_MERGE:
		return dp->is_pty ? child->in : child->out;
	case DUALPIPE_STDERR_PIPE:
	case DUALPIPE_STDERR_DISCARD:
	case DUALPIPE_STDERR_FD:
		return child->err;
	}
	return -1;
}

static int
open_channel(struct dualpipe *dp, struct child_ends *child, const struct dualpipe_opts *opts)
{
	if ((dp->is_pty ? open_terminal(dp, child, opts) : open_pipes(dp, child)) < 0)
		return -1;
	if (opts->side_terminal && !dp->is_pty && open_side(dp, opts) < 0)
		return -1;
	if (opts->stderr_to == DUALPIPE_STDERR_PIPE)
		return open_stderr(dp, child);
	if (opts->stderr_to == DUALPIPE_STDERR_DISCARD)
		child->err = io_above_stdio(open("/dev/null", O_WRONLY | O_CLOEXEC));
	else if (opts->stderr_to == DUALPIPE_STDERR_FD)
		child->err = fcntl(opts->stderr_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		return 0;
	return child->err < 0 ? -1 : 0;
}

static struct dualpipe *
new_handle(const struct dualpipe_opts *opts)
{
	struct dualpipe *dp = calloc(1, sizeof(*dp));

	if (!dp)
		return NULL;
	dp->to_child = dp->from_child = dp->err = dp->pty.master = -1;
	dp->side.master = dp->side_held = -1;
	dp->is_pty = opts->channel == DUALPIPE_PTY;
	dp->is_data = dp->is_pty && opts->terminal == DUALPIPE_DATA;
	dp->is_keys = dp->is_pty && opts->terminal == DUALPIPE_KEYS;
	dp->keys.next = DEADLINE_NEVER;
	dp->reads_err = opts->stderr_to == DUALPIPE_STDERR_PIPE;
	dp->own_group = opts->own_group || dp->is_pty || opts->side_terminal;
	dp->sigpipe_handled = opts->sigpipe_handled;
	dp->kill_after_ms = opts->kill_after_ms == 0 ? DEFAULT_KILL_AFTER_MS : opts->kill_after_ms;
	dp->match_buffer = opts->match_buffer > 0 ? opts->match_buffer : DEFAULT_MATCH_BUFFER;
	dp->seen = opts->seen;
	dp->seen_arg = opts->seen_arg;
	dp->held_until = dp->unseen_until = dp->hung_until = dp->doubt_until = DEADLINE_NEVER;
	return dp;
}

static struct dualpipe *
start(struct spawn *s, const struct dualpipe_opts *wanted)
{
	static const struct dualpipe_opts defaults = { 0 };
	struct child_ends child = { -1, -1, -1 };
	struct dualpipe *dp;

	s->opts = wanted ? wanted : &defaults;
	if (s->opts->failed_at)
		*s->opts->failed_at = DUALPIPE_STAGE_CHANNEL;
	dp = new_handle(s->opts);
	if (!dp)
		return NULL;
	if (open_channel(dp, &child, s->opts) < 0)
		goto fail;
	s->terminal_fd = dp->is_pty ? child.in : dp->side_held;
	s->stdin_fd = child.in;
	s->stdout_fd = dp->is_pty ? child.in : child.out;
	s->stderr_fd = stderr_of_child(dp, &child, s->opts);
	dp->pid = spawn_child(s);
	if (dp->pid < 0)
		goto fail;
	io_close(&child.in);
	io_close(&child.out);
	io_close(&child.err);
	return dp;
fail:
	io_close(&child.in);
	io_close(&child.out);
	io_close(&child.err);
	free_handle(dp);
	return NULL;
}

struct dualpipe *
dualpipe_spawn(char *const argv[], const struct dualpipe_opts *opts)
{
	struct spawn s = { .argv = argv };

	if (!argv || !argv[0]) {
		errno = EINVAL;
		return NULL;
	}
	return start(&s, opts);
}

struct dualpipe *
dualpipe_fork(int (*run)(void *), void *arg, const struct dualpipe_opts *opts)
{
	struct spawn s = { .run = run, .arg = arg };

	if (!run) {
		errno = EINVAL;
		return NULL;
	}
	return start(&s, opts);
}

int
dualpipe_signal(struct dualpipe *dp, int signo)
{
	int terminal = dp->is_pty ? dp->pty.master : dp->side.master;
	pid_t group = terminal >= 0 ? tcgetpgrp(terminal) : -1;

	if (group > 0)
		return kill(-group, signo);
	if (await_reaped(dp)) {
		errno = ESRCH;
		return -1;
	}
	return kill(dp->own_group ? -dp->pid : dp->pid, signo);
}

int
dualpipe_resize(struct dualpipe *dp, unsigned short rows, unsigned short columns)
{
	const struct pty *pty = dp->is_pty ? &dp->pty : &dp->side;

	if (pty->master < 0) {
		errno = EINVAL;
		return -1;
	}
	return pty_resize(pty, rows, columns);
}

pid_t
dualpipe_pid(const struct dualpipe *dp)
{
	return dp->pid;
}

int
dualpipe_wait(struct dualpipe *dp, int *status, int timeout_ms)
{
	if (!await_end(dp, await_until(timeout_ms), false)) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (dp->reap_error) {
		errno = dp->reap_error;
		return -1;
	}
	if (status)
		*status = dp->status;
	return 1;
}

int
dualpipe_fd(const struct dualpipe *dp, enum dualpipe_end end)
{
	switch (end) {
	case DUALPIPE_TO_CHILD:
		return dp->to_child;
	case DUALPIPE_FROM_CHILD:
		return dp->from_child;
	case DUALPIPE_ERR:
		return dp->err;
	case DUALPIPE_SIDE:
		return dp->side.master;
	}
	return -1;
}

/* To the child and its group, whoever of it has the terminal. */
static void
send_to_all(const struct dualpipe *dp, int signo)
{
	(void)kill(dp->own_group ? -dp->pid : dp->pid, signo); /* it may just have ended */
}

int
dualpipe_close(struct dualpipe *dp, pid_t *pid, int *status)
{
	int kill_after, error;

	if (!dp)
		return 0;
	kill_after = dp->kill_after_ms < 0 ? 0 : dp->kill_after_ms;
	(void)dualpipe_write_end(dp);
	if (!await_end(dp, deadline_in(kill_after), true)) {
		send_to_all(dp, SIGTERM);
		send_to_all(dp, SIGCONT);
		if (!await_end(dp, deadline_in(kill_after), true)) {
			send_to_all(dp, SIGKILL);
			(void)await_end(dp, DEADLINE_NEVER, true);
		}
	}
	if (pid)
		*pid = dp->pid;
	if (status && dp->reaped)
		*status = dp->status;
	error = dp->reap_error;
	free_handle(dp);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}
