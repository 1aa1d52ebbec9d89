/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The conversation in the hands of the person at the terminal, for a while. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "conversation.h"

enum handover_end {
	HANDOVER_FAILED,	/* there is no terminal, or it cannot be used: *cause says it */
	HANDOVER_BACK,		/* by the escape key, or the terminal has gone */
	HANDOVER_OVER		/* the child has ended, or nobody is to take a step any more */
};

/*
 * Until it comes back; in place of conversation_run(), which it must not be
 * called from. *cause is not the caller's to free.
 */
enum handover_end handover_run(struct conversation *c, const char **cause);

#endif
