/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Bytes to the child, as far as its channel has room. */
#ifndef SEND_H
#define SEND_H

#include "handle.h"

/* Writes what was accepted and is held for a pty. 0 when nothing is left, else -1, EAGAIN as a rule. */
int send_held(struct dualpipe *dp);

/* Whether anything is held that a terminal has still to get. */
bool send_holds(const struct dualpipe *dp);

/* Whether that waits for room in the terminal, or for the clock. */
bool send_wants_room(const struct dualpipe *dp);
bool send_is_held(const struct dualpipe *dp);

#endif
