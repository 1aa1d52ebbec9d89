/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * libdualpipe: one child, its standard input and output in our hands.
 *
 * A handle holds one child and is used by one thread at a time; different
 * handles are free of each other. The library installs no handlers, prints
 * nothing, never exits, and waits only for the children it started.
 *
 * Times are milliseconds: negative for ever, 0 for what goes at once.
 * Unless said otherwise a call that fails returns -1 with errno set.
 */
#ifndef DUALPIPE_H
#define DUALPIPE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pollfd;
struct termios;
struct dualpipe;

/* What joins us to the child. */
enum dualpipe_channel {
	DUALPIPE_PIPES,		/* two pipes */
	DUALPIPE_PTY		/* a terminal of the child's own */
};

/* How the terminal of a DUALPIPE_PTY treats what passes. */
enum dualpipe_terminal {
	/*
	 * What is written is data: every byte arrives as it is, lines of any
	 * length too, nothing is echoed, and no "\r" comes before "\n". The
	 * child may set its terminal otherwise.
	 */
	DUALPIPE_DATA,
	/* What is written is typed: the terminal echoes, edits and signals. */
	DUALPIPE_TYPED,
	/*
	 * The same for a program that types: control characters do what they
	 * do at a terminal, lines of any length pass, one at a time, when the
	 * child reads; but nothing is echoed, although the terminal's ECHO is
	 * set, so that a child that turns it off can be told by tcgetattr(3),
	 * and no "\r" comes before "\n". "\r" is the Enter key.
	 * What the child asks its terminal (where the cursor is, what it can
	 * do) is answered, and taken out of its output.
	 */
	DUALPIPE_KEYS
};

/* Where the child's standard error goes. */
enum dualpipe_stderr {
	DUALPIPE_STDERR_DEFAULT,	/* PIPES: INHERIT, PTY: MERGE */
	DUALPIPE_STDERR_INHERIT,	/* the caller's own */
	DUALPIPE_STDERR_PIPE,		/* to dualpipe_read_err() */
	DUALPIPE_STDERR_MERGE,		/* with its output */
	DUALPIPE_STDERR_DISCARD,	/* nowhere */
	DUALPIPE_STDERR_FD		/* to stderr_fd, which stays the caller's */
};

/* Whether the child waits for what we write. */
enum dualpipe_waiting {
	DUALPIPE_BUSY,		/* it runs, or waits for something else */
	DUALPIPE_WAITS_UNKNOWN,	/* it cannot be told: no permission, no /proc */
	DUALPIPE_MAY_WAIT,	/* it waits for us, and for something else as well, or somebody else is to answer for it */
	DUALPIPE_WAITS		/* it waits for us and nothing else; all that it was sent is read, all it said was read */
};

/* How far a child came that was not started. */
enum dualpipe_stage {
	DUALPIPE_STAGE_CHANNEL,		/* pipes, terminal and process: nothing to do with the command */
	DUALPIPE_STAGE_DIRECTORY,	/* it could not enter its directory */
	DUALPIPE_STAGE_EXEC		/* the command could not be executed */
};

/* The ends of the channel that are ours. */
enum dualpipe_end {
	DUALPIPE_TO_CHILD,
	DUALPIPE_FROM_CHILD,
	DUALPIPE_ERR,
	DUALPIPE_SIDE	/* read and written by the caller alone */
};

/* Zero everywhere is the default. Nothing of it is kept after the call, but for seen_arg. */
struct dualpipe_opts {
	enum dualpipe_channel channel;
	enum dualpipe_terminal terminal;
	enum dualpipe_stderr stderr_to;
	int stderr_fd;

	unsigned short rows, columns;		/* of a terminal; 0: 24 and 80 */
	const struct termios *termios;		/* of a DUALPIPE_TYPED or side terminal; NULL: the system's */

	/*
	 * On pipes, a session of its own with a terminal beside them as its
	 * controlling terminal, of the size and the termios above: what the
	 * child asks at /dev/tty is read from and answered at DUALPIPE_SIDE.
	 */
	bool side_terminal;

	const char *directory;			/* where it runs; NULL: here */
	const char *const *environment;		/* NAME=VALUE ..., NULL; on top of ours */

	/*
	 * On pipes, a process group of its own. On a pty the child always
	 * leads a session of its own.
	 */
	bool own_group;
	/*
	 * The child gets KILL when the thread that started it ends. Where
	 * the system knows no such thing (it is Linux's), and for a set-uid
	 * command, it has no effect.
	 */
	bool die_with_parent;
	/*
	 * The caller ignores or catches SIGPIPE, so that a write need not
	 * keep it away from the caller, which takes three more system calls.
	 */
	bool sigpipe_handled;
	/*
	 * Signals that the child ignores besides those that the caller
	 * ignores; all others have their default action there, and none is
	 * blocked. May be NULL.
	 */
	const sigset_t *ignored;

