/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * For LD_PRELOAD: system calls that fail, are interrupted or do only a part,
 * as they may at any time and never do while one looks. By environment:
 *
 *	SHORT_IO=1		reads and writes take one byte
 *	EINTR_EVERY=N		each Nth call that may be interrupted is: one that
 *				may sleep, so nothing on a non-blocking descriptor
 *	FAIL_WRITE_AFTER=N	behind N bytes, writes to the file that was
 *				descriptor FAIL_FD (1) at the start fail with ENOSPC
 *	OTHER_READER=1		what poll(2) says to be readable on descriptor 0 another
 *				process has read by then: there is nothing
 *	LATE_PTY=1		what is written to a terminal comes too late for a poll(2)
 *				that has something else to tell
 *	EARLY_END=1		a terminal tells of its end first, and then what was
 *				written before; all that from when a child has ended
 *	FAIL_FORK=1		no process can be made
 *	FAIL_PIPE=1		no pipe, nor socketpair
 *	FAIL_PTY=1		no pseudo-terminal
 *	FAIL_MEMORY=N		the Nth allocation behind the first fork
 *	BEFORE_RENAME=COMMAND	/bin/sh runs it, once, before a file gets its new name
 *
 * Only dualpipe is meant, not what it starts.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* the functions themselves, not what fortified headers make of them */
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	bool on;
	bool short_io;
	bool other_reader;
	bool late_pty;
	bool early_end;
	long eintr_every;
	bool fail_write;
	long long left;
	dev_t device;
	ino_t inode;
	bool fail_fork, fail_pipe, fail_pty;
	long fail_memory;
	bool forked;
} plan;

static long calls;

static long
number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void
read_plan(void)
{
	struct stat s;

	if (strcmp(program_invocation_short_name, "dualpipe") != 0)
		return;
	plan.short_io = number("SHORT_IO", 0) != 0;
	plan.other_reader = number("OTHER_READER", 0) != 0;
	plan.late_pty = number("LATE_PTY", 0) != 0;
	plan.early_end = number("EARLY_END", 0) != 0;
	plan.eintr_every = number("EINTR_EVERY", 0);
	plan.left = number("FAIL_WRITE_AFTER", -1);
	if (plan.left >= 0 && fstat((int)number("FAIL_FD", 1), &s) == 0) {
		plan.fail_write = true;
		plan.device = s.st_dev;
		plan.inode = s.st_ino;
	}
	plan.fail_fork = number("FAIL_FORK", 0) != 0;
	plan.fail_pipe = number("FAIL_PIPE", 0) != 0;
	plan.fail_pty = number("FAIL_PTY", 0) != 0;
	plan.fail_memory = number("FAIL_MEMORY", 0);
	plan.on = true;
}

/* A conversion that ISO C does not have, and POSIX asks for. */
#define REAL(name)                     \
	static __typeof__(&name) real; \
	if (!real)                     \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

static bool
interrupted(void)
{
	if (!plan.on || plan.eintr_every == 0 || ++calls % plan.eintr_every != 0)
		return false;
	errno = EINTR;
	return true;
}

/* Files, /proc among them, always do all that they can, at once. */
static bool
is_file(int fd)
{
	struct stat s;
	int error = errno;
	bool yes = fstat(fd, &s) == 0 && S_ISREG(s.st_mode);

	errno = error;
	return yes;
}

static bool
interrupted_at(int fd)
{
	int error = errno, flags = -1;

	if (plan.on && plan.eintr_every && !is_file(fd))
		flags = fcntl(fd, F_GETFL);
	errno = error;
	return flags != -1 && !(flags & O_NONBLOCK) && interrupted();
}

/* It is closed all the same. */
int
close(int fd)
{
	REAL(close);
	bool cut = interrupted_at(fd);

	return real(fd) < 0 || cut ? -1 : 0;
}

static size_t
part(int fd, size_t size)
{
	return plan.on && plan.short_io && size > 1 && !is_file(fd) ? 1 : size;
}

