/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "shwords.h"

#include "buf.h"
#include "escape.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *at, *end;
	struct buf word;
	char **words;
	size_t count, room;
	char **cause;
};

__attribute__((format(printf, 2, 3))) static int
complain(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(r->cause, format, args) < 0)
		*r->cause = NULL;
	va_end(args);
	return -1;
}

static int
put(struct reader *r, const char *data, size_t size)
{
	if (memchr(data, '\0', size))
		return complain(r, "a word cannot hold a NUL");
	return buf_append(&r->word, data, size);
}

/* Up to the quote that ends it, which is behind r->at then. */
static int
take_single(struct reader *r)
{
	const char *from = r->at, *quote = memchr(from, '\'', (size_t)(r->end - from));

	if (!quote)
		return complain(r, "a ' is not closed");
	r->at = quote + 1;
	return put(r, from, (size_t)(quote - from));
}

/* What stands behind a backslash in $'...': as in the lines below, and a newline and a quote besides. */
static int
take_escape(struct reader *r)
{
	const char *from = r->at - 1;
	char c = r->at < r->end ? *r->at : '\0', byte;
	size_t size = c == 'x' ? 4 : 2, left = (size_t)(r->end - from);

	if (c == 'n' || c == '\'') {
		r->at++;
		return put(r, c == 'n' ? "\n" : "'", 1);
	}
	if (left < size || escape_decode(&byte, from, size, NULL) != 1)
		return complain(r, "'%.*s' is no escape", 1 + (left > 1 ? utf8_char(from + 1, left - 1) : 0), from);
	r->at = from + size;
	return put(r, &byte, 1);
}

static int
take_escaped(struct reader *r)
{
	int result = 0;
	char c;

	while (result == 0 && r->at < r->end) {
		c = *r->at++;
		if (c == '\'')
			return 0;
		result = c == '\\' ? take_escape(r) : put(r, &c, 1);
	}
	return result < 0 ? -1 : complain(r, "a $' is not closed");
}

static int
take_double(struct reader *r)
{
	int result = 0;
	char c;

	while (result == 0 && r->at < r->end) {
		c = *r->at++;
		if (c == '"')
			return 0;
		if (c == '$' || c == '`')
			return complain(r, "'%c' is not expanded: no shell reads this line", c);
		if (c == '\\' && r->at < r->end && strchr("\\\"$`", *r->at))
			c = *r->at++;
		result = put(r, &c, 1);
	}
	return result < 0 ? -1 : complain(r, "a \" is not closed");
}

/* What a shell leaves alone wherever it stands. */
static bool
is_plain(char c)
{
	return (c & 0x80) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c && strchr("%+,-./:=@^_", c));
}

static int
take_part(struct reader *r)
{
	char c = *r->at++;

	if (c == '\'')
		return take_single(r);
	if (c == '"')
		return take_double(r);
	if (c == '$' && r->at < r->end && *r->at == '\'') {
		r->at++;
		return take_escaped(r);
	}
	if (c == '\\' && r->at < r->end)
		return put(r, r->at++, 1);
	if (!is_plain(c))
		return complain(r, "'%c' has to stand in quotes: no shell reads this line", c);
	return put(r, &c, 1);
}

static int
keep_word(struct reader *r)
{
	char **more;

	if (r->count + 1 >= r->room) {
		more = realloc(r->words, (r->room * 2 + 8) * sizeof(*more));
		if (!more)
			return -1;
		r->words = more;
		r->room = r->room * 2 + 8;
	}
	r->words[r->count] = strndup(buf_peek(&r->word), r->word.size);
	if (!r->words[r->count])
		return -1;
	r->words[++r->count] = NULL;
	buf_consume(&r->word, r->word.size);
	return 0;
}

static int
take_words(struct reader *r)
{
	for (;;) {
		while (r->at < r->end && *r->at == ' ')
			r->at++;
		if (r->at == r->end)
			return 0;
		while (r->at < r->end && *r->at != ' ')
			if (take_part(r) < 0)
				return -1;
		if (keep_word(r) < 0)
			return -1;
	}
}

char **
shwords_split(const char *text, size_t size, size_t *count, char **cause)
{
	struct reader r = { .at = text, .end = text + size, .cause = cause, .room = 8 };
	int result;

	*cause = NULL;
	r.words = calloc(r.room, sizeof(*r.words));
	result = r.words ? take_words(&r) : -1;
	buf_free(&r.word);
	if (result < 0) {
		shwords_free(r.words);
		return NULL;
	}
	if (count)
		*count = r.count;
	return r.words;
}

void
shwords_free(char **words)
{
	size_t i;

	for (i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}
