/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A child that does what its arguments say, one after the other, and ends with
 * status 0 behind the last: `peer ignore:TERM print:'ready\n' sink exit:3'.
 * It uses no stdio: what it says is out before the next action begins.
 *
 *	print:TEXT error:TEXT	writes it; \n \r \t \e \0 \\ \xHH
 *	generate[:SIZE]		writes the pattern, for ever without a size
 *	dribble:SIZE		the same, one byte a write
 *	generate-error:SIZE	the same on stderr
 *	verify:SIZE		reads that much, which has to be the pattern
 *	eof			reads, and has to meet the end of the input
 *	echo, dribble		copies stdin to stdout up to its end; byte by byte
 *	sink, count		reads up to the end; prints how much that was
 *	line, lines		prints a line read as `<LINE>'; all up to the end
 *	hex:N			reads N bytes, prints them as two digits each
 *	sleep:SECONDS, stall	does nothing; for two minutes, longer than any test,
 *				so that nothing is left behind for ever
 *	socket:SECONDS		polls stdin and a socket on which `late' comes, prints it
 *	timer:SECONDS		polls stdin with a timeout, prints `late'
 *	ignore:SIG default:SIG	dispositions; SIG may be `all'
 *	trap:SIG, until:SIG	prints `got SIG' each time; waits for the first
 *	block:SIG, die:SIG
 *	[ ACTION ... ]		a child of its own does these, meanwhile we go on
 *	wait			for these children
 *	setsid, group		a session, a process group of its own
 *	pid:FILE		its pid into a file, which is whole once it exists
 *	exists:FILE		waits until it does
 *	close:N close-from:N nonblock:N
 *	raw, noecho, canonical	what stdin, a terminal, is set to
 *	flush			throws away what was typed there and not read yet
 *	show:WHAT		signals, fds, flags, kinds, group, size
 *	exit:N
 *	exec COMMAND ...
 *
 * Its own failures: 90 for wrong input, 91 where it cannot write, 92 for a
 * failed call, 93 for an action that is none.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { WRONG_INPUT = 90, CANNOT_WRITE, CALL_FAILED, NO_ACTION };
enum { BLOCK = 65536 };

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "CHLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },
	{ "SYS", SIGSYS },
};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static volatile sig_atomic_t arrived[NSIG];

static void fail(int status, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

static void
fail(int status, const char *format, ...)
{
	char text[512];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	if (size < 0)
		size = 0;
	if ((size_t)size > sizeof(text) - 2)
		size = sizeof(text) - 2;
	text[size++] = '\n';
	(void)!write(2, "peer: ", 6);
	(void)!write(2, text, (size_t)size);
	_exit(status);
}

static void
put(int fd, const void *data, size_t size)
{
	const char *at = data;
	ssize_t n;

	while (size > 0) {
		n = write(fd, at, size);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			fail(CANNOT_WRITE, "cannot write: %s", strerror(errno));
		at += n;
		size -= (size_t)n;
	}
}

static void put_text(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put_text(int fd, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof(text))
		fail(CALL_FAILED, "too long to print");
	put(fd, text, (size_t)size);
}

/* 0 at the end: that of a terminal that was hung up as well. */
static size_t
get(void *data, size_t size)
{
	ssize_t n;

	do
		n = read(0, data, size);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EIO)
		return 0;
	if (n == -1)
		fail(CALL_FAILED, "cannot read: %s", strerror(errno));
	return (size_t)n;
}

/* The block'th 64 KiB of the pattern: no two alike, every byte value in each. */
static void
pattern(unsigned char *data, uint64_t block)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < BLOCK / 8; i++) {
		word = (block * (BLOCK / 8) + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		memcpy(data + 8 * i, &word, 8);
	}
}

static uint64_t
size_of(const char *text)
{
	char *end;
	uint64_t size;

	errno = 0;
	size = strtoull(text, &end, 10);
	switch (*end) {
	case 'G':
		size *= 1024; /* fallthrough */
	case 'M':
		size *= 1024; /* fallthrough */
	case 'k':
		size *= 1024;
		end++;
		break;
	}
	if (errno || end == text || *end)
		fail(NO_ACTION, "no size: '%s'", text);
	return size;
}

