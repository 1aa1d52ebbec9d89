/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Transcripts that are checked, some at once: each in a process and a session
 * of its own, so that neither a terminal of ours nor the one beside it has a
 * say in it. What they have to say comes in the order of the files.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "buf.h"
#include "framing.h"
#include "loop.h"
#include "recorded.h"
#include "runopts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checks_file {
	const char *name;
	struct recorded *recorded;
	struct runopts *asked;		/* of each part */
};

struct checks_opts {
	struct checks_file *files;
	size_t count;
	size_t at_once;
	const struct framing *framing;
	int64_t timeout_ms;		/* of a file; negative: each wait has a limit of its own */
	const struct buf *secrets;
	size_t secret_count;
	bool update;
	bool tap;
	bool colours;
};

/* The highest status of all; what it is that differs is on stdout. */
int checks_run(struct loop *l, const struct checks_opts *opts);

#endif
