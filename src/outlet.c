/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "outlet.h"

#include "io.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

enum { MOST_KEPT = 65536 };

/* The reader has: as a pipe, a socket with something unread, or a terminal tells it. */
static bool
is_gone(int fd, int error)
{
	struct stat st;

	return error == EPIPE || error == ECONNRESET || (error == EIO && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
}

/* As much of it as goes now. -1 where no more will: the rest is lost, or there is nobody to tell. */
static ssize_t
write_some(struct outlet *o, struct io_out *out, const char *data, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = io_out_write(out, data + done, size - done);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			if (!is_gone(o->fd, errno))
				o->error = errno;
			return -1;
		}
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void
write_kept(struct outlet *o, struct io_out *out)
{
	ssize_t n = write_some(o, out, buf_peek(&o->kept), o->kept.size);

	buf_consume(&o->kept, n < 0 ? o->kept.size : (size_t)n);
}

void
outlet_put(struct outlet *o, const void *data, size_t size)
{
	const char *from = data;
	struct io_out out;
	int saved = errno;
	ssize_t n = 0;

	if (o->fd < 0)
		return;
	io_out_open(&out, o->fd);
	write_kept(o, &out);
	if (o->kept.size == 0)
		n = write_some(o, &out, from, size);
	if (n >= 0 && o->kept.size + size <= MOST_KEPT && buf_append(&o->kept, from + n, size - (size_t)n) < 0)
		o->error = errno;
	io_out_leave(&out);
	errno = saved;
}

void
outlet_end(struct outlet *o, int patience_ms)
{
	struct pollfd p = { .events = POLLOUT };
	struct io_out out;

	if (o->kept.size > 0) {
		io_out_open(&out, o->fd);
		p.fd = io_out_fd(&out);
		while (o->kept.size > 0 && poll(&p, 1, patience_ms) > 0)
			write_kept(o, &out);
		io_out_leave(&out);
	}
	buf_free(&o->kept);
}
