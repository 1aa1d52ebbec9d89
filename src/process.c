/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "process.h"

#ifdef HAVE_PROCFS

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

/* The most descriptors that are looked at in another's poll or epoll set. */
enum { MOST_FDS = 256 };

/*
 * In a pid namespace that has no /proc of its own the one outside is seen, in
 * which our numbers are those of others.
 */
bool
process_known(void)
{
	char self[16] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 && atol(self) == (long)getpid();
}

/* Reads a small file whole; its size, a NUL behind it, or -1. */
static ssize_t
read_file(const char *path, char *text, size_t room)
{
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, room - 1);
	(void)close(fd); /* nothing was written */
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* The kernel's own packing of a device number, in /proc/PID/stat. */
static dev_t
unpack_device(unsigned int packed)
{
	return makedev((packed >> 8) & 0xfff, (packed & 0xff) | ((packed >> 12) & 0xfff00));
}

static int
look(pid_t pid, struct process *p)
{
	char path[32], text[1024];
	const char *rest;
	unsigned int tty;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_file(path, text, sizeof(text)) <= 0) {
		errno = ESRCH;
		return -1;
	}
	/* The name in parentheses may hold anything, parentheses too. */
	rest = strrchr(text, ')');
	*p = (struct process){ .pid = pid };
	if (!rest || sscanf(rest, ") %c %d %d %d %u %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
	    &p->state, &p->parent, &p->group, &p->session, &tty, &p->threads, &p->start) != 7) {
		errno = ESRCH;
		return -1;
	}
	p->tty = unpack_device(tty);
	return 0;
}

int
process_look(pid_t pid, struct process *p)
{
	if (process_known())
		return look(pid, p);
	errno = ENOSYS;
	return -1;
}

int
process_each(process_fn *fn, void *arg)
{
	struct dirent *entry;
	struct process p;
	DIR *dir;

	/* Where it is not mounted the folder is there all the same. */
	dir = process_known() ? opendir("/proc") : NULL;
	if (!dir) {
		errno = ENOSYS;
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (look((pid_t)atoi(entry->d_name), &p) == 0 && !fn(&p, arg))
			break;
	}
	(void)closedir(dir); /* nothing was written */
	return 0;
}

/* A thread that sleeps in a system call. */
struct sleeper {
	pid_t pid;
	dev_t tty;			/* its controlling terminal; 0 where that was not looked up, or it has none */
	const struct stat *file;	/* what we ask about */
	long call;
	uint64_t argument[6];
};

/* Its controlling terminal, which only who has /dev/tty open has to be asked for. */
static dev_t
terminal_of(const struct sleeper *s)
{
	struct process p;

	if (s->tty != 0)
		return s->tty;
	return look(s->pid, &p) == 0 ? p.tty : 0;
}

/* Whether its descriptor fd is the file that we ask about. */
static bool
is_the_file(const struct sleeper *s, int fd)
{
	char path[48];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)s->pid, fd);
	if (stat(path, &st) < 0)
		return false;
	if (!S_ISCHR(s->file->st_mode))
		return st.st_dev == s->file->st_dev && st.st_ino == s->file->st_ino;
	if (!S_ISCHR(st.st_mode))
		return false;
	if (st.st_rdev == makedev(5, 0)) /* /dev/tty */
		return terminal_of(s) == s->file->st_rdev;
	return st.st_rdev == s->file->st_rdev;
}

/* Reads its memory; false where that is not allowed. */
static bool
read_memory(const struct sleeper *s, uint64_t address, void *data, size_t size)
{
#ifdef HAVE_PROCESS_VM_READV
	struct iovec here = { .iov_base = data, .iov_len = size };
	struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };

	return process_vm_readv(s->pid, &here, 1, &there, 1, 0) == (ssize_t)size;
#else
	(void)s, (void)address, (void)data, (void)size;
	return false;
#endif
}

/* Adds what one descriptor of a set says to what the others have said. */
struct set_seen {
	bool ours;
	bool others;
};

static enum process_waits
judge(const struct set_seen *seen, bool timed)
{
	if (!seen->ours)
		return PROCESS_BUSY;
	return seen->others || timed ? PROCESS_WAITS_ALSO : PROCESS_WAITS;
}

