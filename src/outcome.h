/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* How it went with a child: why it could not be started, how it ended, as messages, words and statuses. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "dualpipe.h"
#include "ending.h"
#include "outlet.h"
#include "runopts.h"

#include <stdbool.h>

/* What dualpipe_spawn() failed with. */
struct outcome_failure {
	const char *name;	/* of the command */
	bool pty;
	enum dualpipe_stage stage;
	int error;
};

/* Tells it. The status: 126 and 127 are for what is wrong with the command, the rest is our own. */
int outcome_not_started(const struct runopts *asked, const struct outcome_failure *failure);

/* The child's status as a shell has it; ours where it is not known, or a limit has struck. */
int outcome_status(const struct ending *e);

/* The reason of --status-fd; failed: we ourselves did. */
const char *outcome_reason(const struct ending *e, bool failed);

/* Notices: what was left behind, or was not taken from us. */
void outcome_tell_rest(const struct ending *e, const char *name);

/* Ends the lines of --status-fd. -1 where some could not be written, which is told. */
int outcome_close_report(const struct runopts *asked, struct outlet *report, int patience_ms);

#endif
