/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Functions that the platform may lack. Each is called by its usual name; what
 * stands in for it has a name of its own, so that it gets in nobody's way in
 * a program that is linked with the static library.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <stdio.h>
#include <unistd.h>

#ifndef HAVE_PIPE2
#define pipe2 compat_pipe2
/* As pipe2(2), for O_CLOEXEC and O_NONBLOCK; a fork in between sees the pipe. */
int pipe2(int fds[2], int flags);
#endif

#ifdef HAVE___FPURGE
#include <stdio_ext.h>
#else
#define __fpurge compat_fpurge
/*
 * Forgets what stream has buffered, be it read ahead or not yet written. Where
 * this cannot be done, nothing happens. No other thread may use the stream's
 * descriptor at the same time.
 */
void __fpurge(FILE *stream);
#endif

#endif
