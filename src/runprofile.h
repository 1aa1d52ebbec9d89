/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The profile of a run: what the command line leaves open is as it says. */
#ifndef RUNPROFILE_H
#define RUNPROFILE_H

#include "runopts.h"

/*
 * For a command that is asked: all of it, once. The words to start, which stay
 * r's; NULL for a mistake, which was told.
 */
char *const *runprofile_ask(struct runopts *r, char *const argv[]);

/* For one that a person talks to: the channel. -1 for a mistake, which was told. */
int runprofile_edit(struct runopts *r);

#endif
