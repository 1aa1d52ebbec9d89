/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A reply without what is there for a terminal's sake: in place, and what is left is returned. */
#ifndef CLEAN_H
#define CLEAN_H

#include <stddef.h>

/* Escape sequences, and carriage returns before a newline. */
size_t clean_terminal(char *data, size_t size);

/* Where in data, as it came, that ends of which so many bytes are left. */
size_t clean_where(const char *data, size_t size, size_t left);

/* The size of the escape sequence that begins data. */
size_t clean_sequence(const char *data, size_t size);

#endif
