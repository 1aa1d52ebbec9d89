/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * starts [-o] [-p SECONDS] -n COUNT -- COMMAND [ARG]...
 *
 * Runs a command that says nothing, again and again, and tells the time from
 * its start to its end: mean, median and the slowest of a hundred. Its input is
 * /dev/null or, with -o, a pipe that stays open. Stops early after BUDGET
 * seconds: there are commands that sleep.
 */

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUDGET = 3 };

static void
expect_silence(int from)
{
	char text[128];
	ssize_t n;

	while ((n = read(from, text, sizeof(text))) != 0) {
		if (n > 0)
			bench_problem("said %zd bytes, where none were due", n);
		if (errno != EINTR)
			bench_problem("read: %s", strerror(errno));
		if (bench_late)
			bench_problem("hung");
	}
}

static double
start_once(char *argv[], int in)
{
	double start = bench_seconds();
	int from[2];
	pid_t pid;

	bench_pipe(from);
	pid = bench_start(argv, in, from[1]);
	close(from[1]);
	expect_silence(from[0]);
	bench_end(pid, NULL);
	close(from[0]);
	++*bench_moved;
	return bench_seconds() - start;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	int in[2] = { -1, -1 }, patience = 10, c, left;
	double *times, sum = 0;
	uint64_t count = 1, i;
	bool open_input = false;

	while ((c = getopt(argc, argv, "+n:op:")) != -1)
		switch (c) {
		case 'n':
			count = bench_number(optarg);
			break;
		case 'o':
			open_input = true;
			break;
		case 'p':
			patience = (int)bench_number(optarg);
			break;
		default:
			return 2;
		}
	bench_begin(patience);
	times = calloc(count + 1, sizeof(*times));
	if (!times)
		bench_problem("out of memory");
	if (open_input)
		bench_pipe(in);
	else
		in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* The first one fills the caches. */
	(void)start_once(argv + optind, in[0]);
	for (i = 0; i < count && sum < BUDGET; i++)
		sum += times[i] = start_once(argv + optind, in[0]);
	count = i;
	left = bench_clean();
	qsort(times, count, sizeof(*times), compare);
	printf("{\"mean_us\": %.3f, \"median_us\": %.3f, \"p99_us\": %.3f, \"left\": %d}\n",
	    count ? sum * 1e6 / (double)count : 0, times[count / 2] * 1e6,
	    times[count * 99 / 100] * 1e6, left);
	return 0;
}
