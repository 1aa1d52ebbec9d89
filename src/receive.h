/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Bytes from the child, kept in the handle until they are asked for. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "handle.h"

/* Takes in all that is there without waiting. */
void receive_all(struct dualpipe *dp);

/*
 * Takes in size bytes of output at most, and a "\r" that was held before them;
 * as read(2), 0 being the end of output.
 */
ssize_t receive_more(struct dualpipe *dp, size_t size);

/* Takes in what there is of standard error. */
void receive_err(struct dualpipe *dp);

/* Takes size bytes, which have to be there, from the front of what was taken in. */
void receive_consume(struct dualpipe *dp, size_t size);

#endif
