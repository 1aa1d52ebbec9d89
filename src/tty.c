/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "tty.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A shell need not tell a job that runs that it is in the foreground now. */
enum { LOOK_AGAIN_MS = 200 };

struct tty {
	struct loop *loop;
	int fd;
	struct termios before;
	bool raw;
	bool foreground;
	struct timer *look;
	void (*moved)(void *, bool);
	void *arg;
};

/* What a signal that ends us has to put back: the one terminal in raw mode. */
static volatile sig_atomic_t raw_fd = -1;
static struct termios raw_before;

bool
tty_is_ours(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
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
	if (fd >= 0)
		set_mode(fd, &raw_before);
}

static void
make_raw(struct tty *t)
{
	struct termios mode = t->before;

	mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
	mode.c_oflag &= ~(tcflag_t)OPOST;
	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	raw_before = t->before;
	raw_fd = t->fd;
	set_mode(t->fd, &mode);
}

/* Takes the terminal when it is ours, and lets go of it when it is not. */
static void
look(void *arg)
{
	struct tty *t = arg;
	bool foreground = tty_is_ours(t->fd);

	if (foreground && !t->foreground && t->raw) {
		(void)tcgetattr(t->fd, &t->before); /* at worst it is as it was */
		make_raw(t);
	}
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
	put_back();
	if (t->foreground && t->moved)
		t->moved(t->arg, false);
	t->foreground = false;
	loop_suspend(t->loop);
	look(t);
}

static void
continued(void *arg, int signo, bool from_kernel)
{
	struct tty *t = arg;

	(void)signo, (void)from_kernel;
	/* Stopped by STOP, which nobody catches, somebody may have changed the mode. */
	if (t->foreground && t->raw && tty_is_ours(t->fd))
		make_raw(t);
	look(t);
}

struct tty *
tty_new(struct loop *l, int fd, const struct tty_opts *opts)
{
	struct tty *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct tty){ .loop = l, .fd = fd, .raw = opts->raw, .moved = opts->moved, .arg = opts->arg };
	t->look = timer_new(l, look, t);
	if (!t->look || tcgetattr(fd, &t->before) < 0) {
		timer_free(t->look);
		free(t);
		return NULL;
	}
	(void)loop_signal(l, SIGCONT, continued, t);
	if (t->raw) {
		(void)loop_signal(l, SIGTSTP, stop, t);
		loop_before_death(l, put_back);
	}
	return t;
}

const struct termios *
tty_mode(const struct tty *t)
{
	return &t->before;
}

void
tty_begin(struct tty *t)
{
	look(t);
	if (!t->foreground && t->moved)
		t->moved(t->arg, false);
}

void
tty_free(struct tty *t)
{
	if (!t)
		return;
	put_back();
	timer_free(t->look);
	free(t);
}
