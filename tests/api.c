/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What dualpipe.h promises, as a program that has nothing but the installed
 * library sees it. A subtest is one sentence of that, and a process of its own
 * with a limit of time, so that it may do to itself what it likes.
 *
 *	api			all of them
 *	api NAME ...		those that are called so, or NAME-something
 *	api --list		their names
 *
 * Prints TAP. Subtests start api itself as a child that tells of itself, with
 * --descriptors and --signals.
 */
#include "dualpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_S = 20 }; /* of a subtest */
enum { MOST_FDS = 256, LAST_SIGNAL = 64 };
enum { KIB = 1024, MIB = 1024 * 1024 };

static const char *self; /* our own file */

static const struct dualpipe_opts on_pty = { .channel = DUALPIPE_PTY };
static const struct dualpipe_opts on_typed_pty = { .channel = DUALPIPE_PTY,
	.terminal = DUALPIPE_TYPED };

/*
 * Checking
 */

static void
check_at(int line, bool good, const char *what)
{
	if (good)
		return;
	printf("# line %d: %s; errno: %s\n", line, what, strerror(errno));
	exit(1);
}

#define check(condition) check_at(__LINE__, (condition), #condition)

#define check_fails(call, error)         \
	do {                             \
		errno = 0;               \
		check((call) == -1);     \
		check(errno == (error)); \
	} while (0)

static void
check_text_at(int line, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	printf("# line %d: wanted \"%s\", got \"%s\"\n", line, want, got);
	exit(1);
}

#define check_text(got, want) check_text_at(__LINE__, (got), (want))

static void
check_bytes_at(int line, const char *got, size_t got_size, const char *want, size_t want_size)
{
	size_t same = 0;

	while (same < got_size && same < want_size && got[same] == want[same])
		same++;
	if (same == got_size && same == want_size)
		return;
	printf("# line %d: wanted %zu bytes, got %zu, the first %zu alike\n", line, want_size,
	    got_size, same);
	exit(1);
}

#define check_bytes(got, got_size, want, want_size) \
	check_bytes_at(__LINE__, (got), (got_size), (want), (want_size))

