/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "secretsource.h"

#include "buf.h"
#include "console.h"
#include "dualpipe.h"
#include "io.h"
#include "number.h"
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 65536 };

struct secretsource {
	struct loop *loop;
	secretsource_fn *fn;
	void *arg;
	char name[PATH_MAX];	/* as messages name it */
	char line[LONGEST + 1];	/* with its newline */
	size_t size;
	int fd;			/* read up to a newline; ours to close if own_fd */
	bool own_fd;
	struct watch *watch;
	struct dualpipe *command;
	struct timer *reap;	/* the command's end, which comes behind its output's */
	struct tty *tty;
	struct console console;	/* for it */
	bool done;
};

/* Behind the colon, or NULL. */
static const char *
part_behind(const char *text, const char *kind)
{
	size_t length = strlen(kind);

	return strncmp(text, kind, length) == 0 ? text + length : NULL;
}

int
secretsource_fd(const char *text)
{
	const char *number = part_behind(text, "fd:");
	unsigned long fd;

	return number && number_whole(number, 0, INT_MAX, &fd, NULL) ? (int)fd : -1;
}

static void
give(struct secretsource *s, const char *cause)
{
	s->done = true;
	if (s->watch)
		watch_off(s->watch);
	s->fn(s->arg, cause ? NULL : s->line, s->size, cause);
	explicit_bzero(s->line, sizeof(s->line));
}

static void
fail(struct secretsource *s, const char *why)
{
	char cause[PATH_MAX + 100];

	(void)snprintf(cause, sizeof(cause), "%s: %s", s->name, why);
	give(s, cause);
}

static void
fail_too_long(struct secretsource *s)
{
	char why[64];

	(void)snprintf(why, sizeof(why), "its line has more than %d bytes", LONGEST);
	fail(s, why);
}

/* What does not fit of it is cut. */
static void
set_name(struct secretsource *s, const char *name)
{
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
}

/* A line is read byte by byte where what stands behind it is somebody else's. */
static ssize_t
read_some(struct secretsource *s)
{
	size_t room = s->own_fd ? sizeof(s->line) - s->size : 1;

	return io_read(s->fd, s->line + s->size, room);
}

/* At a terminal that may be stopped: the loop goes on. */
static void
say(struct secretsource *s, const char *text, size_t size)
{
	(void)buf_append(&s->console.queue, text, size); /* without memory one sees nothing, and may answer all the same */
	console_flush(&s->console);
}

static void
readable(void *arg, short revents)
{
	struct secretsource *s = arg;
	ssize_t n = read_some(s);
	char *newline;

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n < 0) {
		fail(s, strerror(errno));
		return;
	}
	newline = n > 0 ? memchr(s->line + s->size, '\n', (size_t)n) : NULL;
	s->size += (size_t)n;
	if (newline)
		s->size = (size_t)(newline - s->line);
	else if (n > 0 && s->size < sizeof(s->line))
		return;
	if (s->tty)
		say(s, "\n", 1); /* the one typed was not shown */
	if (s->size > LONGEST)
		fail_too_long(s);
	else if (!newline && s->size == 0)
		fail(s, "it is empty");
	else
		give(s, NULL);
}

static int
watch_fd(struct secretsource *s)
{
	s->watch = watch_new(s->loop, s->fd, readable, s);
	if (!s->watch)
		return -1;
	watch_on(s->watch, POLLIN);
	return 0;
}

static int
begin_env(struct secretsource *s, const char *name)
{
	const char *value = getenv(name);

	set_name(s, name);
	if (!value) {
		fail(s, "no such variable is set");
		return 0;
	}
	if (strlen(value) > LONGEST) {
		fail_too_long(s);
		return 0;
	}
	s->size = strlen(value);
	memcpy(s->line, value, s->size);
	give(s, NULL);
	return 0;
}

