/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The words of a dialogue: what stands next in its text, and strings, regular
 * expressions and bare words as bytes and variables. What a word means is the
 * reader's.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "buf.h"
#include "dialogue.h"
#include "source.h"

#include <stdbool.h>
#include <stddef.h>

/* By what it begins with. */
enum token {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_SEMICOLON,
	TOKEN_OPEN,		/* { */
	TOKEN_CLOSE,		/* } */
	TOKEN_STRING,		/* "..." or '...' */
	TOKEN_WORD		/* anything else; a regular expression where one may stand */
};

struct token_reader {
	const struct source *source;
	size_t at;			/* of the next byte */
	struct dialogue_place place;	/* of the same */
	char **cause;			/* where token_fail() puts it */
	struct dialogue_place hidden;	/* no message repeats what stands from here on; line 0: there is no such place */
};

/* Passes over blanks and comments, and says what stands there. */
enum token token_next(struct token_reader *r);

/* Takes that much of it, without looking at it. */
void token_take(struct token_reader *r, size_t size);

/* A bare word that stands next: its bytes in the source. */
const char *token_peek(const struct token_reader *r, size_t *size);
/* Is it this one? */
bool token_is(const struct token_reader *r, const char *word);

/*
 * Reads the word, string or regular expression that stands next; the flags are
 * those of enum dualpipe_pattern_flags. -1 with the cause, and what text holds
 * is to be freed in any case.
 */
int token_word(struct token_reader *r, struct dialogue_text *text);
int token_string(struct token_reader *r, struct dialogue_text *text);
int token_regex(struct token_reader *r, struct dialogue_text *text, unsigned *flags);

/* The rest of the line, with the escapes of a string and without its variables. -1 with the cause. */
int token_escapes(struct token_reader *r, struct buf *to);

/*
 * The place in the source of the byte at offset in the text of a regular
 * expression, where each variable counts as one. start: before it was read.
 */
struct dialogue_place token_regex_place(const struct token_reader *start, size_t offset);

/* Is it the name of a variable: a letter or _, then letters, digits and _? */
bool token_is_name(const char *text, size_t size);

void token_free_text(struct dialogue_text *text);

/* Says what is wrong at a place, or just that there is no memory; -1 in any case. */
int token_fail(const struct token_reader *r, const struct dialogue_place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
