/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What was recorded against what was said this time, as the lines of the
 * transcript that stay, go and come. Half lines are joined, what comes sooner
 * than it was recorded is as good, what comes later is not, and standard error
 * stands for itself.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "edits.h"
#include "recorded.h"

#include <stdbool.h>
#include <stddef.h>

/* All of one stream. */
struct compare_said {
	const char *data;
	size_t size;
};

struct compare_opts {
	const struct recorded *file;
	const struct recorded_part *part;
	struct compare_said out, err;
	/* How much had come of each when the next step was begun: part->turns + 1 of them. */
	const size_t *out_ends, *err_ends;
	size_t turns;		/* the steps that were begun; what is recorded behind others is left alone */
	bool has_status;
	int wait_status;
};

/* Appends all lines of the part. -1 with errno. */
int compare(const struct compare_opts *opts, struct edits *to);

#endif
