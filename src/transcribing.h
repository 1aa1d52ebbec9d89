/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a transcript in the making is, for the files that work on it:
 * `transcript' takes what passes and writes the file, and the others are a form
 * each.
 */
#ifndef TRANSCRIBING_H
#define TRANSCRIBING_H

#include "buf.h"
#include "escape.h"
#include "transcript.h"

#include <stdint.h>
#include <time.h>

enum {
	TRANSCRIPT_DIRS = 3,
	TRANSCRIPT_PIECE = 64 * 1024	/* the most that is taken at once, and the most of a half line that is held */
};

extern const char transcript_marks[TRANSCRIPT_DIRS];

/* How a record is written. */
struct transcript_form {
	/* -1 with errno. */
	int (*head)(struct buf *head, const struct transcript_opts *opts, const char *path, time_t start);

	/* From 1 to TRANSCRIPT_PIECE bytes. */
	void (*data)(struct transcript *t, enum transcript_dir dir, const char *data, size_t size);
	bool whole_characters;	/* no piece is to part one */

	void (*event)(struct transcript *t, const char *words);

	/* What is still held, and how the child ended; NULL: nothing. */
	void (*end)(struct transcript *t);
	void (*status)(struct transcript *t, int wait_status);
};

extern const struct transcript_form transcript_text, transcript_jsonl, transcript_cast, transcript_dialogue;

struct transcript {
	int fd;
	int error;
	const struct transcript_form *form;
	bool keys;		/* text, dialogue: a line is all up to Enter */
	bool pty;		/* dialogue */
	bool ends_lines;	/* cast: the terminal has put a "\r" before each "\n" */
	bool shown;		/* cast: what goes to the child is output, too, as a player shows no input */
	bool returned;		/* cast: the child's last byte was a "\r" */
	int64_t start_us;

	/* What is to be written: used bytes, of which the first whole may go. The rest is a half line. */
	char *out;
	size_t used, whole;

	/* Once much passes, a file is written beside the relay, and out and spare take turns. */
	struct writer *writer;
	char *spare;
	bool asked_writer;

	/* Text: the direction whose line is not at its end, if any. */
	bool open;
	enum transcript_dir open_dir;

	struct buf typed;	/* text, dialogue: keys that wait for Enter */

	/* Dialogue. Times are since the start. */
	struct buf said;	/* since the last step, the end of it */
	struct buf err;		/* half a line */
	bool half_sent;		/* no Enter came behind what was sent last */
	bool eof_sent;
	int64_t sent_us;	/* when something was sent last */
	int64_t said_us;
	int64_t limit_us;	/* of the last timeout step; 0 without */

	struct escape cut[TRANSCRIPT_DIRS];	/* a character of which the rest is to come */
	char joined[TRANSCRIPT_PIECE];		/* what was cut and what has come, in one piece */
};

/* Whole lines of any length. */
void transcript_put(struct transcript *t, const char *data, size_t size);
void transcript_put_text(struct transcript *t, const char *text);

/* Seconds since the start, as "1.000002". */
void transcript_put_time(struct transcript *t);

/*
 * Where a piece can be put down, its escapes and the words around it too, to be
 * told in t->used; whatever there is, where writing has failed.
 */
char *transcript_room(struct transcript *t);

/* Appends words as a shell would have to read them. -1 with ENOMEM. */
int transcript_quote_words(struct buf *line, char *const *words);

#endif
