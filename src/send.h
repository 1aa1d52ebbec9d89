/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Bytes to the child, as far as its channel has room. */
#ifndef SEND_H
#define SEND_H

#include "handle.h"

/* Writes what goes now: a count, or -1 with EAGAIN or why not. */
ssize_t send_now(struct dualpipe *dp, const char *data, size_t size);

/* Writes what was accepted and is held for a pty. 0 when nothing is left, else -1, EAGAIN as a rule. */
int send_held(struct dualpipe *dp);

#endif
