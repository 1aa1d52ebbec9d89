/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Runs a command at a terminal, as a shell would: a session of its own, the
 * command its foreground process group. Types at it, and prints what the
 * terminal gets, as it comes.
 *
 *	inpty [-m] [-s ROWSxCOLUMNS] [-t SECONDS] [step ...] -- command ...
 *
 *	-m	in the end the terminal has to be as it was: modes, O_NONBLOCK
 *	-s	its size, 24x80 without
 *	-t	limit of time for all of it, 20 without
 *
 *	expect:TEXT		this has come, behind what the last one matched
 *	send:KEYS		types; ^C is \x03, Enter \r
 *	eof			types ^D
 *	idle			the command and all it started sleep, and say nothing
 *	raw, cooked, noecho	the terminal is set so: neither ICANON nor ECHO; both; ICANON
 *	modes			modes and flags are as before the start
 *	kill:NAME		a signal to the command alone
 *	resize:ROWSxCOLUMNS
 *	stopped			the command was stopped
 *	foreground, background	and goes on there
 *	until:COMMAND		/bin/sh says so; it has $INPTY_PID, $INPTY_TTY
 *	run:COMMAND		the same, once
 *	ended			the command has ended
 *	hangup			the terminal goes away
 *
 * Steps that expect something wait for it. TEXT, KEYS: \n \r \t \e \0 \\ \xHH.
 * Behind the last step the command is waited for, and its status is ours
 * (128+n for a signal); 98 where a step fails, the time runs out or -m does not
 * hold, with the reason on stderr; 77 where there are no terminals.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { STEP_FAILED = 98, NO_TERMINAL = 77 };
enum { TICK_MS = 20 };

/* What the session leader tells. */
struct report {
	pid_t pid;
	int status; /* as from waitpid(2); -1 with the pid at the start */
};

struct terminal {
	int master;
	int slave; /* the open file that the command has as well */
	const char *name;
	struct termios modes;
	int flags;
};

struct run {
	struct terminal tty;
	int reports, orders; /* from and to the leader */
	pid_t command;
	bool stopped, ended;
	int status;
	long long deadline;
	const char *step;
	char *seen;
	size_t size, room, matched;
};

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "TERM", SIGTERM },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "WINCH", SIGWINCH },
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
write_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = write(fd, data, size);
		if (n == -1 && errno != EINTR)
			return;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
}