static enum process_waits
waits_in_poll(const struct sleeper *s, bool timed)
{
	struct pollfd set[MOST_FDS];
	struct set_seen seen = { false, false };
	uint64_t count = s->argument[1];
	uint64_t i;

	if (count == 0)
		return PROCESS_BUSY;
	if (count > MOST_FDS || !read_memory(s, s->argument[0], set, (size_t)count * sizeof(set[0])))
		return PROCESS_UNKNOWN;
	for (i = 0; i < count; i++) {
		if (set[i].fd < 0)
			continue;
		if ((set[i].events & POLLIN) && is_the_file(s, set[i].fd))
			seen.ours = true;
		else
			seen.others = true;
	}
	return judge(&seen, timed);
}

static enum process_waits
waits_in_select(const struct sleeper *s)
{
	unsigned long sets[3][FD_SETSIZE / (8 * sizeof(long))];
	const size_t bits = 8 * sizeof(long);
	struct set_seen seen = { false, false };
	uint64_t count = s->argument[0];
	size_t fd, kind, words;

	if (count == 0)
		return PROCESS_BUSY;
	if (count > FD_SETSIZE)
		return PROCESS_UNKNOWN;
	memset(sets, 0, sizeof(sets));
	words = ((size_t)count + bits - 1) / bits;
	for (kind = 0; kind < 3; kind++)
		if (s->argument[1 + kind] != 0 &&
		    !read_memory(s, s->argument[1 + kind], sets[kind], words * sizeof(long)))
			return PROCESS_UNKNOWN;
	for (fd = 0; fd < count; fd++) {
		unsigned long bit = 1UL << (fd % bits);

		if ((sets[0][fd / bits] & bit) && is_the_file(s, (int)fd))
			seen.ours = true;
		else if (((sets[0][fd / bits] | sets[1][fd / bits]) & bit) ||
		    ((sets[2][fd / bits] & bit) && !is_the_file(s, (int)fd)))
			seen.others = true;
	}
	return judge(&seen, s->argument[4] != 0);
}

static enum process_waits
waits_in_epoll(const struct sleeper *s)
{
	struct set_seen seen = { false, false };
	char path[48], text[8192], *line, *next;
	ssize_t size;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)s->pid, (int)s->argument[0]);
	size = read_file(path, text, sizeof(text));
	if (size <= 0)
		return PROCESS_UNKNOWN;
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (sscanf(line, "tfd: %d", &fd) != 1)
			continue;
		if (is_the_file(s, fd))
			seen.ours = true;
		else
			seen.others = true;
	}
	if (!seen.ours && size == (ssize_t)sizeof(text) - 1)
		return PROCESS_UNKNOWN; /* it may stand in what was cut off */
	return judge(&seen, (int)s->argument[3] >= 0);
}

/* Which system call it sleeps in says what its arguments mean. */
static enum process_waits
waits_in_call(const struct sleeper *s)
{
	switch (s->call) {
	case SYS_read:
	case SYS_readv:
#ifdef SYS_splice
	case SYS_splice:
#endif
		return is_the_file(s, (int)s->argument[0]) ? PROCESS_WAITS : PROCESS_BUSY;
#ifdef SYS_poll
	case SYS_poll:
		return waits_in_poll(s, (int)s->argument[2] >= 0);
#endif
#ifdef SYS_ppoll
	case SYS_ppoll:
		return waits_in_poll(s, s->argument[2] != 0);
#endif
#ifdef SYS_select
	case SYS_select:
		return waits_in_select(s);
#endif
#ifdef SYS_pselect6
	case SYS_pselect6:
		return waits_in_select(s);
#endif
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
		return waits_in_epoll(s);
#endif
#ifdef SYS_epoll_pwait
	case SYS_epoll_pwait:
		return waits_in_epoll(s);
#endif
#ifdef SYS_restart_syscall
	case SYS_restart_syscall:
		return PROCESS_UNKNOWN; /* it was stopped in a call, and which one is not told */
#endif
#ifdef SYS_epoll_pwait2
	case SYS_epoll_pwait2:
		return PROCESS_UNKNOWN;
#endif
#ifdef SYS_io_uring_enter
	case SYS_io_uring_enter:
		return PROCESS_UNKNOWN;
#endif
	default:
		return PROCESS_BUSY;
	}
}

/* What has just ended waits for nothing; what is there and secret may. */
static bool
is_there(pid_t pid)
{
	struct process p;

	return look(pid, &p) == 0 && p.state != 'Z' && p.state != 'X';
}

