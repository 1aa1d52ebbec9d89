/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Does the child wait for input? What its readers sleep in tells. */

#include "dualpipe.h"

#include "deadline.h"
#include "handle.h"
#include "process.h"
#include "send.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_SEARCH_MS = 4, MOST_SEARCH_MS = 64 };

/*
 * All processes are gone through, which takes a while: not right after one was
 * seen to read, who does so next as a rule, and less and less often while none does.
 */
static bool
may_search(struct dualpipe *dp)
{
	if (deadline_left(dp->search_at) > 0)
		return false;
	dp->search_ms = dp->search_ms < FIRST_SEARCH_MS ? FIRST_SEARCH_MS : dp->search_ms * 2;
	if (dp->search_ms > MOST_SEARCH_MS)
		dp->search_ms = MOST_SEARCH_MS;
	dp->search_at = deadline_in(dp->search_ms);
	return true;
}

struct search {
	const struct stat *file;
	pid_t reader;
	enum process_waits best;
};

/* Whoever reads our pipe has it from the child. */
static bool
look_at(const struct process *p, void *arg)
{
	struct search *s = arg;
	enum process_waits waits;

	if (p->pid == getpid() || p->group == 0 || p->state != 'S') /* not the kernel's own either */
		return true;
	waits = process_found_waits_for(p, s->file);
	if (waits >= PROCESS_WAITS_ALSO && waits > s->best) {
		s->best = waits;
		s->reader = p->pid;
	}
	return s->best != PROCESS_WAITS;
}

static enum process_waits
pipe_waits(struct dualpipe *dp, pid_t *reader)
{
	struct search s = { .best = PROCESS_BUSY };
	enum process_waits waits;
	struct stat file;

	*reader = dp->reader > 0 ? dp->reader : dp->pid;
	if (fstat(dp->to_child, &file) < 0)
		return PROCESS_BUSY;
	waits = process_waits_for(*reader, &file);
	if (waits >= PROCESS_WAITS_ALSO || !may_search(dp))
		return waits;
	s.file = &file;
	if (process_each(look_at, &s) < 0)
		return PROCESS_UNKNOWN;
	dp->reader = *reader = s.reader;
	return s.best == PROCESS_BUSY ? waits : s.best;
}

/* The one who was found last, who is in the foreground still. */
static enum process_waits
last_reader_waits(const struct dualpipe *dp, pid_t group)
{
	struct process p;

	if (dp->reader <= 0 || process_look(dp->reader, &p) < 0 || p.group != group || p.tty != dp->pty.slave.st_rdev)
		return PROCESS_BUSY;
	return process_waits_for(dp->reader, &dp->pty.slave);
}

static enum process_waits
terminal_waits(struct dualpipe *dp, pid_t *reader)
{
	enum process_waits waits, last;
	pid_t group = tcgetpgrp(dp->pty.master);

	*reader = group;
	waits = group > 0 ? process_waits_for(group, &dp->pty.slave) : PROCESS_BUSY;
	if (waits >= PROCESS_WAITS_ALSO)
		return waits;
	*reader = dp->reader;
	last = last_reader_waits(dp, group);
	if (last >= PROCESS_WAITS_ALSO)
		return last;
	if (!may_search(dp))
		return waits;
	waits = pty_waits(&dp->pty, &group, reader, PTY_SEARCH_GROUP);
	dp->reader = *reader;
	return waits;
}

/* Whether what it says comes to us, and not to somebody who answers in its place. */
static bool
answers(const struct dualpipe *dp, pid_t reader)
{
	struct stat out;

	if (dp->is_pty)
		return process_holds(reader, STDOUT_FILENO, &dp->pty.slave);
	return fstat(dp->from_child, &out) == 0 && process_holds(reader, STDOUT_FILENO, &out);
}

static enum dualpipe_waiting
look(struct dualpipe *dp)
{
	enum process_waits waits;
	pid_t reader;

	waits = dp->is_pty ? terminal_waits(dp, &reader) : pipe_waits(dp, &reader);
	if (waits >= PROCESS_WAITS_ALSO) {
		dp->search_ms = 0;
		dp->search_at = deadline_in(FIRST_SEARCH_MS);
	}
	switch (waits) {
	case PROCESS_UNKNOWN:
		return DUALPIPE_WAITS_UNKNOWN;
	case PROCESS_BUSY:
		return DUALPIPE_BUSY;
	case PROCESS_WAITS_ALSO:
		return DUALPIPE_MAY_WAIT;
	case PROCESS_WAITS:
		break;
	}
	return answers(dp, reader) ? DUALPIPE_WAITS : DUALPIPE_MAY_WAIT;
}

/* Something that was sent has not been read. */
static bool
has_unread(const struct dualpipe *dp)
{
	int unread = 0;

	if (dp->quoted.size > 0 || ptykeys_due(&dp->keys))
		return true;
	if (dp->is_pty)
		return pty_unread(&dp->pty);
	return ioctl(dp->to_child, FIONREAD, &unread) == 0 && unread > 0;
}

static bool
has_output(const struct dualpipe *dp)
{
	struct pollfd fds[] = {
		{ .fd = dp->from_child, .events = POLLIN },
		{ .fd = dp->err, .events = POLLIN }
	};

	return poll(fds, 2, 0) > 0 && ((fds[0].revents | fds[1].revents) & POLLIN);
}

/*
 * Between two looks that say the same, and find nothing to read on either
 * side, nothing can have happened: what it waits for is us.
 */
enum dualpipe_waiting
dualpipe_waits(struct dualpipe *dp)
{
	enum dualpipe_waiting waiting;

	if (dp->to_child < 0 || dp->end.begun || has_unread(dp))
		return DUALPIPE_BUSY;
	waiting = look(dp);
	if (waiting == DUALPIPE_BUSY || waiting == DUALPIPE_WAITS_UNKNOWN)
		return waiting;
	if (has_output(dp) || has_unread(dp))
		return DUALPIPE_BUSY;
	if (look(dp) != waiting)
		return DUALPIPE_BUSY;
	if (waiting == DUALPIPE_WAITS)
		ptykeys_seen_waiting(&dp->keys);
	return waiting;
}
