/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The tree that we were built in, where nothing is installed yet. */
#ifndef TREE_H
#define TREE_H

#include <limits.h>
#include <stdbool.h>

/* The folder of the program, where libtool has one for its own files beside it; else false. */
bool tree_folder(char folder[PATH_MAX]);

#endif
