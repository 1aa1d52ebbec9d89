/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What the bare relays share: the start and the end of the child. They are the
 * yardstick, so nothing is here that a correct relay could do without.
 */
#ifndef BARE_H
#define BARE_H

#include <sys/types.h>

/*
 * Starts argv, its SIGPIPE at the default that the relay itself ignores, with
 * in and out as its standard input and output or, where terminal is not NULL,
 * on that terminal as its controlling one. Exits with 126 or 127 on failure.
 */
pid_t bare_start(char *argv[], int in, int out, const char *terminal);

/* Ignores SIGPIPE and tells whether there is a command; exits with 125 else. */
void bare_begin(int argc);

/* Makes our standard output non-blocking where it is a pipe, but not that of who shares it. */
void bare_own_stdout(void);

/* Waits, and gives the exit status that a shell would show. */
int bare_status(pid_t child);

#endif
