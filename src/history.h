/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Lines that were typed, kept on disk, a file a command. Each is written at
 * once behind what is there, so that neither a kill nor a second instance
 * loses one.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stddef.h>

struct history;

/*
 * The file for a command (its name, with or without a folder): under
 * $XDG_STATE_HOME, else ~/.local/state. NULL where there is no place for it,
 * or memory is out. The caller frees it.
 */
char *history_path(const char *command);

/* Opens path, made with 0600 and its folders with it. NULL with errno. */
struct history *history_open(const char *path);

/* Takes NULL. */
void history_close(struct history *h);

/* Calls fn for each line that is there, the oldest first. */
typedef void history_fn(void *arg, const char *line, size_t size);
void history_each(const struct history *h, history_fn *fn, void *arg);

/*
 * Keeps a line, but for one that begins with a blank, is empty, or is the
 * last one again. Returns whether it is to be remembered; what cannot be
 * written is remembered for now.
 */
bool history_add(struct history *h, const char *line, size_t size);

#endif