/* How much of size may still be written to fd; false: errno says why not. */
static bool
writable(int fd, size_t *size)
{
	struct stat s;

	*size = part(fd, *size);
	if (!plan.on || !plan.fail_write || fstat(fd, &s) == -1 || s.st_dev != plan.device ||
	    s.st_ino != plan.inode)
		return true;
	if (plan.left == 0 && *size > 0) {
		errno = ENOSPC;
		return false;
	}
	if (*size > (unsigned long long)plan.left)
		*size = (size_t)plan.left;
	return true;
}

static ssize_t
written(int fd, ssize_t n)
{
	struct stat s;
	int error = errno;

	if (n > 0 && plan.fail_write && fstat(fd, &s) == 0 && s.st_dev == plan.device &&
	    s.st_ino == plan.inode)
		plan.left -= n;
	errno = error;
	return n;
}

static bool
is_master(int fd)
{
	unsigned number;
	int error = errno;
	bool yes = ioctl(fd, TIOCGPTN, &number) == 0;

	errno = error;
	return yes;
}

/* Once: whether a read of fd is the one that is told so. */
static bool
ended_early(int fd)
{
	siginfo_t info;

	if (!plan.on || !plan.early_end || !is_master(fd))
		return false;
	plan.early_end = false;
	(void)waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	errno = EIO;
	return true;
}

ssize_t
read(int fd, void *data, size_t size)
{
	REAL(read);
	if (ended_early(fd))
		return -1;
	return interrupted_at(fd) ? -1 : real(fd, data, part(fd, size));
}

ssize_t __read_chk(int fd, void *data, size_t size, size_t room);

ssize_t
__read_chk(int fd, void *data, size_t size, size_t room)
{
	if (size > room)
		abort();
	return read(fd, data, size);
}

ssize_t
readv(int fd, const struct iovec *pieces, int count)
{
	REAL(readv);
	int i;

	if (interrupted_at(fd))
		return -1;
	if (plan.on && plan.short_io)
		for (i = 0; i < count; i++)
			if (pieces[i].iov_len > 0)
				return read(fd, pieces[i].iov_base, 1);
	return real(fd, pieces, count);
}

ssize_t
recv(int fd, void *data, size_t size, int flags)
{
	REAL(recv);
	return interrupted_at(fd) ? -1 : real(fd, data, part(fd, size), flags);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	REAL(write);
	if (interrupted_at(fd) || !writable(fd, &size))
		return -1;
	return written(fd, real(fd, data, size));
}

/* One piece a call: as short as a write may be. */
ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	REAL(writev);
	int i;

	if (!plan.on || (!plan.short_io && !plan.fail_write))
		return interrupted_at(fd) ? -1 : real(fd, pieces, count);
	for (i = 0; i < count - 1 && pieces[i].iov_len == 0; i++)
		;
	return count > 0 ? write(fd, pieces[i].iov_base, pieces[i].iov_len) : 0;
}

ssize_t
send(int fd, const void *data, size_t size, int flags)
{
	REAL(send);
	if (interrupted_at(fd) || !writable(fd, &size))
		return -1;
	return written(fd, real(fd, data, size, flags));
}

ssize_t
splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size, unsigned flags)
{
	REAL(splice);
	if (interrupted_at(to) || !writable(to, &size))
		return -1;
	return written(to, real(from, from_offset, to, to_offset, size, flags));
}

static bool
waits_for_input(const struct pollfd *fds, nfds_t count)
{
	nfds_t i;

	for (i = 0; i < count; i++)
		if (fds[i].fd == 0 && (fds[i].events & POLLIN))
			return true;
	return false;
}

/* Descriptor 0 is readable besides what is so. */
static int
tell_readable(struct pollfd *fds, nfds_t count)
{
	int ready = 0;
	nfds_t i;

	for (i = 0; i < count; i++) {
		if (fds[i].fd == 0)
			fds[i].revents |= fds[i].events & POLLIN;
		ready += fds[i].revents != 0;
	}
	return ready;
}