static void usage(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void
usage(const char *format, ...)
{
	va_list arguments;

	fputs("inpty: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	putc('\n', stderr);
	exit(STEP_FAILED);
}

static void give_up(struct run *run, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* Says why, with the end of what the terminal got, and takes all with us. */
static void
give_up(struct run *run, const char *format, ...)
{
	va_list arguments;
	size_t i = run->size > 600 ? run->size - 600 : 0;
	pid_t group;
	unsigned char c;

	fputs("inpty: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("; last on the terminal: ", stderr);
	for (; i < run->size; i++) {
		c = (unsigned char)run->seen[i];
		if (c >= ' ' && c < 0x7f)
			putc(c, stderr);
		else
			fprintf(stderr, "\\x%02x", c);
	}
	putc('\n', stderr);
	if (run->tty.master != -1) {
		group = tcgetpgrp(run->tty.master);
		if (group > 1 && !run->ended)
			kill(-group, SIGKILL);
	}
	if (run->command > 1 && !run->ended)
		kill(run->command, SIGKILL);
	exit(STEP_FAILED);
}

static int
signal_of(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(text, signals[i].name) == 0)
			return signals[i].number;
	usage("no signal: '%s'", text);
}

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
				usage("\\x takes two digits");
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

static struct winsize
size_of(const char *text)
{
	struct winsize size = { 0 };

	if (sscanf(text, "%hux%hu", &size.ws_row, &size.ws_col) != 2)
		usage("no size: '%s'", text);
	return size;
}

static void
open_terminal(struct terminal *tty, struct winsize size)
{
	tty->master = posix_openpt(O_RDWR | O_NOCTTY);
	if (tty->master == -1 || grantpt(tty->master) == -1 || unlockpt(tty->master) == -1 ||
	    !(tty->name = ptsname(tty->master)) ||
	    (tty->slave = open(tty->name, O_RDWR | O_NOCTTY)) == -1) {
		perror("inpty: no terminal");
		exit(NO_TERMINAL);
	}
	tty->name = strdup(tty->name);
	fcntl(tty->master, F_SETFD, FD_CLOEXEC);
	fcntl(tty->slave, F_SETFD, FD_CLOEXEC);
	ioctl(tty->slave, TIOCSWINSZ, &size);
	if (!tty->name || tcgetattr(tty->slave, &tty->modes) == -1 ||
	    (tty->flags = fcntl(tty->slave, F_GETFL)) == -1) {
		perror("inpty: no terminal");
		exit(NO_TERMINAL);
	}
}

/* The session leader */

static volatile sig_atomic_t hung_up;

static void
on_signal(int number)
{
	if (number == SIGHUP)
		hung_up = 1;
}

/* As after a login: all default, nothing blocked. */
static void
reset_signals(void)
{
	sigset_t none;
	int number;

	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_command(int slave, char **argv) __attribute__((noreturn));

static void
run_command(int slave, char **argv)
{
	setpgid(0, 0);
	tcsetpgrp(slave, getpid());
	reset_signals();
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

static void
tell(int reports, pid_t pid, int status)
{
	const struct report report = { pid, status };

	if (write(reports, &report, sizeof(report)) != sizeof(report))
		_exit(1);
}

/* What an order letter says about a stopped command. */
static void
let_go_on(char order, int slave, pid_t pid)
{
	if (order == 'f')
		tcsetpgrp(slave, pid);
	kill(-pid, SIGCONT);
}

/* Returns when the command has the terminal, default signals, and runs. */
static pid_t
start_command(int slave, char **argv)
{
	int started[2];
	char none;
	pid_t pid;

	if (pipe2(started, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		_exit(1);
	if (pid == 0)
		run_command(slave, argv);
	setpgid(pid, pid);
	close(started[1]);
	(void)!read(started[0], &none, 1);
	close(started[0]);
	return pid;
}

static void lead(int slave, int reports, int orders, char **argv) __attribute__((noreturn));

static void
lead(int slave, int reports, int orders, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct pollfd in = { .fd = orders, .events = POLLIN };
	sigset_t blocked, open_mask;
	char order;
	int status;
	pid_t pid;

	reset_signals();
	if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1)
		_exit(NO_TERMINAL);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, &open_mask);
	pid = start_command(slave, argv);
	tell(reports, pid, -1);
	for (;;) {
		/* the kernel tells the leader alone, which tells its job */
		if (hung_up && pid > 0) {
			kill(-pid, SIGHUP);
			kill(-pid, SIGCONT);
		}
		hung_up = 0;
		while (pid > 0 && waitpid(pid, &status, WNOHANG | WUNTRACED) == pid) {
			/* as a shell: the terminal is its own again */
			tcsetpgrp(slave, getpid());
			tell(reports, pid, status);
			if (!WIFSTOPPED(status))
				pid = 0;
		}
		if (ppoll(&in, 1, NULL, &open_mask) != 1)
			continue;
		if (read(orders, &order, 1) != 1 || order == 'q')
			_exit(0);
		if (pid > 0)
			let_go_on(order, slave, pid);
	}
}

static void
start(struct run *run, char **argv)
{
	int reports[2], orders[2];
	pid_t pid;

	if (pipe2(reports, O_CLOEXEC) == -1 || pipe2(orders, O_CLOEXEC) == -1 ||
	    (pid = fork()) == -1) {
		perror("inpty");
		exit(STEP_FAILED);
	}
	if (pid == 0) {
		close(run->tty.master);
		close(reports[0]);
		close(orders[1]);
		lead(run->tty.slave, reports[1], orders[0], argv);
	}
	close(reports[1]);
	close(orders[0]);
	run->reports = reports[0];
	run->orders = orders[1];
}

/* The master side */

/* False at the end of the terminal. */
static bool
take_output(struct run *run)
{
	ssize_t n;

	if (run->room - run->size < 65536) {
		run->room = 2 * run->room + 131072;
		run->seen = realloc(run->seen, run->room);
		if (!run->seen)
			usage("no memory");
	}
	n = read(run->tty.master, run->seen + run->size, 65536);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	write_all(1, run->seen + run->size, (size_t)n);
	run->size += (size_t)n;
	return true;
}

static void
take_report(struct run *run)
{
	struct report report;

	if (read(run->reports, &report, sizeof(report)) != sizeof(report))
		give_up(run, "the session leader has gone");
	run->command = report.pid;
	if (report.status == -1)
		return;
	if (WIFSTOPPED(report.status)) {
		run->stopped = true;
		return;
	}
	run->ended = true;
	run->status = report.status;
}

/* Takes what there is, for ms at most; true where something was said. */
static bool
pump(struct run *run, int ms)
{
	struct pollfd fds[2] = {
		{ .fd = run->tty.master, .events = POLLIN },
		{ .fd = run->ended ? -1 : run->reports, .events = POLLIN },
	};

	if (now_ms() > run->deadline)
		give_up(run, "time is up at '%s'", run->step);
	if (poll(fds, 2, ms) <= 0)
		return false;
	if (fds[1].revents)
		take_report(run);
	if (!fds[0].revents)
		return false;
	take_output(run);
	return true;
}

static void
expect(struct run *run, const char *text)
{
	char *wanted = malloc(strlen(text) + 1), *at;
	size_t size;
	bool ended;

	if (!wanted)
		usage("no memory");
	size = unescape(wanted, text);
	for (;;) {
		at = NULL;
		if (run->size > run->matched)
			at = memmem(
			    run->seen + run->matched, run->size - run->matched, wanted, size);
		if (at)
			break;
		/* what it said last may come a moment after its end */
		ended = run->ended;
		if (!pump(run, ended ? 200 : TICK_MS) && ended)
			give_up(run, "the command ended before '%s'", run->step);
	}
	run->matched = (size_t)(at - run->seen) + size;
	free(wanted);
}

/* Never blocks: a terminal that nobody reads takes only so much. */
static void
type(struct run *run, const char *keys, size_t size)
{
	struct pollfd out = { .fd = run->tty.master, .events = POLLOUT };
	ssize_t n;

	while (size > 0) {
		pump(run, 0);
		if (poll(&out, 1, TICK_MS) != 1 || !(out.revents & POLLOUT))
			continue;
		n = write(run->tty.master, keys, size > 256 ? 256 : size);
		if (n > 0) {
			keys += n;
			size -= (size_t)n;
		}
	}
}

static void
send_keys(struct run *run, const char *text)
{
	char *keys = malloc(strlen(text) + 1);

	if (!keys)
		usage("no memory");
	type(run, keys, unescape(keys, text));
	free(keys);
}

struct process {
	pid_t pid, parent;
	char state;
	bool ours;
};

static bool
look(pid_t pid, struct process *p)
{
	char path[64], text[512], *at;
	int parent;
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	/* the name may hold anything, brackets included */
	ok = fgets(text, sizeof(text), file) && (at = strrchr(text, ')')) &&
	    sscanf(at, ") %c %d", &p->state, &parent) == 2;
	fclose(file);
	if (ok) {
		p->pid = pid;
		p->parent = parent;
		p->ours = false;
	}
	return ok;
}

/* Whether the command and all that descends from it sleep. */
static bool
asleep(pid_t command)
{
	static struct process all[16384];
	struct dirent *entry;
	size_t count = 0, i, j;
	bool found = false, more;
	DIR *proc = opendir("/proc");

	if (!proc)
		usage("no /proc");
	while (count < sizeof(all) / sizeof(all[0]) && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    look(atoi(entry->d_name), &all[count]))
			count++;
	closedir(proc);
	do {
		more = false;
		for (i = 0; i < count; i++) {
			for (j = 0; !all[i].ours && j < count; j++)
				if (all[i].pid == command ||
				    (all[j].ours && all[j].pid == all[i].parent))
					all[i].ours = more = true;
		}
	} while (more);
	for (i = 0; i < count; i++) {
		if (!all[i].ours)
			continue;
		found = true;
		if (!strchr("SZTI", all[i].state))
			return false;
	}
	return found;
}

static void
idle(struct run *run)
{
	int quiet = 0;

	while (quiet < 4 && !run->ended) {
		if (pump(run, TICK_MS) || run->command == 0 || !asleep(run->command))
			quiet = 0;
		else
			quiet++;
	}
}

static bool
is_set_so(const struct run *run, const char *how)
{
	struct termios t;

	if (tcgetattr(run->tty.slave, &t) == -1)
		return false;
	if (strcmp(how, "raw") == 0)
		return !(t.c_lflag & (ICANON | ECHO));
	if (strcmp(how, "cooked") == 0)
		return (t.c_lflag & (ICANON | ECHO)) == (ICANON | ECHO);
	return (t.c_lflag & (ICANON | ECHO)) == ICANON;
}

static void
wait_mode(struct run *run, const char *how)
{
	while (!is_set_so(run, how)) {
		if (run->ended)
			give_up(run, "the command ended before '%s'", run->step);
		pump(run, TICK_MS);
	}
}

static void
check_modes(struct run *run)
{
	const struct termios *was = &run->tty.modes;
	int flags = fcntl(run->tty.slave, F_GETFL);
	struct termios is;

	if (tcgetattr(run->tty.slave, &is) == -1)
		give_up(run, "the terminal has gone");
	if (is.c_iflag != was->c_iflag || is.c_oflag != was->c_oflag ||
	    is.c_cflag != was->c_cflag || is.c_lflag != was->c_lflag ||
	    memcmp(is.c_cc, was->c_cc, sizeof(is.c_cc)) != 0)
		give_up(run,
		    "the terminal is not as it was: iflag %lo, was %lo, oflag %lo, was %lo, lflag "
		    "%lo, was %lo",
		    (unsigned long)is.c_iflag, (unsigned long)was->c_iflag,
		    (unsigned long)is.c_oflag, (unsigned long)was->c_oflag,
		    (unsigned long)is.c_lflag, (unsigned long)was->c_lflag);
	if (flags != run->tty.flags)
		give_up(run, "the descriptor's flags are %o and were %o", (unsigned)flags,
		    (unsigned)run->tty.flags);
}

static bool
shell_says(const struct run *run, const char *command)
{
	char pid[32], *line;
	int status;

	snprintf(pid, sizeof(pid), "%ld", (long)run->command);
	setenv("INPTY_PID", pid, 1);
	setenv("INPTY_TTY", run->tty.name, 1);
	if (asprintf(&line, "{ %s\n} </dev/null >&2", command) == -1)
		usage("no memory");
	status = system(line);
	free(line);
	return status == 0;
}

static void
order(struct run *run, char letter)
{
	run->stopped = false;
	if (write(run->orders, &letter, 1) != 1)
		give_up(run, "the session leader has gone");
}

static void
hang_up(struct run *run)
{
	close(run->tty.master);
	run->tty.master = -1;
}

static const char *
after(const char *step, const char *name)
{
	size_t size = strlen(name);

	return strncmp(step, name, size) == 0 && step[size] == ':' ? step + size + 1 : NULL;
}

static void
take_step_with(struct run *run)
{
	struct winsize size;
	const char *text;

	if ((text = after(run->step, "expect"))) {
		expect(run, text);
	} else if ((text = after(run->step, "send"))) {
		send_keys(run, text);
	} else if ((text = after(run->step, "kill"))) {
		if (run->ended || kill(run->command, signal_of(text)) == -1)
			give_up(run, "the command has gone at '%s'", run->step);
	} else if ((text = after(run->step, "resize"))) {
		size = size_of(text);
		ioctl(run->tty.master, TIOCSWINSZ, &size);
	} else if ((text = after(run->step, "until"))) {
		while (!shell_says(run, text))
			pump(run, TICK_MS);
	} else if ((text = after(run->step, "run"))) {
		if (!shell_says(run, text))
			give_up(run, "'%s' failed", run->step);
	} else {
		usage("no step: '%s'", run->step);
	}
}

static void
take_step(struct run *run)
{
	const char *step = run->step;

	while (run->command == 0)
		pump(run, TICK_MS);
	if (strcmp(step, "eof") == 0) {
		type(run, "\004", 1);
	} else if (strcmp(step, "idle") == 0) {
		idle(run);
	} else if (strcmp(step, "raw") == 0 || strcmp(step, "cooked") == 0 ||
	    strcmp(step, "noecho") == 0) {
		wait_mode(run, step);
	} else if (strcmp(step, "modes") == 0) {
		check_modes(run);
	} else if (strcmp(step, "stopped") == 0) {
		while (!run->stopped && !run->ended)
			pump(run, TICK_MS);
		if (run->ended)
			give_up(run, "the command ended before it was stopped");
	} else if (strcmp(step, "foreground") == 0) {
		order(run, 'f');
	} else if (strcmp(step, "background") == 0) {
		order(run, 'b');
	} else if (strcmp(step, "ended") == 0) {
		while (!run->ended)
			pump(run, TICK_MS);
	} else if (strcmp(step, "hangup") == 0) {
		hang_up(run);
	} else {
		take_step_with(run);
	}
}

int
main(int argc, char **argv)
{
	static struct run run = { .step = "start" };
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	bool same_modes = false;
	int option, seconds = 20;
	char **steps;

	while ((option = getopt(argc, argv, "+ms:t:")) != -1) {
		switch (option) {
		case 'm':
			same_modes = true;
			break;
		case 's':
			size = size_of(optarg);
			break;
		case 't':
			seconds = atoi(optarg);
			break;
		default:
			return STEP_FAILED;
		}
	}
	/* getopt takes a -- that stands first */
	steps = argv + optind;
	if (optind > 1 && strcmp(argv[optind - 1], "--") == 0)
		steps--;
	for (argv = steps; *argv && strcmp(*argv, "--") != 0; argv++)
		;
	if (!*argv || !argv[1])
		usage("no command");
	*argv++ = NULL;

	run.deadline = now_ms() + seconds * 1000LL;
	open_terminal(&run.tty, size);
	start(&run, argv);
	for (; *steps; steps++) {
		run.step = *steps;
		take_step(&run);
	}
	run.step = "the end of the command";
	while (!run.ended)
		pump(&run, TICK_MS);
	if (run.tty.master != -1) {
		if (same_modes)
			check_modes(&run);
		/* the session's end hangs the terminal up, so its last output is followed by an end
		 */
		close(run.tty.slave);
		order(&run, 'q');
		run.step = "the end of the terminal";
		for (;;) {
			struct pollfd in = { .fd = run.tty.master, .events = POLLIN };

			if (now_ms() > run.deadline)
				give_up(&run, "time is up at '%s'", run.step);
			if (poll(&in, 1, TICK_MS) == 1 && !take_output(&run))
				break;
		}
	}
	return WIFSIGNALED(run.status) ? 128 + WTERMSIG(run.status) : WEXITSTATUS(run.status);
}
