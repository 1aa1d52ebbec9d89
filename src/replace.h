/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A file gets another content all at once: whoever reads it finds the old one or the new one. */
#ifndef REPLACE_H
#define REPLACE_H

#include <stddef.h>

/*
 * By a file beside it that takes its place, with its mode and owner; behind a
 * symbolic link that is the file it leads to. -1 with errno, and it is as it was.
 */
int replace_file(const char *path, const char *data, size_t size);

#endif
