/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What we say ourselves on stdout or stderr while the loop runs: it waits for
 * a reader who is slow, and nothing else does.
 */
#ifndef OUTQ_H
#define OUTQ_H

#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

struct outq;

/* moved: some of it has gone, or it failed. fd stays the caller's. NULL with errno. */
struct outq *outq_new(struct loop *l, int fd, void (*moved)(void *arg), void *arg);

/* What has not gone is given up. Takes NULL. */
void outq_free(struct outq *q);

/* -1 with ENOMEM. Where writing has failed it is dropped. */
int outq_put(struct outq *q, const void *data, size_t size);

/*
 * Behind a limit of time, or a signal to us: what waits is given up once none of
 * it has gone within patience_ms. What is put later is dropped then, and moved
 * is told, with no error.
 */
void outq_hurry(struct outq *q, int patience_ms);

/* Whether some of it was. */
bool outq_gave_up(const struct outq *q);

/* Bytes that wait. */
size_t outq_size(const struct outq *q);

/* The errno that writing failed with, 0 while all is well. */
int outq_error(const struct outq *q);

#endif
