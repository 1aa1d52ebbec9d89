/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What somebody meant who wrote a name that there is not. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

/* The nearest of count names, stride bytes apart, the first at names; NULL where none is near. */
const char *suggest(const char *word, size_t size, const char *const *names, size_t count, size_t stride);

/*
 * Of a word of expect(1), its Tcl or pexpect what does the same in a dialogue,
 * as a clause that goes on from "here"; NULL for any other.
 */
const char *suggest_here(const char *word, size_t size);

#endif
