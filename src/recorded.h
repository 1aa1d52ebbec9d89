/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A transcript as text, read back: its lines, each as what it says. A file
 * written with --append holds several records, one behind the other. No I/O.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "match.h"

#include <stdbool.h>
#include <stddef.h>

enum recorded_kind {
	RECORDED_REMARK,	/* a comment, or an empty line */
	RECORDED_COMMAND,	/* $ */
	RECORDED_SENT,		/* > */
	RECORDED_SAID,		/* < or !, as it stands */
	RECORDED_LIKE,		/* <~ or !~: a line that matches */
	RECORDED_ANY,		/* <* or !*: lines, or none */
	RECORDED_END,		/* @ eof */
	RECORDED_SIGNAL,	/* @ signal NAME */
	RECORDED_RESIZE,	/* @ resize ROWS COLUMNS */
	RECORDED_SECRET,	/* @ secret */
	RECORDED_STATUS		/* = */
};

struct recorded_line {
	enum recorded_kind kind;
	bool of_stderr;			/* ! */
	size_t turn;			/* how many steps of the record were begun before it, its own included */
	const char *text;		/* as it stands, its mark in front, no newline behind */
	size_t size;
	const char *data;		/* SENT, SAID: the bytes, a "\n" at the end unless none was there */
	size_t data_size;
	struct match *pattern;		/* LIKE: of the whole line */
	int signo;			/* SIGNAL, and STATUS where one ended it; else 0 */
	int status;			/* STATUS */
	unsigned short rows, columns;	/* RESIZE */
};

/* One record: the lines from first up to end, the one with its command and the one with its status among them. */
struct recorded_part {
	size_t first, end;
	size_t command, status;
	size_t turns;			/* how many steps it has; what is sent and stands together is one */
	char **options;			/* words of the $ line before its "--", NULL at the end */
	char **argv;
};

struct recorded {
	char *name;			/* as messages name it */
	struct recorded_line *lines;	/* the number of one is its index and 1 */
	size_t line_count;
	struct recorded_part *parts;
	size_t part_count;

	size_t line_room, part_room;
	char *text, *bytes;
};

/*
 * text is copied. NULL where it is no transcript, with *cause, the caller's to
 * free: "NAME:LINE: what, why"; that is NULL where memory is out.
 */
struct recorded *recorded_new(const char *name, const char *text, size_t size, char **cause);

/* Takes NULL. */
void recorded_free(struct recorded *r);

/* Whether a line is of what the child says. */
bool recorded_is_said(const struct recorded_line *line);

/* Whether it is one that is sent, or done. */
bool recorded_is_step(const struct recorded_line *line);

#endif
