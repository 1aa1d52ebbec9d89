/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The yardstick: runs a command on two pipes of the default size and relays
 * with poll, read and write, 64 KiB at once.
 */

#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct way {
	int from, to;
	size_t start, end;
	char data[64 * 1024];
};

static struct way in = { .from = 0 }, out = { .to = 1 };

static void
shut(struct way *w)
{
	close(w->from);
	close(w->to);
	w->from = w->to = -1;
}

/* Two entries. The second has no event while nothing is to be written: it then tells if the reader
 * has gone. */
static void
ask(const struct way *w, struct pollfd *fds)
{
	bool empty = w->start == w->end;

	fds[0] = (struct pollfd){ .fd = empty ? w->from : -1, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = w->to, .events = empty ? 0 : POLLOUT };
}

static void
move(struct way *w, const struct pollfd *fds)
{
	ssize_t n;

	if (fds[1].revents & POLLERR) {
		shut(w);
		return;
	}
	if (fds[0].revents) {
		n = read(w->from, w->data, sizeof(w->data));
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			shut(w);
			return;
		}
		w->start = 0;
		w->end = (size_t)n;
	} else if (!fds[1].revents) {
		return;
	}
	n = write(w->to, w->data + w->start, w->end - w->start);
	if (n >= 0)
		w->start += (size_t)n;
	else if (errno != EAGAIN)
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
	fcntl(in.to, F_SETFL, O_WRONLY | O_NONBLOCK);
	fcntl(out.from, F_SETFL, O_RDONLY | O_NONBLOCK);
	child = bare_start(argv + 1, to_child[0], from_child[1], NULL);
	close(to_child[0]);
	close(from_child[1]);
	bare_own_stdout();
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
