/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The end of what a child that draws for itself wrote to the terminal: when
 * it gives the terminal back, its prompt stands there.
 */
#ifndef PASSED_H
#define PASSED_H

#include "buf.h"

#include <stddef.h>

/* In the caller's struct; all zero is an empty one. */
struct passed {
	struct buf tail;
};

void passed_add(struct passed *p, const char *data, size_t size);

/* What may be a prompt, valid until the next call; size is 0 where there is none. */
const char *passed_prompt(const struct passed *p, size_t *size);

void passed_clear(struct passed *p);
void passed_free(struct passed *p);

#endif
