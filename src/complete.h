/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a word that was begun may become: a word seen in the conversation, or
 * where there is none, the name of a file.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

struct complete;

/* NULL with ENOMEM. */
struct complete *complete_new(void);
void complete_free(struct complete *c);

/* What passed, either way; the older part is forgotten. */
void complete_see(struct complete *c, const char *data, size_t size);

/* How many bytes at the end of line are the word that is being typed. */
size_t complete_word(const char *line, size_t size);

/*
 * Puts into more what can be added to word, as far as all that it may become
 * agree; and where nothing can, into list what it may become, a line each.
 * -1 with ENOMEM.
 */
int complete_find(struct complete *c, const char *word, size_t size, struct buf *more, struct buf *list);

#endif
