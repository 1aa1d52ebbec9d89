/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "tty.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A shell need not tell a job that runs that it is in the foreground now. */
enum { LOOK_AGAIN_MS = 200 };

struct tty {
	struct loop *loop;
	int fd;
	struct termios before;
	bool raw;
	bool newlines;
	bool quiet;		/* not raw, but without echo */
	bool foreground;
	bool suspended;		/* we did it, so a CONT is no surprise */
	bool before_holds;	/* it was taken away while our mode was set, which a shell may bring back with us */
	struct timer *look;
	void (*typed)(void *, const char *, size_t);
	void (*moved)(void *, bool);
	void (*stopping)(void *, bool);
	void (*lost)(void *);
	void *arg;
};

/* What a signal that ends us has to put back: the one terminal that we have set. */
static volatile sig_atomic_t raw_fd = -1;
static struct termios raw_before;
static const char *raw_undo;

/* Whether it is a terminal whose foreground we are in. */
static bool
is_ours(int fd)
{
	pid_t group = tcgetpgrp(fd);

	return group == getpgrp() || (group < 0 && errno == ENOTTY);
}

bool
tty_controls(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	io_close(&fd);
	return true;
}

bool
tty_size(unsigned short *rows, unsigned short *columns)
{
	struct winsize size;
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
			continue;
		*rows = size.ws_row;
		*columns = size.ws_col;
		return true;
	}
	return false;
}

bool
tty_has_person(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && is_ours(STDIN_FILENO);
}

bool
tty_can_edit(void)
{
	const char *term = getenv("TERM");
	unsigned short rows, columns;

	return tty_has_person() && term && term[0] && strcmp(term, "dumb") != 0 && tty_size(&rows, &columns);
}

/*
 * From the background the change would stop us, so SIGTTOU is kept away:
 * whoever has the terminal then gets it as it was.
 */
static void
set_mode(int fd, const struct termios *mode)
{
	sigset_t ttou, mask;

	(void)sigemptyset(&ttou);
	(void)sigaddset(&ttou, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &ttou, &mask);
	while (tcsetattr(fd, TCSANOW, mode) < 0 && errno == EINTR)
		;
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
put_back(void)
{
	int fd = raw_fd;

	raw_fd = -1;
	if (fd < 0)
		return;
	if (raw_undo)
		(void)io_write(fd, raw_undo, strlen(raw_undo)); /* there is nothing else to be done */
	set_mode(fd, &raw_before);
}

static bool
has_line(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents == POLLIN;
}

/*
 * Its driver has made lines of what was typed, and ends of files, which would
 * be NULs in a raw terminal. So that none is made between the last read and
 * the change, every key is a byte like any other before the first.
 */
static void
take_lines(struct tty *t, const struct termios *raw)
{
	struct termios mode = *raw;
	struct io_in in;
	char line[4096]; /* no driver holds more */
	ssize_t n;
	size_t i;

	mode.c_lflag |= ICANON;
	for (i = 0; i < NCCS; i++)
		mode.c_cc[i] = _POSIX_VDISABLE;
	set_mode(t->fd, &mode);
	io_in_open(&in, t->fd);
	while (has_line(t->fd)) {
		n = io_in_read(&in, line, sizeof(line));
		if (n < 0)
			break;
		t->typed(t->arg, line, (size_t)n);
	}
	io_in_close(&in);
}

static void
make_raw(struct tty *t)
{
	struct termios mode = t->before, now;

	mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
	mode.c_oflag &= ~(tcflag_t)(OPOST | OCRNL | ONOCR | ONLRET);
	if (t->newlines)
		mode.c_oflag |= OPOST | ONLCR;
	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	raw_before = t->before;
	raw_fd = t->fd;
	if (t->typed && tcgetattr(t->fd, &now) == 0 && (now.c_lflag & ICANON))
		take_lines(t, &mode);
	set_mode(t->fd, &mode);
}

static void
make_quiet(struct tty *t)
{
	struct termios mode = t->before;

	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	raw_before = t->before;
	raw_fd = t->fd;
	set_mode(t->fd, &mode);
}

/* Takes the terminal when it is ours, and lets go of it when it is not. */
static void
look(void *arg)
{
	struct tty *t = arg;
	bool foreground = is_ours(t->fd);

	if (foreground && !t->foreground && (t->raw || t->quiet)) {
		if (!t->before_holds)
			(void)tcgetattr(t->fd, &t->before); /* at worst it is as it was */
		(t->raw ? make_raw : make_quiet)(t);
	}
	t->before_holds = t->before_holds && !foreground;
	if (!foreground)
		raw_fd = -1; /* somebody else's to set by now */
	if (foreground != t->foreground && t->moved)
		t->moved(t->arg, foreground);
	t->foreground = foreground;
	timer_set(t->look, foreground ? DEADLINE_NEVER : deadline_in(LOOK_AGAIN_MS));
}

/* Stopped from outside: the shell gets the terminal as it was. */
static void
stop(void *arg, int signo, bool from_kernel)
{
	struct tty *t = arg;

	(void)signo, (void)from_kernel;
	/* What is to be taken off the screen goes while the mode is still ours. */
	if (t->foreground && t->moved)
		t->moved(t->arg, false);
	put_back();
	t->foreground = false;
	if (t->stopping)
		t->stopping(t->arg, true);
	t->suspended = true;
	loop_suspend(t->loop);
	look(t);
	if (t->stopping)
		t->stopping(t->arg, false);
}

/* Stopped by STOP, which nobody catches: somebody may have changed the mode, and what is shown. */
static void
take_again(struct tty *t)
{
	if (t->lost)
		t->lost(t->arg);
	t->before_holds = !is_ours(t->fd);
	if (t->before_holds)
		return;
	if (t->raw || t->quiet)
		(t->raw ? make_raw : make_quiet)(t);
	if (t->moved)
		t->moved(t->arg, true);
}

static void
continued(void *arg, int signo, bool from_kernel)
{
	struct tty *t = arg;

	(void)signo, (void)from_kernel;
	if (t->foreground && !t->suspended)
		take_again(t);
	t->suspended = false;
	look(t);
}

struct tty *
tty_new(struct loop *l, int fd, const struct tty_opts *opts)
{
	struct tty *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct tty){ .loop = l, .fd = fd, .raw = opts->raw, .newlines = opts->newlines, .typed = opts->typed,
		.moved = opts->moved, .stopping = opts->stopping, .lost = opts->lost, .arg = opts->arg };
	raw_undo = opts->undo;
	t->look = timer_new(l, look, t);
	if (!t->look || tcgetattr(fd, &t->before) < 0 || loop_signal(l, SIGCONT, continued, t) < 0)
		goto fail;
	if (t->raw || t->stopping) {
		if (loop_signal(l, SIGTSTP, stop, t) < 0)
			goto fail;
		loop_before_death(l, put_back);
	}
	return t;
fail:
	tty_free(t);
	return NULL;
}

