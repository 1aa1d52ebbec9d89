/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A text with a name, and what can be said of a place in it. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdarg.h>
#include <stddef.h>

struct source {
	char *name;	/* as messages name it: "login.dp", "step 2" */
	char *text;
	size_t size;
};

/* Copies both. NULL with ENOMEM. */
struct source *source_new(const char *name, const char *text, size_t size);
void source_free(struct source *s);

/*
 * "NAME:LINE:COLUMN: what is wrong", the line, and below it a caret at the
 * place, with newlines between. Lines and columns count from 1, columns in
 * characters. Control characters are escaped, and of a line that is very long
 * only what stands around the place is shown; in any case not more than its
 * first `shown' characters. The caller frees it; NULL with ENOMEM.
 */
char *source_complain(const struct source *s, int line, int column, int shown, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));

#endif
