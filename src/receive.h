/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Bytes from the child, kept in the handle until they are asked for. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "handle.h"

/* Takes in all that is there without waiting. */
void receive_all(struct dualpipe *dp);

#endif
