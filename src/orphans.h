/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * As process 1, in a container, we inherit every process whose parent has
 * ended, and nobody else asks for the status of those.
 */
#ifndef ORPHANS_H
#define ORPHANS_H

#include "loop.h"

#include <sys/types.h>

/*
 * Reaps them as they end, but never *child, which is 0 before there is one. Does
 * nothing unless we are process 1. Whoever waits for the child listens to
 * SIGCHLD later than this, so that he is told first. -1 with errno.
 */
int orphans_reap(struct loop *l, pid_t *child);

#endif
