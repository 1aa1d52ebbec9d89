/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* UTF-8 to wide characters and back, as wchar_t holds them: one a code point. */
#ifndef WIDE_H
#define WIDE_H

#include "buf.h"

#include <stddef.h>
#include <wchar.h>

/*
 * The first character of data, size bytes, at least one. Returns how many
 * bytes it took; 0 where the rest of it has not come, -1 for a byte that is
 * no part of one.
 */
int wide_char(const char *data, size_t size, wchar_t *c);

/*
 * All of data, without what is no UTF-8 or NUL, as a string with its end
 * behind it; the caller frees it. NULL with ENOMEM.
 */
wchar_t *wide_new(const char *data, size_t size, size_t *length);

/* Puts text at the back of b as UTF-8. -1 with ENOMEM. */
int wide_append(struct buf *b, const wchar_t *text, size_t length);

#endif
