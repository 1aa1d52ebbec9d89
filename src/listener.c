/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "listener.h"

#include "buf.h"
#include "typed.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

static bool
pty_mode(const struct listener *l, struct termios *mode)
{
	int fd = dualpipe_fd(l->dp, DUALPIPE_TO_CHILD);

	return fd >= 0 && tcgetattr(fd, mode) == 0;
}

/* Of a child with pipes. */
static enum listener_wants
side_wants(const struct listener *l)
{
	if (!l->side)
		return l->ended ? LISTENER_NOTHING : LISTENER_LINES;
	switch (side_asks(l->side, l->ended)) {
	case SIDE_ASKS_KEYS:
		return LISTENER_KEYS;
	case SIDE_ASKS_SECRET:
		return LISTENER_SECRET;
	case SIDE_ASKS:
		break;
	case SIDE_QUIET:
		return l->ended ? LISTENER_NOTHING : LISTENER_LINES;
	}
	return LISTENER_LINES;
}

enum listener_wants
listener_wants(const struct listener *l, enum listener_wants before)
{
	struct termios mode;

	if (!l->pty)
		return side_wants(l);
	if (!pty_mode(l, &mode))
		return before;
	if (!(mode.c_lflag & ICANON))
		return LISTENER_KEYS;
	return mode.c_lflag & ECHO ? LISTENER_LINES : LISTENER_SECRET;
}

enum listener_end
listener_end(const struct listener *l)
{
	enum side_asks asks = l->side ? side_asks(l->side, true) : SIDE_QUIET;

	if (l->pty)
		return LISTENER_PTY;
	return asks == SIDE_ASKS || asks == SIDE_ASKS_SECRET ? LISTENER_SIDE : LISTENER_PIPE;
}

/* A line, or a part of one, as keys. */
static int
type_line(struct listener *l, const char *line, size_t size, bool ended)
{
	struct buf keys = { .secret = true }; /* it may be one */
	struct termios mode;
	int result = -1;

	if (pty_mode(l, &mode) && typed_line(&keys, &mode, line, size - ended) == 0 &&
	    (!ended || buf_append(&keys, "\n", 1) == 0))
		result = relay_send(l->relay, buf_peek(&keys), keys.size);
	buf_free(&keys);
	return result;
}

int
listener_line(struct listener *l, enum listener_end end, const char *line, size_t size, bool ended)
{
	switch (end) {
	case LISTENER_PIPE:
		return relay_send(l->relay, line, size);
	case LISTENER_PTY:
		return type_line(l, line, size, ended);
	case LISTENER_SIDE:
		return side_answer(l->side, line, size);
	}
	return -1;
}

int
listener_keys(struct listener *l, const void *data, size_t size)
{
	return l->pty ? relay_send(l->relay, data, size) : side_keys(l->side, data, size);
}

int
listener_special(struct listener *l, int index)
{
	struct termios mode;

	if (!pty_mode(l, &mode) || mode.c_cc[index] == _POSIX_VDISABLE)
		return 0; /* nobody would act upon it */
	return relay_send(l->relay, &mode.c_cc[index], 1);
}

int
listener_end_of_file(struct listener *l, enum listener_end end)
{
	switch (end) {
	case LISTENER_SIDE:
		return side_answer_end(l->side);
	case LISTENER_PTY:
		return listener_special(l, VEOF);
	case LISTENER_PIPE:
		break;
	}
	if (l->ended)
		return -1;
	l->ended = true;
	relay_send_end(l->relay);
	return 0;
}

bool
listener_signals(const struct listener *l)
{
	struct termios mode;

	return pty_mode(l, &mode) && (mode.c_lflag & ISIG);
}

void
listener_redraw(struct listener *l)
{
	if (l->dp)
		(void)dualpipe_signal(l->dp, SIGWINCH); /* it may just have ended */
}