/*
 * Small tools
 */

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
cpu_ms(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	    (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

static int
count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < MOST_FDS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Our caller's descriptors are not to reach our children. */
static void
keep_fds(void)
{
	int fd;

	for (fd = STDERR_FILENO + 1; fd < MOST_FDS; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void
handle(int signo, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	check(sigaction(signo, &action, NULL) == 0);
}

static void
pause_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

static void
fill_random(char *to, size_t size, uint64_t seed)
{
	size_t i;

	seed = seed * 2654435761u + 88172645463325252u;
	for (i = 0; i < size; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		to[i] = (char)(seed >> 40);
	}
}

static char *
random_bytes(size_t size)
{
	char *data = malloc(size);

	check(data != NULL);
	fill_random(data, size, size);
	return data;
}

/* Whether all who had the other end of a pipe have gone, in five seconds. */
static bool
all_gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	return poll(&p, 1, 5000) == 1 && read(fd, &c, 1) == 0;
}

static void
make_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	check(f && fputs(text, f) >= 0 && fclose(f) == 0);
	check(chmod(path, mode) == 0);
}

static struct dualpipe *
spawn_shell(const char *script, const struct dualpipe_opts *opts)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct dualpipe *dp = dualpipe_spawn(argv, opts);

	check(dp != NULL);
	return dp;
}

static struct dualpipe *
spawn_one(const char *command, const struct dualpipe_opts *opts)
{
	char *const argv[] = { (char *)command, NULL };

	return dualpipe_spawn(argv, opts);
}

static struct dualpipe *
spawn_cat(const struct dualpipe_opts *opts)
{
	struct dualpipe *dp = spawn_one("cat", opts);

	check(dp != NULL);
	return dp;
}

/* We ourselves, telling what we found. */
static struct dualpipe *
spawn_self(const char *option, const struct dualpipe_opts *opts)
{
	char *const argv[] = { (char *)self, (char *)option, NULL };

	return dualpipe_spawn(argv, opts);
}

static struct dualpipe *
fork_to(int (*run)(void *), void *arg, const struct dualpipe_opts *opts)
{
	struct dualpipe *dp = dualpipe_fork(run, arg, opts);

	check(dp != NULL);
	return dp;
}

static void
put(struct dualpipe *dp, const char *text)
{
	check(dualpipe_write(dp, text, strlen(text), -1) == (ssize_t)strlen(text));
}

typedef ssize_t read_fn(struct dualpipe *dp, void *data, size_t size, int timeout_ms);

/* All that comes until the end of output, a NUL behind it. The caller frees it. */
static char *
take_by(read_fn *from, struct dualpipe *dp, size_t *size)
{
	size_t room = 64 * KIB, got = 0;
	char *data = malloc(room + 1);
	ssize_t n;

	check(data != NULL);
	while ((n = from(dp, data + got, room - got, -1)) > 0) {
		got += (size_t)n;
		if (got == room) {
			room *= 2;
			data = realloc(data, room + 1);
			check(data != NULL);
		}
	}
	check(n == 0);
	data[got] = '\0';
	if (size)
		*size = got;
	return data;
}

static char *
take_all(struct dualpipe *dp, size_t *size)
{
	return take_by(dualpipe_read, dp, size);
}

/* The next line is this one. */
static void
expect_at(int line, struct dualpipe *dp, const char *want)
{
	char *got = NULL;
	size_t room = 0;
	ssize_t n = dualpipe_readline(dp, &got, &room, -1);

	check_at(line, n >= 0, "a line");
	check_text_at(line, n == 0 ? "" : got, want);
	free(got);
}

#define expect_line(dp, want) expect_at(__LINE__, (dp), (want))

/* All that still comes is this. */
static void
rest_at(int line, struct dualpipe *dp, const char *want)
{
	char *got = take_all(dp, NULL);

	check_text_at(line, got, want);
	free(got);
}

#define expect_rest(dp, want) rest_at(__LINE__, (dp), (want))

/* The exit status, 128 and more for a signal; ends dp. */
static int
close_it(struct dualpipe *dp)
{
	const pid_t pid = dualpipe_pid(dp);
	pid_t ended = 0;
	int status = -1;

	check(dualpipe_close(dp, &ended, &status) == 0);
	check(ended == pid && pid > 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int
wait_for_it(struct dualpipe *dp)
{
	int status = -1;

	check(dualpipe_wait(dp, &status, -1) == 1);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What was written comes back through cat, and cat ends well. */
static void
echo_at(int line, const struct dualpipe_opts *opts, const char *data, size_t size)
{
	struct dualpipe *dp = spawn_cat(opts);
	size_t got_size;
	char *got;

	check_at(line, dualpipe_write(dp, data, size, -1) == (ssize_t)size, "all is written");
	check_at(line, dualpipe_write_end(dp) == 0, "end-of-file");
	got = take_all(dp, &got_size);
	check_bytes_at(line, got, got_size, data, size);
	free(got);
	check_at(line, close_it(dp) == 0, "cat ends well");
}

#define echoes(opts, data, size) echo_at(__LINE__, (opts), (data), (size))
#define echoes_text(opts, text) echoes((opts), (text), sizeof(text) - 1)

/*
 * What children do
 */

static int
print_descriptors(void *arg)
{
	int fd;

	(void)arg;
	for (fd = 0; fd < MOST_FDS; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(void)printf("%d ", fd);
	return 0;
}

static int
print_signals(void *arg)
{
	struct sigaction action;
	sigset_t mask;
	int signo;

	(void)arg;
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	for (signo = 1; signo <= LAST_SIGNAL; signo++) {
		if (sigismember(&mask, signo) == 1)
			(void)printf("%d is blocked ", signo);
		if (sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			(void)printf("%d is ignored ", signo);
	}
	return 0;
}

static int
give(void *arg)
{
	return *(int *)arg;
}

static int
say(void *arg)
{
	(void)fputs(arg, stdout);
	return 0;
}

static void
say_now(const char *text)
{
	(void)fputs(text, stdout);
	(void)fflush(stdout);
}

static int
sleep_long(void *arg)
{
	(void)arg;
	say_now("ready\n");
	pause_ms(30000);
	return 0;
}

static void
set_raw(void)
{
	struct termios mode;

	(void)tcgetattr(STDIN_FILENO, &mode);
	cfmakeraw(&mode);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

/*
 * Starting
 */

static void
test_spawn_path(void)
{
	struct dualpipe *dp;

	errno = EDOM;
	dp = spawn_one("true", NULL);
	check(errno != 0); /* which no call makes it */
	check(dp != NULL);
	check(dualpipe_pid(dp) > 0);
	check(close_it(dp) == 0);
	dp = spawn_one("/bin/sh", NULL);
	check(dp != NULL);
	check(close_it(dp) == 0);
}

/* A folder for the files of a subtest, gone in the end. */
static char folder[] = "/tmp/dualpipe-api-XXXXXX";

static void
leave_folder(void)
{
	const char *const names[] = { "tool", "plain", "lost", "script" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	(void)rmdir(folder);
}

static void
enter_folder(void)
{
	check(mkdtemp(folder) != NULL);
	check(chdir(folder) == 0);
	check(atexit(leave_folder) == 0);
}

static void
test_spawn_environment_path(void)
{
	char path[64];
	const char *const environment[] = { path, NULL };
	const struct dualpipe_opts opts = { .environment = environment };
	struct dualpipe *dp;

	enter_folder();
	make_file("tool", "#!/bin/sh\necho the tool\n", 0755);
	(void)snprintf(path, sizeof(path), "PATH=/nowhere:%s", folder);
	dp = spawn_one("tool", &opts);
	check(dp != NULL);
	expect_rest(dp, "the tool\n");
	check(close_it(dp) == 0);
	check(!spawn_one("tool", NULL) && errno == ENOENT);
	check(!spawn_one("ls", &opts) && errno == ENOENT);
	(void)snprintf(path, sizeof(path), "PATH=/nowhere:");
	dp = spawn_one("tool", &opts); /* an empty part of it is here */
	check(dp != NULL);
	check(close_it(dp) == 0);
}

static void
test_spawn_missing(void)
{
	check(!spawn_one("/nowhere/at/all", NULL) && errno == ENOENT);
	check(!spawn_one("no-such-command-here", NULL) && errno == ENOENT);
	check(!spawn_one("/etc/passwd/tool", NULL) && (errno == ENOTDIR || errno == ENOENT));
	check(!spawn_one("no-such-command-here", &on_pty) && errno == ENOENT);
}

static void
test_spawn_nothing(void)
{
	char *const nothing[] = { NULL };

	check(!dualpipe_spawn(NULL, NULL) && errno == EINVAL);
	check(!dualpipe_spawn(nothing, NULL) && errno == EINVAL);
	check(!dualpipe_fork(NULL, NULL, NULL) && errno == EINVAL);
}

static void
test_spawn_empty_name(void)
{
	check(!spawn_one("", NULL));
	check(errno == ENOENT);
}

static void
test_spawn_not_executable(void)
{
	enter_folder();
	make_file("plain", "text\n", 0644);
	check(!spawn_one("./plain", NULL) && errno == EACCES);
	check(!spawn_one("/", NULL) && errno == EACCES);
	check(!spawn_one(folder, NULL) && errno == EACCES);
}

static void
test_spawn_no_interpreter(void)
{
	enter_folder();
	make_file("lost", "#!/nowhere/interpreter\n", 0755);
	check(!spawn_one("./lost", NULL));
	check(errno == ENOEXEC);
}

static void
test_spawn_plain_script(void)
{
	char *const argv[] = { (char *)"./script", (char *)"one", (char *)"two words", NULL };
	struct dualpipe *dp;

	enter_folder();
	make_file("script", "echo \"$0 $1 $2 $#\"\n", 0755);
	dp = dualpipe_spawn(argv, NULL);
	check(dp != NULL);
	expect_rest(dp, "./script one two words 2\n");
	check(close_it(dp) == 0);
}

static void
test_spawn_directory(void)
{
	struct dualpipe_opts opts = { .directory = "/" };
	struct dualpipe *dp = spawn_one("pwd", &opts);

	check(dp != NULL);
	expect_rest(dp, "/\n");
	check(close_it(dp) == 0);
	opts.directory = "/nowhere";
	check(!spawn_one("pwd", &opts) && errno == ENOENT);
	opts.directory = "/etc/passwd";
	check(!spawn_one("pwd", &opts) && errno == ENOTDIR);
	check(!dualpipe_fork(print_signals, NULL, &opts) && errno == ENOTDIR);
}

static void
test_spawn_no_zombie(void)
{
	check(!spawn_one("/nowhere/at/all", NULL));
	check_fails(waitpid(-1, NULL, WNOHANG), ECHILD);
}

static int
say_variable(void *arg)
{
	const char *value = getenv(arg);

	return say((void *)(value ? value : "unset"));
}

static void
test_environment(void)
{
	static const char *const environment[] = { "API_OURS=theirs", "API_NEW=", "API_NEW=a=b",
		NULL };
	const struct dualpipe_opts opts = { .environment = environment };
	struct dualpipe *dp;

	check(setenv("API_OURS", "ours", 1) == 0);
	check(setenv("API_OURS_TOO", "kept", 1) == 0);
	dp = spawn_shell("echo \"$API_OURS $API_OURS_TOO $API_NEW\"; env | grep -c ^API_", &opts);
	expect_rest(dp, "theirs kept a=b\n3\n");
	check(close_it(dp) == 0);
	dp = fork_to(say_variable, (void *)"API_NEW", &opts);
	expect_rest(dp, "a=b");
	check(close_it(dp) == 0);
	check_text(getenv("API_OURS"), "ours");
	check(!getenv("API_NEW"));
}

static void
test_own_group(void)
{
	struct dualpipe_opts opts = { 0 };
	struct dualpipe *dp = spawn_cat(&opts);

	check(getpgid(dualpipe_pid(dp)) == getpgrp());
	check(close_it(dp) == 0);
	opts.own_group = true;
	dp = spawn_cat(&opts);
	check(getpgid(dualpipe_pid(dp)) == dualpipe_pid(dp));
	check(getsid(dualpipe_pid(dp)) == getsid(0));
	check(close_it(dp) == 0);
	dp = spawn_cat(&on_pty);
	check(getsid(dualpipe_pid(dp)) == dualpipe_pid(dp));
	check(close_it(dp) == 0);
}

static void
test_die_with_parent(void)
{
	struct dualpipe_opts opts = { .die_with_parent = true, .stderr_to = DUALPIPE_STDERR_FD };
	int alive[2];
	pid_t pid;

	check(pipe(alive) == 0);
	keep_fds();
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		opts.stderr_fd = alive[1];
		(void)spawn_shell("trap '' HUP TERM PIPE; echo up; exec sleep 30", &opts);
		(void)raise(SIGKILL);
	}
	check(close(alive[1]) == 0);
	check(waitpid(pid, NULL, 0) == pid);
	check(all_gone(alive[0]));
}

/*
 * Its standard error
 */

/* What the caller's own descriptor fd gets from a child that says "err" there. */
static void
stderr_by(int fd, const struct dualpipe_opts *opts, const char *out, const char *ours)
{
	const int saved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	struct dualpipe *dp;
	char text[32], *got;
	int end[2];
	ssize_t n;

	check(pipe(end) == 0);
	keep_fds();
	(void)fflush(stdout);
	(void)dup2(end[1], fd);
	if (opts && opts->stderr_to == DUALPIPE_STDERR_FD)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* the child gets it all the same */
	dp = spawn_shell("echo out; echo err >&2", opts);
	(void)dup2(saved, fd);
	(void)close(saved);
	(void)close(end[1]);
	got = take_all(dp, NULL);
	check_text(got, out);
	free(got);
	check(close_it(dp) == 0);
	n = read(end[0], text, sizeof(text) - 1);
	check(n >= 0);
	text[n] = '\0';
	check_text(text, ours);
	(void)close(end[0]);
}

static void
test_stderr_inherit(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_INHERIT };

	stderr_by(STDERR_FILENO, NULL, "out\n", "err\n");
	stderr_by(STDERR_FILENO, &opts, "out\n", "err\n");
	opts.channel = DUALPIPE_PTY;
	stderr_by(STDERR_FILENO, &opts, "out\n", "err\n");
}

static void
test_stderr_merge(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_MERGE };

	stderr_by(STDERR_FILENO, &opts, "out\nerr\n", "");
	stderr_by(STDERR_FILENO, &on_pty, "out\nerr\n", "");
	opts.channel = DUALPIPE_PTY;
	stderr_by(STDERR_FILENO, &opts, "out\nerr\n", "");
}

static void
test_stderr_discard(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_DISCARD };

	stderr_by(STDERR_FILENO, &opts, "out\n", "");
	opts.channel = DUALPIPE_PTY;
	stderr_by(STDERR_FILENO, &opts, "out\n", "");
}

static void
test_stderr_fd(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_FD, .stderr_fd = 100 };

	stderr_by(100, &opts, "out\n", "err\n");
	opts.channel = DUALPIPE_PTY;
	stderr_by(100, &opts, "out\n", "err\n");
}

static void
test_stderr_fd_stays(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_FD };
	int end[2];

	check(pipe(end) == 0);
	keep_fds();
	opts.stderr_fd = end[1];
	check(close_it(spawn_shell("echo err >&2", &opts)) == 0);
	check(fcntl(end[1], F_GETFD) == FD_CLOEXEC);
	opts.stderr_fd = 200; /* none */
	check(!spawn_one("true", &opts) && errno == EBADF);
}

static void
test_stderr_fd_low(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_FD, .stderr_fd = STDERR_FILENO };

	stderr_by(STDERR_FILENO, &opts, "out\n", "err\n");
	opts.stderr_fd = STDIN_FILENO;
	stderr_by(STDIN_FILENO, &opts, "out\n", "err\n");
	opts.stderr_fd = STDOUT_FILENO;
	stderr_by(STDOUT_FILENO, &opts, "out\n", "err\n");
}

static void
stderr_apart(enum dualpipe_channel channel)
{
	const struct dualpipe_opts opts = { .channel = channel, .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_shell("echo err >&2; echo out; echo more >&2", &opts);
	char *got = take_by(dualpipe_read_err, dp, NULL);

	check_text(got, "err\nmore\n");
	free(got);
	expect_rest(dp, "out\n");
	check(dualpipe_read_err(dp, &got, 1, -1) == 0);
	check(close_it(dp) == 0);
}

static void
test_stderr_pipe(void)
{
	stderr_apart(DUALPIPE_PIPES);
	stderr_apart(DUALPIPE_PTY);
}

static void
test_stderr_none(void)
{
	const struct dualpipe_opts discard = { .stderr_to = DUALPIPE_STDERR_DISCARD };
	struct dualpipe *dp = spawn_cat(NULL);
	char c;

	check_fails(dualpipe_read_err(dp, &c, 1, 0), EINVAL);
	check(close_it(dp) == 0);
	dp = spawn_cat(&discard);
	check_fails(dualpipe_read_err(dp, &c, 1, -1), EINVAL);
	check(close_it(dp) == 0);
	dp = spawn_cat(&on_pty);
	check_fails(dualpipe_read_err(dp, &c, 1, 0), EINVAL);
	check(close_it(dp) == 0);
}

static void
test_stderr_times(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_shell("read x; echo $x >&2", &opts);
	char text[8];
	int64_t begun = now_ms();

	check_fails(dualpipe_read_err(dp, text, sizeof(text), 0), ETIMEDOUT);
	check_fails(dualpipe_read_err(dp, text, sizeof(text), 50), ETIMEDOUT);
	check(now_ms() - begun >= 50);
	put(dp, "x\n");
	check(dualpipe_read_err(dp, text, 1, -1) == 1 && text[0] == 'x');
	check(dualpipe_read_err(dp, text, sizeof(text), -1) == 1 && text[0] == '\n');
	check(dualpipe_read_err(dp, text, sizeof(text), -1) == 0);
	check(close_it(dp) == 0);
}

/* Each of both is read to its end while the child fills the other. */
static void
test_stderr_full(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	const char *script = "head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero;"
			     " head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero";
	struct dualpipe *dp = spawn_shell(script, &opts);
	size_t size;

	free(take_all(dp, &size));
	check(size == 2000000);
	free(take_by(dualpipe_read_err, dp, &size));
	check(size == 2000000);
	check(close_it(dp) == 0);
	dp = spawn_shell(script, &opts);
	free(take_by(dualpipe_read_err, dp, &size));
	check(size == 2000000);
	free(take_all(dp, &size));
	check(size == 2000000);
	check(close_it(dp) == 0);
}

/*
 * Descriptors
 */

/* The child's descriptors are want, those of missing (a bit each) closed in the caller. */
static void
descriptors_are(const struct dualpipe_opts *opts, int missing, const char *want, bool by_fork)
{
	int saved[3], fd;
	struct dualpipe *dp;
	char *got = NULL;
	bool same = false;

	(void)fflush(stdout);
	for (fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
		if (missing & 1 << fd)
			(void)close(fd);
	}
	dp = by_fork ? dualpipe_fork(print_descriptors, NULL, opts)
		     : spawn_self("--descriptors", opts);
	if (dp) {
		got = take_all(dp, NULL);
		same = strcmp(got, want) == 0 && close_it(dp) == 0;
	}
	for (fd = 0; fd < 3; fd++) {
		(void)dup2(saved[fd], fd);
		(void)close(saved[fd]);
	}
	if (!same)
		printf("# missing %d, fork %d: wanted \"%s\", got \"%s\"\n", missing, by_fork, want,
		    got ? got : "nothing");
	check(same);
	free(got);
}

static void
test_descriptors_only_three(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *other = spawn_cat(&opts), *pty = spawn_cat(&on_pty);

	descriptors_are(NULL, 0, "0 1 2 ", false);
	descriptors_are(NULL, 0, "0 1 2 ", true);
	descriptors_are(&opts, 0, "0 1 2 ", false);
	descriptors_are(&opts, 0, "0 1 2 ", true);
	descriptors_are(&on_pty, 0, "0 1 2 ", false);
	descriptors_are(&on_pty, 0, "0 1 2 ", true);
	check(close_it(other) == 0);
	check(close_it(pty) == 0);
}

static void
test_descriptors_ours_closed(void)
{
	struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	int missing;

	for (missing = 1; missing < 8; missing++) {
		descriptors_are(NULL, missing, missing & 4 ? "0 1 " : "0 1 2 ", false);
		descriptors_are(NULL, missing, missing & 4 ? "0 1 " : "0 1 2 ", true);
		descriptors_are(&opts, missing, "0 1 2 ", false);
		descriptors_are(&opts, missing, "0 1 2 ", true);
		descriptors_are(&on_pty, missing, "0 1 2 ", false);
		descriptors_are(&on_pty, missing, "0 1 2 ", true);
	}
	opts.stderr_to = DUALPIPE_STDERR_DISCARD;
	descriptors_are(&opts, 7, "0 1 2 ", false);
	opts.stderr_to = DUALPIPE_STDERR_MERGE;
	descriptors_are(&opts, 7, "0 1 2 ", false);
}

static void
test_descriptors_closed_elsewhere(void)
{
	struct dualpipe *first = spawn_cat(NULL);
	struct dualpipe *second = fork_to(sleep_long, NULL, NULL);

	expect_line(second, "ready\n"); /* it would hold the first one's pipe */
	check(dualpipe_write_end(first) == 0);
	check(wait_for_it(first) == 0);
	check(close_it(first) == 0);
	check(dualpipe_signal(second, SIGKILL) == 0);
	check(close_it(second) == 128 + SIGKILL);
}

static void
test_descriptors_no_leak(void)
{
	const struct dualpipe_opts with_err = { .stderr_to = DUALPIPE_STDERR_PIPE };
	const struct dualpipe_opts lost = {
		.channel = DUALPIPE_PTY, .stderr_to = DUALPIPE_STDERR_PIPE, .directory = "/nowhere"
	};
	const int before = count_fds();
	struct dualpipe *dp;
	int i, status;

	for (i = 0; i < 60; i++) {
		check(close_it(spawn_cat(&with_err)) == 0);
		check(!spawn_one("/nowhere/at/all", i % 2 ? &on_pty : NULL));
		check(!dualpipe_fork(print_signals, NULL, &lost));
		dp = spawn_one("true", i % 4 ? NULL : &on_pty);
		check(dp && dualpipe_wait(dp, &status, -1) == 1);
		check(dualpipe_read_end(dp) == 0);
		check(close_it(dp) == 0);
	}
	check(count_fds() == before);
	check_fails(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/*
 * Signals of the child
 */

static void
do_nothing(int signo)
{
	(void)signo;
}

static void
test_signals_of_child(void)
{
	static const int used[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGTSTP,
		SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM };
	char want[64];
	sigset_t mask, ignored;
	struct dualpipe_opts opts = { .ignored = &ignored };
	struct dualpipe *dp;
	size_t i;

	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		handle(used[i], SIG_DFL);
	handle(SIGHUP, SIG_IGN);
	handle(SIGUSR1, do_nothing);
	handle(SIGINT, do_nothing);
	(void)sigemptyset(&ignored);
	(void)sigaddset(&ignored, SIGINT);
	(void)sigaddset(&ignored, SIGQUIT);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGTERM);
	(void)sigaddset(&mask, SIGUSR2);
	check(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	(void)snprintf(want, sizeof(want), "%d is ignored %d is ignored %d is ignored ", SIGHUP,
	    SIGINT, SIGQUIT);
	dp = spawn_self("--signals", &opts);
	check(dp != NULL);
	expect_rest(dp, want);
	check(close_it(dp) == 0);
	dp = fork_to(print_signals, NULL, &opts);
	expect_rest(dp, want);
	check(close_it(dp) == 0);
	opts.ignored = NULL;
	opts.channel = DUALPIPE_PTY;
	dp = fork_to(print_signals, NULL, &opts);
	(void)snprintf(want, sizeof(want), "%d is ignored ", SIGHUP);
	expect_rest(dp, want);
	check(close_it(dp) == 0);
}

static void
test_signals_of_caller(void)
{
	sigset_t mask, after;
	struct sigaction action;

	handle(SIGUSR1, do_nothing);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR2);
	check(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	echoes_text(NULL, "x\n");
	echoes_text(&on_pty, "x\n");
	check(!spawn_one("/nowhere/at/all", NULL));
	check(sigprocmask(SIG_BLOCK, NULL, &after) == 0);
	check(sigismember(&after, SIGUSR2) == 1 && sigismember(&after, SIGTERM) == 0);
	check(sigismember(&after, SIGPIPE) == 0 && sigismember(&after, SIGCHLD) == 0);
	check(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == do_nothing);
	check(sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	check(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
}

/*
 * Writing
 */

enum { LARGE = 64 * MIB };

/* Says LARGE bytes, and only then reads as many. */
static int
talk_then_listen(void *arg)
{
	static char data[64 * KIB], want[64 * KIB];
	size_t at, got;

	(void)arg;
	for (at = 0; at < LARGE; at += sizeof(data)) {
		fill_random(data, sizeof(data), at);
		if (fwrite(data, 1, sizeof(data), stdout) != sizeof(data))
			return 1;
	}
	if (fflush(stdout) == EOF)
		return 2;
	for (at = 0; at < LARGE; at += sizeof(data)) {
		fill_random(want, sizeof(want), at + 1);
		got = fread(data, 1, sizeof(data), stdin);
		if (got != sizeof(data) || memcmp(data, want, sizeof(data)) != 0)
			return 3;
	}
	return getchar() == EOF ? 0 : 4;
}

static void
test_write_full_pipes(void)
{
	char *data = malloc(LARGE), *got;
	char want[64 * KIB];
	struct dualpipe *dp;
	size_t at, size;

	check(data != NULL);
	for (at = 0; at < LARGE; at += sizeof(want))
		fill_random(data + at, sizeof(want), at + 1);
	dp = fork_to(talk_then_listen, NULL, NULL);
	check(dualpipe_write(dp, data, LARGE, -1) == LARGE);
	free(data);
	check(dualpipe_write_end(dp) == 0);
	got = take_all(dp, &size);
	check(size == LARGE);
	for (at = 0; at < LARGE; at += sizeof(want)) {
		fill_random(want, sizeof(want), at);
		check(memcmp(got + at, want, sizeof(want)) == 0);
	}
	free(got);
	check(close_it(dp) == 0);
}

static void
part_in_time(const struct dualpipe_opts *opts)
{
	static char data[MIB];
	struct dualpipe *dp = spawn_shell("echo ready; exec sleep 30", opts);
	ssize_t n, more;

	expect_line(dp, "ready\n");
	memset(data, 'x', sizeof(data));
	n = dualpipe_write(dp, data, sizeof(data), 50);
	check(n > 0 && n < (ssize_t)sizeof(data));
	while ((more = dualpipe_write(dp, data, 100, 0)) > 0)
		;
	check(more == -1 && errno == ETIMEDOUT);
	check_fails(dualpipe_write(dp, data, 1000, 50), ETIMEDOUT);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

static void
test_write_part(void)
{
	part_in_time(NULL);
	part_in_time(&on_pty);
}

/* poll(2) takes no more descriptors than may be open. */
static void
test_write_unwaited(void)
{
	static const char data[1000];
	struct dualpipe *dp = spawn_shell("exec sleep 30", NULL);
	struct rlimit limit, none;

	while (dualpipe_write(dp, data, sizeof(data), 0) > 0)
		;
	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	check(setrlimit(RLIMIT_NOFILE, &none) == 0);
	check_fails(dualpipe_write(dp, data, sizeof(data), -1), EINVAL);
	check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

static void
test_write_nothing(void)
{
	struct dualpipe *dp = spawn_cat(NULL);

	check(dualpipe_write(dp, "", 0, -1) == 0);
	check(dualpipe_write(dp, "", 0, 0) == 0);
	put(dp, "x");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "x");
	check(close_it(dp) == 0);
}

static volatile sig_atomic_t caught;

static void
count_caught(int signo)
{
	(void)signo;
	caught++;
}

/* Writes to a child that has gone; the signals pending are the same then. */
static void
write_to_gone(const struct dualpipe_opts *opts)
{
	struct dualpipe *dp = spawn_one("true", opts);
	sigset_t before, after;

	check(dp != NULL);
	(void)wait_for_it(dp);
	(void)sigpending(&before);
	check_fails(dualpipe_write(dp, "x\n", 2, 1000), EPIPE);
	check_fails(dualpipe_write(dp, "x\n", 2, 0), EPIPE);
	(void)sigpending(&after);
	check(sigismember(&before, SIGPIPE) == sigismember(&after, SIGPIPE));
	check(close_it(dp) == 0);
}

static void
block_sigpipe(int how)
{
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGPIPE);
	check(sigprocmask(how, &mask, NULL) == 0);
}

static void
test_write_gone(void)
{
	const struct dualpipe_opts handled = { .sigpipe_handled = true };

	handle(SIGPIPE, SIG_DFL);
	write_to_gone(NULL);
	handle(SIGPIPE, SIG_IGN);
	write_to_gone(NULL);
	write_to_gone(&handled);
	handle(SIGPIPE, count_caught);
	write_to_gone(NULL);
	check(caught == 0);
	block_sigpipe(SIG_BLOCK);
	write_to_gone(NULL);
	check(raise(SIGPIPE) == 0);
	write_to_gone(NULL);
	check(caught == 0);
	block_sigpipe(SIG_UNBLOCK);
	check(caught == 1); /* our own */
}

/* The child reads nothing and ends while we wait for it. */
static void
write_to_ending(const struct dualpipe_opts *opts)
{
	static char data[MIB];
	struct dualpipe *dp = spawn_shell("sleep 0.2", opts);
	ssize_t n;

	memset(data, '\n', sizeof(data));
	n = dualpipe_write(dp, data, sizeof(data), -1);
	check(n < (ssize_t)sizeof(data));
	check(n > 0 || errno == EPIPE);
	check_fails(dualpipe_write(dp, data, sizeof(data), -1), EPIPE);
	check(close_it(dp) == 0);
}

static void
test_write_ending(void)
{
	write_to_ending(NULL);
}

static void
test_write_ending_pty(void)
{
	write_to_ending(&on_pty);
}

static void
test_write_gone_pty(void)
{
	struct dualpipe_opts opts = { .channel = DUALPIPE_PTY };

	/* The terminal took what nobody would read, until it was full. */
	write_to_gone(&opts);
	opts.terminal = DUALPIPE_TYPED;
	write_to_gone(&opts);
	opts.terminal = DUALPIPE_KEYS;
	write_to_gone(&opts);
}

static void
test_write_end(void)
{
	struct dualpipe *dp = spawn_shell("cat; echo end", NULL);

	put(dp, "some");
	check(dualpipe_write_end(dp) == 0);
	check_fails(dualpipe_write(dp, "x", 1, -1), EPIPE);
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "someend\n");
	check(close_it(dp) == 0);
	dp = spawn_shell("cat; echo end", &on_pty);
	put(dp, "some");
	check(dualpipe_write_end(dp) == 0);
	check_fails(dualpipe_write(dp, "x", 1, -1), EPIPE);
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "someend\n");
	check(close_it(dp) == 0);
}

/*
 * Reading
 */

static void
read_in_time(const struct dualpipe_opts *opts)
{
	struct dualpipe *dp = spawn_cat(opts);
	char text[16];
	int64_t begun = now_ms();

	check_fails(dualpipe_read(dp, text, sizeof(text), 0), ETIMEDOUT);
	check_fails(dualpipe_read(dp, text, sizeof(text), 50), ETIMEDOUT);
	check(now_ms() - begun >= 50);
	put(dp, "ab\n");
	check(dualpipe_read(dp, text, 1, -1) == 1 && text[0] == 'a');
	check(dualpipe_read(dp, text, sizeof(text), 5000) == 2 && memcmp(text, "b\n", 2) == 0);
	check(dualpipe_write_end(dp) == 0);
	check(dualpipe_read(dp, text, sizeof(text), -1) == 0);
	check(dualpipe_read(dp, text, sizeof(text), 0) == 0);
	check(close_it(dp) == 0);
}

static void
test_read_times(void)
{
	read_in_time(NULL);
	read_in_time(&on_pty);
}

static void
test_read_nothing(void)
{
	struct dualpipe *dp = spawn_cat(NULL);
	char c;

	put(dp, "one\n");
	expect_line(dp, "one\n");
	(void)dualpipe_read(dp, &c, 0, 0);
	put(dp, "two\n");
	expect_line(dp, "two\n");
	check(close_it(dp) == 0);
}

static void
test_read_waits(void)
{
	struct dualpipe *dp = spawn_shell("sleep 0.2; echo late", NULL);
	char text[16];

	check(dualpipe_read(dp, text, sizeof(text), -1) == 5);
	check(close_it(dp) == 0);
}

/* Sends the caller signals while it waits, and then speaks. */
static int
disturb(void *arg)
{
	int i;

	for (i = 0; i < 10; i++) {
		(void)kill(*(pid_t *)arg, SIGUSR1);
		pause_ms(10);
	}
	return say((void *)"calm\n");
}

static void
test_read_signals(void)
{
	pid_t ourselves = getpid();
	struct dualpipe *dp;
	char text[16];

	handle(SIGUSR1, count_caught);
	dp = fork_to(disturb, &ourselves, NULL);
	check(dualpipe_read(dp, text, sizeof(text), -1) == 5);
	check(caught > 0);
	check(close_it(dp) == 0);
}

static void
test_read_after_end(void)
{
	struct dualpipe *dp = spawn_shell("sleep 30 & echo $!", NULL);
	char text[16];
	int pid;

	check(dualpipe_read(dp, text, sizeof(text), -1) > 1);
	pid = atoi(text);
	check(wait_for_it(dp) == 0);
	check_fails(dualpipe_read(dp, text, sizeof(text), 50), ETIMEDOUT);
	check(kill(pid, SIGKILL) == 0);
	check(dualpipe_read(dp, text, sizeof(text), -1) == 0);
	check(close_it(dp) == 0);
}

static void
test_read_end(void)
{
	struct dualpipe *dp = spawn_one("yes", NULL);
	char c;

	check(dp != NULL);
	check(dualpipe_read(dp, &c, 1, -1) == 1);
	check(dualpipe_read_end(dp) == 0);
	check(dualpipe_read(dp, &c, 1, -1) == 0);
	check(wait_for_it(dp) == 128 + SIGPIPE);
	check(close_it(dp) == 128 + SIGPIPE);
	dp = spawn_shell("read x; exit \"$x\"", NULL);
	check(dualpipe_read_end(dp) == 0);
	put(dp, "6\n"); /* the other direction stays */
	check(close_it(dp) == 6);
}

static void
test_read_end_pty(void)
{
	struct dualpipe *dp = fork_to(sleep_long, NULL, &on_pty);
	char c;

	expect_line(dp, "ready\n");
	check(dualpipe_read_end(dp) == 0);
	check(dualpipe_read(dp, &c, 1, -1) == 0);
	check_fails(dualpipe_write(dp, "x", 1, 0), EPIPE);
	check(wait_for_it(dp) == 128 + SIGHUP);
	check(close_it(dp) == 128 + SIGHUP);
}

/*
 * Lines
 */

static void
test_readline(void)
{
	struct dualpipe *dp = spawn_shell("printf 'one\\n\\n  three  \\nhalf'", NULL);
	char *line = NULL;
	size_t room = 0;

	check(dualpipe_readline(dp, &line, &room, -1) == 4);
	check_text(line, "one\n");
	check(room >= 5);
	check(dualpipe_readline(dp, &line, &room, -1) == 1);
	check_text(line, "\n");
	check(dualpipe_readline(dp, &line, &room, -1) == 10);
	check_text(line, "  three  \n");
	check(dualpipe_readline(dp, &line, &room, -1) == 4);
	check_text(line, "half");
	check(dualpipe_readline(dp, &line, &room, -1) == 0);
	check(dualpipe_readline(dp, &line, &room, 0) == 0);
	free(line);
	check(close_it(dp) == 0);
}

static void
test_readline_nul(void)
{
	struct dualpipe *dp = spawn_cat(NULL);
	char *line = NULL;
	size_t room = 0;

	check(dualpipe_write(dp, "a\0b\n\0\n\0", 7, -1) == 7);
	check(dualpipe_write_end(dp) == 0);
	check(dualpipe_readline(dp, &line, &room, -1) == 4 && memcmp(line, "a\0b\n", 5) == 0);
	check(dualpipe_readline(dp, &line, &room, -1) == 2 && memcmp(line, "\0\n", 3) == 0);
	check(dualpipe_readline(dp, &line, &room, -1) == 1 && memcmp(line, "\0", 2) == 0);
	check(dualpipe_readline(dp, &line, &room, -1) == 0);
	free(line);
	check(close_it(dp) == 0);
}

static void
test_readline_long(void)
{
	enum { LINE = 8 * MIB };
	struct dualpipe *dp =
	    spawn_shell("head -c 8388608 /dev/zero | tr '\\0' x; echo; echo short", NULL);
	char *line = NULL;
	size_t room = 0;

	check(dualpipe_readline(dp, &line, &room, -1) == LINE + 1);
	check(strspn(line, "x") == LINE && line[LINE] == '\n' && line[LINE + 1] == '\0');
	check(room >= LINE + 2);
	check(dualpipe_readline(dp, &line, &room, -1) == 6);
	check_text(line, "short\n");
	free(line);
	check(close_it(dp) == 0);
}

static void
test_readline_in_time(void)
{
	struct dualpipe *dp =
	    spawn_shell("printf half; read x; echo ' and more'; printf half; read x", NULL);
	char *line = NULL, text[16];
	size_t room = 0;

	check_fails(dualpipe_readline(dp, &line, &room, 0), ETIMEDOUT);
	check_fails(dualpipe_readline(dp, &line, &room, 500), ETIMEDOUT);
	put(dp, "\n");
	check(dualpipe_readline(dp, &line, &room, -1) == 14);
	check_text(line, "half and more\n");
	check_fails(dualpipe_readline(dp, &line, &room, 500), ETIMEDOUT);
	check(dualpipe_read(dp, text, sizeof(text), 0) == 4); /* read() may have it */
	free(line);
	check(close_it(dp) == 1); /* its read meets the end */
}

static void
test_readline_mixed(void)
{
	struct dualpipe *dp = spawn_cat(NULL);
	char text[4];

	put(dp, "one\ntwo\nthree\nfour\n");
	expect_line(dp, "one\n");
	check(dualpipe_read(dp, text, 2, -1) == 2 && memcmp(text, "tw", 2) == 0);
	expect_line(dp, "o\n");
	expect_line(dp, "three\n");
	check(dualpipe_write_end(dp) == 0);
	check(wait_for_it(dp) == 0);
	expect_line(dp, "four\n");
	expect_line(dp, "");
	check(close_it(dp) == 0);
}

/*
 * The child's end
 */

static void
test_wait(void)
{
	struct dualpipe *dp = spawn_shell("read x; exit 5", NULL);
	int status = -1;
	int64_t begun = now_ms();

	check_fails(dualpipe_wait(dp, &status, 0), ETIMEDOUT);
	check_fails(dualpipe_wait(dp, &status, 50), ETIMEDOUT);
	check(now_ms() - begun >= 50);
	put(dp, "\n");
	check(dualpipe_wait(dp, &status, -1) == 1);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	status = -1;
	check(dualpipe_wait(dp, &status, 0) == 1);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	check(dualpipe_wait(dp, NULL, 0) == 1);
	check(close_it(dp) == 5);
	dp = spawn_shell("kill -USR1 $$", NULL);
	check(dualpipe_wait(dp, &status, -1) == 1);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	check(close_it(dp) == 128 + SIGUSR1);
}

static bool
is_stopped(struct dualpipe *dp)
{
	const struct timespec tick = { .tv_nsec = 1000000 };
	int left = 2000;

	while (!dualpipe_stopped(dp) && --left > 0)
		(void)nanosleep(&tick, NULL);
	return left > 0;
}

static void
test_wait_stopped(void)
{
	struct dualpipe *dp = spawn_shell("kill -STOP $$; read x; exit 5", NULL);
	int status;

	check(is_stopped(dp));
	check(!dualpipe_stopped(dp));
	check_fails(dualpipe_wait(dp, &status, 0), ETIMEDOUT);
	check(dualpipe_signal(dp, SIGCONT) == 0);
	put(dp, "\n");
	check(dualpipe_wait(dp, &status, -1) == 1);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	check(!dualpipe_stopped(dp));
	check(close_it(dp) == 5);
}

static void
test_wait_keeps_output(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp =
	    spawn_shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2", &opts);
	size_t size;

	check(wait_for_it(dp) == 0);
	free(take_all(dp, &size));
	check(size == 3000000);
	free(take_by(dualpipe_read_err, dp, &size));
	check(size == 2000000);
	check(close_it(dp) == 0);
	dp = spawn_shell("head -c 300000 /dev/zero", &on_pty);
	check(wait_for_it(dp) == 0);
	free(take_all(dp, &size));
	check(size == 300000);
	check(close_it(dp) == 0);
}

static void
test_wait_stolen(void)
{
	struct dualpipe *dp = spawn_one("true", NULL);
	int status = -1;

	check(dp != NULL);
	check(waitpid(dualpipe_pid(dp), NULL, 0) == dualpipe_pid(dp));
	check_fails(dualpipe_wait(dp, &status, -1), ECHILD);
	check_fails(dualpipe_wait(dp, &status, 0), ECHILD);
	check_fails(dualpipe_signal(dp, SIGTERM), ESRCH);
	check_fails(dualpipe_close(dp, NULL, NULL), ECHILD);
}

static void
test_wait_ignored_sigchld(void)
{
	struct dualpipe *dp;
	int status = -1;

	handle(SIGCHLD, SIG_IGN);
	dp = spawn_cat(NULL);
	check_fails(dualpipe_wait(dp, &status, 20), ETIMEDOUT);
	check(dualpipe_write_end(dp) == 0);
	check_fails(dualpipe_wait(dp, &status, -1), ECHILD);
	check_fails(dualpipe_close(dp, NULL, NULL), ECHILD);
	check(!spawn_one("/nowhere/at/all", NULL) && errno == ENOENT);
}

static void
test_wait_only_ours(void)
{
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (pid == 0)
		_exit(9);
	check(close_it(spawn_one("true", NULL)) == 0);
	check(close_it(spawn_one("true", &on_pty)) == 0);
	check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9);
}

/*
 * Signals to the child
 */

static void
test_signal(void)
{
	struct dualpipe *dp = fork_to(sleep_long, NULL, NULL);

	expect_line(dp, "ready\n");
	check(dualpipe_signal(dp, SIGUSR1) == 0); /* we share its group, and live */
	check(wait_for_it(dp) == 128 + SIGUSR1);
	check_fails(dualpipe_signal(dp, SIGUSR1), ESRCH);
	check(close_it(dp) == 128 + SIGUSR1);
}

static void
test_signal_after_end(void)
{
	struct dualpipe *dp = spawn_one("true", NULL);

	check(dp != NULL);
	expect_rest(dp, "");
	while (dualpipe_signal(dp, 0) == 0) /* not waited for, so it sees for itself */
		pause_ms(1);
	check(errno == ESRCH);
	check(close_it(dp) == 0);
	dp = spawn_one("true", &on_pty);
	check(dp != NULL);
	expect_rest(dp, "");
	check_fails(dualpipe_signal(dp, SIGTERM), ESRCH);
	check(close_it(dp) == 0);
}

static void
test_signal_group(void)
{
	const struct dualpipe_opts opts = { .own_group = true };
	struct dualpipe *dp =
	    spawn_shell("trap 'echo trapped; exit 3' INT; echo ready; sleep 30; echo whole", &opts);

	expect_line(dp, "ready\n");
	pause_ms(100); /* sleep may not have begun; it dies early then */
	check(dualpipe_signal(dp, SIGINT) == 0);
	expect_rest(dp, "trapped\n");
	check(close_it(dp) == 3);
}

/* A shell's way: a job in the foreground of the terminal, itself waiting for it. */
static int
run_job(void *arg)
{
	pid_t job = fork();
	int status;

	if (job == 0) {
		(void)setpgid(0, 0);
		exit(sleep_long(arg));
	}
	(void)setpgid(job, job);
	(void)tcsetpgrp(STDIN_FILENO, job);
	say_now("started\n");
	if (waitpid(job, &status, 0) < 0)
		return 1;
	return WIFSIGNALED(status) ? 10 + WTERMSIG(status) : 2;
}

static void
test_signal_foreground(void)
{
	struct dualpipe *dp = fork_to(run_job, NULL, &on_pty);
	char *got = NULL;
	size_t room = 0;

	check(dualpipe_readline(dp, &got, &room, -1) > 0); /* in any order */
	check(dualpipe_readline(dp, &got, &room, -1) > 0);
	free(got);
	check(dualpipe_signal(dp, SIGINT) == 0);
	check(wait_for_it(dp) == 10 + SIGINT);
	check(close_it(dp) == 10 + SIGINT);
}

/*
 * The size of a terminal
 */

static int
tell_sizes(void *arg)
{
	struct winsize size;
	sigset_t changed;
	int signo;

	(void)arg;
	(void)sigemptyset(&changed);
	(void)sigaddset(&changed, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &changed, NULL);
	do {
		if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
			return 1;
		(void)printf("%d %d\n", size.ws_row, size.ws_col);
		(void)fflush(stdout);
	} while (size.ws_row != 1 && sigwait(&changed, &signo) == 0);
	return 0;
}

static void
test_resize(void)
{
	struct dualpipe_opts opts = on_pty;
	struct dualpipe *dp = fork_to(tell_sizes, NULL, &opts);

	expect_line(dp, "24 80\n");
	check(dualpipe_resize(dp, 50, 132) == 0);
	expect_line(dp, "50 132\n");
	check(dualpipe_resize(dp, 1, 1) == 0);
	expect_rest(dp, "1 1\n");
	check(close_it(dp) == 0);
	opts.rows = 1;
	opts.columns = 300;
	dp = fork_to(tell_sizes, NULL, &opts);
	expect_rest(dp, "1 300\n");
	check(close_it(dp) == 0);
	dp = spawn_cat(NULL);
	check_fails(dualpipe_resize(dp, 24, 80), EINVAL);
	check(close_it(dp) == 0);
}

/*
 * Event loops, descriptors
 */

/* All of data through cat by a loop as the header describes it. */
static void
loop_through(const struct dualpipe_opts *opts, size_t size)
{
	struct dualpipe *dp = spawn_cat(opts);
	char *data = random_bytes(size), *got = malloc(size + 1);
	struct pollfd fds[4];
	size_t done = 0, have = 0;
	ssize_t n;
	int count, ms;

	check(got != NULL);
	for (;;) {
		if (done < size) {
			n = dualpipe_write(dp, data + done, size - done, 0);
			check(n > 0 || errno == ETIMEDOUT);
			done += n > 0 ? (size_t)n : 0;
			if (done == size)
				check(dualpipe_write_end(dp) == 0);
		}
		while ((n = dualpipe_read(dp, got + have, size + 1 - have, 0)) > 0)
			have += (size_t)n;
		if (n == 0)
			break;
		check(errno == ETIMEDOUT);
		count = dualpipe_pollfds(dp, fds, 3);
		ms = dualpipe_pollms(dp);
		check(count > 0 || ms >= 0);
		if (done < size && ms < 0)
			fds[count++] = (struct pollfd){ .fd = dualpipe_fd(dp, DUALPIPE_TO_CHILD),
				.events = POLLOUT };
		check(poll(fds, (nfds_t)count, ms) >= 0);
	}
	check(dualpipe_pollfds(dp, fds, 3) == 0);
	check_bytes(got, have, data, size);
	free(data);
	free(got);
	check(close_it(dp) == 0);
}

static void
test_loop(void)
{
	loop_through(NULL, 4 * MIB);
}

static void
test_loop_pty(void)
{
	loop_through(&on_pty, 256 * KIB);
}

static void
test_loop_fds(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_cat(&opts);
	struct pollfd fds[4];

	check(dualpipe_pollms(dp) < 0);
	check(dualpipe_pollfds(dp, fds, 4) == 2);
	check(fds[0].fd == dualpipe_fd(dp, DUALPIPE_FROM_CHILD) && fds[0].events == POLLIN);
	check(fds[1].fd == dualpipe_fd(dp, DUALPIPE_ERR) && fds[1].events == POLLIN);
	check(dualpipe_pollfds(dp, fds, 1) == 1);
	check(dualpipe_pollfds(dp, fds, 0) == 0);
	put(dp, "x\n");
	check(poll(fds, 1, 5000) == 1);
	expect_line(dp, "x\n");
	check(close_it(dp) == 0);
}

static void
check_fd(int fd)
{
	check(fd > STDERR_FILENO);
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void
test_fd(void)
{
	struct dualpipe *dp = spawn_cat(NULL);
	struct termios mode;

	check_fd(dualpipe_fd(dp, DUALPIPE_TO_CHILD));
	check_fd(dualpipe_fd(dp, DUALPIPE_FROM_CHILD));
	check(dualpipe_fd(dp, DUALPIPE_TO_CHILD) != dualpipe_fd(dp, DUALPIPE_FROM_CHILD));
	check(dualpipe_fd(dp, DUALPIPE_ERR) == -1);
	check(write(dualpipe_fd(dp, DUALPIPE_TO_CHILD), "x\n", 2) == 2);
	expect_line(dp, "x\n");
	check(dualpipe_write_end(dp) == 0);
	check(dualpipe_fd(dp, DUALPIPE_TO_CHILD) == -1);
	check(dualpipe_read_end(dp) == 0);
	check(dualpipe_fd(dp, DUALPIPE_FROM_CHILD) == -1);
	check(close_it(dp) == 0);
	dp = spawn_cat(&on_typed_pty);
	check_fd(dualpipe_fd(dp, DUALPIPE_TO_CHILD));
	check(dualpipe_fd(dp, DUALPIPE_TO_CHILD) == dualpipe_fd(dp, DUALPIPE_FROM_CHILD));
	check(tcgetattr(dualpipe_fd(dp, DUALPIPE_TO_CHILD), &mode) == 0);
	check(mode.c_lflag & ECHO);
	check(close_it(dp) == 0);
}

/* A wait for what does not happen, half a second long. */
static void
rests(int line, struct dualpipe *dp)
{
	int64_t begun = cpu_ms(), used;
	int status;

	check_at(line, dualpipe_wait(dp, &status, 500) == -1 && errno == ETIMEDOUT, "it runs");
	used = cpu_ms() - begun;
	if (used >= 200)
		printf("# line %d: %d ms of processor time in 500 ms\n", line, (int)used);
	check_at(line, used < 200, "waiting costs nothing");
	(void)kill(dualpipe_pid(dp), SIGKILL);
	check_at(line, close_it(dp) == 128 + SIGKILL, "killed");
}

static void
test_idle(void)
{
	const struct dualpipe_opts with_err = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_cat(&with_err);

	rests(__LINE__, dp);
	dp = spawn_shell("exec >&- 2>&-; exec sleep 30", &with_err);
	expect_rest(dp, "");
	rests(__LINE__, dp);
	dp = spawn_shell("exec sleep 30", NULL);
	check(dualpipe_write_end(dp) == 0);
	check(dualpipe_read_end(dp) == 0);
	rests(__LINE__, dp);
}

static void
test_idle_pty(void)
{
	struct dualpipe *dp = spawn_cat(&on_pty);

	rests(__LINE__, dp);
	dp = spawn_shell("echo ready; exec sleep 30", &on_pty);
	expect_line(dp, "ready\n");
	put(dp, "a line\nand more");
	check(dualpipe_write_end(dp) == 0);
	rests(__LINE__, dp);
	dp = spawn_shell("echo ready; exec sleep 30 <&- >&- 2>&-", &on_pty);
	expect_line(dp, "ready\n");
	pause_ms(100); /* nobody holds the terminal then */
	rests(__LINE__, dp);
	dp = spawn_shell("echo ready; exec sleep 30", &on_pty);
	expect_line(dp, "ready\n");
	check(dualpipe_read_end(dp) == 0);
	(void)close_it(dp);
}

/* A long line waits for its reader by the clock, which must not run on alone. */
static void
test_idle_long_line(void)
{
	static char line[100000];
	struct dualpipe *dp = spawn_shell("echo ready; exec sleep 30", &on_pty);
	ssize_t n;

	expect_line(dp, "ready\n");
	memset(line, 'x', sizeof(line));
	n = dualpipe_write(dp, line, sizeof(line), 50);
	check(n > 0 && n < (ssize_t)sizeof(line));
	rests(__LINE__, dp);
}

/*
 * Closing
 */

static void
test_close_null(void)
{
	pid_t pid = 77;
	int status = 77;

	check(dualpipe_close(NULL, &pid, &status) == 0);
	check(dualpipe_close(NULL, NULL, NULL) == 0);
}

static void
test_close_waits(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_shell("cat >/dev/null; head -c 1000000 /dev/zero; sleep 0.2;"
					  " head -c 1000000 /dev/zero >&2; exit 4",
	    &opts);

	put(dp, "some\n");
	check(close_it(dp) == 4);
	dp = spawn_shell("cat >/dev/null; head -c 200000 /dev/zero; exit 4", &on_pty);
	put(dp, "some");
	check(close_it(dp) == 4);
	dp = spawn_cat(NULL);
	check(dualpipe_close(dp, NULL, NULL) == 0);
}

static void
test_close_terminates(void)
{
	const struct dualpipe_opts after_100 = { .kill_after_ms = 100 };
	const struct dualpipe_opts at_once = { .kill_after_ms = -1 };
	struct dualpipe *dp = fork_to(sleep_long, NULL, &after_100);
	int64_t begun = now_ms();
	int status;

	expect_line(dp, "ready\n");
	check(close_it(dp) == 128 + SIGTERM);
	check(now_ms() - begun >= 100);
	dp = fork_to(sleep_long, NULL, &at_once);
	expect_line(dp, "ready\n");
	begun = now_ms();
	status = close_it(dp);
	check(status == 128 + SIGTERM || status == 128 + SIGKILL);
	check(now_ms() - begun < 5000);
}

static void
test_close_kills(void)
{
	struct dualpipe_opts opts = { .kill_after_ms = 100 };
	const char *script = "trap '' TERM HUP INT; echo ready; exec sleep 30";
	struct dualpipe *dp = spawn_shell(script, &opts);
	int64_t begun = now_ms();

	expect_line(dp, "ready\n");
	check(close_it(dp) == 128 + SIGKILL);
	check(now_ms() - begun >= 200);
	opts.channel = DUALPIPE_PTY;
	dp = spawn_shell(script, &opts);
	expect_line(dp, "ready\n");
	check(close_it(dp) == 128 + SIGKILL);
}

static void
test_close_kills_group(void)
{
	struct dualpipe_opts opts = {
		.own_group = true, .kill_after_ms = 100, .stderr_to = DUALPIPE_STDERR_FD
	};
	struct dualpipe *dp;
	int alive[2];

	check(pipe(alive) == 0);
	keep_fds();
	opts.stderr_fd = alive[1];
	dp = spawn_shell("sleep 30 & echo ready; wait", &opts);
	expect_line(dp, "ready\n");
	check(close(alive[1]) == 0);
	check(close_it(dp) == 128 + SIGTERM);
	check(all_gone(alive[0]));
}

static void
test_close_stopped(void)
{
	struct dualpipe_opts opts = { .kill_after_ms = 100 };
	struct dualpipe *dp = spawn_cat(&opts);
	int status;

	check(dualpipe_signal(dp, SIGSTOP) == 0);
	check_fails(dualpipe_wait(dp, &status, 50), ETIMEDOUT);
	check(close_it(dp) == 128 + SIGTERM);
	opts.channel = DUALPIPE_PTY;
	dp = spawn_cat(&opts);
	check(dualpipe_signal(dp, SIGSTOP) == 0);
	check(close_it(dp) == 128 + SIGTERM);
}

static void
test_close_grandchild(void)
{
	struct dualpipe *dp = spawn_shell("sleep 30 & echo $!; exit 3", NULL);
	int64_t begun = now_ms();
	char text[16];

	check(dualpipe_read(dp, text, sizeof(text), -1) > 1);
	check(close_it(dp) == 3);
	check(now_ms() - begun < 4000); /* nothing was waited for in vain */
	check(kill(atoi(text), SIGKILL) == 0);
	dp = spawn_shell("(trap '' HUP; exec sleep 30) & echo $!; exit 3", &on_pty);
	begun = now_ms();
	check(dualpipe_read(dp, text, sizeof(text), -1) > 1);
	check(close_it(dp) == 3);
	check(now_ms() - begun < 4000);
	(void)kill(atoi(text), SIGKILL); /* it may have gone before its trap */
}

static void
test_close_stolen(void)
{
	struct dualpipe *dp = spawn_one("true", NULL);
	const pid_t pid = dp ? dualpipe_pid(dp) : -1;
	pid_t ended = 0;
	int status = 77;

	check(dp != NULL);
	check(waitpid(pid, NULL, 0) == pid);
	check_fails(dualpipe_close(dp, &ended, &status), ECHILD);
	check(ended == pid);
	check(status == 77); /* none is known */
}

/* What was taken in and never read. */
static void
test_close_frees(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	static char line[20000];
	struct dualpipe *dp = spawn_shell("echo out; echo err >&2", &opts);
	char *got = NULL;
	size_t room = 0;
	int i;

	check(wait_for_it(dp) == 0);
	check(close_it(dp) == 0);
	dp = spawn_shell("printf half; exec sleep 30", NULL);
	check_fails(dualpipe_readline(dp, &got, &room, 200), ETIMEDOUT);
	free(got);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
	dp = spawn_shell("for i in $(seq 50); do read -r x; done; echo ready; exec sleep 30", &on_pty);
	for (i = 0; i < 50; i++)
		put(dp, "\004\n");
	expect_line(dp, "ready\n");
	memset(line, 0x04, sizeof(line)); /* to be quoted for one that reads lines, so held */
	check(dualpipe_write(dp, line, sizeof(line), 20) > 0);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

/*
 * Threads
 */

static void *
converse(void *arg)
{
	const struct dualpipe_opts *opts = arg;
	int i;

	for (i = 0; i < 10; i++) {
		char *data = random_bytes(64 * KIB);

		echoes(opts, data, 64 * KIB);
		free(data);
	}
	return NULL;
}

static void
test_threads(void)
{
	struct dualpipe_opts pipes = { .stderr_to = DUALPIPE_STDERR_PIPE }, pty = on_pty;
	struct dualpipe_opts *const opts[] = { &pipes, &pipes, &pty };
	pthread_t threads[3];
	int i;

	for (i = 0; i < 3; i++)
		check(pthread_create(&threads[i], NULL, converse, opts[i]) == 0);
	for (i = 0; i < 3; i++)
		check(pthread_join(threads[i], NULL) == 0);
}

/*
 * A terminal that carries data
 */

static void
test_pty_bytes(void)
{
	char all[256 + 1];
	int i;

	for (i = 0; i < 256; i++)
		all[i] = (char)i;
	all[256] = '\n';
	echoes(&on_pty, all, sizeof(all));
	echoes(&on_pty, all, 256);
	for (i = 0; i < 256; i++) {
		all[0] = (char)i;
		if (i < 0x20 || i == 0x7f || i >= 0xfe)
			echoes(&on_pty, all, 1);
	}
}

static void
test_pty_ends(void)
{
	echoes_text(&on_pty, "");
	echoes_text(&on_pty, "\n");
	echoes_text(&on_pty, "half");
	echoes_text(&on_pty, "line\nhalf");
	echoes_text(&on_pty, "\004");
	echoes_text(&on_pty, "\004\004");
	echoes_text(&on_pty, "a\004");
	echoes_text(&on_pty, "a\n\004\n");
	echoes_text(&on_pty, "\026\004\026");
	echoes_text(&on_pty, "\r\n\r\n");
}

static void
test_pty_lines(void)
{
	static const size_t sizes[] = { 249, 250, 251, 3999, 4000, 4001, 4094, 4095, 4096, 8000,
		8001, 100000 };
	static char line[100001];
	size_t i;

	memset(line, 'x', sizeof(line));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		echoes(&on_pty, line, sizes[i]);
		line[sizes[i]] = '\n';
		echoes(&on_pty, line, sizes[i] + 1);
		line[sizes[i]] = 'x';
	}
}

static void
test_pty_binary(void)
{
	char *data = random_bytes(MIB);

	echoes(&on_pty, data, MIB);
	free(data);
}

static void
test_pty_plain(void)
{
	struct dualpipe *dp =
	    spawn_shell("printf 'a\\nb\\r\\n\\tc'; test -t 0 && test -t 1 && test -t 2", &on_pty);

	expect_rest(dp, "a\nb\r\n\tc");
	check(close_it(dp) == 0);
}

static void
test_pty_nested_ends(void)
{
	struct dualpipe *dp = spawn_shell(
	    "cat; echo first; cat; echo second; sh -c cat; sleep 0.2; cat; echo last", &on_pty);

	put(dp, "half");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "halffirst\nsecond\nlast\n");
	check(close_it(dp) == 0);
}

static void
test_pty_late_reader(void)
{
	struct dualpipe *dp = spawn_shell("sleep 0.3; cat", &on_pty);

	put(dp, "before\nhalf");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "before\nhalf");
	check(close_it(dp) == 0);
}

/* An editor's way: raw, each byte told. 7 where it ends by itself, deaf to HUP. */
static int
read_raw(void *arg)
{
	unsigned char c;

	if (arg)
		(void)signal(SIGHUP, SIG_IGN);
	set_raw();
	say_now("ready\n");
	while (read(STDIN_FILENO, &c, 1) == 1)
		(void)printf("%02x ", c), (void)fflush(stdout);
	return 7;
}

static void
test_pty_raw_end(void)
{
	struct dualpipe *dp = fork_to(read_raw, NULL, &on_pty);

	expect_line(dp, "ready\n");
	put(dp, "x\n\004\026\003");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "78 0a 04 16 03 04 04 ");
	check(wait_for_it(dp) == 128 + SIGHUP);
	check(close_it(dp) == 128 + SIGHUP);
	dp = fork_to(read_raw, dp, &on_pty); /* it ignores HUP */
	expect_line(dp, "ready\n");
	check(dualpipe_write_end(dp) == 0);
	check(wait_for_it(dp) == 7);
	check(close_it(dp) == 7);
}

/* A program that only leaves line mode behind, as many do. */
static int
read_characters(void *arg)
{
	struct termios mode;
	char c;

	(void)arg;
	(void)tcgetattr(STDIN_FILENO, &mode);
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
	say_now("ready\n");
	if (read(STDIN_FILENO, &c, 1) != 1)
		return 1; /* it would take that for the end */
	return c == 'x' ? 0 : 2;
}

static void
test_pty_characters(void)
{
	struct dualpipe *dp = fork_to(read_characters, NULL, &on_pty);
	int status;

	expect_line(dp, "ready\n");
	check_fails(dualpipe_wait(dp, &status, 100), ETIMEDOUT);
	put(dp, "x");
	check(wait_for_it(dp) == 0);
	check(close_it(dp) == 0);
}

/* Raw, and waiting for more than the terminal. */
static int
poll_raw(void *arg)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	char text[16];
	int other[2];

	(void)arg;
	if (pipe(other) < 0)
		return 1;
	fds[1].fd = other[0];
	set_raw();
	say_now("ready\n");
	for (;;)
		if (poll(fds, 2, -1) > 0 && read(STDIN_FILENO, text, sizeof(text)) <= 0)
			return 2;
}

