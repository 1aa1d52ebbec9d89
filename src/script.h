/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A run whose talking a dialogue does: --script FILE, --step STEP. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "runopts.h"

/* The status to end with. */
int script_run(struct runopts *asked);

#endif
