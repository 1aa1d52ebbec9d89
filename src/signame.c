/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "signame.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of several names of one number the first is the one that we say. */
static const struct {
	const char *name;
	int signo;
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
	{ "SYS", SIGSYS },
#ifdef SIGSTKFLT
	{ "STKFLT", SIGSTKFLT },
#endif
#ifdef SIGEMT
	{ "EMT", SIGEMT },
#endif
#ifdef SIGWINCH
	{ "WINCH", SIGWINCH },
#endif
#ifdef SIGIO
	{ "IO", SIGIO },
#endif
#ifdef SIGPOLL
	{ "POLL", SIGPOLL },
#endif
#ifdef SIGPWR
	{ "PWR", SIGPWR },
#endif
#ifdef SIGINFO
	{ "INFO", SIGINFO },
#endif
#ifdef SIGIOT
	{ "IOT", SIGIOT },
#endif
#ifdef SIGCLD
	{ "CLD", SIGCLD },
#endif
};

enum { COUNT = sizeof(signals) / sizeof(signals[0]) };

/* The real-time signals, none of them where the system has none: SIGRTMIN is no constant. */
static int
rtmin(void)
{
#ifdef SIGRTMIN
	return SIGRTMIN;
#else
	return 0;
#endif
}

static int
rtmax(void)
{
#ifdef SIGRTMAX
	return SIGRTMAX;
#else
	return -1;
#endif
}

static int
highest(void)
{
	int max = rtmax();
	size_t i;

	for (i = 0; i < COUNT; i++) {
		if (signals[i].signo > max)
			max = signals[i].signo;
	}
	return max;
}

const char *
signame_get(int signo, char name[SIGNAME_ROOM])
{
	size_t i;

	for (i = 0; i < COUNT; i++) {
		if (signals[i].signo == signo)
			return signals[i].name;
	}
	if (signo == rtmin())
		return "RTMIN";
	if (signo > rtmin() && signo <= rtmax())
		(void)snprintf(name, SIGNAME_ROOM, "RTMIN+%d", signo - rtmin());
	else
		(void)snprintf(name, SIGNAME_ROOM, "%d", signo);
	return name;
}

/* Decimal digits and nothing else, at most five of them; -1 for anything else. */
static int
parse_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 5 || text[digits])
		return -1;
	return atoi(text);
}

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n; else -1. */
static int
parse_realtime(const char *name)
{
	int signo, n;

	if (strncmp(name, "RTM", 3) != 0 || rtmax() < rtmin())
		return -1;
	if (strcmp(name, "RTMIN") == 0)
		return rtmin();
	if (strcmp(name, "RTMAX") == 0)
		return rtmax();
	if (strncmp(name, "RTMIN+", 6) != 0 && strncmp(name, "RTMAX-", 6) != 0)
		return -1;
	n = parse_number(name + 6);
	signo = name[5] == '+' ? rtmin() + n : rtmax() - n;
	return n >= 0 && signo >= rtmin() && signo <= rtmax() ? signo : -1;
}

int
signame_parse(const char *text)
{
	int signo = parse_number(text);
	size_t i;

	if (signo > 0 && signo <= highest())
		return signo;
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (i = 0; i < COUNT; i++) {
		if (strcmp(signals[i].name, text) == 0)
			return signals[i].signo;
	}
	signo = parse_realtime(text);
	if (signo < 0)
		errno = EINVAL;
	return signo;
}