	/* How long dualpipe_close() waits before TERM and before KILL. 0: 5000, negative: at once. */
	int kill_after_ms;

	/*
	 * What dualpipe_expect() keeps at the most of output that nothing
	 * matched; where more comes, an eighth of it falls out. 0: 1 MiB.
	 */
	size_t match_buffer;

	/*
	 * Told of all bytes that pass, in their order: those to the child
	 * once its channel has them, or a pty's once they are sure to go
	 * there; those from it once they were read. May be NULL. It may not
	 * use the handle.
	 */
	void (*seen)(void *arg, enum dualpipe_end end, const void *data, size_t size);
	void *seen_arg;

	/* Where a call that fails tells how far it came. May be NULL. */
	enum dualpipe_stage *failed_at;
};

/*
 * Starts argv[0], looked up in the PATH of the child's environment, with the
 * channel that opts asks for (NULL: the defaults). Returns NULL with errno
 * set when nothing runs, a failed exec or chdir included; ENOEXEC where the
 * interpreter of a script does not exist. The result is the caller's, to be
 * ended by dualpipe_close().
 */
struct dualpipe *dualpipe_spawn(char *const argv[], const struct dualpipe_opts *opts);

/*
 * The same with a C function as the child, whose result is the exit status.
 * The caller's unwritten stdio output is written first, so that it does not
 * appear twice; while another thread reads stdin, that of stdout and stderr
 * alone, and run has to close other streams that it writes to. Descriptors
 * marked close-on-exec are closed in the child, as an exec would. In a program
 * with several threads, run may call only what is async-signal-safe.
 */
struct dualpipe *dualpipe_fork(int (*run)(void *), void *arg, const struct dualpipe_opts *opts);

/*
 * Writes data to the child. Returns size, or less if the time ran out
 * first; ETIMEDOUT where nothing went, EPIPE where the child reads no more,
 * never SIGPIPE. While it waits it takes in what the child says, for
 * dualpipe_read(), so two full pipes are no deadlock.
 */
ssize_t dualpipe_write(struct dualpipe *dp, const void *data, size_t size, int timeout_ms);

/*
 * End-of-file for the child, behind all that was written. A pty keeps it at
 * hand for each process that comes to read; the calls that wait (and
 * dualpipe_read() with any timeout) see to that. Later writes are EPIPE.
 */
int dualpipe_write_end(struct dualpipe *dp);

/*
 * Reads what is there, as soon as something is. Returns 0 at the end of
 * output; ETIMEDOUT.
 */
ssize_t dualpipe_read(struct dualpipe *dp, void *data, size_t size, int timeout_ms);

/* The same for its standard error, with DUALPIPE_STDERR_PIPE; else EINVAL. */
ssize_t dualpipe_read_err(struct dualpipe *dp, void *data, size_t size, int timeout_ms);

/*
 * Reads a line as getline(3) does, "\n" included, a NUL behind it. Returns
 * its length, 0 at the end of output. *line is grown by realloc(3) and is the
 * caller's. A line that is not complete in time is ETIMEDOUT and stays for
 * the next call; the last one may lack its "\n".
 */
ssize_t dualpipe_readline(struct dualpipe *dp, char **line, size_t *room, int timeout_ms);

enum dualpipe_pattern_kind {
	DUALPIPE_LITERAL,	/* the text as it stands */
	DUALPIPE_REGEX		/* of PCRE2 */
};

/* The letters by which PCRE2 and Perl know them. */
enum dualpipe_pattern_flags {
	DUALPIPE_NOCASE = 1,	/* i, of a literal too */
	DUALPIPE_MULTILINE = 2,	/* m: ^ and $ match at each line's ends */
	DUALPIPE_DOTALL = 4,	/* s: . matches a newline */
	DUALPIPE_EXTENDED = 8,	/* x: white space and # comments in the pattern are none of it */
	DUALPIPE_ONWARD = 16	/* where the last match ended it does not match nothing once more */
};

struct dualpipe_pattern {
	enum dualpipe_pattern_kind kind;
	const char *text;
	size_t size;		/* 0: strlen(text) */
	unsigned flags;		/* DUALPIPE_NOCASE | ... */
};

/* What dualpipe_expect() returns besides a pattern's index and -1. */
enum {
	DUALPIPE_END = -2,
	DUALPIPE_TIMEOUT = -3
};

/*
 * Waits until one of the patterns matches what the child has said and nobody
 * has taken, and returns its index. What is there up to the end of the match
 * is taken then. DUALPIPE_END at the end of output and DUALPIPE_TIMEOUT when
 * the time is over, both of which take nothing; what has come is looked at
 * before. With n == 0 it takes in what comes until either.
 *
 * Of what has come the earliest match wins, the earlier pattern where two
 * start together. A match that the next byte could still change, or one that
 * may yet begin earlier, is taken when the child waits for input, when 20 ms
 * have passed without a byte, and at the end of output or of a time that was
 * not 0. With a time of 0 it never waits: dualpipe_pollms() tells when it has
 * to be called again for such a match.
 *
 * ^ and \A match where the last match ended. Text is UTF-8, "\n", "\r" and
 * "\r\n" end a line alike, and \w, \d, \s and \b go by Unicode.
 *
 * -1 with EINVAL where a pattern is none, with E2BIG where one backtracks
 * without end: dualpipe_error() says more. Patterns are compiled once for the
 * handle, however often their text is given.
 */
