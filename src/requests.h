/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A run that asks: each --ask REQUEST in turn to one child, its reply on stdout. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "runopts.h"

/* The status to end with. */
int requests_run(struct runopts *asked);

#endif
