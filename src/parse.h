/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The grammar of dialogues: text in, steps out. */
#ifndef PARSE_H
#define PARSE_H

#include "dialogue.h"
#include "source.h"

/* Adds the steps of a source, which is d's own, to d. -1 with the cause, NULL where memory is out. */
int parse(struct dialogue *d, const struct source *source, char **cause);

#endif
