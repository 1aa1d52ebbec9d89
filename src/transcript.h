/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The record of a conversation: what passed in each direction, written as it
 * happens, as text that can be checked again, as JSON lines, as an asciicast,
 * or as a dialogue that holds it again. Bytes come in pieces of any size, cut
 * anywhere: the text and the dialogue are the same however one direction was
 * cut, and the other two, which have a time for each piece, never part a
 * character.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct transcript;

enum transcript_format {
	TRANSCRIPT_TEXT,
	TRANSCRIPT_JSONL,
	TRANSCRIPT_CAST,
	TRANSCRIPT_DIALOGUE
};

enum transcript_dir {
	TRANSCRIPT_TO_CHILD,	/* > */
	TRANSCRIPT_FROM_CHILD,	/* < */
	TRANSCRIPT_STDERR	/* ! */
};

struct transcript_opts {
	enum transcript_format format;
	bool append;			/* behind what FILE holds */

	/* The conversation, for the head of the record. */
	char *const *argv;
	const char *const *options;	/* words of the $ line before its --, NULL at the end; NULL: none */
	bool pty;
	bool ends_lines;		/* by "\r\n", as a terminal does */
	bool keys;			/* what goes to the child is typed: a line is all up to Enter */
	bool shown;			/* it is seen where it is typed, though the child does not echo it */
	unsigned short rows, columns;	/* of a pty, for a .cast; 0: 24 and 80 */
	const char *term;		/* the child's TERM, for a .cast; NULL without */
};

/* The format that a file's name asks for: .jsonl, .cast, .dp, else text. */
enum transcript_format transcript_format_of(const char *path);

/* Does a file hold but one such record? */
bool transcript_is_single(enum transcript_format format);

/*
 * Opens path for the record, 0600 where it is made anew, and writes the head.
 * NULL with errno where it cannot be opened (EINVAL: nothing can be appended
 * to such a record); a head that cannot be written is
 * known to transcript_error(). Nothing of opts is kept.
 */
struct transcript *transcript_open(const char *path, const struct transcript_opts *opts);

/*
 * Some bytes have passed. After a failed write this and the next two do
 * nothing.
 */
void transcript_data(struct transcript *t, enum transcript_dir dir, const void *data, size_t size);

/*
 * What was done besides: "@ WORDS" in text ("eof", "signal INT", "resize 24
 * 80", "secret"). An asciicast has only the resize.
 */
void transcript_event(struct transcript *t, const char *words);

/*
 * Brings the file up to date, but for a half line: to be called when nothing
 * more is to come for now. Else the file gets what has come in large pieces.
 */
void transcript_flush(struct transcript *t);

/*
 * Ends the record with the child's wait(2) status, or without one (have_status
 * false: it was not started, or its status is not known), and frees it.
 * Returns -1 with the errno of the first write that failed, from the head on;
 * 0 else, and for NULL.
 */
int transcript_close(struct transcript *t, bool have_status, int wait_status);

/* The errno of the first failed write, 0 while all is well. */
int transcript_error(const struct transcript *t);

#endif
