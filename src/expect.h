/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Waiting for the first of several patterns in what the child says. */
#ifndef EXPECT_H
#define EXPECT_H

#include "handle.h"

/* Frees what expecting has left in the handle. */
void expect_free(struct dualpipe *dp);

#endif
