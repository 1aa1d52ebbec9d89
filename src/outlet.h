/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Lines of ours to a descriptor that we share with others, whose reader may be
 * slow, or take nothing at all: the run goes on meanwhile.
 */
#ifndef OUTLET_H
#define OUTLET_H

#include "buf.h"

/* Behind a limit of time, with a reader who takes nothing. */
enum { OUTLET_PATIENCE_MS = 1000 };

struct outlet {
	int fd;			/* the caller's; -1: all is dropped */
	struct buf kept;	/* for which there was no room */
	int error;		/* the errno that something was lost by; a reader that has gone has lost nothing */
};

/* Never waits: what does not go now is kept, and goes first the next time. */
void outlet_put(struct outlet *o, const void *data, size_t size);

/*
 * Waits until what is kept has gone, for as long as some of it goes within
 * patience_ms, negative: any time. A signal that is caught ends the wait.
 * What is left then is dropped.
 */
void outlet_end(struct outlet *o, int patience_ms);

#endif
