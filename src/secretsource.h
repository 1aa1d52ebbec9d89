/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Where a secret comes from: env:NAME, file:PATH, fd:N, command:STRING, or
 * tty, the person there. It is one line, without its newline, and nothing of
 * it stays in memory that is ours.
 */
#ifndef SECRETSOURCE_H
#define SECRETSOURCE_H

#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

struct secretsource;

/* The secret, the receiver's to copy; or NULL and why it cannot be had. */
typedef void secretsource_fn(void *arg, const char *secret, size_t size, const char *cause);

/* The N of fd:N; -1 of any other. */
int secretsource_fd(const char *text);

/*
 * Begins to get it from where an ARGUMENT_SECRET says, where that is a descriptor one
 * that is given; fn is called once, maybe before this returns, but for NULL with errno. asked: what a person is asked
 * for, in words.
 */
struct secretsource *secretsource_new(struct loop *l, const char *text, const char *asked, secretsource_fn *fn, void *arg);

/* Gives it up, and puts the person's terminal back. Takes NULL. */
void secretsource_free(struct secretsource *s);

#endif
