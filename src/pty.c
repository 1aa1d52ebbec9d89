/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "pty.h"

#include "compat/compat.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { DEFAULT_ROWS = 24, DEFAULT_COLUMNS = 80 };

/* The end-of-file and the quoting character of a terminal that carries data. */
enum { DATA_EOF = 0x04, DATA_QUOTE = 0x16 };

/*
 * Opens the child's side by its name where it has no descriptor yet. The
 * terminal is never to become our controlling one.
 */
static int
open_slave(int master)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
#ifdef HAVE_TIOCGPTPEER
	/* Needs no name, so works in a container whose /dev/pts is another. */
	int fd = ioctl(master, TIOCGPTPEER, flags);

	if (fd >= 0)
		return fd;
#endif
	{
		char name[128];
		int error = ptsname_r(master, name, sizeof(name));

		if (error == 0)
			return open(name, flags);
		errno = error;
		return -1;
	}
}

/*
 * A stream of data through a driver that would rather edit it: canonical, so
 * that end-of-file exists, with every special character off but the two that
 * quote and end. ECHO is off from the start, and so are signals, flow control
 * and every mapping of carriage returns.
 */
static void
set_data(struct termios *mode)
{
	size_t i;

	mode->c_iflag = 0;
	mode->c_oflag = 0;
	mode->c_lflag = ICANON | IEXTEN;
	for (i = 0; i < NCCS; i++)
		mode->c_cc[i] = _POSIX_VDISABLE;
	/* For who only turns ICANON off; some systems have it in the place of VEOF. */
	mode->c_cc[VMIN] = 1;
	mode->c_cc[VEOF] = DATA_EOF;
	mode->c_cc[VLNEXT] = DATA_QUOTE;
}

/* A terminal as one finds it: what the system gives, with UTF-8 known. */
static void
set_typed(struct termios *mode, const struct termios *wanted)
{
	if (wanted)
		*mode = *wanted;
#ifdef IUTF8
	else
		mode->c_iflag |= IUTF8;
#endif
}

/*
 * As one finds it, but that what the driver does with keys is left to us
 * (EXTPROC): ECHO stays set, and nothing is echoed. Where there is no such
 * thing the driver edits and signals, and echo is off for good.
 */
static void
set_keys(struct termios *mode)
{
	set_typed(mode, NULL);
	mode->c_oflag &= ~(tcflag_t)OPOST;
#ifdef HAVE_EXTPROC
	mode->c_lflag |= EXTPROC;
#else
	mode->c_lflag &= ~(tcflag_t)ECHO;
#endif
}

static int
set_up(int slave, const struct dualpipe_opts *opts)
{
	struct termios mode;

	if (tcgetattr(slave, &mode) < 0)
		return -1;
	switch (opts->terminal) {
	case DUALPIPE_DATA:
		set_data(&mode);
		break;
	case DUALPIPE_TYPED:
		set_typed(&mode, opts->termios);
		break;
	case DUALPIPE_KEYS:
		set_keys(&mode);
		break;
	}
	return tcsetattr(slave, TCSANOW, &mode);
}

