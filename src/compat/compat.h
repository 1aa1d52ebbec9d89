/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What the platform may lack. Each function is called by its usual name; what
 * stands in for it has a name of its own, so that it gets in nobody's way in
 * a program that is linked with the static library.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* One more than the highest signal; POSIX had none of that name before 2024. */
#ifndef NSIG
#define NSIG 65
#endif

#ifndef HAVE_PIPE2
#define pipe2 compat_pipe2
/* As pipe2(2), for O_CLOEXEC and O_NONBLOCK; a fork in between sees the pipe. */
int pipe2(int fds[2], int flags);
#endif

#ifndef HAVE_PTSNAME_R
#define ptsname_r compat_ptsname_r
/* As ptsname_r(3), which gives an errno, but for one thread at a time. */
int ptsname_r(int fd, char *name, size_t size);
#endif

#ifndef HAVE_VFORK
#define vfork fork
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