/* How many are ready, terminals aside if there are others. */
static int
tell_others(struct pollfd *fds, nfds_t count, int ready)
{
	int others = 0;
	nfds_t i;

	for (i = 0; i < count; i++)
		others += fds[i].revents != 0 && !is_master(fds[i].fd);
	for (i = 0; others > 0 && i < count; i++)
		if (fds[i].revents != 0 && is_master(fds[i].fd))
			fds[i].revents = 0;
	return others > 0 ? others : ready;
}

int
poll(struct pollfd *fds, nfds_t count, int ms)
{
	REAL(poll);
	int ready;

	if (plan.on && plan.other_reader && waits_for_input(fds, count))
		return real(fds, count, 0) < 0 ? -1 : tell_readable(fds, count);
	if (ms != 0 && interrupted())
		return -1;
	ready = real(fds, count, ms);
	return plan.on && plan.late_pty && ready > 0 ? tell_others(fds, count, ready) : ready;
}

int __poll_chk(struct pollfd *fds, nfds_t count, int ms, size_t room);

int
__poll_chk(struct pollfd *fds, nfds_t count, int ms, size_t room)
{
	if (count * sizeof(*fds) > room)
		abort();
	return poll(fds, count, ms);
}

int
ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask)
{
	REAL(ppoll);
	return interrupted() ? -1 : real(fds, count, time, mask);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	REAL(waitpid);
	return !(options & WNOHANG) && interrupted() ? -1 : real(pid, status, options);
}

pid_t
fork(void)
{
	REAL(fork);
	plan.forked = true;
	if (!plan.on || !plan.fail_fork)
		return real();
	errno = EAGAIN;
	return -1;
}

/* Who calls a vfork(2) may not return before its child is done: here the child has memory of its own. */
pid_t
vfork(void)
{
	return fork();
}

pid_t
_Fork(void)
{
	REAL(_Fork);
	if (!plan.on || !plan.fail_fork)
		return real();
	errno = EAGAIN;
	return -1;
}

static bool
no_memory(void)
{
	if (!plan.on || !plan.forked || plan.fail_memory == 0 || --plan.fail_memory > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	REAL(malloc);
	return no_memory() ? NULL : real(size);
}

void *
calloc(size_t count, size_t size)
{
	REAL(calloc);
	return no_memory() ? NULL : real(count, size);
}

void *
realloc(void *old, size_t size)
{
	REAL(realloc);
	return no_memory() ? NULL : real(old, size);
}

int
rename(const char *from, const char *to)
{
	REAL(rename);
	const char *command = plan.on ? getenv("BEFORE_RENAME") : NULL;

	if (command) {
		(void)unsetenv("BEFORE_RENAME");
		if (system(command) != 0)
			abort();
	}
	return real(from, to);
}

static bool
no_pipe(void)
{
	if (plan.on && plan.fail_pipe)
		errno = EMFILE;
	return plan.on && plan.fail_pipe;
}

int
pipe(int fds[2])
{
	REAL(pipe);
	return no_pipe() ? -1 : real(fds);
}

int
pipe2(int fds[2], int flags)
{
	REAL(pipe2);
	return no_pipe() ? -1 : real(fds, flags);
}

int
socketpair(int domain, int type, int protocol, int fds[2])
{
	REAL(socketpair);
	return no_pipe() ? -1 : real(domain, type, protocol, fds);
}

static bool
no_pty(void)
{
	if (plan.on && plan.fail_pty)
		errno = ENOSPC;
	return plan.on && plan.fail_pty;
}

int
posix_openpt(int flags)
{
	REAL(posix_openpt);
	return no_pty() ? -1 : real(flags);
}

int
getpt(void)
{
	REAL(getpt);
	return no_pty() ? -1 : real();
}

int
open(const char *path, int flags, ...)
{
	REAL(open);
	mode_t mode = 0;
	va_list arguments;

	if (flags & (O_CREAT | O_TMPFILE)) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (strcmp(path, "/dev/ptmx") == 0 && no_pty())
		return -1;
	return real(path, flags, mode);
}
