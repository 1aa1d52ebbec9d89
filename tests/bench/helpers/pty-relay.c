/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The yardstick on a pseudo-terminal, whose driver is set as `dualpipe --pty'
 * sets it for data: canonical, nothing echoed or mapped, all characters off
 * but end-of-file and quote. It is for whole lines of less than 4096 bytes
 * without these two characters, and sends one end-of-file behind the last.
 */

#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { END = 0x04, QUOTE = 0x16 };

struct queue {
	size_t start, end;
	char data[64 * 1024];
};

static struct queue to_child, from_child;

static int
open_master(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios mode;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || tcgetattr(fd, &mode) < 0)
		return -1;
	mode.c_iflag = 0;
	mode.c_oflag = 0;
	mode.c_lflag = ICANON | IEXTEN;
	memset(mode.c_cc, _POSIX_VDISABLE, sizeof(mode.c_cc));
	mode.c_cc[VEOF] = END;
	mode.c_cc[VLNEXT] = QUOTE;
	/* On Linux the master speaks for the other side. */
	return tcsetattr(fd, TCSANOW, &mode) < 0 ? -1 : fd;
}

static bool
empty(const struct queue *q)
{
	return q->start == q->end;
}

/* False at the end of what is read. */
static bool
fill(struct queue *q, int fd)
{
	ssize_t n = read(fd, q->data, sizeof(q->data));

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	q->start = 0;
	q->end = (size_t)n;
	return true;
}

/* False where nobody reads any more. */
static bool
drain(struct queue *q, int fd)
{
	ssize_t n = write(fd, q->data + q->start, q->end - q->start);

	if (n >= 0)
		q->start += (size_t)n;
	return n >= 0 || errno == EAGAIN;
}

/* False where our reader has gone. */
static bool
relay(int master)
{
	int in = 0;
	struct pollfd fds[3];

	for (;;) {
		fds[0] = (struct pollfd){ .fd = empty(&to_child) ? in : -1, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = master };
		fds[1].events =
		    (short)((empty(&from_child) ? POLLIN : 0) | (empty(&to_child) ? 0 : POLLOUT));
		/* A hang-up is told unasked, again and again, so only ask when it can be dealt
		 * with. */
		if (!empty(&from_child))
			fds[1].fd = empty(&to_child) ? -1 : master;
		fds[2] = (struct pollfd){ .fd = 1, .events = empty(&from_child) ? 0 : POLLOUT };
		if (poll(fds, 3, -1) < 0 || fds[2].revents & POLLERR)
			return false;
		if (fds[1].revents & (POLLIN | POLLHUP) && empty(&from_child) &&
		    !fill(&from_child, master))
			return true;
		if (!empty(&from_child) && !drain(&from_child, 1))
			return false;
		if (fds[0].revents && !fill(&to_child, in)) {
			in = -1;
			to_child = (struct queue){ .end = 1, .data = { END } };
		}
		if (!empty(&to_child) && !drain(&to_child, master))
			to_child.start = to_child.end;
	}
}

int
main(int argc, char *argv[])
{
	pid_t child;
	int master;

	bare_begin(argc);
	master = open_master();
	if (master < 0)
		return 125;
	child = bare_start(argv + 1, -1, -1, ptsname(master));
	bare_own_stdout();
	/* Not when all is well: a child that has closed its terminal and is about to exit would
	 * still be hung up. */
	if (!relay(master))
		close(master);
	return bare_status(child);
}
