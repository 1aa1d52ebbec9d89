/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The whole truth about a run, for a program to read: a JSON line when the
 * child starts, and one when all is over.
 */
#ifndef REPORT_H
#define REPORT_H

#include "outlet.h"

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

/*
 * fd, -1 for none, was named to us, so the child does not get it; and as a
 * descriptor of our own it outlives stdout, which is ended before the last line.
 */
void report_open(struct outlet *to, int fd);

/* A reader that has gone is nobody's loss. */
void report_start(struct outlet *to, pid_t pid);
void report_end(struct outlet *to, const struct report *report);

/* As outlet_end(). -1 with errno where some of it could not be written. */
int report_close(struct outlet *to, int patience_ms);

#endif
