/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The record of keys that pass to a child's terminal: what is typed there
 * while it reads lines without an echo is a secret, and not recorded as text;
 * nor is an end-of-file, or a key that the terminal makes a signal of.
 */
#ifndef KEYLOG_H
#define KEYLOG_H

#include "dualpipe.h"

#include <stddef.h>

/* In the caller's struct. */
struct keylog {
	const struct dualpipe *dp;
	void (*sent)(void *arg, const void *data, size_t size);
	void (*did)(void *arg, const char *words);
	void *arg;
};

/* Before the child gets them, or it may have its echo on again. */
void keylog_add(const struct keylog *k, const void *data, size_t size);

#endif
