/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a person at a terminal sees: the child's output as it comes, and below
 * it the line that is being typed, behind what the child printed last without
 * a newline, which is its prompt. Output moves the line out of its way and
 * the line comes back as it was, however it wraps.
 *
 * No I/O: what is to be written gathers in a buffer that the caller empties.
 * LC_CTYPE is to be a UTF-8 locale. The terminal breaks lines at its edge (as
 * all do at first), and a newline takes it to the first column, be it by ONLCR
 * or by a \r in the output.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct screen;

/*
 * Whether the terminal breaks its lines anew when its width changes, by what
 * the environment says of it: most do, xterm and the console do not.
 */
bool screen_reflows(void);

/*
 * A terminal of that size whose cursor is in the first column. to is the
 * caller's, and gets the bytes for the terminal. NULL with ENOMEM.
 */
struct screen *screen_new(struct buf *to, unsigned short rows, unsigned short columns, bool reflows);

/* Leaves what is there. Takes NULL. */
void screen_free(struct screen *s);

/*
 * Output of the child: whole lines go up for good, as they are, the rest is
 * the prompt. Bytes may be cut anywhere, in a character or an escape sequence
 * as well. Line and prompt are taken away where they are in its way; they
 * come back with screen_paint(). -1 with ENOMEM, and nothing was taken.
 */
int screen_output(struct screen *s, const char *data, size_t size);

/*
 * The line that is typed, which is copied, and the cursor in it; hidden: none
 * of it is shown. Nothing is drawn yet. -1 with ENOMEM: it is as before.
 */
int screen_line(struct screen *s, const wchar_t *text, size_t length, size_t cursor, bool hidden);

/*
 * Draws what differs from what is there. How often is up to the caller: once
 * nothing more is to be read, or each 30 ms of a flood.
 */
void screen_paint(struct screen *s);

/* Takes prompt and line away, the cursor where they began; screen_paint() brings them back. */
void screen_erase(struct screen *s);

/*
 * The line was accepted, and there is none now. keep_prompt: the terminal's
 * echo will repaint it, so it is taken away, and the prompt stays for the echo
 * to continue. Else it stays where it is, drawn as last told, all of it
 * however tall, and what comes now begins below it.
 */
void screen_accept(struct screen *s, bool keep_prompt);

/* What has happened shortly before the window has another size. */
enum screen_since {
	SCREEN_QUIET,		/* nothing */
	SCREEN_DRAWN,
	SCREEN_RESIZED		/* and maybe drawn */
};

/*
 * The window has another size. Line and prompt are taken away, wherever the
 * terminal has moved them. Where they no longer fit above the cursor, what has
 * scrolled off stays in the terminal's memory; where it may not be known how
 * far they were moved, some of it may stay: output is never taken away.
 */
void screen_resize(struct screen *s, unsigned short rows, unsigned short columns, enum screen_since since);

/* Whether more rows would be above the cursor then: what must not be taken for them is output. */
bool screen_spreads(struct screen *s, unsigned short columns);

/*
 * Several sizes follow each other, and the terminal's may not be the one that
 * it tells: all is drawn anew each time, since to change what is there goes
 * wrong where that stands elsewhere.
 */
void screen_unsteady(struct screen *s, bool unsteady);

/* Clears the window; prompt and line are on top with the next paint (^L). */
void screen_clear(struct screen *s);

/*
 * Takes the line away and leaves what the child printed last, as it printed
 * it, the cursor behind: before the terminal is given away, or at the end.
 */
void screen_leave(struct screen *s);

/*
 * Somebody else had the terminal (a child that took it raw, the shell): what
 * is there is not known and stays. column: where the cursor stands, by what
 * has passed; prompt and line begin there.
 */
void screen_forget(struct screen *s, unsigned short column);

/* A message or a list of ours, lines that go above prompt and line. */
void screen_note(struct screen *s, const char *data, size_t size);

#endif
