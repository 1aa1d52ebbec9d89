/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A line of words as sh would read them: the way back from escape_quote(). */
#ifndef SHWORDS_H
#define SHWORDS_H

#include <stddef.h>

/*
 * The words, NULL at the end; bare, '...', "..." and $'...', nothing is
 * expanded. NULL where text is no such line, with *cause, the caller's to free;
 * that is NULL where memory is out. count may be NULL.
 */
char **shwords_split(const char *text, size_t size, size_t *count, char **cause);

/* Takes NULL. */
void shwords_free(char **words);

#endif
