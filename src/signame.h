/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Signals by name, without SIG: what sigabbrev_np(3) has in some places only. */
#ifndef SIGNAME_H
#define SIGNAME_H

enum { SIGNAME_ROOM = 16 };

/* "INT", "RTMIN+3"; the number where it has no name. Puts it at name where it is not a constant. */
const char *signame_get(int signo, char name[SIGNAME_ROOM]);

/* The number for "INT", "SIGINT" or "2"; -1 with EINVAL where no signal is called so. */
int signame_parse(const char *text);

#endif
