/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "token.h"

#include "buf.h"
#include "dualpipe.h"
#include "utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
token_fail(const struct token_reader *r, const struct dialogue_place *at, const char *format, ...)
{
	va_list arguments;
	int shown = INT_MAX;

	if (r->hidden.line > 0 && at->line >= r->hidden.line)
		shown = at->line == r->hidden.line ? r->hidden.column - 1 : 0;
	va_start(arguments, format);
	*r->cause = source_complain(r->source, at->line, at->column, shown, format, arguments);
	va_end(arguments);
	return -1;
}

/* The byte that is ahead bytes further on, -1 behind the end. */
static int
look(const struct token_reader *r, size_t ahead)
{
	return ahead < r->source->size - r->at ? (unsigned char)r->source->text[r->at + ahead] : -1;
}

static void
move(struct token_reader *r, size_t size)
{
	unsigned char c;

	for (; size > 0; size--) {
		c = (unsigned char)r->source->text[r->at++];
		if (c == '\n') {
			r->place.line++;
			r->place.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			r->place.column++;
		}
	}
}

/* How many bytes stand up to the end of the line. */
static size_t
rest_of_line(const struct token_reader *r)
{
	const char *from = r->source->text + r->at;
	size_t size = r->source->size - r->at;
	const char *newline = memchr(from, '\n', size);

	return newline ? (size_t)(newline - from) : size;
}

/* A "\r" that belongs to the end of a line is a blank, too. */
static bool
is_blank(const struct token_reader *r, size_t ahead)
{
	int c = look(r, ahead);

	if (c == '\r')
		return look(r, ahead + 1) == '\n' || look(r, ahead + 1) < 0;
	return c == ' ' || c == '\t';
}

enum token
token_next(struct token_reader *r)
{
	while (is_blank(r, 0))
		move(r, 1);
	if (look(r, 0) == '#')
		move(r, rest_of_line(r));
	switch (look(r, 0)) {
	case -1:
		return TOKEN_END;
	case '\n':
		return TOKEN_NEWLINE;
	case ';':
		return TOKEN_SEMICOLON;
	case '{':
		return TOKEN_OPEN;
	case '}':
		return TOKEN_CLOSE;
	case '"':
	case '\'':
		return TOKEN_STRING;
	default:
		return TOKEN_WORD;
	}
}

void
token_take(struct token_reader *r, size_t size)
{
	move(r, size);
}

/* May a word end in front of this? */
static bool
is_border(const struct token_reader *r, size_t ahead)
{
	int c = look(r, ahead);

	return c < 0 || c == '\n' || c == ';' || c == '{' || c == '}' || is_blank(r, ahead);
}

void
token_free_text(struct dialogue_text *text)
{
	size_t i;

	for (i = 0; i < text->count; i++)
		free(text->pieces[i].text);
	free(text->pieces);
	*text = (struct dialogue_text){ 0 };
}

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool
token_is_name(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && (is_letter(text[i]) || is_digit(text[i])); i++)
		;
	return size > 0 && i == size && is_letter(text[0]);
}

static int
no_memory(const struct token_reader *r)
{
	*r->cause = NULL;
	errno = ENOMEM;
	return -1;
}

static int
add_piece(struct token_reader *r, struct dialogue_text *text, const struct dialogue_piece *piece)
{
	struct dialogue_piece *more = realloc(text->pieces, (text->count + 1) * sizeof(*more));
	char *copy;

	if (!more)
		return no_memory(r);
	text->pieces = more;
	copy = malloc(piece->size + 1);
	if (!copy)
		return no_memory(r);
	if (piece->size > 0)
		memcpy(copy, piece->text, piece->size);
	copy[piece->size] = '\0';
	more[text->count] = *piece;
	more[text->count++].text = copy;
	return 0;
}

/* The bytes that have come since the last piece, in the making. */
struct bytes {
	struct buf held;
	struct dialogue_place at;	/* of the first */
};

static int
add_bytes(struct token_reader *r, struct bytes *b, const char *data, size_t size)
{
	if (b->held.size == 0)
		b->at = r->place;
	return buf_append(&b->held, data, size) < 0 ? no_memory(r) : 0;
}

