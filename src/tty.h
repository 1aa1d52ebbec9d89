/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The user's terminal: its size, raw while we do the editing or a terminal of
 * the child does, and as it was on every way out: at the end, when we are
 * stopped, when a signal ends us. In the background it is left alone.
 */
#ifndef TTY_H
#define TTY_H

#include "loop.h"

#include <stdbool.h>
#include <termios.h>

/* The size of a terminal that nobody looks at. */
enum { TTY_ROWS = 24, TTY_COLUMNS = 80 };

struct tty;

/*
 * Whether we have a controlling terminal. A child that has none of its own
 * stays in our group then, so that it may ask at /dev/tty.
 */
bool tty_controls(void);

/* The size of the first of our standard descriptors that has one. False where none has. */
bool tty_size(unsigned short *rows, unsigned short *columns);

/* Somebody is there to type, and sees what is shown. */
bool tty_has_person(void);

/* And lines can be drawn for him: the terminal is of some kind and size. */
bool tty_can_edit(void);

struct tty_opts {
	bool raw;	/* every key goes through, none is acted upon here */
	bool newlines;	/* raw: but "\n" goes to the first column of the next line */
	/*
	 * raw: what was typed before it was, as its driver gave it: a line, the
	 * part of one that an end-of-file pushed on, or that alone, size 0.
	 * Where it is NULL that stays there, an end-of-file as a NUL.
	 */
	void (*typed)(void *arg, const char *line, size_t size);
	const char *undo;	/* raw: written when the mode is put back; NULL for nothing */

	/* A TSTP stops us now; or we were continued. With it, TSTP is caught in any mode. May be NULL. */
	void (*stopping)(void *arg, bool stops);

	/* We came to the foreground, or left it; told once at the start. May be NULL. */
	void (*moved)(void *arg, bool foreground);

	/*
	 * We were stopped by STOP, which nobody is told of: who had the terminal
	 * meanwhile may have written there. moved says behind it whose it is
	 * now. May be NULL.
	 */
	void (*lost)(void *arg);
	void *arg;
};

/* One at a time in a process. fd stays the caller's. NULL with errno. */
struct tty *tty_new(struct loop *l, int fd, const struct tty_opts *opts);

/* How the terminal was before us. */
const struct termios *tty_mode(const struct tty *t);

/*
 * How one for a command is to be: as ours was, or as ours would be for one in
 * the foreground, where a shell edits its next line there meanwhile.
 */
struct termios tty_mode_for_command(const struct tty *t);

/* Begins to act: the mode is set here, and moved is called. */
void tty_begin(struct tty *t);

/* Echoes what is typed, or does not, where it is not raw. */
void tty_echo(struct tty *t, bool on);

/* Raw for a while, where it is not always. */
void tty_keys(struct tty *t, bool on);

/* Raw: as newlines in tty_opts. */
void tty_newlines(struct tty *t, bool on);

/* Stops our whole process group, as the terminal's own key would. */
void tty_suspend(struct tty *t);

/* Puts the terminal back. Takes NULL. */
void tty_free(struct tty *t);

#endif