static void
test_pty_raw_stays(void)
{
	struct dualpipe *dp = fork_to(poll_raw, NULL, &on_pty);
	int status;

	expect_line(dp, "ready\n");
	check(dualpipe_write_end(dp) == 0);
	check_fails(dualpipe_wait(dp, &status, 1200), ETIMEDOUT);
	check(dualpipe_signal(dp, SIGTERM) == 0);
	check(close_it(dp) == 128 + SIGTERM);
}

/* A line first, then raw: what it reads there it gives back, SMALL bytes. */
enum { SMALL = 100 * KIB };

static int
turn_raw(void *arg)
{
	static char data[SMALL];
	size_t got = 0;
	ssize_t n;

	(void)arg;
	if (read(STDIN_FILENO, data, sizeof(data)) != 5)
		return 1;
	set_raw();
	say_now("raw\n");
	while (got < SMALL) {
		n = read(STDIN_FILENO, data + got, SMALL - got);
		if (n <= 0)
			return 2;
		got += (size_t)n;
	}
	return fwrite(data, 1, SMALL, stdout) == SMALL ? 0 : 3;
}

static void
test_pty_turns_raw(void)
{
	struct dualpipe *dp = fork_to(turn_raw, NULL, &on_pty);
	char *data = random_bytes(SMALL), *got;
	size_t size;

	put(dp, "\004\026ab\n");
	expect_line(dp, "raw\n");
	check(dualpipe_write(dp, data, SMALL, -1) == SMALL);
	got = take_all(dp, &size);
	check_bytes(got, size, data, SMALL);
	free(data);
	free(got);
	check(close_it(dp) == 0);
}

