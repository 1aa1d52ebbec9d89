/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "spawn.h"

#include "compat/compat.h"
#include "io.h"
#include "wordlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_PRCTL
#include <sys/prctl.h>
#endif

extern char **environ;

/* What the child must not work out for itself: after fork no allocation is safe. */
struct prepared {
	char **environment;
	char **paths;		/* where the command may be, in the order to try */
	char **shell_argv;	/* sh, a place for the path, the arguments */
	int fd_limit;		/* no descriptor is as high, as far as can be told */
	int report[2];		/* the child tells its errno here */
	pid_t parent;
	sigset_t mask;		/* the caller's */
	bool stdin_busy;	/* so only stdout and stderr were written before the fork */
};

static size_t
count_words(char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* Whether entry is NAME=..., NAME the one that setting begins with. */
static bool
same_name(const char *entry, const char *setting)
{
	size_t length = strcspn(setting, "=");

	return strncmp(entry, setting, length) == 0 && entry[length] == '=';
}

/* Ours with those of opts in the place of their namesakes; words not copied. */
static char **
make_environment(const char *const *settings)
{
	size_t ours = count_words(environ);
	size_t more = count_words((char *const *)settings);
	char **result = malloc((ours + more + 1) * sizeof(*result));
	size_t i, at, n = 0;

	if (!result)
		return NULL;
	for (i = 0; i < ours; i++)
		result[n++] = environ[i];
	for (i = 0; i < more; i++) {
		for (at = 0; at < n && !same_name(result[at], settings[i]); at++)
			;
		result[at] = (char *)settings[i]; /* exec does not write to it */
		if (at == n)
			n++;
	}
	result[n] = NULL;
	return result;
}

static const char *
look_up(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* The folder's part of PATH from start to end, empty for ".", with the name. */
static char *
join_path(const char *start, const char *end, const char *name)
{
	size_t length = (size_t)(end - start);
	char *path = malloc(length + strlen(name) + 2);

	if (path)
		(void)sprintf(path, "%.*s%s%s", (int)length, start, length > 0 ? "/" : "", name);
	return path;
}

/* Every place where execvp(3) would look. */
static char **
make_paths(const char *name, char *const *environment)
{
	const char *path = look_up(environment, "PATH");
	const char *start, *end;
	size_t count = 2, n = 0;
	char **paths;

	if (!path)
		path = "/bin:/usr/bin";
	if (strchr(name, '/') || !name[0])
		path = "";
	for (start = path; *start; start++)
		count += *start == ':';
	paths = calloc(count + 1, sizeof(*paths));
	if (!paths)
		return NULL;
	for (start = path;; start = end + 1) {
		end = start + strcspn(start, ":");
		paths[n] = join_path(start, end, name);
		if (!paths[n++]) {
			wordlist_free(paths);
			return NULL;
		}
		if (!*end)
			return paths;
	}
}

/* For a script without #!, which the shell has to read. */
static char **
make_shell_argv(char *const *argv)
{
	size_t count = count_words(argv);
	char **result = calloc(count + 2, sizeof(*result));

	if (!result)
		return NULL;
	result[0] = (char *)"sh";
	if (count > 0)
		memcpy(result + 2, argv + 1, (count - 1) * sizeof(*argv));
	return result;
}

static int
descriptor_limit(void)
{
	const long most = 1 << 20; /* what Linux gives a process, unless told otherwise */
	long limit = sysconf(_SC_OPEN_MAX);

	return (int)(limit < 0 || limit > most ? most : limit);
}

static void
discard(struct prepared *p)
{
	int saved = errno;

	free(p->environment);
	wordlist_free(p->paths);
	free(p->shell_argv);
	io_close(&p->report[0]);
	io_close(&p->report[1]);
	errno = saved;
}

static int
prepare(struct prepared *p, const struct spawn *s)
{
	*p = (struct prepared){ .report = { -1, -1 }, .parent = getpid() };
	if (io_pipe(p->report) < 0)
		return -1;
	p->environment = make_environment(s->opts->environment);
	if (!p->environment)
		return -1;
	if (s->run) {
		p->fd_limit = descriptor_limit();
		return 0;
	}
	p->paths = make_paths(s->argv[0], p->environment);
	p->shell_argv = make_shell_argv(s->argv);
	return p->paths && p->shell_argv ? 0 : -1;
}

/* What the caller catches would run its handlers here, so before unblocking. */
static void
reset_signals(const struct dualpipe_opts *opts)
{
	struct sigaction action;
	sigset_t none;
	int signo;

	for (signo = 1; signo < NSIG; signo++) {
		if (sigaction(signo, NULL, &action) < 0)
			continue;
		if (opts->ignored && sigismember(opts->ignored, signo) == 1)
			action.sa_handler = SIG_IGN;
		else if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
			continue;
		else
			action.sa_handler = SIG_DFL;
		action.sa_flags = 0;
		(void)sigaction(signo, &action, NULL); /* only KILL and STOP are refused */
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
enter_session(const struct spawn *s)
{
	if (s->terminal_fd >= 0)
		return setsid() < 0 || ioctl(s->terminal_fd, TIOCSCTTY, 0) < 0 ? -1 : 0;
	if (s->opts->own_group)
		return setpgid(0, 0);
	return 0;
}

static int
die_with(pid_t parent)
{
#ifdef HAVE_PRCTL
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	if (getppid() != parent)
		_exit(128 + SIGKILL); /* it ended before we could ask */
#else
	(void)parent;
#endif
	return 0;
}

static int
take_descriptors(const struct spawn *s)
{
	if (s->stdin_fd >= 0 && dup2(s->stdin_fd, STDIN_FILENO) < 0)
		return -1;
	if (s->stdout_fd >= 0 && dup2(s->stdout_fd, STDOUT_FILENO) < 0)
		return -1;
	if (s->stderr_fd >= 0 && dup2(s->stderr_fd, STDERR_FILENO) < 0)
		return -1;
	return 0;
}

/*
 * Whether EACCES is about the command, and not about a folder of PATH that may
 * not be searched, such as root's behind su(1).
 */
static bool
is_refused(const char *name, const char *path)
{
	return strchr(name, '/') || access(path, F_OK) == 0;
}

/*
 * The rules of execvp(3), with everything allocated before, but what is in no
 * folder that can be searched is not there, as for the shells. Returns errno.
 */
static int
exec_command(const struct spawn *s, struct prepared *p)
{
	int result = ENOENT;
	size_t i;

	for (i = 0; p->paths[i]; i++) {
		(void)execve(p->paths[i], s->argv, p->environment);
		if (errno == ENOEXEC) {
			p->shell_argv[1] = p->paths[i];
			(void)execve("/bin/sh", p->shell_argv, p->environment);
		}
		if (errno == EACCES)
			result = is_refused(s->argv[0], p->paths[i]) ? EACCES : result;
		else if (errno == ENOENT && access(p->paths[i], F_OK) == 0)
			result = ENOEXEC; /* it is there, its interpreter is not */
		else if (errno != ENOENT && errno != ENOTDIR)
			return errno;
	}
	return result;
}

static void
close_if_marked(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags >= 0 && (flags & FD_CLOEXEC))
		(void)close(fd); /* ours alone, nothing is written late */
}

#ifdef HAVE_GETDENTS64
/* Read without opendir(3), which allocates. */
static int
close_listed(void)
{
	_Alignas(struct dirent64) char entries[4096];
	int fd, dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent64 *entry;
	ssize_t size = -1, at;

	while (dir >= 0 && (size = getdents64(dir, entries, sizeof(entries))) > 0) {
		for (at = 0; at < size; at += entry->d_reclen) {
			entry = (const void *)(entries + at);
			fd = atoi(entry->d_name);
			if (fd > STDERR_FILENO && fd != dir)
				close_if_marked(fd);
		}
	}
	io_close(&dir);
	return size < 0 ? -1 : 0;
}
#else
static int
close_listed(void)
{
	return -1;
}
#endif

/*
 * What an exec would close. Looked for in the child: another thread of our
 * parent may have opened some just before the fork. What is open is not told
 * by a limit: that may be a thousand million, or have been higher before.
 */
static void
close_as_exec(int limit)
{
	int fd;

	if (close_listed() == 0)
		return;
	for (fd = STDERR_FILENO + 1; fd < limit; fd++)
		close_if_marked(fd);
}

/* What our parent had unwritten was written before the fork, and is not ours. */
static bool
write_ours(const struct prepared *p)
{
	if (!p->stdin_busy)
		return fflush(NULL) == 0;
	return fflush(stdout) == 0 && fflush(stderr) == 0;
}

static int
run_function(const struct spawn *s, const struct prepared *p)
{
	int status;

	close_as_exec(p->fd_limit);
	environ = p->environment;
	__fpurge(stdin); /* what our parent has read ahead is not ours */
	clearerr(stdin);
	status = s->run(s->arg);
	return write_ours(p) ? status : 1;
}

/* What the child tells when it fails. */
struct failure {
	int error;
	enum dualpipe_stage stage;
};

/* The child. Between fork and exec only what is async-signal-safe. */
static _Noreturn void
become_child(const struct spawn *s, struct prepared *p)
{
	struct failure failure = { .stage = DUALPIPE_STAGE_CHANNEL };

	if (enter_session(s) < 0 || take_descriptors(s) < 0 ||
	    (s->opts->die_with_parent && die_with(p->parent) < 0)) {
		failure.error = errno;
	} else if (s->opts->directory && chdir(s->opts->directory) < 0) {
		failure = (struct failure){ errno, DUALPIPE_STAGE_DIRECTORY };
	} else {
		reset_signals(s->opts);
		if (s->run)
			_exit(run_function(s, p));
		failure = (struct failure){ exec_command(s, p), DUALPIPE_STAGE_EXEC };
	}
	(void)io_write(p->report[1], &failure, sizeof(failure)); /* the parent reads it, or has gone */
	_exit(127);
}

/* How the child failed; no error when exec has closed its end. */
static struct failure
await_exec(struct prepared *p)
{
	struct failure failure;

	io_close(&p->report[1]);
	if (io_read(p->report[0], &failure, sizeof(failure)) != sizeof(failure))
		failure.error = 0;
	return failure;
}

/*
 * Another thread that sleeps in a read of stdin has it locked, and fflush(3) of
 * all streams would wait for it. The errors are the caller's to find.
 */
static void
write_callers(struct prepared *p)
{
	p->stdin_busy = ftrylockfile(stdin) != 0;
	if (p->stdin_busy) {
		(void)fflush(stdout);
		(void)fflush(stderr);
		return;
	}
	(void)fflush(NULL);
	funlockfile(stdin);
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * A child that does nothing but exec need not copy our memory: to set up the
 * tables for that costs us more than all else, and the more the larger the
 * caller is. It lives in our memory until then, while this thread stands
 * still, so it writes to nothing but its own stack and what is prepared for it.
 */
static pid_t
start_command(const struct spawn *s, struct prepared *p)
{
	pid_t pid = vfork();

	if (pid == 0)
		become_child(s, p);
	return pid;
}

pid_t
spawn_child(const struct spawn *s)
{
	struct failure failure = { .stage = DUALPIPE_STAGE_CHANNEL };
	struct prepared p;
	sigset_t all;
	pid_t pid;

	if (prepare(&p, s) < 0) {
		discard(&p);
		return -1;
	}
	if (s->run)
		write_callers(&p);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &p.mask);
	pid = s->run ? fork() : start_command(s, &p);
	if (pid == 0)
		become_child(s, &p);
	failure.error = errno;
	(void)pthread_sigmask(SIG_SETMASK, &p.mask, NULL);
	if (pid > 0) {
		/* Both do it, so that it is done whoever runs first. */
		if (s->opts->own_group && s->terminal_fd < 0)
			(void)setpgid(pid, pid);
		failure = await_exec(&p);
		if (failure.error != 0) {
			reap(pid);
			pid = -1;
		}
	}
	discard(&p);
	if (pid > 0)
		return pid;
	if (s->opts->failed_at)
		*s->opts->failed_at = failure.stage;
	errno = failure.error;
	return -1;
}
