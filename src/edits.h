/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A text that changes line by line: what stays, goes and comes, in its order; and how it is shown and written. */
#ifndef EDITS_H
#define EDITS_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

enum edit_kind { EDIT_KEEP, EDIT_DROP, EDIT_ADD };

struct edit {
	enum edit_kind kind;
	const char *text;	/* the line, without its newline */
	size_t size;
	bool own;		/* text is freed with it */
};

/* All zero is none. */
struct edits {
	struct edit *list;
	size_t count, room;
	bool any;		/* something goes or comes */
};

void edits_free(struct edits *e);

/* A line that is there, which stays the caller's; and one that comes, which is copied. -1 with ENOMEM. */
int edits_keep(struct edits *e, const char *text, size_t size);
int edits_drop(struct edits *e, const char *text, size_t size);
int edits_add(struct edits *e, const char *text, size_t size);

/* One of others, which have it no more. -1 with ENOMEM, and they have it still. */
int edits_move(struct edits *e, struct edit *edit);

/* One that was added is none any more. */
void edits_take_back(struct edits *e, size_t index);

/*
 * Appends them as a unified diff of a file of that name, prefix in front of
 * each line, in colours where that is wanted. Nothing where nothing changes.
 * -1 with ENOMEM.
 */
struct edits_style {
	const char *name;
	const char *prefix;
	bool colours;
};
int edits_diff(const struct edits *e, const struct edits_style *style, struct buf *to);

/*
 * Appends what comes of it. Lines of a record that are sent, and had something
 * between them, are still sent one after the other: where that goes an empty
 * line stays. -1 with ENOMEM.
 */
int edits_apply(const struct edits *e, struct buf *to);

#endif