static void
test_pty_reopened(void)
{
	struct dualpipe *dp =
	    spawn_shell("exec <&- >&- 2>&-; sleep 0.2; echo back >/dev/tty; sleep 0.1", &on_pty);

	expect_rest(dp, "back\n");
	check(close_it(dp) == 0);
}

/*
 * A terminal that is typed at
 */

static void
test_typed(void)
{
	struct dualpipe *dp = spawn_cat(&on_typed_pty);

	put(dp, "hi\n");
	expect_line(dp, "hi\r\n");
	expect_line(dp, "hi\r\n");
	put(dp, "gone\025wrong\177\177\177\177\177right\n"); /* kills a line, rubs out */
	expect_line(dp, "gone\b \b\b \b\b \b\b \bwrong\b \b\b \b\b \b\b \b\b \bright\r\n");
	expect_line(dp, "right\r\n");
	put(dp, "\004");
	expect_rest(dp, "");
	check(close_it(dp) == 0);
	dp = spawn_cat(&on_typed_pty);
	put(dp, "x\n");
	expect_line(dp, "x\r\n");
	expect_line(dp, "x\r\n");
	put(dp, "\003");
	check(wait_for_it(dp) == 128 + SIGINT);
	check(close_it(dp) == 128 + SIGINT);
}

