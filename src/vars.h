/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The variables of a dialogue: what it has set, what matched last, its
 * arguments, and behind them the environment. Values are bytes of any kind.
 */
#ifndef VARS_H
#define VARS_H

#include "buf.h"
#include "dialogue.h"

#include <stdbool.h>
#include <stddef.h>

struct vars;

/* The arguments are kept, not copied; NULL at the end, and may be NULL. NULL with ENOMEM. */
struct vars *vars_new(char *const *arguments);
void vars_free(struct vars *v);

/* -1 with ENOMEM. */
int vars_set(struct vars *v, const char *name, const void *data, size_t size);

/* What matched is another: $0, $1 ... and $before are to be set anew. */
void vars_forget_match(struct vars *v);

/*
 * The same, and sets $0, $1 ... and the named groups of what matched; fn gets
 * them, by number where name is NULL. NULL of size 0 is one that took no part.
 */
typedef const char *vars_group_fn(void *arg, unsigned group, const char *name, size_t *size);
int vars_set_match(struct vars *v, const struct dialogue_pattern *pattern, vars_group_fn *fn, void *arg);

enum vars_quoting {
	VARS_PLAIN,
	VARS_REGEX	/* what a variable holds matches itself */
};

/*
 * Puts the text with the values of its variables into to, which is emptied
 * first. False where a name is not set: *unset is its piece then, or NULL where memory is out.
 */
bool vars_expand(const struct vars *v, const struct dialogue_text *text, enum vars_quoting quoting, struct buf *to,
    const struct dialogue_piece **unset);

#endif