static int
number_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 0 || n > INT_MAX)
		fail(NO_ACTION, "no number: '%s'", text);
	return (int)n;
}

static int
signal_of(const char *text)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		if (strcmp(text, signals[i].name) == 0)
			return signals[i].number;
	fail(NO_ACTION, "no signal: '%s'", text);
}

static const char *
signal_name(int number)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "RT";
}

static struct timespec
time_of(const char *text)
{
	struct timespec t;
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || seconds < 0)
		fail(NO_ACTION, "no time: '%s'", text);
	t.tv_sec = (time_t)seconds;
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	return t;
}

static void
doze(const char *text)
{
	struct timespec left = time_of(text);

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

/* Takes the escapes out of text; the result is as long at most. */
static size_t
unescape(char *to, const char *text)
{
	char *at = to, digits[3] = "";

	for (; *text; text++) {
		if (*text != '\\' || !text[1]) {
			*at++ = *text;
			continue;
		}
		switch (*++text) {
		case 'n':
			*at++ = '\n';
			break;
		case 'r':
			*at++ = '\r';
			break;
		case 't':
			*at++ = '\t';
			break;
		case 'e':
			*at++ = '\033';
			break;
		case '0':
			*at++ = '\0';
			break;
		case 'x':
			if (!text[1] || !text[2])
				fail(NO_ACTION, "\\x takes two digits");
			memcpy(digits, text + 1, 2);
			*at++ = (char)strtol(digits, NULL, 16);
			text += 2;
			break;
		default:
			*at++ = *text;
			break;
		}
	}
	return (size_t)(at - to);
}

static void
say(int fd, const char *text)
{
	char *plain = malloc(strlen(text) + 1);

	if (!plain)
		fail(CALL_FAILED, "no memory");
	put(fd, plain, unescape(plain, text));
	free(plain);
}

static void
generate(int fd, uint64_t size, size_t piece)
{
	static unsigned char data[BLOCK];
	uint64_t done;
	size_t i, n;

	for (done = 0; done < size; done += BLOCK) {
		pattern(data, done / BLOCK);
		n = size - done < BLOCK ? (size_t)(size - done) : BLOCK;
		for (i = 0; i < n; i += piece)
			put(fd, data + i, piece < n - i ? piece : n - i);
	}
}

static void
verify(uint64_t size)
{
	static unsigned char data[BLOCK], wanted[BLOCK];
	uint64_t done = 0, block = UINT64_MAX;
	size_t n, offset, i;

	while (done < size) {
		offset = (size_t)(done % BLOCK);
		n = BLOCK - offset;
		if (n > size - done)
			n = (size_t)(size - done);
		n = get(data, n);
		if (n == 0)
			fail(WRONG_INPUT, "the input ended after %llu bytes",
			    (unsigned long long)done);
		if (block != done / BLOCK) {
			block = done / BLOCK;
			pattern(wanted, block);
		}
		if (memcmp(data, wanted + offset, n) != 0) {
			for (i = 0; data[i] == wanted[offset + i]; i++)
				;
			fail(WRONG_INPUT, "byte %llu is %02x and not %02x",
			    (unsigned long long)(done + i), data[i], wanted[offset + i]);
		}
		done += n;
	}
}

/* Reads up to the end, copies it if told so. */
static uint64_t
drain(bool copy, size_t piece)
{
	static unsigned char data[BLOCK];
	uint64_t all = 0;
	size_t n;

	while ((n = get(data, piece)) > 0) {
		if (copy)
			put(1, data, n);
		all += n;
	}
	return all;
}

/* Byte by byte, so that nothing of the next line is taken. */
static bool
line(void)
{
	char text[4096];
	size_t size = 0;

	while (size < sizeof(text) - 3 && get(text + 1 + size, 1) == 1)
		if (text[1 + size++] == '\n')
			break;
	if (size == 0)
		return false;
	if (text[size] == '\n')
		size--;
	text[0] = '<';
	memcpy(text + 1 + size, ">\n", 2);
	put(1, text, size + 3);
	return true;
}

static void
hex(int n)
{
	unsigned char c;

	while (n-- > 0) {
		if (get(&c, 1) == 0)
			fail(WRONG_INPUT, "the input ended");
		put_text(1, "%02x%s", c, n ? " " : "\n");
	}
}

/* What waits for a socket as well (ssh): reads both until the socket says it. */
static void
wait_for_socket(const char *time)
{
	struct pollfd fds[2];
	char data[256];
	ssize_t n;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 || (pid = fork()) == -1)
		fail(CALL_FAILED, "no socket: %s", strerror(errno));
	if (pid == 0) {
		/* only the socket is to tie it to us */
		close(0);
		close(1);
		close(2);
		close(pair[0]);
		signal(SIGHUP, SIG_IGN);
		doze(time);
		(void)!write(pair[1], "late\n", 5);
		_exit(0);
	}
	close(pair[1]);
	fds[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	for (;;) {
		if (poll(fds, 2, -1) == -1)
			continue;
		if (fds[0].revents && get(data, sizeof(data)) == 0)
			fds[0].fd = -1;
		if (!fds[1].revents)
			continue;
		n = read(pair[0], data, sizeof(data));
		if (n <= 0)
			break;
		put(1, data, (size_t)n);
	}
	close(pair[0]);
	waitpid(pid, NULL, 0);
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
wait_for_timer(const char *time)
{
	struct timespec t = time_of(time);
	long long until = now_ms() + t.tv_sec * 1000LL + t.tv_nsec / 1000000, left;
	struct pollfd in = { .fd = 0, .events = POLLIN };
	char data[256];

	while ((left = until - now_ms()) > 0)
		if (poll(&in, 1, (int)left) > 0 && get(data, sizeof(data)) == 0)
			in.fd = -1;
	put(1, "late\n", 5);
}

static void
on_signal(int number)
{
	const char *name = signal_name(number);
	char text[32] = "got ";
	size_t size = 4;

	arrived[number]++;
	while (*name)
		text[size++] = *name++;
	text[size++] = '\n';
	(void)!write(1, text, size);
}

static void
dispose(const char *text, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	sigset_t none;
	int number;

	if (strcmp(text, "all") != 0) {
		sigaction(signal_of(text), &action, NULL);
		return;
	}
	for (number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
until(const char *text)
{
	sigset_t blocked, before;
	int number = signal_of(text);

	sigemptyset(&blocked);
	sigaddset(&blocked, number);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	while (!arrived[number])
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
block(const char *text)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_of(text));
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
die(const char *text)
{
	const struct rlimit no_core = { 0, 0 };
	int number = signal_of(text);
	sigset_t none;

	setrlimit(RLIMIT_CORE, &no_core);
	signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	kill(getpid(), number);
	fail(CALL_FAILED, "lived on after %s", text);
}

static void
write_pid(const char *path)
{
	char name[PATH_MAX], text[32];
	int fd, size;

	snprintf(name, sizeof(name), "%s.new", path);
	size = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1 || write(fd, text, (size_t)size) != size || close(fd) == -1 ||
	    rename(name, path) == -1)
		fail(CALL_FAILED, "cannot write '%s': %s", path, strerror(errno));
}

static void
wait_for_file(const char *path)
{
	const struct timespec tick = { .tv_nsec = 5000000 };

	while (access(path, F_OK) == -1)
		nanosleep(&tick, NULL);
}

static void
set_terminal(void (*set)(struct termios *))
{
	struct termios t;

	if (tcgetattr(0, &t) == -1)
		fail(CALL_FAILED, "stdin is no terminal: %s", strerror(errno));
	set(&t);
	if (tcsetattr(0, TCSADRAIN, &t) == -1)
		fail(CALL_FAILED, "cannot set the terminal: %s", strerror(errno));
}

static void
no_echo(struct termios *t)
{
	t->c_lflag &= ~(tcflag_t)ECHO;
}

static void
canonical(struct termios *t)
{
	t->c_lflag |= ICANON | ECHO | ISIG;
}

static const char *
kind(int fd)
{
	struct stat s;

	if (fstat(fd, &s) == -1)
		return "closed";
	if (isatty(fd))
		return "terminal";
	switch (s.st_mode & S_IFMT) {
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFREG:
		return "file";
	default:
		return "other";
	}
}

static void
show_signals(void)
{
	struct sigaction action;
	sigset_t mask;
	int number;

	put_text(1, "ignored:");
	for (number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			put_text(1, " %s", signal_name(number));
	put_text(1, "\nblocked:");
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (number = 1; number < NSIG; number++)
		if (sigismember(&mask, number) == 1)
			put_text(1, " %s", signal_name(number));
	put_text(1, "\n");
}

static void
show(const char *what)
{
	struct winsize size;
	int fd, n = 0;

	if (strcmp(what, "signals") == 0) {
		show_signals();
	} else if (strcmp(what, "fds") == 0) {
		for (fd = 0; fd < 4096; fd++)
			if (fcntl(fd, F_GETFD) != -1)
				put_text(1, "%s%d", n++ ? " " : "", fd);
		put_text(1, "\n");
	} else if (strcmp(what, "flags") == 0) {
		for (fd = 0; fd < 3; fd++)
			put_text(1, "%d:%s%s", fd,
			    fcntl(fd, F_GETFL) & O_NONBLOCK ? "nonblock" : "-",
			    fd < 2 ? " " : "\n");
	} else if (strcmp(what, "kinds") == 0) {
		put_text(1, "0:%s 1:%s 2:%s\n", kind(0), kind(1), kind(2));
	} else if (strcmp(what, "group") == 0) {
		fd = open("/dev/tty", O_RDONLY | O_NOCTTY);
		put_text(1, "pid=%ld parent=%ld group=%ld session=%ld foreground=%ld\n",
		    (long)getpid(), (long)getppid(), (long)getpgrp(), (long)getsid(0),
		    fd == -1 ? -1L : (long)tcgetpgrp(fd));
		close(fd);
	} else if (strcmp(what, "size") == 0) {
		for (fd = 0; fd < 3; fd++)
			if (ioctl(fd, TIOCGWINSZ, &size) == 0)
				break;
		if (fd < 3)
			put_text(1, "%d %d\n", size.ws_row, size.ws_col);
		else
			put_text(1, "none\n");
	} else {
		fail(NO_ACTION, "cannot show '%s'", what);
	}
}

static void
close_from(int fd)
{
	for (; fd < 4096; fd++)
		close(fd);
}

static void
nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		fail(CALL_FAILED, "cannot set descriptor %d: %s", fd, strerror(errno));
}

/* The action behind the bracket that closes the one at argv[0]. */
static char **
closing(char **argv)
{
	int depth = 0;

	for (; *argv; argv++) {
		if (strcmp(*argv, "[") == 0)
			depth++;
		if (strcmp(*argv, "]") == 0 && --depth == 0)
			return argv + 1;
	}
	fail(NO_ACTION, "'[' without ']'");
}

/* Does one action that has an argument. */
static void
act_with(const char *name, const char *text)
{
	if (strcmp(name, "print") == 0)
		say(1, text);
	else if (strcmp(name, "error") == 0)
		say(2, text);
	else if (strcmp(name, "generate") == 0)
		generate(1, size_of(text), BLOCK);
	else if (strcmp(name, "dribble") == 0)
		generate(1, size_of(text), 1);
	else if (strcmp(name, "generate-error") == 0)
		generate(2, size_of(text), BLOCK);
	else if (strcmp(name, "verify") == 0)
		verify(size_of(text));
	else if (strcmp(name, "hex") == 0)
		hex(number_of(text));
	else if (strcmp(name, "sleep") == 0)
		doze(text);
	else if (strcmp(name, "socket") == 0)
		wait_for_socket(text);
	else if (strcmp(name, "timer") == 0)
		wait_for_timer(text);
	else if (strcmp(name, "ignore") == 0)
		dispose(text, SIG_IGN);
	else if (strcmp(name, "default") == 0)
		dispose(text, SIG_DFL);
	else if (strcmp(name, "trap") == 0)
		dispose(text, on_signal);
	else if (strcmp(name, "until") == 0)
		until(text);
	else if (strcmp(name, "block") == 0)
		block(text);
	else if (strcmp(name, "die") == 0)
		die(text);
	else if (strcmp(name, "pid") == 0)
		write_pid(text);
	else if (strcmp(name, "exists") == 0)
		wait_for_file(text);
	else if (strcmp(name, "close") == 0)
		close(number_of(text));
	else if (strcmp(name, "close-from") == 0)
		close_from(number_of(text));
	else if (strcmp(name, "nonblock") == 0)
		nonblock(number_of(text));
	else if (strcmp(name, "show") == 0)
		show(text);
	else if (strcmp(name, "exit") == 0)
		_exit(number_of(text));
	else
		fail(NO_ACTION, "no action: '%s:%s'", name, text);
}

/* Does one action that has none. */
static void
act(const char *name)
{
	char c;

	if (strcmp(name, "generate") == 0) {
		generate(1, UINT64_MAX - BLOCK, BLOCK);
	} else if (strcmp(name, "eof") == 0) {
		if (get(&c, 1) != 0)
			fail(WRONG_INPUT, "there is more input: %02x", (unsigned char)c);
	} else if (strcmp(name, "echo") == 0) {
		drain(true, BLOCK);
	} else if (strcmp(name, "dribble") == 0) {
		drain(true, 1);
	} else if (strcmp(name, "sink") == 0) {
		drain(false, BLOCK);
	} else if (strcmp(name, "count") == 0) {
		put_text(1, "%llu\n", (unsigned long long)drain(false, BLOCK));
	} else if (strcmp(name, "line") == 0) {
		if (!line())
			put(1, "<eof>\n", 6);
	} else if (strcmp(name, "lines") == 0) {
		while (line())
			;
	} else if (strcmp(name, "stall") == 0) {
		doze("120");
	} else if (strcmp(name, "wait") == 0) {
		while (wait(NULL) != -1 || errno == EINTR)
			;
	} else if (strcmp(name, "setsid") == 0) {
		if (setsid() == -1)
			fail(CALL_FAILED, "no session: %s", strerror(errno));
	} else if (strcmp(name, "group") == 0) {
		if (setpgid(0, 0) == -1)
			fail(CALL_FAILED, "no process group: %s", strerror(errno));
	} else if (strcmp(name, "raw") == 0) {
		set_terminal(cfmakeraw);
	} else if (strcmp(name, "noecho") == 0) {
		set_terminal(no_echo);
	} else if (strcmp(name, "canonical") == 0) {
		set_terminal(canonical);
	} else if (strcmp(name, "flush") == 0) {
		(void)tcflush(0, TCIFLUSH); /* which is no terminal everywhere */
	} else {
		fail(NO_ACTION, "no action: '%s'", name);
	}
}

int
main(int argc, char **argv)
{
	char *colon, **next;
	pid_t pid;

	(void)argc;
	for (argv++; *argv; argv = next) {
		next = argv + 1;
		colon = strchr(*argv, ':');
		if (strcmp(*argv, "exec") == 0 && *next) {
			execvp(*next, next);
			fail(errno == ENOENT ? 127 : 126, "cannot start '%s': %s", *next,
			    strerror(errno));
		} else if (strcmp(*argv, "[") == 0) {
			next = closing(argv);
			pid = fork();
			if (pid == -1)
				fail(CALL_FAILED, "cannot fork: %s", strerror(errno));
			if (pid == 0)
				next = argv + 1;
		} else if (strcmp(*argv, "]") == 0) {
			_exit(0);
		} else if (colon) {
			*colon = '\0';
			act_with(*argv, colon + 1);
		} else {
			act(*argv);
		}
	}
	_exit(0);
}