int
pty_open(struct pty *pty, int *slave, const struct dualpipe_opts *opts)
{
	*slave = -1;
	pty->master = io_above_stdio(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (pty->master < 0)
		return -1;
	if (grantpt(pty->master) < 0 || unlockpt(pty->master) < 0)
		goto fail;
	*slave = io_above_stdio(open_slave(pty->master));
	if (*slave < 0 || fstat(*slave, &pty->slave) < 0 || set_up(*slave, opts) < 0)
		goto fail;
	if (pty_resize(pty, opts->rows > 0 ? opts->rows : DEFAULT_ROWS,
	    opts->columns > 0 ? opts->columns : DEFAULT_COLUMNS) < 0)
		goto fail;
	if (io_nonblock(pty->master) < 0)
		goto fail;
	return 0;
fail:
	io_close(slave);
	io_close(&pty->master);
	return -1;
}

int
pty_resize(const struct pty *pty, unsigned short rows, unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return ioctl(pty->master, TIOCSWINSZ, &size);
}

bool
pty_canonical(const struct pty *pty)
{
	struct termios mode;

	return tcgetattr(pty->master, &mode) == 0 && (mode.c_lflag & ICANON);
}

char
pty_eof_char(const struct pty *pty)
{
	struct termios mode;

	if (tcgetattr(pty->master, &mode) == 0 && (mode.c_lflag & ICANON) &&
	    mode.c_cc[VEOF] != _POSIX_VDISABLE)
		return (char)mode.c_cc[VEOF];
	return DATA_EOF;
}

/*
 * The child's side is opened for a moment only: while we held it, the end of
 * the child would not show at the master. poll(2) there waits for what the
 * kernel still carries over, so the answer is exact; FIONREAD is not.
 */
bool
pty_unread(const struct pty *pty)
{
	struct pollfd p = { .events = POLLIN };
	bool unread;

	p.fd = open_slave(pty->master);
	if (p.fd < 0)
		return false;
	unread = poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
	io_close(&p.fd);
	return unread;
}

void
pty_flush(const struct pty *pty)
{
	int fd = open_slave(pty->master);

	if (fd >= 0)
		(void)tcflush(fd, TCIFLUSH); /* at worst it is read */
	io_close(&fd);
}

int
pty_signal(const struct pty *pty, int signo)
{
	pid_t group = tcgetpgrp(pty->master);

	return group > 0 ? kill(-group, signo) : -1;
}

bool
pty_leaves_keys(void)
{
#ifdef HAVE_EXTPROC
	return true;
#else
	return false;
#endif
}

/* `stty sane' takes EXTPROC away, and gives the driver back what is ours to do. */
int
pty_keys_mode(const struct pty *pty, struct termios *mode)
{
	if (tcgetattr(pty->master, mode) < 0)
		return -1;
#ifdef HAVE_EXTPROC
	if (!(mode->c_lflag & EXTPROC)) {
		mode->c_lflag |= EXTPROC;
		return tcsetattr(pty->master, TCSANOW, mode);
	}
#endif
	return 0;
}

/* The best reader of a group, as far as it can be told. */
struct search {
	const struct pty *pty;
	pid_t group;
	pid_t reader;
	pid_t before;		/* waited when it was looked at last; 0: not known */
	enum process_waits best;
	bool unknown;
};

static bool
look_at_member(const struct process *p, void *arg)
{
	struct search *s = arg;
	enum process_waits waits;

	if (p->group != s->group || p->tty != s->pty->slave.st_rdev)
		return true;
	waits = process_found_waits_for(p, &s->pty->slave);
	if (waits == PROCESS_UNKNOWN)
		s->unknown = true;
	else if (waits > s->best) {
		s->best = waits;
		s->reader = p->pid;
	}
	return s->best < PROCESS_WAITS_ALSO;
}

/* Who has left the session reads the terminal like any file. */
static bool
look_at_outsider(const struct process *p, void *arg)
{
	struct search *s = arg;
	enum process_waits waits;

	if (p->tty == s->pty->slave.st_rdev)
		return true;
	waits = process_found_waits_for(p, &s->pty->slave);
	if (waits >= PROCESS_WAITS_ALSO) {
		s->best = waits;
		s->reader = p->pid;
	}
	return s->best < PROCESS_WAITS_ALSO;
}

/* Who has waited before does so again, as a rule. */
static bool
still_waits(struct search *s, pid_t pid)
{
	struct process p;

	if (pid <= 0 || process_look(pid, &p) < 0)
		return false;
	return !look_at_member(&p, s);
}

/* Starting, as a rule: to go through all processes would only keep it from that. */
static bool
is_at_work(pid_t pid)
{
	struct process p;

	return process_look(pid, &p) == 0 && p.state == 'R';
}

static enum process_waits
search(struct search *s, enum pty_search how)
{
	/* Its leader is the reader as a rule, and quicker found than all. */
	s->best = process_waits_for(s->group, &s->pty->slave);
	if (s->best >= PROCESS_WAITS_ALSO) {
		s->reader = s->group;
		return s->best;
	}
	s->best = PROCESS_BUSY;
	if (how == PTY_SEARCH_IDLE && is_at_work(s->group))
		return s->best;
	if (still_waits(s, s->before))
		return s->best;
	if (process_each(look_at_member, s) < 0)
		return PROCESS_UNKNOWN;
	if (how == PTY_SEARCH_ALL && s->best == PROCESS_BUSY && !s->unknown)
		(void)process_each(look_at_outsider, s); /* it could be done just now */
	return s->best == PROCESS_BUSY && s->unknown ? PROCESS_UNKNOWN : s->best;
}

enum process_waits
pty_waits(const struct pty *pty, pid_t *group, pid_t *reader, enum pty_search how)
{
	struct search s = { .pty = pty, .group = tcgetpgrp(pty->master), .best = PROCESS_BUSY,
		.before = reader ? *reader : 0 };
	enum process_waits waits = s.group > 0 ? search(&s, how) : PROCESS_BUSY;

	*group = s.group;
	if (reader && s.reader > 0)
		*reader = s.reader;
	return waits;
}
