/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * expecting [-p SECONDS] [-bl] [-a ALTERNATIVES] -n BYTES
 * expecting [-p SECONDS] [-b] -s STEPS -- COMMAND [ARG]...
 *
 * Finds what a child says: a mark now and then in BYTES of text, of lines with
 * -l, or the answer to each of STEPS lines from a command that gives them
 * back. By the library, or with -b by what is least: read(2) and memmem(3).
 */

#include "bench.h"
#include "dualpipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 640 * 1024, MARK_AT = 300000, READ = 256 * 1024, LEAST = 32, WAIT_MS = 10000 };

static const char mark[] = " DONE-12345 ";

/* The child: letters, a mark in each block. */
static int
say(uint64_t bytes, bool lines)
{
	static char block[BLOCK];
	unsigned state = 12345, i;
	uint64_t sent, left;
	ssize_t n;

	for (i = 0; i < BLOCK; i++) {
		state = state * 1103515245 + 12345;
		block[i] = lines && i % 71 == 70 ? '\n' : "abcdefghijklmnopqrstuvwxyz      "[state >> 16 & 31];
	}
	memcpy(block + MARK_AT, mark, strlen(mark));
	for (sent = 0; sent < bytes; sent += (uint64_t)n) {
		left = bytes - sent < BLOCK - sent % BLOCK ? bytes - sent : BLOCK - sent % BLOCK;
		n = write(STDOUT_FILENO, block + sent % BLOCK, left);
		if (n < 0)
			return 1;
	}
	return 0;
}

static uint64_t
find_by_library(char *argv[], size_t alternatives)
{
	static const struct dualpipe_pattern patterns[] = {
		{ DUALPIPE_REGEX, "DONE-([0-9]+)" }, { DUALPIPE_REGEX, "ERROR: .*" }, { DUALPIPE_REGEX, "[Pp]assword: $" },
		{ DUALPIPE_REGEX, "login: " }, { DUALPIPE_REGEX, "yes/no\\?" }, { DUALPIPE_LITERAL, "Connection closed" },
		{ DUALPIPE_REGEX, "\\$ $" }, { DUALPIPE_REGEX, "^FAILED \\w+$", 0, DUALPIPE_MULTILINE }
	};
	struct dualpipe *dp = dualpipe_spawn(argv, NULL);
	uint64_t found = 0;

	if (!dp)
		bench_problem("cannot start: %s", strerror(errno));
	while (dualpipe_expect(dp, patterns, alternatives, WAIT_MS) >= 0)
		found++;
	if (dualpipe_close(dp, NULL, NULL) < 0)
		bench_problem("close: %s", strerror(errno));
	return found;
}

static uint64_t
find_by_memmem(char *argv[])
{
	static char data[READ + LEAST];
	size_t size = 0, left;
	uint64_t found = 0;
	char *at, *next;
	int to[2], from[2];
	ssize_t n;
	pid_t pid;

	bench_pipe(to);
	bench_pipe(from);
	pid = bench_start(argv, to[0], from[1]);
	close(from[1]);
	while ((n = read(from[0], data + size, READ)) > 0 || (n < 0 && errno == EINTR && !bench_late)) {
		size += n > 0 ? (size_t)n : 0;
		for (at = data; (next = memmem(at, (size_t)(data + size - at), "DONE-", 5)); found++)
			at = next + 5 + strspn(next + 5, "0123456789");
		left = (size_t)(data + size - at) < 4 ? (size_t)(data + size - at) : 4;
		memmove(data, data + size - left, left);
		size = left;
	}
	bench_end(pid, NULL);
	return found;
}

static void
step_by_library(char *argv[], uint64_t steps)
{
	static const struct dualpipe_pattern answer = { DUALPIPE_REGEX, "^step ([0-9]+)\n" };
	struct dualpipe *dp = dualpipe_spawn(argv, NULL);
	char line[64];
	uint64_t i;

	if (!dp)
		bench_problem("cannot start: %s", strerror(errno));
	for (i = 0; i < steps; i++) {
		snprintf(line, sizeof(line), "step %llu\n", (unsigned long long)i);
		if (dualpipe_write(dp, line, strlen(line), WAIT_MS) != (ssize_t)strlen(line) ||
		    dualpipe_expect(dp, &answer, 1, WAIT_MS) != 0)
			bench_problem("no answer in step %llu", (unsigned long long)i);
		++*bench_moved;
	}
	(void)dualpipe_close(dp, NULL, NULL);
}

static void
step_by_read(char *argv[], uint64_t steps)
{
	char line[64], answer[64];
	size_t size, got;
	int to[2], from[2];
	ssize_t n;
	uint64_t i;
	pid_t pid;

	bench_pipe(to);
	bench_pipe(from);
	pid = bench_start(argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	for (i = 0; i < steps; i++) {
		size = (size_t)snprintf(line, sizeof(line), "step %llu\n", (unsigned long long)i);
		if (write(to[1], line, size) != (ssize_t)size)
			bench_problem("takes no step %llu", (unsigned long long)i);
		for (got = 0; got < size; got += (size_t)n)
			if ((n = read(from[0], answer + got, sizeof(answer) - got)) <= 0)
				bench_problem("no answer in step %llu", (unsigned long long)i);
		++*bench_moved;
	}
	close(to[1]);
	bench_end(pid, NULL);
}

/* What we had in memory at the most; getrusage(2) knows what our caller had before the exec, too. */
static long
most_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f))
		(void)sscanf(line, "VmHWM: %ld", &kib);
	if (f)
		fclose(f);
	return kib * 1024;
}

int
main(int argc, char *argv[])
{
	char bytes_text[32], *child[] = { argv[0], bytes_text, NULL, NULL };
	uint64_t bytes = 0, steps = 0, found = 0;
	bool bare = false, lines = false;
	size_t alternatives = 1;
	struct rusage usage;
	int patience = 10, c;
	double start;

	if (argc == 3 && argv[1][0] != '-')
		return say(strtoull(argv[1], NULL, 10), argv[2][0] == 'l');
	while ((c = getopt(argc, argv, "+a:bln:p:s:")) != -1)
		switch (c) {
		case 'a':
			alternatives = bench_number(optarg);
			break;
		case 'b':
			bare = true;
			break;
		case 'l':
			lines = true;
			break;
		case 'n':
			bytes = bench_number(optarg);
			break;
		case 'p':
			patience = (int)bench_number(optarg);
			break;
		case 's':
			steps = bench_number(optarg);
			break;
		default:
			return 2;
		}
	bench_begin(steps > 0 ? patience : 10 * patience);
	snprintf(bytes_text, sizeof(bytes_text), "%llu", (unsigned long long)bytes);
	child[2] = (char *)(lines ? "lines" : "none");
	start = bench_seconds();
	if (steps > 0 && bare)
		step_by_read(argv + optind, steps);
	else if (steps > 0)
		step_by_library(argv + optind, steps);
	else
		found = bare ? find_by_memmem(child) : find_by_library(child, alternatives);
	if (found != (bytes + BLOCK - MARK_AT - strlen(mark)) / BLOCK && steps == 0)
		bench_problem("found %llu marks", (unsigned long long)found);
	getrusage(RUSAGE_SELF, &usage);
	printf("{\"seconds\": %.6f, \"cpu\": %.3f, \"memory\": %ld}\n", bench_seconds() - start,
	    (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 + (double)usage.ru_stime.tv_sec +
	    (double)usage.ru_stime.tv_usec / 1e6, most_memory());
	return 0;
}