static int
begin_file(struct secretsource *s, const char *path)
{
	set_name(s, path);
	s->fd = io_above_stdio(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	s->own_fd = true;
	if (s->fd >= 0)
		return watch_fd(s);
	fail(s, strerror(errno));
	return 0;
}

static int
begin_fd(struct secretsource *s, int fd)
{
	(void)snprintf(s->name, sizeof(s->name), "descriptor %d", fd);
	s->fd = fd;
	return watch_fd(s);
}

static int
begin_tty(struct secretsource *s, const char *asked)
{
	const struct tty_opts opts = { 0 };
	char question[256];
	int n = snprintf(question, sizeof(question), "%s: ", asked);

	set_name(s, "/dev/tty");
	s->fd = io_above_stdio(open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	s->own_fd = true;
	if (s->fd < 0) {
		fail(s, "there is no terminal to ask at");
		return 0;
	}
	s->tty = tty_new(s->loop, s->fd, &opts);
	if (!s->tty || console_open(&s->console, s->loop, s->fd) < 0)
		return -1;
	tty_begin(s->tty);
	tty_echo(s->tty, false);
	say(s, question, (size_t)n < sizeof(question) ? (size_t)n : sizeof(question) - 1);
	return watch_fd(s);
}

/* What the command has printed, up to its first newline. True once that is all that is needed. */
static bool
read_command(struct secretsource *s)
{
	char *newline;
	ssize_t n;

	for (;;) {
		if (s->size > LONGEST) {
			fail_too_long(s);
			return true;
		}
		n = dualpipe_read(s->command, s->line + s->size, sizeof(s->line) - s->size, 0);
		if (n <= 0)
			return false;
		newline = memchr(s->line + s->size, '\n', (size_t)n);
		s->size += (size_t)n;
		if (!newline)
			continue;
		s->size = (size_t)(newline - s->line);
		give(s, NULL);
		return true;
	}
}

/* Without a line, how it ended tells why. */
static void
look_at_command(void *arg)
{
	enum { LOOK_MS = 10 };
	struct secretsource *s = arg;
	char why[64];
	int status = 0;

	if (s->done || read_command(s))
		return;
	if (dualpipe_fd(s->command, DUALPIPE_FROM_CHILD) >= 0)
		return;
	watch_off(s->watch);
	if (dualpipe_wait(s->command, &status, 0) < 0 && errno == ETIMEDOUT) {
		timer_set(s->reap, deadline_in(LOOK_MS));
		return;
	}
	if (s->size > 0) {
		give(s, NULL);
		return;
	}
	(void)snprintf(why, sizeof(why), "it printed nothing (status %d)",
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	fail(s, why);
}

static void
command_readable(void *arg, short revents)
{
	(void)revents;
	look_at_command(arg);
}

/* In our own process group, so that it may ask at the terminal. */
static int
begin_command(struct secretsource *s, const char *command)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)command, NULL };
	const struct dualpipe_opts opts = { .die_with_parent = true, .sigpipe_handled = true, .kill_after_ms = -1 };

	set_name(s, "the command");
	s->command = dualpipe_spawn(argv, &opts);
	if (!s->command) {
		fail(s, strerror(errno));
		return 0;
	}
	(void)dualpipe_write_end(s->command);
	s->reap = timer_new(s->loop, look_at_command, s);
	s->watch = watch_new(s->loop, dualpipe_fd(s->command, DUALPIPE_FROM_CHILD), command_readable, s);
	if (!s->reap || !s->watch)
		return -1;
	watch_on(s->watch, POLLIN);
	return 0;
}

static int
begin(struct secretsource *s, const char *text, const char *asked)
{
	const char *rest;

	if (strcmp(text, "tty") == 0)
		return begin_tty(s, asked);
	if ((rest = part_behind(text, "env:")))
		return begin_env(s, rest);
	if ((rest = part_behind(text, "file:")))
		return begin_file(s, rest);
	if ((rest = part_behind(text, "command:")))
		return begin_command(s, rest);
	return begin_fd(s, secretsource_fd(text));
}

struct secretsource *
secretsource_new(struct loop *l, const char *text, const char *asked, secretsource_fn *fn, void *arg)
{
	struct secretsource *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->loop = l;
	s->fn = fn;
	s->arg = arg;
	s->fd = -1;
	s->console.out = (struct io_out){ .fd = -1, .own = -1 };
	if (begin(s, text, asked) == 0)
		return s;
	secretsource_free(s);
	return NULL;
}

void
secretsource_free(struct secretsource *s)
{
	if (!s)
		return;
	tty_free(s->tty);
	console_close(&s->console);
	watch_free(s->watch);
	timer_free(s->reap);
	(void)dualpipe_close(s->command, NULL, NULL); /* what it still wants is of no use */
	if (s->own_fd)
		io_close(&s->fd);
	explicit_bzero(s->line, sizeof(s->line));
	free(s);
}