/*
 * Where its stack is tells whether it runs as we do. One of 32 bits on a system
 * of 64 has other numbers for calls, and other structures behind addresses.
 */
static bool
is_of_our_kind(uint64_t stack)
{
	return (stack > UINT32_MAX) == (UINTPTR_MAX > UINT32_MAX);
}

static enum process_waits
thread_waits_for(const struct process *p, pid_t thread, const struct stat *file, struct sleeper *s)
{
	char path[64], text[256], *end;
	size_t i;

	*s = (struct sleeper){ .pid = p->pid, .tty = p->tty, .file = file, .call = -1 };
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)p->pid, (int)thread);
	if (read_file(path, text, sizeof(text)) <= 0)
		return is_there(p->pid) ? PROCESS_UNKNOWN : PROCESS_BUSY;
	if (!isdigit((unsigned char)text[0]))
		return PROCESS_BUSY; /* "running", or "-1": not in a call */
	s->call = strtol(text, &end, 10);
	for (i = 0; i < 6; i++)
		s->argument[i] = strtoull(end, &end, 16);
	return is_of_our_kind(strtoull(end, NULL, 16)) ? waits_in_call(s) : PROCESS_UNKNOWN;
}

/*
 * A thread that waits for a signal and for no time is the C library's own, for
 * timers that start threads (vim has one): it does nothing by itself.
 */
static bool
is_helper(const struct sleeper *s)
{
#ifdef SYS_rt_sigtimedwait
	return s->call == SYS_rt_sigtimedwait && s->argument[2] == 0;
#else
	(void)s;
	return false;
#endif
}

static enum process_waits
threads_wait_for(const struct process *p, const struct stat *file)
{
	struct set_seen seen = { false, false };
	bool unknown = false;
	struct sleeper s;
	struct dirent *entry;
	char path[32];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)p->pid);
	dir = opendir(path);
	if (!dir)
		return is_there(p->pid) ? PROCESS_UNKNOWN : PROCESS_BUSY;
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		switch (thread_waits_for(p, (pid_t)atoi(entry->d_name), file, &s)) {
		case PROCESS_WAITS_ALSO:
			seen.others = true;
			seen.ours = true;
			break;
		case PROCESS_WAITS:
			seen.ours = true;
			break;
		case PROCESS_UNKNOWN:
			unknown = true;
			seen.others = true;
			break;
		case PROCESS_BUSY:
			if (!is_helper(&s))
				seen.others = true;
			break;
		}
	}
	(void)closedir(dir); /* nothing was written */
	if (unknown && !seen.ours)
		return PROCESS_UNKNOWN;
	return judge(&seen, false);
}

enum process_waits
process_found_waits_for(const struct process *p, const struct stat *file)
{
	struct sleeper s;

	if (p->state != 'S')
		return PROCESS_BUSY;
	if (p->threads > 1)
		return threads_wait_for(p, file);
	return thread_waits_for(p, p->pid, file, &s);
}

enum process_waits
process_waits_for(pid_t pid, const struct stat *file)
{
	struct process p;

	if (process_look(pid, &p) < 0)
		return errno == ENOSYS ? PROCESS_UNKNOWN : PROCESS_BUSY;
	return process_found_waits_for(&p, file);
}

bool
process_holds(pid_t pid, int fd, const struct stat *file)
{
	const struct sleeper s = { .pid = pid, .file = file };

	return process_known() && is_the_file(&s, fd);
}

#else

#include <errno.h>

bool
process_known(void)
{
	return false;
}

int
process_look(pid_t pid, struct process *p)
{
	(void)pid, (void)p;
	errno = ENOSYS;
	return -1;
}

int
process_each(process_fn *fn, void *arg)
{
	(void)fn, (void)arg;
	errno = ENOSYS;
	return -1;
}

enum process_waits
process_found_waits_for(const struct process *p, const struct stat *file)
{
	(void)p, (void)file;
	return PROCESS_UNKNOWN;
}

enum process_waits
process_waits_for(pid_t pid, const struct stat *file)
{
	(void)pid, (void)file;
	return PROCESS_UNKNOWN;
}

bool
process_holds(pid_t pid, int fd, const struct stat *file)
{
	(void)pid, (void)fd, (void)file;
	return false;
}

#endif