static void
test_typed_end(void)
{
	struct dualpipe *dp = spawn_shell("cat; echo end", &on_typed_pty);

	put(dp, "some\n");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "some\r\nsome\r\nend\r\n");
	check(close_it(dp) == 0);
}

static void
test_typed_termios(void)
{
	struct dualpipe *dp = spawn_cat(&on_typed_pty);
	struct dualpipe_opts opts = on_typed_pty;
	struct termios mode;

	check(tcgetattr(dualpipe_fd(dp, DUALPIPE_TO_CHILD), &mode) == 0);
	check(close_it(dp) == 0);
	mode.c_lflag &= ~(tcflag_t)ECHO;
	opts.termios = &mode;
	dp = spawn_cat(&opts);
	put(dp, "hi\n");
	expect_line(dp, "hi\r\n");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "");
	check(close_it(dp) == 0);
}

/*
 * A function as the child
 */

static int
answer(void *arg)
{
	char line[64];

	(void)arg;
	while (fgets(line, sizeof(line), stdin)) {
		(void)printf("<%s", line);
		(void)fflush(stdout);
	}
	return 0;
}

static void
test_fork(void)
{
	int wanted = 0;
	struct dualpipe *dp = fork_to(answer, NULL, NULL);

	put(dp, "one\n");
	expect_line(dp, "<one\n");
	put(dp, "two\n");
	expect_line(dp, "<two\n");
	check(close_it(dp) == 0);
	check(close_it(fork_to(give, &wanted, NULL)) == 0);
	wanted = 7;
	check(close_it(fork_to(give, &wanted, NULL)) == 7);
	check(close_it(fork_to(give, &wanted, &on_pty)) == 7);
	dp = fork_to(say, (void *)"not ended by us", NULL);
	expect_rest(dp, "not ended by us");
	check(close_it(dp) == 0);
}

