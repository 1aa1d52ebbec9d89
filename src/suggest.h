/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What somebody meant who wrote a name that there is not. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

/* The nearest of count names, stride bytes apart, the first at names; NULL where none is near. */
const char *suggest(const char *word, size_t size, const char *const *names, size_t count, size_t stride);

#endif
