/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A dialogue: its text as a list of steps, each with its place. All that can
 * be known to be wrong is found here, before a child runs; the steps are done
 * elsewhere.
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

/* Line and column from 1, columns in characters. file is as messages name it ("login.dp", "step 2"), and the dialogue's. */
struct dialogue_place {
	const char *file;
	int line, column;
};

/* Bytes, or a variable. */
struct dialogue_piece {
	char *text;		/* the bytes, or the name ("arg1", "1", "before", "HOME"); a NUL stands behind them */
	size_t size;
	bool is_variable;
	struct dialogue_place at;
};

/* A string: one behind the other, none for an empty one. */
struct dialogue_text {
	struct dialogue_piece *pieces;
	size_t count;
	struct dialogue_place at;
};

enum dialogue_pattern_kind {
	DIALOGUE_LITERAL,	/* these two have a text */
	DIALOGUE_REGEX,
	DIALOGUE_READY,
	DIALOGUE_EOF,
	DIALOGUE_TIMEOUT
};

struct dialogue_pattern {
	enum dialogue_pattern_kind kind;
	struct dialogue_text text;	/* of LITERAL and REGEX; variables in a regex are to match literally */
	unsigned flags;			/* enum dualpipe_pattern_flags */
	char **names;			/* of a REGEX's named groups, NULL at the end; NULL where it has none */
	unsigned groups;		/* how many groups a REGEX has */
	char *source;			/* as it was written, for messages: /DONE-(\d+)/i, "text", eof */
	struct dialogue_place at;
};

struct dialogue_block {
	struct dialogue_step *steps;
	size_t count;
};

struct dialogue_branch {
	struct dialogue_pattern pattern;
	struct dialogue_block block;	/* empty for `expect P' */
};

enum dialogue_step_kind {
	/* words: the command and its arguments; flag: -p */
	DIALOGUE_SPAWN,
	/* words[0] where there is one (sendline needs none) */
	DIALOGUE_SEND,
	DIALOGUE_SENDLINE,
	/* words: names of keys, checked where they hold no variable */
	DIALOGUE_KEY,
	/* words[0]: env:NAME, file:PATH, fd:N, command:STRING, tty; flag: -f */
	DIALOGUE_SECRET,
	DIALOGUE_SENDEOF,
	DIALOGUE_SIGNAL,	/* words[0] */
	DIALOGUE_RESIZE,	/* words[0], words[1] */
	DIALOGUE_EXPECT,	/* branches */
	DIALOGUE_ON,		/* branches[0] */
	DIALOGUE_AGAIN,
	DIALOGUE_ASK,		/* words[0]; name or NULL for "reply" */
	DIALOGUE_SET_TIMEOUT,	/* words[0] */
	DIALOGUE_SET_REPLY,	/* words[0] */
	DIALOGUE_SET,		/* name, words[0] */
	DIALOGUE_PRINT,		/* words[0] */
	/* words[0], test, words[1] or for DIALOGUE_MATCHES branches[0].pattern; body, otherwise */
	DIALOGUE_IF,
	DIALOGUE_REPEAT,	/* words[0]: how often; body */
	DIALOGUE_FOR,		/* name, words; body */
	DIALOGUE_BREAK,
	DIALOGUE_INTERACT,
	DIALOGUE_CLOSE,
	DIALOGUE_WAIT,
	DIALOGUE_SLEEP,		/* words[0] */
	DIALOGUE_EXIT,		/* words[0] or none */
	DIALOGUE_FAIL		/* words[0] */
};

enum dialogue_test { DIALOGUE_EQUAL, DIALOGUE_UNEQUAL, DIALOGUE_MATCHES };

struct dialogue_step {
	enum dialogue_step_kind kind;
	const char *verb;	/* its first word */
	struct dialogue_place at;
	bool flag;
	char *name;
	struct dialogue_text *words;
	size_t word_count;
	struct dialogue_branch *branches;
	size_t branch_count;
	enum dialogue_test test;
	struct dialogue_block body, otherwise;	/* of if, repeat, for */
};

struct dialogue {
	struct dialogue_block block;
	bool spawns;		/* it has a spawn step */
	bool asks;		/* it has an ask step */
	bool matches;		/* it has a pattern that sets $0 */
	struct source **sources;	/* what places are in */
	size_t source_count;
};

struct dialogue_opts {
	bool has_command;	/* the child is given: a spawn is an error, and none is needed */
};

/*
 * Adds the steps of text to d, zero at first; several texts are one dialogue.
 * file is the text's name in messages. -1 with *cause where something is wrong,
 * as dialogue_complain() makes it; *cause is NULL where memory is out. d is to
 * be freed in any case.
 */
int dialogue_add(struct dialogue *d, const char *file, const char *text, size_t size, char **cause);

/*
 * What can only be told of the whole, once all is added: that there is a child
 * for each step that needs one, and never two. -1 with *cause as above.
 */
int dialogue_check(const struct dialogue *d, const struct dialogue_opts *opts, char **cause);

/*
 * "FILE:LINE:COLUMN: what is wrong", a newline, the line, a newline, and a caret
 * below the place, all fit for a terminal. The caller frees it; NULL where
 * memory is out.
 */
char *dialogue_complain(const struct dialogue *d, const struct dialogue_place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The flags of a regular expression as match_new() takes them. */
unsigned dialogue_match_flags(const struct dialogue_pattern *pattern);

void dialogue_free(struct dialogue *d);

#endif
