/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The second yardstick: the bytes do not come to us at all, they are spliced
 * from pipe to pipe, each of 1 MiB where the system lets us.
 */

#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

enum { LARGE = 1024 * 1024 };

struct way {
	int from, to;
	bool full; /* it waits for room, else for bytes */
};

static struct way in = { .from = 0 }, out = { .to = 1 };

static void
shut(struct way *w)
{
	close(w->from);
	close(w->to);
	w->from = w->to = -1;
}

/* As in poll-relay: the second entry also tells if the reader has gone. */
static void
ask(const struct way *w, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = w->full ? -1 : w->from, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = w->to, .events = w->full ? POLLOUT : 0 };
}

static void
move(struct way *w, const struct pollfd *fds)
{
	ssize_t n;

	if (fds[1].revents & POLLERR) {
		shut(w);
		return;
	}
	if (!fds[0].revents && !fds[1].revents)
		return;
	n = splice(w->from, NULL, w->to, NULL, LARGE, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	/* EAGAIN does not tell which side: it is the one that poll has not just called ready. */
	if (n > 0)
		w->full = false;
	else if (n < 0 && errno == EAGAIN)
		w->full = !w->full;
	else
		shut(w);
}

int
main(int argc, char *argv[])
{
	int to_child[2], from_child[2];
	struct pollfd fds[4];
	pid_t child;

	bare_begin(argc);
	if (pipe2(to_child, O_CLOEXEC) < 0 || pipe2(from_child, O_CLOEXEC) < 0)
		return 125;
	in.to = to_child[1];
	out.from = from_child[0];
	/* Not a pipe, or over the limit: as it is, then. */
	(void)fcntl(in.from, F_SETPIPE_SZ, LARGE);
	(void)fcntl(in.to, F_SETPIPE_SZ, LARGE);
	(void)fcntl(out.from, F_SETPIPE_SZ, LARGE);
	(void)fcntl(out.to, F_SETPIPE_SZ, LARGE);
	child = bare_start(argv + 1, to_child[0], from_child[1], NULL);
	close(to_child[0]);
	close(from_child[1]);
	while (in.to >= 0 || out.to >= 0) {
		ask(&in, fds);
		ask(&out, fds + 2);
		if (poll(fds, 4, -1) < 0)
			return 125;
		move(&in, fds);
		move(&out, fds + 2);
	}
	return bare_status(child);
}
