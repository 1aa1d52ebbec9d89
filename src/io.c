/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "io.h"

#include "compat/compat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A terminal that polls writable takes at least this much; measured: 1024. */
enum { TTY_PIECE = 512 };

int
io_above_stdio(int fd)
{
	int moved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	io_close(&fd);
	return moved;
}

int
io_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0) {
		fds[0] = fds[1] = -1;
		return -1;
	}
	fds[0] = io_above_stdio(fds[0]);
	fds[1] = io_above_stdio(fds[1]);
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	io_close(&fds[0]);
	io_close(&fds[1]);
	return -1;
}

int
io_nonblock(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK);
}

ssize_t
io_read(int fd, void *data, size_t size)
{
	ssize_t n;

	do
		n = read(fd, data, size);
	while (n < 0 && errno == EINTR);
	return n;
}

int
io_read_all(int fd, struct buf *to)
{
	enum { PIECE = 65536 };
	ssize_t n;
	char *room;

	do {
		room = buf_reserve(to, PIECE);
		n = room ? io_read(fd, room, PIECE) : -1;
		if (n > 0)
			buf_added(to, (size_t)n);
	} while (n > 0);
	return (int)n;
}

ssize_t
io_write(int fd, const void *data, size_t size)
{
	ssize_t n;

	do
		n = write(fd, data, size);
	while (n < 0 && errno == EINTR);
	return n;
}

int
io_write_all(int fd, const void *data, size_t size)
{
	const char *from = data;
	ssize_t n;

	while (size > 0) {
		n = io_write(fd, from, size);
		if (n < 0)
			return -1;
		from += n;
		size -= (size_t)n;
	}
	return 0;
}

bool
io_is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

void
io_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* ours alone, nothing is written late */
	*fd = -1;
	errno = saved;
}

void
io_grow_pipe(int fd)
{
#ifdef HAVE_F_SETPIPE_SZ
	int saved = errno;
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size > 0 && size < IO_BIG_PIPE)
		(void)fcntl(fd, F_SETPIPE_SZ, IO_BIG_PIPE); /* the user's share may be used up */
	errno = saved;
#else
	(void)fd;
#endif
}

ssize_t
io_splice(int from, int to, size_t size)
{
#ifdef HAVE_SPLICE
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, size, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	while (n < 0 && errno == EINTR);
	return n;
#else
	(void)from, (void)to, (void)size;
	errno = ENOSYS;
	return -1;
#endif
}

/*
 * The same pipe or terminal by a description of our own, which may be
 * non-blocking. -1 where it belongs to another user (su), its reader has gone,
 * or there is no such folder.
 */
static int
open_anew(int fd, int way)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, way | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
io_in_open(struct io_in *in, int fd)
{
	struct stat st;
	int saved = errno;

	*in = (struct io_in){ .fd = fd, .own = -1 };
	if (fstat(fd, &st) < 0)
		return; /* the first read will say why */
	if (S_ISSOCK(st.st_mode))
		in->socket = true;
	else if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(fd)))
		in->own = open_anew(fd, O_RDONLY);
	errno = saved;
}

ssize_t
io_in_read(const struct io_in *in, void *data, size_t size)
{
	ssize_t n;

	if (!in->socket)
		return io_read(in->own >= 0 ? in->own : in->fd, data, size);
	do
		n = recv(in->fd, data, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

void
io_in_close(struct io_in *in)
{
	io_close(&in->own);
	in->fd = -1;
}

void
io_out_open(struct io_out *out, int fd)
{
	struct stat st;
	int saved = errno;

	*out = (struct io_out){ .fd = fd, .own = -1 };
	if (fstat(fd, &st) < 0)
		return; /* the first write will say why */
	if (S_ISSOCK(st.st_mode)) {
		out->socket = true;
	} else if (S_ISFIFO(st.st_mode)) {
		out->own = open_anew(fd, O_WRONLY);
		out->piece = out->own < 0 ? PIPE_BUF : 0;
	} else if (S_ISCHR(st.st_mode) && isatty(fd)) {
		out->own = open_anew(fd, O_WRONLY);
		out->piece = out->own < 0 ? TTY_PIECE : 0;
	} else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		out->piece = PIPE_BUF;
	}
	errno = saved;
}

static bool
writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0;
}

ssize_t
io_out_write(struct io_out *out, const void *data, size_t size)
{
	ssize_t n;

	if (out->own >= 0)
		return io_write(out->own, data, size);
	if (out->socket) {
		do
			n = send(out->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
		return n;
	}
	if (out->piece > 0) {
		if (!writable(out->fd)) {
			errno = EAGAIN;
			return -1;
		}
		if (size > out->piece)
			size = out->piece;
	}
	return io_write(out->fd, data, size);
}

int
io_out_fd(const struct io_out *out)
{
	return out->own >= 0 ? out->own : out->fd;
}

int
io_out_close(struct io_out *out)
{
	int fd = out->fd;

	io_close(&out->own);
	out->fd = -1;
	if (fd < 0 || close(fd) == 0 || errno == EINTR)
		return 0; /* an interruption tells of no loss */
	return -1;
}

void
io_out_leave(struct io_out *out)
{
	io_close(&out->own);
	out->fd = -1;
}