/* Makes our stdout fd, and gives what it was. */
static int
redirect(int fd)
{
	int saved;

	(void)fflush(stdout);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	check(saved >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	return saved;
}

static void
test_fork_unwritten(void)
{
	struct dualpipe *dp;
	char text[64], *got;
	int end[2], saved;
	ssize_t n;

	check(pipe(end) == 0);
	keep_fds();
	saved = redirect(end[1]);
	(void)printf("# ours\n");
	dp = dualpipe_fork(say, (void *)"theirs", NULL);
	got = dp ? take_all(dp, NULL) : NULL;
	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(end[1]);
	check(got != NULL);
	check_text(got, "theirs");
	free(got);
	n = read(end[0], text, sizeof(text) - 1);
	check(n >= 0);
	text[n] = '\0';
	check_text(text, "# ours\n");
	check(close_it(dp) == 0);
}

/* What the caller cannot get rid of is not the child's to say. */
static void
test_fork_unwritable(void)
{
	struct dualpipe *dp;
	char *got;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved;

	if (full < 0)
		return;
	saved = redirect(full);
	(void)printf("# ours\n");
	dp = dualpipe_fork(say, (void *)"theirs", NULL);
	got = dp ? take_all(dp, NULL) : NULL;
	(void)dup2(saved, STDOUT_FILENO);
	check(got != NULL);
	check_text(got, "theirs");
	free(got);
	check(close_it(dp) == 0);
}

static int
close_on_exec_are_closed(void *arg)
{
	const int *fds = arg;

	return fcntl(fds[0], F_GETFD) < 0 && fcntl(fds[1], F_GETFD) >= 0 ? 0 : 1;
}

static void
test_fork_close_on_exec(void)
{
	int fds[2], many[100], i;

	check(pipe(fds) == 0);
	check(fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0);
	check(close_it(fork_to(close_on_exec_are_closed, fds, NULL)) == 0);
	check(fcntl(fds[0], F_GETFD) == FD_CLOEXEC);
	(void)close(fds[0]);
	(void)close(fds[1]);
	for (i = 0; i < 100; i++)
		check((many[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	descriptors_are(NULL, 0, "0 1 2 ", true);
	for (i = 0; i < 100; i++)
		(void)close(many[i]);
}

/* Those from 65536 on, or above a limit that came later, were left open. */
static void
test_fork_close_on_exec_high(void)
{
	struct rlimit limit, lower;
	int fds[2];

	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	check((fds[0] = fcntl(0, F_DUPFD_CLOEXEC, 200)) >= 200);
	check((fds[1] = fcntl(0, F_DUPFD, 200)) >= 200);
	lower = (struct rlimit){ .rlim_cur = 100, .rlim_max = limit.rlim_max };
	check(setrlimit(RLIMIT_NOFILE, &lower) == 0);
	check(close_it(fork_to(close_on_exec_are_closed, fds, NULL)) == 0);
	check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_fork_stdin(void)
{
	struct dualpipe *dp;
	char line[16];
	int end[2];

	check(pipe(end) == 0);
	check(write(end[1], "our one\nour two\n", 16) == 16);
	check(dup2(end[0], STDIN_FILENO) == STDIN_FILENO);
	(void)close(end[0]);
	(void)close(end[1]);
	check(fgets(line, sizeof(line), stdin) != NULL); /* has both now */
	dp = fork_to(answer, NULL, NULL);
	put(dp, "theirs\n");
	expect_line(dp, "<theirs\n");
	check(close_it(dp) == 0);
	check(fgets(line, sizeof(line), stdin) != NULL);
	check_text(line, "our two\n");
	check(fgets(line, sizeof(line), stdin) == NULL && feof(stdin));
	dp = fork_to(answer, NULL, NULL); /* our end is not the child's */
	put(dp, "theirs\n");
	expect_line(dp, "<theirs\n");
	check(close_it(dp) == 0);
}

static void *
read_stdin(void *arg)
{
	char line[16];

	(void)arg;
	check(fgets(line, sizeof(line), stdin) != NULL);
	check_text(line, "ours\n");
	return NULL;
}

/* fflush(3) of all streams waited for who reads one of them. */
static void
test_fork_stdin_busy(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	struct dualpipe *dp;
	pthread_t reader;
	int end[2];

	check(pipe(end) == 0 && dup2(end[0], STDIN_FILENO) == STDIN_FILENO);
	(void)close(end[0]);
	check(pthread_create(&reader, NULL, read_stdin, NULL) == 0);
	while (ftrylockfile(stdin) == 0) {
		funlockfile(stdin);
		(void)nanosleep(&moment, NULL);
	}
	(void)alarm(20);
	(void)printf("# ours\n");
	dp = fork_to(say, (void *)"theirs", NULL);
	expect_rest(dp, "theirs");
	check(close_it(dp) == 0);
	(void)alarm(0);
	check(write(end[1], "ours\n", 5) == 5);
	check(pthread_join(reader, NULL) == 0);
	(void)close(end[1]);
}

/*
 * Expecting
 */

static const struct dualpipe_pattern a_line = { DUALPIPE_LITERAL, "\n" };
static const struct dualpipe_pattern a_number = { DUALPIPE_REGEX, "DONE-(\\d+)" };

static int
expect_one(struct dualpipe *dp, enum dualpipe_pattern_kind kind, const char *text, int timeout_ms)
{
	const struct dualpipe_pattern p = { kind, text };

	return dualpipe_expect(dp, &p, 1, timeout_ms);
}

static void
check_group_at(int line, const struct dualpipe *dp, unsigned group, const char *want)
{
	size_t size = 99;
	const char *got = dualpipe_match(dp, group, &size);

	check_at(line, (got != NULL) == (want != NULL), "a group takes part");
	check_bytes_at(line, got, size, want ? want : "", want ? strlen(want) : 0);
}

#define check_group(dp, group, want) check_group_at(__LINE__, (dp), (group), (want))

static void
check_before_at(int line, const struct dualpipe *dp, const char *want)
{
	size_t size;
	const char *got = dualpipe_before(dp, &size);

	check_bytes_at(line, got, size, want, strlen(want));
}

#define check_before(dp, want) check_before_at(__LINE__, (dp), (want))

static void
check_left_at(int line, const struct dualpipe *dp, const char *want)
{
	size_t size;
	const char *got = dualpipe_peek(dp, &size);

	check_bytes_at(line, got, size, want, strlen(want));
}

#define check_left(dp, want) check_left_at(__LINE__, (dp), (want))

static void
test_expect(void)
{
	struct dualpipe *dp = spawn_shell("printf 'one two three'", NULL);

	check(expect_one(dp, DUALPIPE_LITERAL, "two", -1) == 0);
	check_group(dp, 0, "two");
	check_group(dp, 1, NULL);
	check_before(dp, "one ");
	check_left(dp, " three");
	check(expect_one(dp, DUALPIPE_REGEX, "^ (t\\w+)", -1) == 0);
	check_group(dp, 1, "three");
	check_before(dp, "");
	check(close_it(dp) == 0);
}

static void
test_expect_groups(void)
{
	struct dualpipe *dp = spawn_shell("echo key=value", NULL);
	const char *got;
	size_t size;

	check(dualpipe_match(dp, 0, NULL) == NULL);
	check(dualpipe_match_named(dp, "k", NULL) == NULL);
	check(expect_one(dp, DUALPIPE_REGEX, "(?<k>\\w+)=(x)?(?<v>\\w+)(?=(\\n))", -1) == 0);
	got = dualpipe_match_named(dp, "v", &size);
	check_bytes(got, size, "value", 5);
	got = dualpipe_match_named(dp, "k", &size);
	check_bytes(got, size, "key", 3);
	check(dualpipe_match_named(dp, "w", &size) == NULL && size == 0);
	check_group(dp, 2, NULL);
	check_group(dp, 4, "\n"); /* behind the match's end */
	check_group(dp, 5, NULL);
	check_left(dp, "\n");
	check(close_it(dp) == 0);
}

static void
test_expect_earliest(void)
{
	const struct dualpipe_pattern patterns[] = {
		{ DUALPIPE_LITERAL, "three" }, { DUALPIPE_REGEX, "tw." }, { DUALPIPE_LITERAL, "two" }, { DUALPIPE_LITERAL, "e" }
	};
	struct dualpipe *dp = spawn_shell("printf 'one two three'", NULL);

	check(dualpipe_wait(dp, NULL, -1) == 1);
	check(dualpipe_expect(dp, patterns, 4, -1) == 3);
	check_before(dp, "on");
	check(dualpipe_expect(dp, patterns, 4, -1) == 1);
	check(dualpipe_expect(dp, patterns, 4, -1) == 0);
	check(dualpipe_expect(dp, patterns, 4, -1) == DUALPIPE_END);
	check(close_it(dp) == 0);
}

/* Says a number in two pieces for each byte it reads, and how long that took it. */
static int
say_in_pieces(void *arg)
{
	int64_t start;
	char c;

	(void)arg;
	while (read(STDIN_FILENO, &c, 1) == 1) {
		start = now_ms();
		check(write(STDOUT_FILENO, "DONE-1", 6) == 6);
		pause_ms(5);
		check(write(STDOUT_FILENO, "2 ", 2) == 2);
		printf("%d\n", (int)(now_ms() - start));
		(void)fflush(stdout);
	}
	return 0;
}

/* A busy machine may keep the pieces further apart than what is waited for. */
static void
test_expect_doubt(void)
{
	enum { TRIES = 100, SURE_MS = 15 };
	struct dualpipe *dp = fork_to(say_in_pieces, NULL, NULL);
	int i, took = SURE_MS;
	size_t digits;

	for (i = 0; i < TRIES && took >= SURE_MS; i++) {
		put(dp, "x");
		check(dualpipe_expect(dp, &a_number, 1, -1) == 0);
		(void)dualpipe_match(dp, 1, &digits);
		check(expect_one(dp, DUALPIPE_REGEX, " (\\d+)\n", -1) == 0);
		took = atoi(dualpipe_match(dp, 1, NULL));
		check(digits == 2 || took >= SURE_MS);
	}
	check(close_it(dp) == 0);
}

/* The child waits, so nothing more comes. */
static void
test_expect_doubt_waits(void)
{
	struct dualpipe *dp = spawn_cat(NULL);

	put(dp, "DONE-3");
	check(dualpipe_expect(dp, &a_number, 1, -1) == 0);
	check_group(dp, 1, "3");
	check(close_it(dp) == 0);
}

static int
say_and_work(void *arg)
{
	(void)arg;
	check(write(STDOUT_FILENO, "DONE-4", 6) == 6);
	pause_ms(100000);
	return 0;
}

/* A child that does not wait, and says nothing. */
static void
test_expect_doubt_silent(void)
{
	const struct dualpipe_opts opts = { .kill_after_ms = -1 };
	struct dualpipe *dp = fork_to(say_and_work, NULL, &opts);

	check(dualpipe_expect(dp, &a_number, 1, -1) == 0);
	check_group(dp, 1, "4");
	(void)close_it(dp);
}

static void
test_expect_doubt_end(void)
{
	struct dualpipe *dp = spawn_shell("printf DONE-1", NULL);

	check(dualpipe_expect(dp, &a_number, 1, -1) == 0);
	check_group(dp, 1, "1");
	check(dualpipe_expect(dp, &a_number, 1, -1) == DUALPIPE_END);
	check(close_it(dp) == 0);
}

static void
test_expect_prompt(void)
{
	struct dualpipe *dp = spawn_shell("printf '5$ \nnow$ '; read x; echo \"$x\"", NULL);

	check(expect_one(dp, DUALPIPE_REGEX, "\\$ $", -1) == 0);
	check_before(dp, "5$ \nnow");
	put(dp, "x\n");
	check(expect_one(dp, DUALPIPE_LITERAL, "x\n", -1) == 0);
	check(close_it(dp) == 0);
}

static void
test_expect_timeout(void)
{
	struct dualpipe *dp = spawn_cat(NULL);

	put(dp, "half");
	check(dualpipe_expect(dp, &a_line, 1, 30) == DUALPIPE_TIMEOUT);
	check_before(dp, "half");
	check_left(dp, "half");
	check_group(dp, 0, NULL);
	check(dualpipe_expect(dp, &a_line, 1, 0) == DUALPIPE_TIMEOUT);
	put(dp, "\n");
	check(dualpipe_expect(dp, &a_line, 1, -1) == 0);
	check_before(dp, "half");
	check(close_it(dp) == 0);
}

static void
test_expect_end(void)
{
	struct dualpipe *dp = spawn_shell("printf left", NULL);
	char data[8];

	check(dualpipe_expect(dp, &a_line, 1, -1) == DUALPIPE_END);
	check_before(dp, "left");
	check(dualpipe_expect(dp, &a_line, 1, -1) == DUALPIPE_END);
	check(expect_one(dp, DUALPIPE_REGEX, "e[a-f]", 0) == 0); /* what has come comes before the end */
	check_before(dp, "l");
	check_left(dp, "t");
	check(dualpipe_read(dp, data, sizeof(data), -1) == 1 && data[0] == 't');
	check(dualpipe_expect(dp, NULL, 0, -1) == DUALPIPE_END);
	check(close_it(dp) == 0);
}

static void
test_expect_nothing(void)
{
	struct dualpipe *dp = spawn_shell("echo one; echo two", NULL);

	check(dualpipe_expect(dp, NULL, 0, -1) == DUALPIPE_END);
	check_left(dp, "one\ntwo\n");
	dualpipe_consume(dp, 2);
	check_left(dp, "e\ntwo\n");
	check(expect_one(dp, DUALPIPE_REGEX, "^e", -1) == 0);
	dualpipe_consume(dp, 100);
	check_left(dp, "");
	check(close_it(dp) == 0);
}

static void
test_expect_flags(void)
{
	const struct dualpipe_pattern patterns[] = {
		{ DUALPIPE_LITERAL, "TWO", 0, DUALPIPE_NOCASE },
		{ DUALPIPE_REGEX, "^t w o .$ # a comment", 0, DUALPIPE_EXTENDED | DUALPIPE_MULTILINE | DUALPIPE_DOTALL },
		{ DUALPIPE_REGEX, "\\w+", 0, 0 },
		{ DUALPIPE_REGEX, "x*", 0, DUALPIPE_ONWARD },
		{ DUALPIPE_LITERAL, "b\0c", 3, 0 }
	};
	struct dualpipe *dp = spawn_shell("printf 'two\\nTwo\\nt\\303\\274r \\nb\\0c'", NULL);

	check(dualpipe_wait(dp, NULL, -1) == 1);
	check(dualpipe_expect(dp, patterns, 1, -1) == 0);
	check_group(dp, 0, "two");
	check(dualpipe_expect(dp, patterns + 1, 1, -1) == DUALPIPE_END);
	check(expect_one(dp, DUALPIPE_REGEX, "(?i)^.?two.?$", -1) == DUALPIPE_END);
	check(dualpipe_expect(dp, patterns, 1, -1) == 0);
	check_group(dp, 0, "Two");
	check(dualpipe_expect(dp, patterns + 2, 1, -1) == 0);
	check_group(dp, 0, "t\303\274r");
	check(expect_one(dp, DUALPIPE_REGEX, "x*", -1) == 0);
	check(expect_one(dp, DUALPIPE_REGEX, "x*(?= )", -1) == 0);
	check(dualpipe_expect(dp, patterns + 3, 1, -1) == 0);
	check_group(dp, 0, "");
	check(dualpipe_expect(dp, patterns + 3, 1, -1) == 0);
	check(expect_one(dp, DUALPIPE_REGEX, "^(?=b)", -1) == 0);
	check(dualpipe_expect(dp, patterns + 4, 1, -1) == 0);
	check(close_it(dp) == 0);
}

static void
test_expect_bad(void)
{
	const struct dualpipe_pattern patterns[] = {
		{ DUALPIPE_LITERAL, "x", 0, 0 }, { DUALPIPE_REGEX, "a(b", 0, 0 }, { DUALPIPE_REGEX, NULL, 0, 0 },
		{ DUALPIPE_REGEX, "x", 0, 32 }
	};
	struct dualpipe *dp = spawn_cat(NULL);
	size_t culprit = 5;

	check_text(dualpipe_error(dp, &culprit), "");
	check(culprit == 5);
	check_fails(dualpipe_expect(dp, patterns, 2, 0), EINVAL);
	check(strstr(dualpipe_error(dp, &culprit), "missing closing parenthesis") != NULL);
	check(culprit == 1);
	check_fails(dualpipe_expect(dp, patterns + 2, 1, 0), EINVAL);
	check_fails(dualpipe_expect(dp, patterns + 3, 1, 0), EINVAL);
	check_fails(expect_one(dp, DUALPIPE_REGEX, "a\\Gb", 0), EINVAL);
	check_fails(expect_one(dp, DUALPIPE_REGEX, "\\C", 0), EINVAL);
	check(dualpipe_error(dp, NULL)[0] != '\0');
	check(dualpipe_expect(dp, patterns, 1, 0) == DUALPIPE_TIMEOUT);
	check_text(dualpipe_error(dp, NULL), "");
	check(close_it(dp) == 0);
}

static void
test_expect_runaway(void)
{
	struct dualpipe *dp = spawn_shell("printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\\n'", NULL);
	size_t culprit = 5;

	check(dualpipe_wait(dp, NULL, -1) == 1);
	check_fails(expect_one(dp, DUALPIPE_REGEX, "(a+)+$", -1), E2BIG);
	check_text(dualpipe_error(dp, &culprit), "it backtracks without end");
	check(culprit == 0);
	check(expect_one(dp, DUALPIPE_LITERAL, "b\n", -1) == 0); /* nothing was taken */
	check(close_it(dp) == 0);
}

/* What matched may be written back, whatever comes meanwhile. */
static void
test_expect_valid(void)
{
	const struct dualpipe_opts opts = { .match_buffer = 4 * (size_t)MIB };
	struct dualpipe *dp = spawn_cat(&opts);
	char *data = random_bytes(MIB);
	const char *match;
	size_t i, size;

	for (i = 0; i < MIB; i++)
		data[i] = (char)('a' + (data[i] & 15));
	put(dp, "first ");
	check(dualpipe_write(dp, data, MIB, -1) == MIB);
	put(dp, "\nsecond\n");
	check(expect_one(dp, DUALPIPE_REGEX, "first [a-p]+\n", -1) == 0);
	match = dualpipe_match(dp, 0, &size);
	check(size == MIB + 7);
	check(dualpipe_write(dp, match, size, -1) == MIB + 7);
	check_bytes(match + 6, size - 7, data, MIB);
	check(expect_one(dp, DUALPIPE_LITERAL, "second\n", -1) == 0);
	check(expect_one(dp, DUALPIPE_REGEX, "first [a-p]+\n", -1) == 0);
	match = dualpipe_match(dp, 0, &size);
	check_bytes(match + 6, size - 7, data, MIB);
	free(data);
	check(close_it(dp) == 0);
}

static void
test_expect_window(void)
{
	const struct dualpipe_opts opts = { .match_buffer = 64 };
	struct dualpipe *dp = spawn_shell("i=100; while [ $i -lt 300 ]; do echo $i; i=$((i + 1)); done", &opts);
	size_t before, left;

	check(dualpipe_dropped(dp) == 0);
	check(expect_one(dp, DUALPIPE_LITERAL, "120\n", -1) == 0);
	(void)dualpipe_before(dp, &before);
	check(expect_one(dp, DUALPIPE_REGEX, "\\A2|290\n\\A", -1) == DUALPIPE_END);
	(void)dualpipe_before(dp, &left);
	check(left <= 64 && left >= 56);
	check(before + 4 + dualpipe_dropped(dp) + left == 800);
	check(expect_one(dp, DUALPIPE_REGEX, "(?<=\n)299\n", -1) == 0);
	check(close_it(dp) == 0);
}

/* Beyond the window nothing is taken in that nobody asks for. */
static void
test_expect_bounded(void)
{
	const struct dualpipe_opts opts = { .kill_after_ms = -1 };
	struct dualpipe *dp = spawn_one("yes", &opts);
	size_t size;

	check(expect_one(dp, DUALPIPE_LITERAL, "no", 0) == DUALPIPE_TIMEOUT);
	check(dualpipe_expect(dp, NULL, 0, 50) == DUALPIPE_TIMEOUT);
	(void)dualpipe_peek(dp, &size);
	check(size > 0 && size <= MIB);
	(void)close_it(dp);
}

static void
test_expect_loop(void)
{
	struct dualpipe *dp = spawn_shell("printf 'DONE-7'; exec sleep 100", NULL);
	struct pollfd fds[3];
	int64_t start = now_ms();
	int which, n, calls = 0;

	check(dualpipe_pollms(dp) < 0);
	while ((which = dualpipe_expect(dp, &a_number, 1, 0)) == DUALPIPE_TIMEOUT) {
		n = dualpipe_pollfds(dp, fds, 3);
		check(n == 1);
		(void)poll(fds, (nfds_t)n, dualpipe_pollms(dp));
		check(++calls < 30);
	}
	check(which == 0);
	check_group(dp, 1, "7");
	check(now_ms() - start < 5000);
	check(dualpipe_pollms(dp) < 0);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

/* Reading in between is as consuming is. */
static void
test_expect_and_read(void)
{
	struct dualpipe *dp = spawn_shell("echo one; echo two; echo three; echo four", NULL);
	char *line = NULL;
	size_t room = 0;
	char c;

	check(expect_one(dp, DUALPIPE_LITERAL, "five", -1) == DUALPIPE_END);
	check(dualpipe_readline(dp, &line, &room, -1) == 4);
	check_text(line, "one\n");
	check(expect_one(dp, DUALPIPE_REGEX, "^t", -1) == 0);
	check(dualpipe_read(dp, &c, 1, -1) == 1 && c == 'w');
	check(expect_one(dp, DUALPIPE_REGEX, "\\Ao\n", -1) == 0);
	check(dualpipe_readline(dp, &line, &room, -1) == 6);
	check_text(line, "three\n");
	free(line);
	check(close_it(dp) == 0);
}

static void
test_expect_stderr(void)
{
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE };
	struct dualpipe *dp = spawn_shell("head -c 1000000 /dev/zero >&2; echo out", &opts);

	check(dualpipe_expect(dp, &a_line, 1, -1) == 0);
	check_before(dp, "out");
	check(close_it(dp) == 0);
}

static void
test_expect_pty(void)
{
	struct dualpipe *dp = spawn_shell("printf 'name: '; read n; echo \"hello $n\"", &on_pty);

	check(expect_one(dp, DUALPIPE_REGEX, "name: $", -1) == 0);
	put(dp, "joe\n");
	check(expect_one(dp, DUALPIPE_REGEX, "hello (?<who>\\w+)\n", -1) == 0);
	check_group(dp, 1, "joe");
	check(dualpipe_expect(dp, &a_line, 1, -1) == DUALPIPE_END);
	check(close_it(dp) == 0);
}

/* More patterns than are kept, and the same ones again and again. */
static void
test_expect_many(void)
{
	struct dualpipe *dp = spawn_cat(NULL);
	char text[32], pattern[32];
	int i;

	for (i = 0; i < 600; i++) {
		(void)snprintf(text, sizeof(text), "line %d\n", i);
		(void)snprintf(pattern, sizeof(pattern), "^(line) %d\n", i);
		put(dp, text);
		check(expect_one(dp, DUALPIPE_REGEX, pattern, -1) == 0);
		check_group(dp, 1, "line");
	}
	check(close_it(dp) == 0);
}

static void
test_expect_read_end(void)
{
	struct dualpipe *dp = spawn_shell("echo said; exec cat", NULL);

	check(expect_one(dp, DUALPIPE_LITERAL, "d\n", -1) == 0);
	put(dp, "more\n");
	check(expect_one(dp, DUALPIPE_LITERAL, "x", 50) == DUALPIPE_TIMEOUT);
	check(dualpipe_read_end(dp) == 0);
	check(expect_one(dp, DUALPIPE_LITERAL, "x", -1) == DUALPIPE_END);
	check(expect_one(dp, DUALPIPE_LITERAL, "more", -1) == 0);
	expect_rest(dp, "\n");
	check(close_it(dp) == 0);
}

struct seen {
	char text[256];
	size_t size;
};

static void
note(void *arg, enum dualpipe_end end, const void *data, size_t size)
{
	static const char marks[] = { '>', '<', '!', '?' };
	struct seen *s = arg;

	check(s->size + size + 1 < sizeof(s->text));
	s->text[s->size++] = marks[end];
	memcpy(s->text + s->size, data, size);
	s->size += size;
}

static void
test_seen(void)
{
	struct seen s = { .size = 0 };
	const struct dualpipe_opts opts = { .stderr_to = DUALPIPE_STDERR_PIPE, .seen = note, .seen_arg = &s };
	struct dualpipe *dp = spawn_shell("read x; echo \"<$x>\"; read x; echo \"$x\" >&2; read x; echo last", &opts);
	char data[16];

	put(dp, "one\n");
	check(expect_one(dp, DUALPIPE_LITERAL, ">", -1) == 0);
	put(dp, "two\n");
	check(dualpipe_read_err(dp, data, sizeof(data), -1) == 4);
	put(dp, "three\n");
	expect_rest(dp, "\nlast\n");
	check(close_it(dp) == 0);
	check_text(s.text, ">one\n<<one>\n>two\n!two\n>three\n<last\n");
}

/*
 * All of them
 */

#ifdef HAVE_PROCFS
#define NEEDS_PROC NULL
#else
#define NEEDS_PROC "who reads a terminal cannot be known here"
#endif
#ifdef HAVE_GETDENTS64
#define NEEDS_LIST NULL
#else
#define NEEDS_LIST "what is open is not listed here"
#endif
#ifdef HAVE_PRCTL
#define NEEDS_PRCTL NULL
#else
#define NEEDS_PRCTL "no system call for it here"
#endif

/* clang-format off */
/*
 * DUALPIPE_KEYS, and whether the child waits
 */

static const struct dualpipe_opts on_keys = { .channel = DUALPIPE_PTY, .terminal = DUALPIPE_KEYS };

/* Reads until all of want has come. */
static void
await_text_at(int line, struct dualpipe *dp, const char *want)
{
	static char got[64 * KIB];
	size_t size = 0;
	ssize_t n;

	do {
		n = dualpipe_read(dp, got + size, sizeof(got) - 1 - size, 5000);
		size += n > 0 ? (size_t)n : 0;
		got[size] = '\0';
	} while (n > 0 && size < sizeof(got) - 1 && !strstr(got, want));
	check_at(line, strstr(got, want) != NULL, want);
}

#define await_text(dp, want) await_text_at(__LINE__, (dp), (want))

/* Until it is so, taking in what is said meanwhile. */
static bool
comes_to_wait(struct dualpipe *dp, enum dualpipe_waiting wanted)
{
	int64_t until = now_ms() + 5000;
	char thrown_away[4096];

	while (dualpipe_waits(dp) != wanted && now_ms() < until)
		(void)dualpipe_read(dp, thrown_away, sizeof(thrown_away), 1);
	return now_ms() < until;
}

static void
test_keys_line(void)
{
	struct dualpipe *dp = spawn_shell("read x; echo \"<$x>\"", &on_keys);
	struct termios mode;

	check(comes_to_wait(dp, DUALPIPE_WAITS));
	check(tcgetattr(dualpipe_fd(dp, DUALPIPE_TO_CHILD), &mode) == 0);
	check((mode.c_lflag & ECHO) != 0);
	put(dp, "a word\r");
	expect_rest(dp, "<a word>\n");
	check(close_it(dp) == 0);
}

static void
test_keys_edit(void)
{
	struct dualpipe *dp = spawn_shell("while read -r x; do echo \"<$x>\"; done", &on_keys);

	put(dp, "ab\303\244\177c\r");
	put(dp, "one two\027three\r");
	put(dp, "gone\025here\r");
	put(dp, "\026\025\r");
	expect_line(dp, "<abc>\n");
	expect_line(dp, "<one three>\n");
	expect_line(dp, "<here>\n");
	expect_line(dp, "<\025>\n");
	check(close_it(dp) == 0);
}

/* It stopped at "_" and at letters that are not ASCII, which no terminal does. */
static void
test_keys_word(void)
{
	const char *const words[] = { "snake_case", "d\303\251j\303\240", "na\303\257ve, " };
	struct dualpipe *dp;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		dp = spawn_shell("read -r x; echo \"<$x>\"", &on_keys);
		put(dp, "one ");
		put(dp, words[i]);
		put(dp, "\027two\r");
		expect_line(dp, "<one two>\n");
		check(close_it(dp) == 0);
	}
}

static void
test_keys_signal(void)
{
	struct dualpipe *dp = spawn_shell("trap 'echo INT' INT; echo up; while :; do read x && echo \"<$x>\"; done", &on_keys);

	expect_line(dp, "up\n");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "half\003");
	expect_line(dp, "INT\n");
	put(dp, "whole\r");
	expect_line(dp, "<whole>\n");
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

static void
test_keys_end(void)
{
	struct dualpipe *dp = spawn_shell("cat; echo; cat; echo end", &on_keys);

	put(dp, "half\004");
	await_text(dp, "half");
	put(dp, "\004");
	await_text(dp, "\n");
	put(dp, "line\r\004");
	expect_rest(dp, "line\nend\n");
	check(close_it(dp) == 0);
}

static void
test_keys_long(void)
{
	struct dualpipe *dp = spawn_shell("head -n 1 | wc -c", &on_keys);
	static char line[100001];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\r';
	check(dualpipe_write(dp, line, sizeof(line), 10000) == (ssize_t)sizeof(line));
	expect_line(dp, "100001\n");
	check(close_it(dp) == 0);
}

static void
test_keys_raw(void)
{
	struct dualpipe *dp = spawn_shell("read go; stty raw; echo raw; head -c 4 | od -An -c; stty sane", &on_keys);

	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "\r");
	await_text(dp, "raw");
	put(dp, "ab\r\003");
	await_text(dp, "a   b  \\r 003");
	check(close_it(dp) == 0);
}

static void
test_keys_sane(void)
{
	struct dualpipe *dp = spawn_shell("stty sane; echo up; read x; echo \"<$x>\"", &on_keys);

	await_text(dp, "up");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "seen once\r");
	expect_rest(dp, "<seen once>\n");
	check(close_it(dp) == 0);
}

/* The window was filled but for one byte, in which no line's end has room: nothing more came. */
static void
test_keys_window(void)
{
	struct dualpipe_opts opts = on_keys;
	const struct dualpipe_pattern end = { .text = "end\n" };
	struct dualpipe *dp;

	opts.match_buffer = 16;
	dp = spawn_shell("echo 12345678901234567890; echo end", &opts);
	check(dualpipe_expect(dp, &end, 1, 5000) == 0);
	check(dualpipe_dropped(dp) > 0);
	check(close_it(dp) == 0);
}

static void
test_keys_close(void)
{
	struct dualpipe *dp = spawn_cat(&on_keys);

	put(dp, "half");
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "half");
	check(close_it(dp) == 0);
}

static void
test_waits_pipe(void)
{
	struct dualpipe *dp = spawn_cat(NULL);

	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "a\n");
	expect_line(dp, "a\n");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	check(dualpipe_write_end(dp) == 0);
	check(dualpipe_waits(dp) == DUALPIPE_BUSY);
	check(close_it(dp) == 0);
}

