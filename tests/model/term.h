/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A terminal in memory: what the bytes written to it would show, with all that
 * has scrolled off. It wraps, and breaks its lines anew, as tmux does.
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>

enum { CELL_BYTES = 32 };

struct cell {
	char text[CELL_BYTES];	/* "": nothing was written here, or it is the right half */
	int width;		/* 0: the right half of a wide one */
	unsigned pen;
};

struct row {
	struct cell *cells;
	int used;		/* cells that have been written to */
	int room;
	bool wrapped;		/* the next row goes on with it */
};

struct term {
	int rows, columns;
	bool reflows;
	bool unwraps;		/* a newline ends a row that was wrapped before, as does clearing the next one */
	struct row *list;	/* the last rows of them are the window */
	int count;
	int x, y;		/* the cursor; y from the top of the window; x == columns: about to wrap */
	unsigned pen;
	char held[256];		/* a sequence that is cut */
	size_t held_size;
	bool cut;		/* the cursor was in what a new width made scroll off */
	int bells;
	int bad;		/* bytes that the model knows nothing of */
};

struct term *term_new(int rows, int columns, bool reflows);
void term_free(struct term *t);
void term_write(struct term *t, const char *data, size_t size);
void term_resize(struct term *t, int rows, int columns);

/* A row by its number from the very first one. */
struct row *term_row(const struct term *t, int i);

/* Adds a row at the end, as text that was read from elsewhere. */
void term_add_row(struct term *t, const char *text, size_t size, bool wrapped);

/* The text of a row behind what is in to; blanks at its end are left out unless it is wrapped. */
void term_text(const struct row *row, char **to, size_t *size);

#endif
