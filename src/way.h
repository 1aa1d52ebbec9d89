/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Where the child's stderr goes, by the word for it. */
#ifndef WAY_H
#define WAY_H

#include "dualpipe.h"

#include <stdbool.h>

/* "inherit", "pass", "merge", "discard"; false for any other word. */
bool way_parse(const char *word, enum dualpipe_stderr *way);

#endif
