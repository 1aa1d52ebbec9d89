/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a person at a terminal sees: the child's output as it comes, and below
 * it the line that is being typed, behind what the child printed last without
 * a newline, which is its prompt. Output moves the line out of its way and
 * the line comes back as it was, however it wraps.
 *
 * No I/O: what is to be written gathers in a buffer that the caller empties.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct screen;

/* A terminal of that size. to is the caller's, and gets the bytes for the terminal. */
struct screen *screen_new(struct buf *to, unsigned short rows, unsigned short columns);
void screen_free(struct screen *s);

/*
 * Output of the child: whole lines go up for good, the rest is the prompt.
 * Bytes may be cut anywhere, in a character or an escape sequence as well.
 * The line is taken away first; it comes back with screen_paint().
 */
void screen_output(struct screen *s, const char *data, size_t size);

/* The line that is typed and the cursor in it; hidden: none of it is shown. Nothing is drawn yet. */
void screen_line(struct screen *s, const wchar_t *text, size_t length, size_t cursor, bool hidden);

/* Draws what differs from what is there. */
void screen_paint(struct screen *s);

/* Takes prompt and line away, the cursor where they began. */
void screen_erase(struct screen *s);

/*
 * The line was accepted: it stays where it is, and what comes now begins
 * below it. keep_prompt: the terminal's echo will repaint it, so it is taken
 * away, and the prompt stays for the echo to continue.
 */
void screen_accept(struct screen *s, bool keep_prompt);

/* The window has another size. */
void screen_resize(struct screen *s, unsigned short rows, unsigned short columns);

/* Clears the window, prompt and line on top (^L). */
void screen_clear(struct screen *s);

/*
 * Somebody else had the terminal (a child that took it raw, the shell): what
 * is there is not known. column: where the cursor stands, by what has passed.
 */
void screen_forget(struct screen *s);

/* A message or a list of ours, lines that go above prompt and line. */
void screen_note(struct screen *s, const char *data, size_t size);

#endif