/* Makes a piece of them, if there are any. */
static int
end_bytes(struct token_reader *r, struct bytes *b, struct dialogue_text *text)
{
	struct dialogue_piece piece = { .size = b->held.size, .at = b->at };

	if (piece.size == 0)
		return 0;
	piece.text = b->held.data;
	if (add_piece(r, text, &piece) < 0)
		return -1;
	buf_consume(&b->held, piece.size);
	return 0;
}

/* How long the name is that stands ahead; a group's is all digits, and ends with them. */
static size_t
name_ahead(const struct token_reader *r, size_t ahead)
{
	size_t n = 0;

	if (is_digit(look(r, ahead))) {
		while (is_digit(look(r, ahead + n)))
			n++;
		return n;
	}
	while (is_letter(look(r, ahead + n)) || is_digit(look(r, ahead + n)))
		n++;
	return n;
}

/*
 * The "$" that stands next: how much of the source is a variable, 0 if it is
 * itself. Its name is *size bytes long and begins *name bytes further on.
 */
static size_t
variable_ahead(const struct token_reader *r, size_t *name, size_t *size)
{
	bool braces = look(r, 1) == '{';

	*name = braces ? 2 : 1;
	*size = name_ahead(r, *name);
	if (*size == 0 || (braces && look(r, *name + *size) != '}'))
		return 0;
	return *name + *size + braces;
}

static int
take_variable(struct token_reader *r, struct bytes *b, struct dialogue_text *text, size_t whole)
{
	struct dialogue_piece piece = { .is_variable = true, .at = r->place };
	size_t name;

	(void)variable_ahead(r, &name, &piece.size);
	piece.text = r->source->text + r->at + name;
	if (end_bytes(r, b, text) < 0 || add_piece(r, text, &piece) < 0)
		return -1;
	move(r, whole);
	return 0;
}

/* Takes the source's next bytes as they are. */
static int
take_bytes(struct token_reader *r, struct bytes *b, size_t size)
{
	if (add_bytes(r, b, r->source->text + r->at, size) < 0)
		return -1;
	move(r, size);
	return 0;
}

/* A "$" in a string. */
static int
take_dollar(struct token_reader *r, struct bytes *b, struct dialogue_text *text)
{
	size_t name, size, whole = variable_ahead(r, &name, &size);

	return whole > 0 ? take_variable(r, b, text, whole) : take_bytes(r, b, 1);
}

const char *
token_peek(const struct token_reader *r, size_t *size)
{
	*size = 0;
	while (!is_border(r, *size))
		++*size;
	return r->source->text + r->at;
}

