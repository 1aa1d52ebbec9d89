/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Descriptors: made close-on-exec, read and written without regard to EINTR,
 * and how one that we share with our caller is read and written without
 * blocking. Such a one never gets O_NONBLOCK, which belongs to the open file
 * description: the caller's shell and its other children would have it too.
 */
#ifndef IO_H
#define IO_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A pipe, close-on-exec, neither end below 3. */
int io_pipe(int fds[2]);

/* Moves fd, close-on-exec, to 3 or above. -1 closes it all the same. */
int io_above_stdio(int fd);

/* Only for a pipe or pty that we made ourselves: sets just that one flag. */
int io_nonblock(int fd);

/* read(2) and write(2), begun anew after EINTR. */
ssize_t io_read(int fd, void *data, size_t size);
ssize_t io_write(int fd, const void *data, size_t size);

/* Reads all there is up to its end, behind what is in to. */
int io_read_all(int fd, struct buf *to);

/* Writes all of it or fails; for descriptors that may block. */
int io_write_all(int fd, const void *data, size_t size);

/* Whether there is something to read now; not of -1. */
bool io_is_readable(int fd);

/* Closes *fd if it is one and makes it -1. Keeps errno. */
void io_close(int *fd);

/*
 * Makes a pipe hold IO_BIG_PIPE, where it is one and the system lets us: where much
 * passes that means fewer turns for everybody. Leaves errno.
 */
enum { IO_BIG_PIPE = 1 << 20 };
void io_grow_pipe(int fd);

/*
 * Moves up to size bytes from pipe to pipe, past our memory and without
 * waiting: 0 at the end, EAGAIN where either side is not ready, ENOSYS or
 * EINVAL where it cannot be done.
 */
ssize_t io_splice(int from, int to, size_t size);

/*
 * An inherited descriptor that we read from. Others may read it as well, and
 * be quicker than we are once poll(2) has said that there is something. All of
 * it is private.
 */
struct io_in {
	int fd;		/* -1 before it is opened */
	int own;	/* the same file opened anew, non-blocking, or -1 */
	bool socket;
};

/* Finds out how fd may be read. Never fails: the worst is a read that may block. */
void io_in_open(struct io_in *in, int fd);

/* As read(2) on a non-blocking descriptor. */
ssize_t io_in_read(const struct io_in *in, void *data, size_t size);

/* The inherited one stays open. */
void io_in_close(struct io_in *in);

/* An inherited descriptor that we write to. All of it is private. */
struct io_out {
	int fd;		/* the inherited one, -1 when it was ended */
	int own;	/* the same file opened anew, non-blocking, or -1 */
	bool socket;
	size_t piece;	/* the most that a write may be after POLLOUT; 0: any */
};

/* Finds out how fd may be written. Never fails: the worst is small pieces. */
void io_out_open(struct io_out *out, int fd);

/* As write(2) on a non-blocking descriptor: a part of it, or EAGAIN. */
ssize_t io_out_write(struct io_out *out, const void *data, size_t size);

/* What to poll for POLLOUT. */
int io_out_fd(const struct io_out *out);

/* Ends our part of it; -1 with the error that a delayed write met. */
int io_out_close(struct io_out *out);

/* Lets go of it: the inherited one stays open. */
void io_out_leave(struct io_out *out);

#endif
