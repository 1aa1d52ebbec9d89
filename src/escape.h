/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Bytes as text that a person can read and a terminal can bear, and back.
 * UTF-8 stands as it is, whatever the locale; control characters (C0, DEL and
 * C1) and what is no UTF-8 become \t \r \e \a \b \0 or \xhh, and a backslash
 * becomes two. No two inputs look alike.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The front of a character whose rest is still to come. Zero is the start of a stream. */
struct escape {
	char held[3];
	unsigned char size;
};

/* How much text escape_lines() may need room for. */
#define ESCAPE_ROOM(size) (4 * (size) + 32)

/* Lines of text, "< one" and "< two"; an empty one is the mark alone. */
struct escape_lines {
	char *to;	/* the end of the text */
	char *line;	/* where in it what follows the last line's mark begins; NULL: before all this */
	char mark;
};

/*
 * Escapes data behind what is there, for which there has to be ESCAPE_ROOM(size).
 * Behind each "\n" another line begins, with a mark and a blank. A character
 * that is cut by the end is held in e, and the next call begins with it.
 */
void escape_lines(struct escape *e, struct escape_lines *lines, const char *data, size_t size);

/* Appends the last few lines of what was said for a message, each behind "\n| ". Nothing for nothing. -1 with ENOMEM. */
int escape_last_lines(struct buf *to, const char *data, size_t size);

/* The stream ends here: what is held comes out as bytes. */
void escape_end(struct escape *e, char **to);

/*
 * Puts the bytes that text stands for at to, which has room for size bytes
 * and may be text itself. Returns how many; -1 with EINVAL where an escape is
 * none of the above. A single "\" at the end stands for no byte: it sets *half
 * to true, or is such an error where half is NULL.
 */
ssize_t escape_decode(char *to, const char *text, size_t size, bool *half);

/*
 * Appends word as a shell would have to read it: bare where that will do,
 * else '...', and one with control characters or bytes that are no UTF-8 as
 * $'...', with "\n" and "\'" besides the escapes above. -1 with ENOMEM.
 */
int escape_quote(struct buf *to, const char *word);

/*
 * Appends data as a string of a dialogue, "...". There "\b" is \x08, and "\n",
 * "\"" and "\$" are escapes, too. -1 with ENOMEM.
 */
int escape_string(struct buf *to, const char *data, size_t size);

/* Appends word as a dialogue has it: bare where that will do, else as a string. -1 with ENOMEM. */
int escape_word(struct buf *to, const char *word);

#endif
