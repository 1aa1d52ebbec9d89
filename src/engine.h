/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Finds and opens the module that edits lines, when one is edited. */
#ifndef ENGINE_H
#define ENGINE_H

#include "edit.h"

/* NULL where there is none; why not goes to *cause, which is not the caller's to free. */
const struct edit_engine *engine_open(const char **cause);

#endif