bool
token_is(const struct token_reader *r, const char *word)
{
	size_t size;
	const char *text = token_peek(r, &size);

	return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* What in a word would mean something else to whoever wrote it. */
static int
check_word(struct token_reader *r, size_t size)
{
	struct token_reader at = *r;
	size_t name, length, whole;

	for (; size > 0; move(&at, 1), size--) {
		if (look(&at, 0) == '"' || look(&at, 0) == '\'')
			return token_fail(r, &at.place, "a quote in the middle of a word; put all of it in quotes");
		whole = look(&at, 0) == '$' ? variable_ahead(&at, &name, &length) : 0;
		if (whole > 0 && r->hidden.line > 0)
			return token_fail(r, &at.place, "a variable stands in quotes only");
		if (whole > 0)
			return token_fail(r, &at.place,
			    "a variable stands in quotes only; say \"%.*s\", or '%.*s' for these very characters",
			    (int)whole, at.source->text + at.at, (int)whole, at.source->text + at.at);
	}
	return 0;
}

int
token_word(struct token_reader *r, struct dialogue_text *text)
{
	struct dialogue_piece piece = { .at = r->place };

	text->at = r->place;
	piece.text = (char *)token_peek(r, &piece.size); /* add_piece() copies it */
	if (check_word(r, piece.size) < 0 || add_piece(r, text, &piece) < 0)
		return -1;
	move(r, piece.size);
	return 0;
}

/* So many hexadecimal digits that stand ahead; -1 where there are fewer. */
static int
hex_ahead(const struct token_reader *r, size_t ahead, int digits)
{
	int value = 0, c;

	while (digits-- > 0) {
		c = look(r, ahead++);
		if (is_digit(c))
			value = value * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + c - 'A' + 10;
		else
			return -1;
	}
	return value;
}

/* \xHH and \uHHHH. */
static int
take_number(struct token_reader *r, struct bytes *b)
{
	bool byte = look(r, 1) == 'x';
	int digits = byte ? 2 : 4;
	int value = hex_ahead(r, 2, digits);
	char bytes[UTF8_LONGEST];
	size_t size = 1;

	if (value < 0)
		return token_fail(r, &r->place, "behind '\\%c' stand %d hexadecimal digits", look(r, 1), digits);
	if (!byte && value >= 0xd800 && value <= 0xdfff)
		return token_fail(r, &r->place, "'\\u%04x' is half a character of UTF-16; say the character itself",
		    (unsigned)value);
	if (byte)
		bytes[0] = (char)value;
	else
		size = utf8_encode(bytes, (uint32_t)value);
	if (add_bytes(r, b, bytes, size) < 0)
		return -1;
	move(r, 2 + (size_t)digits);
	return 0;
}

static int
take_escape(struct token_reader *r, struct bytes *b)
{
	static const char letters[] = "nrtea0\\\"$";
	static const char bytes[] = "\n\r\t\033\a\0\\\"$";
	int c = look(r, 1);
	const char *found = c > 0 ? strchr(letters, c) : NULL;
	size_t size = 1;

	if (c == 'x' || c == 'u')
		return take_number(r, b);
	if (found) {
		if (add_bytes(r, b, bytes + (found - letters), 1) < 0)
			return -1;
		move(r, 2);
		return 0;
	}
	if (c == '\n' || c < 0)
		return token_fail(r, &r->place, "a '\\' at the end of a line; '\\n' is a newline, '\\\\' a backslash");
	if (r->hidden.line > 0)
		return token_fail(r, &r->place, "this is no escape; a backslash itself is '\\\\'");
	while ((look(r, 1 + size) & 0xc0) == 0x80 && look(r, 1 + size) >= 0)
		size++;
	return token_fail(r, &r->place, "'\\%.*s' is no escape; a backslash itself is '\\\\'",
	    (int)size, r->source->text + r->at + 1);
}

/* Up to what means something in "...", or ends '...'. */
static size_t
plain_ahead(const struct token_reader *r, char quote)
{
	size_t n = 0;
	int c;

	for (;; n++) {
		c = look(r, n);
		if (c < 0 || c == quote || (quote == '"' && (c == '\\' || c == '$')))
			return n;
	}
}

static int
take_piece(struct token_reader *r, struct bytes *b, struct dialogue_text *text, char quote)
{
	if (quote == '"' && look(r, 0) == '\\')
		return take_escape(r, b);
	if (quote == '"' && look(r, 0) == '$')
		return take_dollar(r, b, text);
	return take_bytes(r, b, plain_ahead(r, quote));
}

/* Behind a string or regular expression stands what ends a word. */
static int
check_border(struct token_reader *r, const struct dialogue_text *text, const char *what)
{
	if (is_border(r, 0))
		return 0;
	if (text->at.line == r->place.line)
		return token_fail(r, &r->place, "a blank is missing behind the %s", what);
	return token_fail(r, &r->place, "a blank is missing behind the %s, which began at %d:%d", what,
	    text->at.line, text->at.column);
}

/*
 * The cause is of a later line than the string began on: as a rule its quote
 * was forgotten, and what stands there is no part of it.
 */
static void
blame_quote(struct token_reader *r, const struct dialogue_text *text, char quote)
{
	if (!*r->cause || text->at.line == r->place.line)
		return;
	free(*r->cause);
	(void)token_fail(r, &text->at,
	    "the string that begins here has an escape that is none at %d:%d; is the '%c' at its end missing?",
	    r->place.line, r->place.column, quote);
}

int
token_string(struct token_reader *r, struct dialogue_text *text)
{
	struct bytes b = { 0 };
	char quote = (char)look(r, 0);
	int result = 0;

	text->at = r->place;
	move(r, 1);
	while (result == 0 && look(r, 0) >= 0 && look(r, 0) != quote)
		result = take_piece(r, &b, text, quote);
	if (result < 0)
		blame_quote(r, text, quote);
	if (result == 0 && look(r, 0) < 0)
		result = token_fail(r, &text->at, "the string that begins here has no end");
	if (result == 0)
		result = end_bytes(r, &b, text);
	buf_free(&b.held);
	if (result < 0)
		return -1;
	move(r, 1);
	return check_border(r, text, "string");
}

int
token_escapes(struct token_reader *r, struct buf *to)
{
	struct bytes b = { 0 };
	int result = 0;

	while (result == 0 && look(r, 0) >= 0 && look(r, 0) != '\n')
		result = look(r, 0) == '\\' ? take_escape(r, &b) : take_bytes(r, &b, 1);
	if (result == 0 && b.held.size > 0 && buf_append(to, buf_peek(&b.held), b.held.size) < 0)
		result = no_memory(r);
	buf_free(&b.held);
	return result;
}

/* How much of the source is the next byte or variable of one, or is taken as it stands. */
static size_t
regex_step(const struct token_reader *r, bool *is_variable, bool *is_slash)
{
	size_t name, size, whole;

	*is_variable = *is_slash = false;
	if (look(r, 0) == '\\') {
		*is_slash = look(r, 1) == '/';
		return look(r, 1) < 0 || look(r, 1) == '\n' ? 1 : 2;
	}
	if (look(r, 0) != '$' || look(r, 1) != '{')
		return 1;
	whole = variable_ahead(r, &name, &size);
	*is_variable = whole > 0;
	return whole > 0 ? whole : 1;
}

static int
take_regex_piece(struct token_reader *r, struct bytes *b, struct dialogue_text *text)
{
	bool is_variable, is_slash;
	size_t size = regex_step(r, &is_variable, &is_slash);

	if (is_variable)
		return take_variable(r, b, text, size);
	if (!is_slash)
		return take_bytes(r, b, size);
	if (add_bytes(r, b, "/", 1) < 0)
		return -1;
	move(r, size);
	return 0;
}

struct dialogue_place
token_regex_place(const struct token_reader *start, size_t offset)
{
	struct token_reader r = *start;
	bool is_variable, is_slash;
	size_t size;

	move(&r, 1);
	while (offset > 0 && look(&r, 0) >= 0 && look(&r, 0) != '/') {
		size = regex_step(&r, &is_variable, &is_slash);
		move(&r, size);
		offset -= is_variable || is_slash || size > offset ? 1 : size;
	}
	return r.place;
}

static int
take_flags(struct token_reader *r, unsigned *flags)
{
	*flags = 0;
	for (; is_letter(look(r, 0)) || is_digit(look(r, 0)); move(r, 1)) {
		switch (look(r, 0)) {
		case 'i':
			*flags |= DUALPIPE_NOCASE;
			break;
		case 'm':
			*flags |= DUALPIPE_MULTILINE;
			break;
		case 's':
			*flags |= DUALPIPE_DOTALL;
			break;
		case 'x':
			*flags |= DUALPIPE_EXTENDED;
			break;
		default:
			return token_fail(r, &r->place,
			    "'%c' is no flag of a regular expression; they are i, m, s and x. A '/' in one is '\\/'",
			    look(r, 0));
		}
	}
	return 0;
}

int
token_regex(struct token_reader *r, struct dialogue_text *text, unsigned *flags)
{
	struct bytes b = { 0 };
	int result = 0;

	text->at = r->place;
	move(r, 1);
	while (result == 0 && look(r, 0) >= 0 && look(r, 0) != '\n' && look(r, 0) != '/')
		result = take_regex_piece(r, &b, text);
	if (result == 0 && look(r, 0) != '/')
		result = token_fail(r, &text->at, "the regular expression that begins here has no '/' at its end");
	if (result == 0)
		result = end_bytes(r, &b, text);
	buf_free(&b.held);
	if (result < 0)
		return -1;
	move(r, 1);
	if (take_flags(r, flags) < 0)
		return -1;
	return check_border(r, text, "regular expression");
}
