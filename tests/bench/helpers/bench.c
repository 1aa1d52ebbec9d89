/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "bench.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

volatile uint64_t *bench_moved;
volatile bool bench_late;

static int patience_s;

/*
 * Comes every second and interrupts what blocks; again and again, since the
 * first may come just before the call. The limit is on standing still, so that
 * a slow candidate is waited for.
 */
static void
tick(int signo)
{
	static uint64_t before;
	static int still;

	(void)signo;
	still = *bench_moved == before ? still + 1 : 0;
	before = *bench_moved;
	if (still >= patience_s)
		bench_late = true;
}

void
bench_begin(int patience)
{
	struct sigaction action = { .sa_handler = tick };
	struct itimerval second = { { 1, 0 }, { 1, 0 } };

	patience_s = patience;
	/* Shared, since a generator is a process of its own. */
	bench_moved = mmap(
	    NULL, sizeof(*bench_moved), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (bench_moved == MAP_FAILED)
		bench_problem("mmap: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	/* What a candidate leaves behind becomes ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &second, NULL);
}

double
bench_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
bench_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		bench_problem("pipe: %s", strerror(errno));
}

pid_t
bench_start(char *argv[], int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(&pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (error)
		bench_problem("cannot start '%s': %s", argv[0], strerror(error));
	return pid;
}

void
bench_end(pid_t pid, struct rusage *usage)
{
	int status;

	while (wait4(pid, &status, 0, usage) < 0) {
		if (errno != EINTR)
			bench_problem("wait: %s", strerror(errno));
		if (bench_late)
			bench_problem("hung at its end, all bytes were there");
	}
	if (WIFSIGNALED(status))
		bench_problem("ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		bench_problem("wrong status: %d instead of 0", WEXITSTATUS(status));
}

static pid_t
parent_of(const char *pid)
{
	char path[64], text[512];
	const char *end;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	/* The name in front may hold anything, so look behind its bracket. */
	if (fgets(text, sizeof(text), f) && (end = strrchr(text, ')')))
		if (sscanf(end + 1, " %*c %d", &parent) != 1)
			parent = 0;
	fclose(f);
	return parent;
}

static void
kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    parent_of(entry->d_name) == getpid())
			kill((pid_t)atol(entry->d_name), SIGKILL);
	if (proc)
		closedir(proc);
}

int
bench_clean(void)
{
	int count = 0;
	pid_t pid;

	/* The children of a killed one come to us, so once more until there is none. */
	for (;;) {
		pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0 && errno == ECHILD)
			return count;
		if (pid != 0)
			continue;
		kill_children();
		if (waitpid(-1, NULL, 0) > 0)
			count++;
	}
}

void
bench_problem(const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	bench_clean();
	printf("{\"problem\": \"");
	for (const char *c = text; *c; c++)
		printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
	printf("\"}\n");
	fflush(stdout);
	_exit(1);
}

const char *
bench_amount(uint64_t bytes)
{
	static char text[32];

	if (bytes >= 1000000000)
		snprintf(text, sizeof(text), "%.2f GB", (double)bytes / 1e9);
	else if (bytes >= 1000000)
		snprintf(text, sizeof(text), "%.1f MB", (double)bytes / 1e6);
	else if (bytes >= 10000)
		snprintf(text, sizeof(text), "%.0f kB", (double)bytes / 1e3);
	else
		snprintf(text, sizeof(text), "%llu bytes", (unsigned long long)bytes);
	return text;
}

uint64_t
bench_number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (end == text || *end)
		bench_problem("not a number: '%s'", text);
	return n;
}
