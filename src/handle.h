/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a handle is, for the files of the library that work on it: `dualpipe'
 * makes and ends it, `send' writes to the child, `receive' reads from it,
 * `expect' looks for patterns in what it says, and `await' waits for either.
 */
#ifndef HANDLE_H
#define HANDLE_H

#include "buf.h"
#include "crlf.h"
#include "deadline.h"
#include "dualpipe.h"
#include "pty.h"
#include "ptydata.h"
#include "ptyend.h"
#include "ptykeys.h"
#include "query.h"

struct dualpipe {
	pid_t pid;
	bool reaped;
	int status;		/* of wait(2), once reaped */
	int reap_error;		/* it was not ours to reap */

	/* Ours, -1 once ended. On a pty the first two are pty.master. */
	int to_child;
	int from_child;
	int err;

	bool is_pty;
	bool reads_err;		/* its stderr is a pipe of its own */
	bool is_data;		/* DUALPIPE_DATA on a pty */
	bool is_keys;		/* DUALPIPE_KEYS on a pty */
	bool own_group;
	bool sigpipe_handled;
	int kill_after_ms;

	pid_t reader;		/* was seen last to wait for us on pipes */
	int search_ms;		/* between two searches for one, growing */
	deadline search_at;	/* the next one, not before */

	struct pty side;	/* beside pipes; its master is -1 without */
	int side_held;		/* the child's side of it, so that it is never hung up */

	struct buf kept;	/* its output, taken in while something else waited */
	struct buf kept_err;
	size_t searched;	/* bytes of kept that hold no newline */
	unsigned long long taken;	/* bytes of kept that were taken from its front */

	size_t match_buffer;	/* of kept, what is looked at for patterns */
	struct expect *expect;	/* NULL until there are any */
	unsigned long long dropped;	/* bytes that fell out of it */
	deadline doubt_until;	/* a match is in doubt: look again then */

	void (*seen)(void *arg, enum dualpipe_end end, const void *data, size_t size);
	void *seen_arg;

	/* A pty only. */
	struct pty pty;
	struct ptydata data;
	struct ptyend end;
	struct buf quoted;	/* accepted, for the terminal when it has room */
	struct ptykeys keys;	/* the same, of DUALPIPE_KEYS */
	struct crlf crlf;
	struct query query;
	pid_t line_group;	/* was seen to read lines */
	int line_looks;		/* how often */
	int hold_ms;		/* between two looks for one, growing */
	deadline held_until;	/* no reader of lines yet: look again then */
	deadline unseen_until;	/* from then on one that is never seen is believed in */
	deadline hung_until;	/* nobody holds the terminal: look again then */
};

#endif
