/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A child that answers line by line, `waiter WAY [PROMPT]'. WAY is how it waits
 * for a line: read, stdio, poll, ppoll, select, pselect, epoll; crowd, by
 * epoll(7) for hundreds of pipes besides; thread, a second one that reads while
 * the first does nothing; relay, which polls stdin and a socket, at whose other
 * end somebody else answers. A line is `WORK MS TEXT': it does the work for so
 * long, and says TEXT. WORK is none, compute, sleep, child (one of its own
 * sleeps, and says it), burst (TEXT in pieces), error (it goes to stderr), early
 * (first the text, then the sleep), mix (some of all that, short, in an order
 * that MS is the seed of).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *prompt = "";
static const char *way;

static void
say(int fd, const char *text, size_t size)
{
	if (write(fd, text, size) != (ssize_t)size)
		_exit(91);
}

static long
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void
doze(int ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static void
compute(int ms)
{
	long end = now_us() + ms * 1000L;

	while (now_us() < end)
		;
}

static void
burst(int ms, const char *text, size_t size)
{
	while (size-- > 0) {
		say(1, text++, 1);
		doze(ms);
	}
}

/* Like a shell: it waits for who answers. */
static void
leave_it_to_a_child(int ms, const char *text, size_t size)
{
	pid_t pid = fork();

	if (pid == 0) {
		doze(ms);
		say(1, text, size);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static unsigned
random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* A child that nothing is heard of, and whose end is waited for, in a pipe as well. */
static void
wait_for_silent_child(int ms)
{
	int ends[2];
	char byte;

	if (pipe(ends) < 0)
		_exit(94);
	if (fork() == 0) {
		compute(ms);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 0)
		_exit(95);
	close(ends[0]);
	wait(NULL);
}

static void
mix(unsigned seed, const char *text, size_t size)
{
	unsigned left = random_below(&seed, 6);
	struct pollfd input = { .fd = 0, .events = POLLIN };

	while (left-- > 0) {
		int ms = (int)random_below(&seed, 4);

		switch (random_below(&seed, 6)) {
		case 0:
			compute(ms);
			break;
		case 1:
			doze(ms);
			break;
		case 2:
			poll(NULL, 0, ms);
			break;
		case 3:
			poll(&input, 1, 0);
			break;
		case 4:
			wait_for_silent_child(ms);
			break;
		case 5:
			if (size > 2) {
				burst(0, text++, 1);
				size--;
			}
			break;
		}
	}
	if (random_below(&seed, 2) == 0)
		leave_it_to_a_child((int)random_below(&seed, 3), text, size);
	else
		burst((int)random_below(&seed, 2), text, size);
	doze((int)random_below(&seed, 3));
}

static void
answer(const char *line)
{
	char work[16], text[4096];
	size_t size;
	int ms;

	if (sscanf(line, "%15s %d %4000[^\n]", work, &ms, text) != 3)
		_exit(90);
	strcat(text, "\n");
	size = strlen(text);
	if (strcmp(work, "compute") == 0)
		compute(ms);
	else if (strcmp(work, "sleep") == 0)
		doze(ms);
	if (strcmp(work, "mix") == 0)
		mix((unsigned)ms, text, size);
	else if (strcmp(work, "child") == 0)
		leave_it_to_a_child(ms, text, size);
	else if (strcmp(work, "burst") == 0)
		burst(ms, text, size);
	else
		say(strcmp(work, "error") == 0 ? 2 : 1, text, size);
	if (strcmp(work, "early") == 0)
		doze(ms);
	say(1, prompt, strlen(prompt));
}

static int
open_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), others = strcmp(way, "crowd") == 0 ? 450 : 0, pair[2];

	epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &e);
	while (others-- > 0 && pipe(pair) == 0)
		epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &e);
	return epoll;
}

/* Until stdin can be read. */
static void
wait_for_input(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	struct epoll_event e;
	static int epoll = -1;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(0, &set);
	if (strcmp(way, "poll") == 0)
		poll(&p, 1, -1);
	else if (strcmp(way, "ppoll") == 0)
		ppoll(&p, 1, NULL, NULL);
	else if (strcmp(way, "select") == 0)
		select(1, &set, NULL, NULL, NULL);
	else if (strcmp(way, "pselect") == 0)
		pselect(1, &set, NULL, NULL, NULL, NULL);
	if (strcmp(way, "epoll") != 0 && strcmp(way, "crowd") != 0)
		return;
	if (epoll < 0)
		epoll = open_epoll();
	epoll_wait(epoll, &e, 1, -1);
}

/* Byte by byte, so that each wait is one of its own. */
static bool
read_line(char *line, size_t room)
{
	size_t size = 0;

	do {
		wait_for_input();
		if (read(0, line + size, 1) != 1)
			return false;
	} while (line[size++] != '\n' && size < room - 1);
	line[size] = '\0';
	return true;
}

static void *
serve(void *unused)
{
	bool stdio = strcmp(way, "stdio") == 0;
	char line[8192];

	say(1, prompt, strlen(prompt));
	while (stdio ? fgets(line, sizeof(line), stdin) != NULL : read_line(line, sizeof(line)))
		answer(line);
	return unused;
}

static void
serve_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, serve, NULL) == 0)
		pthread_join(thread, NULL);
}

static bool
pass(int from, int to)
{
	char data[4096];
	ssize_t n = read(from, data, sizeof(data));

	if (n > 0)
		say(to, data, (size_t)n);
	return n > 0;
}

static void
relay(void)
{
	struct pollfd p[2] = { { .fd = 0, .events = POLLIN }, { .events = POLLIN } };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		_exit(92);
	if (fork() == 0) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		close(pair[0]);
		close(pair[1]);
		serve(NULL);
		_exit(0);
	}
	close(pair[1]);
	p[1].fd = pair[0];
	while (poll(p, 2, -1) > 0) {
		if (p[1].revents && !pass(pair[0], 1))
			return;
		if (p[0].revents && !pass(0, pair[0])) {
			shutdown(pair[0], SHUT_WR);
			p[0].fd = -1;
		}
	}
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return 93;
	way = argv[1];
	if (argc > 2)
		prompt = argv[2];
	if (strcmp(way, "thread") == 0)
		serve_in_thread();
	else if (strcmp(way, "relay") == 0)
		relay();
	else
		serve(NULL);
	return 0;
}
