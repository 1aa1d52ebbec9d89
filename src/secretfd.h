/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* The descriptors that a dialogue gets secrets from: the caller's, never our own and, where it names them, not the child's. */
#ifndef SECRETFD_H
#define SECRETFD_H

#include "dialogue.h"

#include <stdbool.h>

/* Keeps from the child those whose numbers stand in the dialogue; before anything is opened for its sake. */
void secretfd_keep(const struct dialogue *d);

/* Whether we were started with it, so far as that can be told of any number at all. errno is EBADF where not. */
bool secretfd_is_given(const struct dialogue *d, int fd);

#endif
