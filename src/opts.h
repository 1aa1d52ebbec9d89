/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Options of a command, from one table: names, letters, arguments, and the
 * --no- form of each switch; and the values that they take. A mistake is told
 * by msg_error(), a line that names the word that was wrong.
 */
#ifndef OPTS_H
#define OPTS_H

#include "framing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opts_kind {
	OPTS_SWITCH,	/* --name, --no-name */
	OPTS_VALUE,	/* --name VALUE, --name=VALUE */
	OPTS_ACTION	/* --name alone, as --help */
};

/* A table of these ends with a NULL name. */
struct opts_option {
	const char *name;
	char letter;		/* 0 for none */
	enum opts_kind kind;
	int id;			/* the command's own, above 0 */
};

struct opts {
	const struct opts_option *table;
	int argc;
	char **argv;
	const char *help;	/* where the options are told of; NULL: dualpipe --help */

	/* Of the option that opts_next() gave. */
	const struct opts_option *option;
	const char *value;	/* of an OPTS_VALUE */
	bool on;		/* of an OPTS_SWITCH */

	/* When opts_next() gave 0: what stands behind the options. */
	char **rest;		/* NULL at the end */
	bool separated;		/* a "--" stood before it */

	struct option *long_options;
	char letters[128];
};

/* argv[0] is passed over. NULL where memory is out. */
struct opts *opts_new(const struct opts_option *table, int argc, char **argv);
void opts_free(struct opts *o);

/* No more options are read: what is left are words. */
void opts_end(struct opts *o);

/* The id of the next option, 0 behind the last, -1 for a mistake, which was told. */
int opts_next(struct opts *o);

/*
 * The value of the option that opts_next() gave, false for a mistake, which
 * was told. A duration is in milliseconds, -1 for "none"; a size of a terminal
 * is ROWSxCOLS.
 */
bool opts_duration(const struct opts *o, int64_t *ms);
bool opts_window(const struct opts *o, unsigned short *rows, unsigned short *columns);
bool opts_size(const struct opts *o, size_t least, size_t *bytes);
bool opts_output_fd(const struct opts *o, int *fd);
bool opts_framing(const struct opts *o, struct framing *f);

/* Prints help, or the version, on stdout. The status to end with; what failed was told. */
int opts_give(const char *text);

#endif
