/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A line that was edited already, as keys for a terminal that edits lines itself. */
#ifndef TYPED_H
#define TYPED_H

#include "buf.h"

#include <termios.h>

/*
 * Puts line at the back of to, so that a terminal in mode, which reads lines,
 * takes all of it as it is: what it would act upon is quoted, and a line that
 * is too long for it is pushed on in pieces. -1 with ENOMEM.
 */
int typed_line(struct buf *to, const struct termios *mode, const char *line, size_t size);

/*
 * The same of what one read of a terminal in our mode gave: a line with what
 * ended it, or, with an end-of-file behind it, a part of one or nothing.
 */
int typed_again(struct buf *to, const struct termios *mode, const char *line, size_t size,
    const struct termios *ours);

#endif