const struct termios *
tty_mode(const struct tty *t)
{
	return &t->before;
}

/* The keys that line editors turn off for themselves. */
static void
restore_keys(struct termios *mode)
{
	static const struct {
		int index;
		cc_t usual;
	} keys[] = { { VINTR, 0x03 }, { VQUIT, 0x1c }, { VSUSP, 0x1a }, { VLNEXT, 0x16 }, { VEOF, 0x04 } };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (mode->c_cc[keys[i].index] == _POSIX_VDISABLE)
			mode->c_cc[keys[i].index] = keys[i].usual;
}

struct termios
tty_mode_for_command(const struct tty *t)
{
	struct termios mode = t->before;

	if ((mode.c_lflag & ICANON) || is_ours(t->fd))
		return mode;
	mode.c_iflag &= ~(tcflag_t)(IGNBRK | PARMRK | ISTRIP | INLCR | IGNCR);
	mode.c_iflag |= BRKINT | ICRNL | IXON;
	mode.c_oflag |= OPOST | ONLCR;
	mode.c_lflag |= ICANON | ISIG | IEXTEN | ECHO | ECHOE | ECHOK;
	restore_keys(&mode);
	return mode;
}

void
tty_begin(struct tty *t)
{
	look(t);
	if (!t->foreground && t->moved)
		t->moved(t->arg, false);
}

void
tty_echo(struct tty *t, bool on)
{
	if (t->raw || t->quiet == !on)
		return;
	t->quiet = !on;
	if (!t->foreground)
		return;
	if (on) {
		put_back();
	} else {
		(void)tcgetattr(t->fd, &t->before); /* at worst it is as it was */
		make_quiet(t);
	}
}

void
tty_keys(struct tty *t, bool on)
{
	if (t->raw == on)
		return;
	t->raw = on;
	if (!t->foreground)
		return;
	if (on && !t->quiet)
		(void)tcgetattr(t->fd, &t->before); /* at worst it is as it was */
	if (on)
		make_raw(t);
	else if (t->quiet)
		make_quiet(t);
	else
		put_back();
}

void
tty_newlines(struct tty *t, bool on)
{
	if (t->newlines == on)
		return;
	t->newlines = on;
	if (t->raw && t->foreground)
		make_raw(t);
}

void
tty_suspend(struct tty *t)
{
	(void)t;
	(void)kill(0, SIGTSTP); /* us, too: stop() sees to the rest */
}

void
tty_free(struct tty *t)
{
	int saved = errno;

	if (!t)
		return;
	put_back();
	loop_forget(t->loop, t);
	timer_free(t->look);
	free(t);
	errno = saved;
}
