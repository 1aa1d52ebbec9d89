/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What the measuring helpers share: a candidate is started on pipes, watched
 * by a time limit, and whatever it leaves behind is ended. A helper prints one
 * line of JSON: its figures and status 0, or {"problem": ...} and status 1.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Counted up by who makes progress; without any for the time limit, bench_late becomes true. */
extern volatile uint64_t *bench_moved;
extern volatile bool bench_late;

/* First of all. Blocking calls fail with EINTR now and then from here on. */
void bench_begin(int patience);

double bench_seconds(void);

/* A pipe, close-on-exec. */
void bench_pipe(int fds[2]);

/* Starts argv with these as its standard input and output. */
pid_t bench_start(char *argv[], int in, int out);

/* Waits; a problem where the limit passes or the status is not 0. usage may be NULL. */
void bench_end(pid_t pid, struct rusage *usage);

/* Ends all that descends from us, and counts it. */
int bench_clean(void);

/* Ends everything, prints the problem, exits. */
_Noreturn void bench_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What fits a table's note: "3.5 MB". The result is static. */
const char *bench_amount(uint64_t bytes);

/* A number from the command line; a problem if it is none. */
uint64_t bench_number(const char *text);

#endif