static void
test_waits_pty(void)
{
	struct dualpipe *dp = spawn_cat(&on_keys);

	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "a\r");
	expect_line(dp, "a\n");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	check(close_it(dp) == 0);
}

static void
test_waits_busy(void)
{
	struct dualpipe *dp = spawn_shell("echo up; sleep 60 & read x; kill $!; wait $! 2>&-; echo $x; exec sleep 60", NULL);

	expect_line(dp, "up\n");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	put(dp, "read\nunread\n");
	expect_line(dp, "read\n");
	check(dualpipe_waits(dp) == DUALPIPE_BUSY);
	check(dualpipe_signal(dp, SIGKILL) == 0);
	check(close_it(dp) == 128 + SIGKILL);
}

static void
test_waits_grandchild(void)
{
	struct dualpipe *dp = spawn_shell("echo up; cat; echo end", NULL);

	expect_line(dp, "up\n");
	check(comes_to_wait(dp, DUALPIPE_WAITS));
	check(dualpipe_write_end(dp) == 0);
	expect_rest(dp, "end\n");
	check(close_it(dp) == 0);
}

static void
test_waits_pipeline(void)
{
	struct dualpipe *dp = spawn_shell("cat | cat", NULL);

	check(comes_to_wait(dp, DUALPIPE_MAY_WAIT));
	check(dualpipe_waits(dp) != DUALPIPE_WAITS);
	check(close_it(dp) == 0);
}

