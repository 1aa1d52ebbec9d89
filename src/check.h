/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A recorded conversation, held again with a live child, and what differs. */
#ifndef CHECK_H
#define CHECK_H

#include "buf.h"
#include "edits.h"
#include "framing.h"
#include "recorded.h"
#include "runopts.h"

#include <stddef.h>
#include <stdint.h>

struct check_opts {
	const struct recorded *file;
	const struct recorded_part *part;
	struct runopts *asked;		/* the command, and what its child is like */
	const struct framing *framing;	/* when an answer is complete */
	int64_t wait_ms;		/* the most that one may take, negative for any time */
	const struct buf *secrets;	/* in their order, the last one for all behind it */
	size_t secret_count;
};

/*
 * Appends the lines of the part, as they are and as they would be now. The
 * status: 0, 1 where something differs, or one of ours, which was told; then
 * the lines may be missing.
 */
int check_run(const struct check_opts *opts, struct edits *to);

/* What cannot be done with such a child, before it is started. -1 where there is such a thing, which was told. */
int check_possible(const struct check_opts *opts);

#endif
