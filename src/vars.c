/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "vars.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct var {
	char *name;
	struct buf value;
	bool is_set;
	struct var *next;
};

struct vars {
	struct var *first;
	char *const *arguments;
	char count[24];		/* of the arguments */
};

struct vars *
vars_new(char *const *arguments)
{
	struct vars *v = calloc(1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return NULL;
	while (arguments && arguments[n])
		n++;
	v->arguments = arguments;
	(void)snprintf(v->count, sizeof(v->count), "%zu", n);
	return v;
}

void
vars_free(struct vars *v)
{
	struct var *one, *next;

	if (!v)
		return;
	for (one = v->first; one; one = next) {
		next = one->next;
		buf_free(&one->value);
		free(one->name);
		free(one);
	}
	free(v);
}

static struct var *
find(const struct vars *v, const char *name)
{
	struct var *one = v->first;

	while (one && strcmp(one->name, name) != 0)
		one = one->next;
	return one;
}

static struct var *
add(struct vars *v, const char *name)
{
	struct var *one = calloc(1, sizeof(*one));

	if (!one)
		return NULL;
	one->name = strdup(name);
	if (!one->name) {
		free(one);
		return NULL;
	}
	one->next = v->first;
	v->first = one;
	return one;
}

int
vars_set(struct vars *v, const char *name, const void *data, size_t size)
{
	struct var *one = find(v, name);

	if (!one)
		one = add(v, name);
	if (!one)
		return -1;
	one->is_set = true;
	buf_consume(&one->value, one->value.size);
	return size > 0 ? buf_append(&one->value, data, size) : 0;
}

void
vars_forget_match(struct vars *v)
{
	struct var *one;

	for (one = v->first; one; one = one->next)
		if (isdigit((unsigned char)one->name[0]) || strcmp(one->name, "before") == 0)
			one->is_set = false;
}

static int
set_group(struct vars *v, unsigned group, const void *data, size_t size)
{
	char room[16], *name = room + sizeof(room) - 1;

	/* each match does this, and snprintf(3) takes longer than all else here */
	*name = '\0';
	do {
		*--name = (char)('0' + group % 10);
		group /= 10;
	} while (group > 0);
	return vars_set(v, name, data, size);
}

int
vars_set_match(struct vars *v, const struct dialogue_pattern *pattern, vars_group_fn *fn, void *arg)
{
	const char *data;
	unsigned group;
	size_t size, i;
	int result = 0;

	vars_forget_match(v);
	for (group = 0; group <= pattern->groups && result == 0; group++) {
		data = fn(arg, group, NULL, &size);
		result = set_group(v, group, data, size);
	}
	for (i = 0; pattern->names && pattern->names[i] && result == 0; i++) {
		data = fn(arg, 0, pattern->names[i], &size);
		result = vars_set(v, pattern->names[i], data, size);
	}
	return result;
}

/* $arg1 and on, $args. */
static const char *
argument(const struct vars *v, const char *name)
{
	unsigned long wanted;
	size_t i;

	if (strncmp(name, "arg", 3) != 0)
		return NULL;
	if (strcmp(name, "args") == 0)
		return v->count;
	if (name[3] < '1' || name[3] > '9')
		return NULL;
	wanted = strtoul(name + 3, NULL, 10);
	for (i = 1; v->arguments && v->arguments[i - 1]; i++)
		if (i == wanted)
			return v->arguments[i - 1];
	return NULL;
}

/* NULL where the name is not set. */
static const char *
get(const struct vars *v, const char *name, size_t *size)
{
	const struct var *one = find(v, name);
	const char *value;

	if (one && one->is_set) {
		*size = one->value.size;
		return buf_peek(&one->value);
	}
	value = argument(v, name);
	/* A match that has no such group does not take one of the environment's. */
	if (!value && !isdigit((unsigned char)name[0]))
		value = getenv(name);
	*size = value ? strlen(value) : 0;
	return value;
}

/* Every byte that could mean something in a pattern. A NUL and what is no ASCII mean themselves. */
static int
append_quoted(struct buf *to, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n' || c == '\r' || c == '\0' || isspace(c)) {
			char hex[8];

			(void)snprintf(hex, sizeof(hex), "\\x%02x", c);
			if (buf_append(to, hex, 4) < 0)
				return -1;
			continue;
		}
		if (c < 0x80 && !isalnum(c) && c != '_' && buf_append(to, "\\", 1) < 0)
			return -1;
		if (buf_append(to, data + i, 1) < 0)
			return -1;
	}
	return 0;
}

bool
vars_expand(const struct vars *v, const struct dialogue_text *text, enum vars_quoting quoting, struct buf *to,
    const struct dialogue_piece **unset)
{
	size_t i, size;
	int result;

	buf_consume(to, to->size);
	*unset = NULL;
	for (i = 0; i < text->count; i++) {
		const struct dialogue_piece *piece = &text->pieces[i];
		const char *value = piece->text;

		size = piece->size;
		if (piece->is_variable) {
			value = get(v, piece->text, &size);
			if (!value) {
				*unset = piece;
				return false;
			}
		}
		result = piece->is_variable && quoting == VARS_REGEX ? append_quoted(to, value, size) :
		    buf_append(to, value, size);
		if (result < 0)
			return false;
	}
	return true;
}