static const struct subtest {
	const char *name;
	void (*run)(void);
	const char *sentence;
	const char *lacks;	/* why it cannot hold here */
} subtests[] = {
	{ "spawn-path", test_spawn_path, "a command is found in PATH, or where its name says" },
	{ "spawn-environment-path", test_spawn_environment_path, "a command is found in the PATH that the child gets" },
	{ "spawn-missing", test_spawn_missing, "a command that is not there is ENOENT" },
	{ "spawn-nothing", test_spawn_nothing, "no command, or no function, is EINVAL" },
	{ "spawn-empty-name", test_spawn_empty_name, "a command without a name is ENOENT" },
	{ "spawn-not-executable", test_spawn_not_executable, "what is not executable, or a directory, is EACCES" },
	{ "spawn-no-interpreter", test_spawn_no_interpreter, "a script whose interpreter is not there is ENOEXEC" },
	{ "spawn-plain-script", test_spawn_plain_script, "a script without #! is run by the shell" },
	{ "spawn-directory", test_spawn_directory, "the child runs in the directory, and does not run without it" },
	{ "spawn-no-zombie", test_spawn_no_zombie, "a command that cannot be run leaves no process" },
	{ "spawn-environment", test_environment, "settings come on top of our environment, the last of a name counts" },
	{ "spawn-group", test_own_group, "a child shares our group, has its own, or a session on a pty" },
	{ "spawn-die-with-parent", test_die_with_parent, "a child dies with its parent when asked to", NEEDS_PRCTL },

	{ "stderr-inherit", test_stderr_inherit, "standard error is the caller's" },
	{ "stderr-merge", test_stderr_merge, "standard error is merged with the output" },
	{ "stderr-discard", test_stderr_discard, "standard error is discarded" },
	{ "stderr-fd", test_stderr_fd, "standard error goes to a descriptor" },
	{ "stderr-fd-stays", test_stderr_fd_stays, "the descriptor for standard error stays the caller's" },
	{ "stderr-fd-low", test_stderr_fd_low, "the descriptor for standard error may be the caller's 0, 1 or 2" },
	{ "stderr-pipe", test_stderr_pipe, "standard error is read apart" },
	{ "stderr-none", test_stderr_none, "standard error that is not apart is EINVAL to read" },
	{ "stderr-times", test_stderr_times, "standard error is waited for as long as asked" },
	{ "stderr-full", test_stderr_full, "output and standard error are no deadlock, whichever is read" },

	{ "descriptors-three", test_descriptors_only_three, "a child has 0, 1 and 2 and no other descriptor of ours" },
	{ "descriptors-closed", test_descriptors_ours_closed, "a child has them too where the caller's are closed" },
	{ "descriptors-elsewhere", test_descriptors_closed_elsewhere, "no child holds another one's channel" },
	{ "descriptors-leak", test_descriptors_no_leak, "many children, failed ones too, leave no descriptor and no process" },

	{ "signals-of-child", test_signals_of_child, "a child ignores what we ignore and what is asked for, and blocks nothing" },
	{ "signals-of-caller", test_signals_of_caller, "the caller's handlers and mask stay as they are" },

	{ "write-full-pipes", test_write_full_pipes, "64 MiB to a child that first says 64 MiB are no deadlock, nothing is lost" },
	{ "write-part", test_write_part, "a write gives what went in time, and ETIMEDOUT where nothing did" },
	{ "write-unwaited", test_write_unwaited, "a write that cannot wait says why, and no time is out" },
	{ "write-nothing", test_write_nothing, "a write of nothing is no end-of-file" },
	{ "write-gone", test_write_gone, "a write to a child that has gone is EPIPE, whatever SIGPIPE does" },
	{ "write-gone-pty", test_write_gone_pty, "a write to a pty whose child has gone is EPIPE" },
	{ "write-ending", test_write_ending, "a write that waits ends when the child does" },
	{ "write-ending-pty", test_write_ending_pty, "a write that waits for a pty ends when the child does" },
	{ "write-end", test_write_end, "end-of-file comes behind what was written, later writes are EPIPE" },

	{ "read-times", test_read_times, "a read waits not at all, a time, or for ever; the end is 0 and stays" },
	{ "read-nothing", test_read_nothing, "a read of no bytes is not the end of output" },
	{ "read-waits", test_read_waits, "a read waits for output that is late" },
	{ "read-signals", test_read_signals, "a signal that the caller catches does not cut a read short" },
	{ "read-after-end", test_read_after_end, "output ends when its last holder does, not with the child" },
	{ "read-end", test_read_end, "a child whose output nobody reads gets SIGPIPE, and still its input" },
	{ "read-end-pty", test_read_end_pty, "a terminal that nobody reads is hung up" },

	{ "readline", test_readline, "lines come whole, the last one without its newline, then 0" },
	{ "readline-nul", test_readline_nul, "a line may hold NUL" },
	{ "readline-long", test_readline_long, "a line may be 8 MiB long" },
	{ "readline-in-time", test_readline_in_time, "a line that is not complete in time stays" },
	{ "readline-mixed", test_readline_mixed, "lines and reads take turns" },

	{ "wait", test_wait, "the status is given in time, and again" },
	{ "wait-stopped", test_wait_stopped, "a child that is stopped is told of, once" },
	{ "wait-keeps-output", test_wait_keeps_output, "output that comes meanwhile is kept" },
	{ "wait-stolen", test_wait_stolen, "a child that somebody else has reaped is ECHILD" },
	{ "wait-ignored", test_wait_ignored_sigchld, "with SIGCHLD ignored the end is ECHILD" },
	{ "wait-only-ours", test_wait_only_ours, "children of the caller's own are left to it" },

	{ "signal", test_signal, "a signal goes to the child alone where it shares our group" },
	{ "signal-after-end", test_signal_after_end, "a signal to a child that has ended is ESRCH" },
	{ "signal-group", test_signal_group, "a signal goes to the child's own group" },
	{ "signal-foreground", test_signal_foreground, "a signal goes to the foreground group of a pty" },
	{ "resize", test_resize, "a pty has the size that was asked for, and is told of a new one" },

	{ "expect", test_expect, "a literal and an expression match, and take what is there up to their end" },
	{ "expect-groups", test_expect_groups, "groups are found by number and name, or take no part" },
	{ "expect-earliest", test_expect_earliest, "the earliest match wins, the earlier pattern where two start together" },
	{ "expect-doubt", test_expect_doubt, "what the next byte could change waits for it" },
	{ "expect-doubt-waits", test_expect_doubt_waits, "what could change is taken when the child waits" },
	{ "expect-doubt-silent", test_expect_doubt_silent, "what could change is taken when a child that does not wait is silent" },
	{ "expect-doubt-end", test_expect_doubt_end, "what could change is taken at the end of output" },
	{ "expect-prompt", test_expect_prompt, "$ is the end of what has come, not of what comes first" },
	{ "expect-timeout", test_expect_timeout, "a timeout takes nothing" },
	{ "expect-end", test_expect_end, "the end of output takes nothing, and comes behind what has come" },
	{ "expect-nothing", test_expect_nothing, "without a pattern output is taken in, to be looked at and consumed" },
	{ "expect-flags", test_expect_flags, "flags mean what their letters mean, and text is UTF-8" },
	{ "expect-bad", test_expect_bad, "a bad pattern is EINVAL, and is told why" },
	{ "expect-runaway", test_expect_runaway, "a pattern that backtracks without end is E2BIG" },
	{ "expect-valid", test_expect_valid, "what matched may be written while output comes" },
	{ "expect-window", test_expect_window, "what falls out of the window is counted" },
	{ "expect-bounded", test_expect_bounded, "no more than the window is taken in" },
	{ "expect-loop", test_expect_loop, "an event loop is told when to look at a match in doubt again" },
	{ "expect-and-read", test_expect_and_read, "expecting goes on behind what was read" },
	{ "expect-stderr", test_expect_stderr, "standard error does not hold up expecting" },
	{ "expect-pty", test_expect_pty, "a prompt on a pty is found" },
	{ "expect-many", test_expect_many, "patterns may be made as one goes" },
	{ "expect-read-end", test_expect_read_end, "what was taken in can be expected behind the end of reading" },
	{ "seen", test_seen, "all that passes is seen in its order" },

	{ "loop", test_loop, "an event loop of one's own carries 4 MiB both ways" },
	{ "loop-pty", test_loop_pty, "an event loop carries binary data over a pty" },
	{ "loop-fds", test_loop_fds, "pollfds gives output and standard error, as far as there is room" },
	{ "fd", test_fd, "descriptors are given as long as they are there" },
	{ "idle", test_idle, "waiting costs no processor time" },
	{ "idle-pty", test_idle_pty, "waiting on a pty costs no processor time" },
	{ "idle-long-line", test_idle_long_line, "waiting behind half a long line costs no processor time" },

	{ "close-null", test_close_null, "closing nothing is fine" },
	{ "close-waits", test_close_waits, "close takes in what still comes and waits for the end" },
	{ "close-terminates", test_close_terminates, "close sends TERM to a child that goes on" },
	{ "close-kills", test_close_kills, "close kills a child that ignores end-of-file and TERM" },
	{ "close-kills-group", test_close_kills_group, "close ends the child's own group with it" },
	{ "close-stopped", test_close_stopped, "close ends a child that is stopped" },
	{ "close-grandchild", test_close_grandchild, "close does not wait for a grandchild that holds the channel" },
	{ "close-stolen", test_close_stolen, "close says ECHILD where the status is not to be had" },
	{ "close-frees", test_close_frees, "close frees what was never read or sent" },
	{ "threads", test_threads, "handles in several threads do not touch each other" },

	{ "pty-bytes", test_pty_bytes, "all byte values pass a pty, together and alone" },
	{ "pty-ends", test_pty_ends, "short data passes a pty whatever it ends in" },
	{ "pty-lines", test_pty_lines, "lines of any length pass a pty" },
	{ "pty-binary", test_pty_binary, "1 MiB of binary data passes a pty both ways" },
	{ "pty-plain", test_pty_plain, "output passes a pty as it is, and the child has a terminal" },
	{ "pty-nested-ends", test_pty_nested_ends, "each process that reads a pty in turn finds its end" },
	{ "pty-late-reader", test_pty_late_reader, "the end of a pty waits for a reader" },
	{ "pty-raw-end", test_pty_raw_end, "a raw reader gets two ends as bytes and is hung up", NEEDS_PROC },
	{ "pty-raw-stays", test_pty_raw_stays, "a raw reader that waits for more than us is left alone", NEEDS_PROC },
	{ "pty-turns-raw", test_pty_turns_raw, "data passes a pty that the child takes raw on its way" },
	{ "pty-characters", test_pty_characters, "a child that clears ICANON alone waits for a character" },
	{ "pty-reopened", test_pty_reopened, "a pty that nobody holds is not at its end while the child runs" },

	{ "typed", test_typed, "a typed pty echoes, edits and signals" },
	{ "typed-end", test_typed_end, "a typed pty has an end" },
	{ "typed-termios", test_typed_termios, "a typed pty has the modes that it is given" },

	{ "keys-line", test_keys_line, "keys make a line, unechoed, while ECHO stays set", NEEDS_PROC },
	{ "keys-edit", test_keys_edit, "keys erase a character, a word, a line, and quote" },
	{ "keys-word", test_keys_word, "the key that erases a word takes all of it, and no other" },
	{ "keys-signal", test_keys_signal, "keys interrupt, and what was typed before is gone", NEEDS_PROC },
	{ "keys-end", test_keys_end, "an end-of-file typed at a line's start is one, behind half a line it takes two", NEEDS_PROC },
	{ "keys-long", test_keys_long, "a line of 100,000 keys arrives whole", NEEDS_PROC },
	{ "keys-raw", test_keys_raw, "half a line is the reader's once the terminal is raw", NEEDS_PROC },
	{ "keys-sane", test_keys_sane, "a child that sets its terminal sane brings no echo back", NEEDS_PROC },
	{ "keys-window", test_keys_window, "what a terminal says is looked at for patterns, however small the window" },
	{ "keys-close", test_keys_close, "half a line that is left at the end still arrives" },

	{ "waits-pipe", test_waits_pipe, "a child that sleeps reading our pipe waits", NEEDS_PROC },
	{ "waits-pty", test_waits_pty, "a child that sleeps reading its pty waits", NEEDS_PROC },
	{ "waits-busy", test_waits_busy, "a child that sleeps otherwise, or has something to read, is busy", NEEDS_PROC },
	{ "waits-grandchild", test_waits_grandchild, "whoever reads in the child's place waits for it", NEEDS_PROC },
	{ "waits-pipeline", test_waits_pipeline, "the first of a pipeline may wait while others work", NEEDS_PROC },

	{ "fork", test_fork, "a function answers, and its result is the status" },
	{ "fork-unwritten", test_fork_unwritten, "what the caller has not yet written appears once" },
	{ "fork-unwritable", test_fork_unwritable, "what the caller cannot write does not come from the child" },
	{ "fork-close-on-exec", test_fork_close_on_exec, "descriptors marked close-on-exec are closed in the child" },
	{ "fork-close-on-exec-high", test_fork_close_on_exec_high, "however high their numbers are", NEEDS_LIST },
	{ "fork-stdin", test_fork_stdin, "the child does not see what the caller has read ahead" },
	{ "fork-stdin-busy", test_fork_stdin_busy, "the child is made while another thread reads stdin" },
};
/* clang-format on */

enum { SUBTESTS = sizeof(subtests) / sizeof(subtests[0]) };

static bool
is_meant(const struct subtest *t, char *const *names)
{
	size_t length;

	if (!*names)
		return true;
	for (; *names; names++) {
		length = strlen(*names);
		if (strncmp(t->name, *names, length) == 0 &&
		    (t->name[length] == '\0' || t->name[length] == '-'))
			return true;
	}
	return false;
}

/* In a process of its own. Prints the line of it. */
static bool
run_subtest(int number, const struct subtest *t)
{
	int status = -1;
	pid_t pid;

	if (t->lacks) {
		printf("ok %d - %s: %s # SKIP %s\n", number, t->name, t->sentence, t->lacks);
		return true;
	}
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)alarm(LIMIT_S);
		t->run();
		exit(0);
	}
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d%s\n", WTERMSIG(status),
		    WTERMSIG(status) == SIGALRM ? ", time is out" : "");
	else if (status != 0)
		printf("# status %d\n", WEXITSTATUS(status));
	printf("%s %d - %s: %s\n", status == 0 ? "ok" : "not ok", number, t->name, t->sentence);
	return status == 0;
}

int
main(int argc, char **argv)
{
	int i, count = 0, failed = 0;

	self = argv[0];
	if (argc == 2 && strcmp(argv[1], "--descriptors") == 0)
		return print_descriptors(NULL);
	if (argc == 2 && strcmp(argv[1], "--signals") == 0)
		return print_signals(NULL);
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (i = 0; i < SUBTESTS; i++)
			(void)puts(subtests[i].name);
		return 0;
	}
	(void)setvbuf(stdout, NULL, _IOFBF, BUFSIZ); /* else a terminal would not do */
	keep_fds();
	for (i = 0; i < SUBTESTS; i++)
		if (is_meant(&subtests[i], argv + 1))
			failed += !run_subtest(++count, &subtests[i]);
	printf("1..%d\n", count);
	return failed > 0 || count == 0;
}
