/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The whole truth about a run, for a program to read: a JSON line when the
 * child starts, and one when all is over.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* "pid" is null where it is not above 0; code and signal, too, where status is not known. */
struct report {
	pid_t pid;
	const char *reason;
	const char *limit;	/* which one, of reason "limit"; else NULL */
	bool have_status;
	int status;		/* of wait(2) */
	uint64_t to_child;
	uint64_t from_child;
	int64_t ms;
};

/* fd stays the caller's; -1 is no report. A reader that has gone is nobody's loss. */
void report_start(int fd, pid_t pid);
void report_end(int fd, const struct report *report);

#endif
