/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Which steps of a dialogue follow each other on some path, as far as that can be told without doing them. */
#ifndef REACH_H
#define REACH_H

#include "dialogue.h"

/* Does every path through the block end the dialogue, with exit or fail? A loop may run not at all. */
bool reach_end(const struct dialogue_block *block);

/* Does such a step need a child? */
bool reach_needs_child(enum dialogue_step_kind kind);

/*
 * Is there a child for each step that needs one, on some path at least, and
 * none on any path for a spawn? The step where not, and what is wrong; NULL
 * where all is well.
 */
const struct dialogue_step *reach_child(const struct dialogue *d, bool has_command, const char **why);

#endif
