/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * trips [-p SECONDS] -n COUNT -- COMMAND [ARG]...
 *
 * Sends a line to a command that gives it back, waits for it, and so on. Tells
 * the time of one round: mean, median and the slowest of a hundred.
 */

#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 80, WARM_UP = 100 };

/* Reads up to a line's end, which may be "\r\n" from a terminal; 0 at the end of output. */
static size_t
read_line(int from, char *line, size_t room)
{
	size_t size = 0;
	ssize_t n;

	while (size == 0 || line[size - 1] != '\n') {
		n = read(from, line + size, room - size);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			bench_problem("read: %s", strerror(errno));
		if (bench_late)
			bench_problem("hung in round trip %llu", (unsigned long long)*bench_moved);
		if (n > 0)
			size += (size_t)n;
		if (size == room)
			bench_problem("answered a line of its own");
	}
	if (size > 1 && line[size - 2] == '\r')
		line[--size - 1] = '\n';
	return size;
}

static void
trip(int to, int from, uint64_t number)
{
	char line[LINE], answer[2 * LINE];
	size_t size;

	snprintf(line, sizeof(line), "%010llu the quick brown fox jumps over a lazy dog and back\n",
	    (unsigned long long)number);
	if (write(to, line, strlen(line)) != (ssize_t)strlen(line))
		bench_problem("takes no line %llu", (unsigned long long)number);
	size = read_line(from, answer, sizeof(answer));
	if (size != strlen(line) || memcmp(answer, line, size) != 0)
		bench_problem("wrong answer in round trip %llu", (unsigned long long)number);
	++*bench_moved;
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
	int to[2], from[2], patience = 10, c, left;
	double *times, start, now;
	uint64_t count = 1, i;
	char rest[1];
	ssize_t n;
	pid_t pid;

	while ((c = getopt(argc, argv, "+n:p:")) != -1)
		switch (c) {
		case 'n':
			count = bench_number(optarg);
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
	bench_pipe(to);
	bench_pipe(from);
	pid = bench_start(argv + optind, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	for (i = 0; i < WARM_UP; i++)
		trip(to[1], from[0], i);
	start = bench_seconds();
	for (i = 0, now = start; i < count; i++) {
		times[i] = now;
		trip(to[1], from[0], WARM_UP + i);
		now = bench_seconds();
		times[i] = now - times[i];
	}
	close(to[1]);
	while ((n = read(from[0], rest, 1)) != 0)
		if (n > 0)
			bench_problem("said something behind the last answer");
		else if (bench_late)
			bench_problem("hung at its end, all answers were there");
	bench_end(pid, NULL);
	left = bench_clean();
	qsort(times, count, sizeof(*times), compare);
	printf("{\"mean_us\": %.3f, \"median_us\": %.3f, \"p99_us\": %.3f, \"left\": %d}\n",
	    count ? (now - start) * 1e6 / (double)count : 0, times[count / 2] * 1e6,
	    times[count * 99 / 100] * 1e6, left);
	return 0;
}