int dualpipe_expect(struct dualpipe *dp, const struct dualpipe_pattern *patterns, size_t n, int timeout_ms);

/*
 * What the last dualpipe_expect() matched, if it did: all of it (0), or a
 * group by its number or name. NULL, of size 0, where there is no such group
 * or it took no part. Valid until the next dualpipe_expect(). size may be NULL.
 */
const char *dualpipe_match(const struct dualpipe *dp, unsigned group, size_t *size);
const char *dualpipe_match_named(const struct dualpipe *dp, const char *name, size_t *size);

/*
 * What came before that match, valid as long; where nothing matched,
 * dualpipe_peek().
 */
const char *dualpipe_before(const struct dualpipe *dp, size_t *size);

/*
 * Why the last dualpipe_expect() returned -1, and *culprit, where it is not
 * NULL, the index of the pattern that is to blame; "" where errno says it all.
 */
const char *dualpipe_error(const struct dualpipe *dp, size_t *culprit);

/*
 * What was taken in and nobody has taken, valid until the next call that
 * reads, writes or waits; and a call that takes the first size bytes of it.
 */
const char *dualpipe_peek(const struct dualpipe *dp, size_t *size);
void dualpipe_consume(struct dualpipe *dp, size_t size);

/* How many bytes have fallen out of match_buffer, in all. */
unsigned long long dualpipe_dropped(const struct dualpipe *dp);

/*
 * Sends a signal to whom a terminal would: the foreground process group of a
 * pty or a side terminal, the child's own group, or the child alone where it
 * shares ours. ESRCH when it has ended.
 */
int dualpipe_signal(struct dualpipe *dp, int signo);

/* Gives a pty, or a side terminal, a new size, which its foreground group is told of. */
int dualpipe_resize(struct dualpipe *dp, unsigned short rows, unsigned short columns);

/* The child's process, valid until the handle ends. */
pid_t dualpipe_pid(const struct dualpipe *dp);

/*
 * Waits for the child to end. Returns 1, with its wait(2) status where status
 * is not NULL, as often as it is asked; ETIMEDOUT; ECHILD where somebody else
 * has reaped it. While it waits, output is taken in for dualpipe_read().
 */
int dualpipe_wait(struct dualpipe *dp, int *status, int timeout_ms);

/*
 * Whether the child waits for input now: it, or who holds its end of the
 * channel for it, sleeps reading what we write, and has nothing to read; nor
 * is there output that dualpipe_read() would have to take in. Looks twice.
 */
enum dualpipe_waiting dualpipe_waits(struct dualpipe *dp);

/*
 * Whether the child has been stopped and not continued since, told once each
 * time; SIGCHLD says when to ask. Who wants it to go on sends CONT.
 */
bool dualpipe_stopped(struct dualpipe *dp);

/*
 * What an event loop of one's own has to wait for, once dualpipe_read() has
 * said ETIMEDOUT or dualpipe_expect() DUALPIPE_TIMEOUT: fills at most room
 * entries, of which three are enough, and returns how many it has filled, none
 * after the end of output and standard error. Where dualpipe_pollms() gives a
 * time, the same call has to be made again when it has passed, ready or not;
 * negative where there is none. A terminal that nobody holds has only the time.
 */
int dualpipe_pollfds(const struct dualpipe *dp, struct pollfd *fds, size_t room);
int dualpipe_pollms(const struct dualpipe *dp);

/*
 * A descriptor of the channel, for splice(2), tcgetattr(3) and their like,
 * or -1 where there is none or it was ended. It is non-blocking and stays the
 * handle's; on a pty the first two are one. What dualpipe_read() has taken in
 * already, and what a DUALPIPE_DATA pty needs around the bytes, is not seen
 * by who uses it to read and write.
 */
int dualpipe_fd(const struct dualpipe *dp, enum dualpipe_end end);

/*
 * We read no more: further output of the child is EPIPE and SIGPIPE for it on
 * pipes, and hangs its terminal up on a pty. What was taken in before can
 * still be read; then comes the end of output.
 */
int dualpipe_read_end(struct dualpipe *dp);

/*
 * Gives the child end-of-file, takes in what it still says, waits until it
 * ends, after kill_after_ms with TERM, and as long again with KILL. Puts its
 * pid and wait(2) status where these are not NULL. Frees the handle, whatever
 * it returns; takes NULL. ECHILD where somebody else has reaped the child.
 */
int dualpipe_close(struct dualpipe *dp, pid_t *pid, int *status);

#ifdef __cplusplus
}
#endif

#endif
