/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A list of words laid out in columns, as ls(1) does for a terminal. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "buf.h"

#include <stddef.h>

/* Puts list, an item a line, at the back of to in rows of at most width cells. -1 with ENOMEM. */
int columns_put(struct buf *to, const struct buf *list, size_t width);

#endif
