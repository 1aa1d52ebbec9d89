/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What stands on the user's terminal: output with prompt and line below it,
 * or, while a child draws for itself, its bytes as they come.
 */
#ifndef VIEW_H
#define VIEW_H

#include "buf.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct view;

/* stdout is the terminal, which is somebody else's until view_enter(). passes: the child draws. NULL with errno. */
struct view *view_new(struct loop *l, bool passes);

/* Takes NULL. */
void view_free(struct view *v);

/* We have the terminal; and give it away, tidy. */
void view_enter(struct view *v);
void view_leave(struct view *v);
bool view_entered(const struct view *v);

/* It was taken away, and what is there is not known. */
void view_lose(struct view *v);

/* Waits until all is on the terminal; false where that takes nothing. */
bool view_drain(struct view *v);

/* Leaves what the child said last as the last thing there. */
void view_end(struct view *v);

/* The child draws for itself from now on, or no longer does. */
void view_pass(struct view *v, bool passes);

/* The errno that writing to the terminal ended with; 0 for none. */
int view_error(const struct view *v);

/* Whether the terminal is behind: no output for now; and so far that no keys, either. */
bool view_full(const struct view *v);
bool view_overfull(const struct view *v);

/* -1 with ENOMEM, and nothing was taken. */
int view_output(struct view *v, const char *data, size_t size);

/* Lines of ours above prompt and line; view_list() makes columns of them. */
void view_note(struct view *v, const char *line, size_t size);
void view_list(struct view *v, const struct buf *list);

void view_beep(struct view *v);
void view_clear(struct view *v);

/* The line, which is copied; shown with the next paint. */
void view_line(struct view *v, const wchar_t *text, size_t length, size_t cursor, bool hidden);

/*
 * It was accepted. keep_prompt: the child's terminal will echo it behind its
 * prompt; else it stays where it is.
 */
void view_accept(struct view *v, bool keep_prompt);

/* A key was at work, which is to be seen at once. */
void view_touched(struct view *v);

/*
 * Whether there is something to paint, and whether it has waited so long that
 * it must not wait for a pause in the output.
 */
bool view_dirty(const struct view *v);
bool view_overdue(const struct view *v);
void view_paint(struct view *v);

/*
 * The terminal breaks its lines anew before a signal tells us: what would be
 * drawn meanwhile leaves debris, or takes output away. Where prompt and line
 * may have moved, nothing is drawn until the size stays as it is.
 */
void view_look_at_size(struct view *v);

/* Writes what the terminal takes now; the loop sees to the rest. */
void view_flush(struct view *v);

#endif
