/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What a run was asked to do: the options that everything takes which starts a child. */
#ifndef RUNOPTS_H
#define RUNOPTS_H

#include "dualpipe.h"
#include "transcript.h"

#include <stdbool.h>
#include <stdint.h>

struct profile;

struct runopts {
	char **argv;			/* the command, NULL at the end; NULL without one */

	bool pty_given, pty;
	bool echo;			/* a pty as one finds it at a terminal */
	bool keys;			/* one for who types without a terminal; in a transcript's head alone */
	bool no_edit;
	bool no_history;
	const char *history;		/* a file of the user's; NULL: the command's own */
	int escape;			/* a key, -1 without */
	unsigned short rows, columns;	/* 0 without --size */

	bool stderr_given;
	enum dualpipe_stderr stderr_to;
	const char *stderr_word;	/* as it was given */
	int stderr_fd;			/* of a FILE, else -1 */

	const char *directory;
	const char **environment;	/* NULL at the end; NULL without */

	int64_t timeout_ms;
	int64_t idle_ms;
	int64_t kill_after_ms;
	int64_t linger_ms;

	const char *transcript;
	enum transcript_format transcript_format;
	bool append;

	int status_fd;			/* -1 without */

	/* A dialogue: its file and the words behind it, or its steps. */
	const char *script;		/* "-" is stdin; NULL without */
	char **words;			/* NULL at the end */
	const char **steps;		/* these arrays are freed with the rest */
	size_t step_count;
	bool show;			/* the conversation, on stderr */
	bool raw;			/* its pty echoes, and ends lines as at a terminal */
	size_t match_buffer;		/* bytes; 0: the library's own */

	/* Requests, in turn to one child. */
	const char **requests;
	size_t request_count;
	bool json;
	bool ask_status;		/* exit with what the request ended with */
	const char *error_pattern;	/* NULL without */
	int64_t request_timeout_ms;	/* of one reply; 0 and negative: none */

	/* How a reply is known to be complete; NULL: not said. */
	const char *reply;

	bool tame_given, tame;		/* the command's world: no pager, no colour, no terminal's tricks */
	const char **whole_environment;	/* with what that takes; made when it is asked for */

	const char *profile_name;	/* NULL: by the command */
	bool no_profile;
	struct profile *profile;	/* that was found, freed with the rest */
	char **argv_with_profile;

	const char *shell_command;	/* of -c */
	char **own_argv;		/* made for -c, freed with the rest */
};

/*
 * Reads the words of the command line. Returns -1 when there is something to
 * run, else the status to end with: what was wrong was told, or help was given.
 */
int runopts_read(struct runopts *r, int argc, char **argv);

/*
 * Looks at what the system has to allow, once there is a place to tell how the
 * run ends; before anything is written or runs. -1: what failed was told.
 */
int runopts_open(struct runopts *r);

/*
 * Those that stand in the head of a transcript, in front of its command: words
 * with a NULL at the end, which are kept. -1 for a mistake, which was told.
 */
int runopts_read_recorded(struct runopts *r, char **options, char **argv);

/* One more of them, stronger than those. -1 for a mistake, which was told. */
int runopts_add_environment(struct runopts *r, const char *setting);

/* Whether there is the directory to run in. -1: it cannot be entered, which was told. */
int runopts_may_enter(const struct runopts *r);

/* The words behind "--", and -c, are the command. -1 for a mistake, which was told. */
int runopts_take_command(struct runopts *r, char **words);

/* The command as the user named it: of -c, the string. */
const char *runopts_name(const struct runopts *r);

/*
 * The words that stand before the command in a transcript, to start the same
 * conversation again. The caller frees them with wordlist_free(). NULL where
 * memory is out.
 */
struct runopts_terminal {
	bool pty;
	enum dualpipe_terminal terminal;	/* of the pty */
	unsigned short rows, columns;
};
char **runopts_words(const struct runopts *r, const struct runopts_terminal *terminal);

/* What the command gets on top of our environment; NULL for nothing, or where memory is out. It stays r's. */
const char *const *runopts_environment(struct runopts *r);

/* A tame pty: nothing wraps or scrolls. */
enum { TAME_ROWS = 1000, TAME_COLUMNS = 10000 };

/* The TERM that the command has, NULL without one. */
const char *runopts_term(const struct runopts *r);

void runopts_free(struct runopts *r);

#endif
