/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * flow [-t] [-s FILE] [-p SECONDS] -n BYTES -- COMMAND [ARG]...
 *
 * Sends bytes through a command that is to give them back, checks each of
 * them, and tells the time from its start to its end. -t: lines of text. -s:
 * reads nothing until nothing moves any more, then creates FILE and reads on;
 * tells how much had gone in by then, and the most memory that COMMAND's own
 * process had.
 */

#include "bench.h"
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long nothing has to move to be called stalled, in looks and in microseconds between them. */
enum { STILL_LOOKS = 10, LOOK_US = 100 * 1000 };

/* How often the memory is looked at while the bytes flow. */
enum { SAMPLE = 32 * 1024 * 1024 };

struct sink {
	struct payload payload;
	uint64_t count;
	uint64_t wrong; /* position of the first wrong byte + 1, 0: none */
	bool crlf;
	char data[PAYLOAD_CHUNK];
};

/* In pieces of chunk bytes: what is told of a write that blocks is told at its end. */
static pid_t
start_generator(const struct payload *p, size_t chunk, int to, int not_ours)
{
	const char *data;
	uint64_t at = 0;
	size_t size;
	ssize_t n;
	pid_t pid = fork();

	if (pid < 0)
		bench_problem("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	close(not_ours);
	while (at < p->total) {
		size = chunk;
		data = payload_at(p, at, &size);
		n = write(to, data, size);
		if (n < 0 && errno != EINTR)
			_exit(1); /* nobody reads: the sink will miss it */
		if (n > 0) {
			at += (uint64_t)n;
			*bench_moved = at;
		}
	}
	_exit(0);
}

/* The size of the part of data that is as it should be. */
static size_t
right(const struct sink *s, const char *data, size_t size)
{
	size_t known = size, i;
	const char *due = payload_at(&s->payload, s->count, &known);

	if (memcmp(due, data, known) == 0)
		return known;
	for (i = 0; due[i] == data[i];)
		i++;
	return i;
}

static void
check(struct sink *s, const char *data, size_t size)
{
	size_t good = s->wrong ? 0 : right(s, data, size);

	s->count += good;
	if (good == size)
		return;
	/* A terminal in between may have turned each end of line into two bytes. That is not the
	 * same, but no loss. */
	if (!s->wrong && !s->crlf && s->payload.lines && data[good] == '\r' &&
	    !memchr(s->payload.block, '\n', s->count)) {
		s->crlf = true;
		payload_crlf(&s->payload);
		check(s, data + good, size - good);
		return;
	}
	if (!s->wrong)
		s->wrong = s->count + 1;
	s->count += size - good;
}

static void
judge(const struct sink *s, bool hung)
{
	uint64_t total = s->payload.total;
	char text[128] = "";

	if (s->wrong)
		snprintf(text, sizeof(text), ", wrong from byte %llu on",
		    (unsigned long long)s->wrong - 1);
	if (hung && s->count == total && !s->wrong)
		bench_problem("hung at its end, all bytes were there");
	if (hung && s->count < total)
		bench_problem("hung, %s have not come%s", bench_amount(total - s->count), text);
	if (hung)
		bench_problem("hung%s", text);
	if (s->count < total)
		bench_problem("lost %s%s", bench_amount(total - s->count), text);
	if (s->count > total)
		bench_problem("%s too many%s", bench_amount(s->count - total), text);
	if (s->wrong)
		bench_problem("changed the bytes%s", text);
}

/* The peak of the process itself; wait4's would take in its child's, and ours before the exec. In
 * KiB, 0 once it is gone. */
static long
peak(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* Returns how much has gone in when nothing moves any more. */
static uint64_t
stall(const char *file)
{
	uint64_t before = 0;
	int still = 0;

	while (still < STILL_LOOKS) {
		usleep(LOOK_US);
		still = *bench_moved == before && before > 0 ? still + 1 : 0;
		before = *bench_moved;
		if (bench_late)
			bench_problem("took no byte");
	}
	close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	return before;
}

static long
drain(struct sink *s, int from, pid_t pid, bool sample)
{
	uint64_t next = 0;
	long kib = 0, now;
	ssize_t n;

	for (;;) {
		if (sample && s->count >= next) {
			now = peak(pid);
			kib = now > kib ? now : kib;
			next = s->count + SAMPLE;
		}
		n = read(from, s->data, sizeof(s->data));
		if (n == 0)
			return kib;
		if (n > 0) {
			++*bench_moved;
			check(s, s->data, (size_t)n);
		} else if (errno != EINTR) {
			bench_problem("read: %s", strerror(errno));
		} else if (bench_late) {
			judge(s, true);
		}
	}
}

int
main(int argc, char *argv[])
{
	static struct sink sink;
	struct rusage usage;
	int to[2], from[2], patience = 10, c, left;
	const char *file = NULL;
	uint64_t size = 1, held = 0;
	bool text = false;
	double start, end;
	pid_t pid, generator;
	long kib;

	while ((c = getopt(argc, argv, "+n:p:s:t")) != -1)
		switch (c) {
		case 'n':
			size = bench_number(optarg);
			break;
		case 'p':
			patience = (int)bench_number(optarg);
			break;
		case 's':
			file = optarg;
			break;
		case 't':
			text = true;
			break;
		default:
			return 2;
		}
	bench_begin(patience);
	payload_make(&sink.payload, text, size);
	bench_pipe(to);
	bench_pipe(from);
	start = bench_seconds();
	pid = bench_start(argv + optind, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	generator = start_generator(&sink.payload, file ? PIPE_BUF : PAYLOAD_CHUNK, to[1], from[0]);
	close(to[1]);
	size = sink.payload.total;
	if (file)
		held = stall(file);
	kib = drain(&sink, from[0], pid, file != NULL);
	judge(&sink, false);
	bench_end(pid, &usage);
	end = bench_seconds();
	while (waitpid(generator, NULL, 0) < 0 && errno == EINTR)
		continue;
	left = bench_clean();
	printf("{\"seconds\": %.6f, \"bytes\": %llu, \"lines\": %llu, \"cpu\": %.3f, \"crlf\": %s, "
	       "\"left\": %d,"
	       " \"held\": %llu, \"peak_kib\": %ld}\n",
	    end - start, (unsigned long long)size, (unsigned long long)sink.payload.lines,
	    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	    sink.crlf ? "true" : "false", left, (unsigned long long)held, kib);
	return 0;
}
