/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "opts.h"

#include "cmd.h"
#include "io.h"
#include "msg.h"
#include "number.h"
#include "suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What getopt_long() gives for the nth of the table's options, and for its --no- form. */
enum { LONG_BASE = 1000, NO_BASE = 2000 };

static size_t
count_options(const struct opts_option *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

static int
argument_of(const struct opts_option *option)
{
	return option->kind == OPTS_VALUE ? required_argument : no_argument;
}

/* getopt_long() keeps no names, so the --no- forms are ours to keep. */
static int
add_long_options(struct opts *o)
{
	size_t i, n = 0, count = count_options(o->table);
	char *name;

	o->long_options = calloc(2 * count + 1, sizeof(*o->long_options));
	if (!o->long_options)
		return -1;
	for (i = 0; i < count; i++) {
		o->long_options[n++] = (struct option){ o->table[i].name, argument_of(&o->table[i]),
			NULL, LONG_BASE + (int)i };
		if (o->table[i].kind != OPTS_SWITCH)
			continue;
		name = malloc(strlen(o->table[i].name) + sizeof("no-"));
		if (!name)
			return -1;
		(void)sprintf(name, "no-%s", o->table[i].name);
		o->long_options[n++] = (struct option){ name, no_argument, NULL, NO_BASE + (int)i };
	}
	return 0;
}

/* "+": the first word that is no option ends them, ":": we tell of mistakes. */
static void
add_letters(struct opts *o)
{
	const struct opts_option *option;
	char *to = o->letters;

	*to++ = '+';
	*to++ = ':';
	for (option = o->table; option->name; option++) {
		if (!option->letter)
			continue;
		*to++ = option->letter;
		if (option->kind == OPTS_VALUE)
			*to++ = ':';
	}
	*to = '\0';
}

struct opts *
opts_new(const struct opts_option *table, int argc, char **argv)
{
	struct opts *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->table = table;
	o->argc = argc;
	o->argv = argv;
	add_letters(o);
	if (add_long_options(o) < 0) {
		opts_free(o);
		return NULL;
	}
	optind = 0; /* from the start, whatever was left of another line */
	opterr = 0;
	return o;
}

void
opts_free(struct opts *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; o->long_options && o->long_options[i].name; i++)
		if (o->long_options[i].val >= NO_BASE)
			free((char *)o->long_options[i].name); /* ours, in a struct that says const */
	free(o->long_options);
	free(o);
}

/* The option of which word, without its dashes, is the beginning, or nearly the whole; NULL where there is none. */
static const char *
meant(const struct opts *o, const char *word, size_t size)
{
	size_t i;

	for (i = 0; o->long_options[i].name; i++)
		if (strncmp(o->long_options[i].name, word, size) == 0)
			return o->long_options[i].name;
	return suggest(word, size, &o->long_options[0].name, i, sizeof(o->long_options[0]));
}

static void
tell_unknown(const struct opts *o, const char *word)
{
	size_t size = strcspn(word, "=");
	const char *name = size > 3 && strncmp(word, "--", 2) == 0 ? meant(o, word + 2, size - 2) : NULL;

	if (name)
		msg_error("unknown option '%.*s'; did you mean '--%s'?", (int)size, word, name);
	else
		msg_error("unknown option '%.*s'; see %s", (int)size, word, o->help ? o->help : "dualpipe --help");
}

/* An option's word as typed, "--name" of "--name=value" or the letter. */
static void
tell_mistake(const struct opts *o, int what)
{
	const char *word = o->argv[optind - 1];
	int length = (int)strcspn(word, "=");
	char letter[3] = { '-', (char)optopt, '\0' };
	bool is_long = strncmp(word, "--", 2) == 0 && (optopt == 0 || optopt >= LONG_BASE);

	if (!is_long) {
		word = letter;
		length = 2;
	}
	if (what == ':')
		msg_error("option '%.*s' needs a value; see %s", length, word, o->help ? o->help : "dualpipe --help");
	else if (is_long && optopt >= LONG_BASE)
		msg_error("option '%.*s' takes no value", length, word);
	else
		tell_unknown(o, word);
}

/* What is left, and whether "--" stood before it and was no option's value. */
static int
end_options(struct opts *o)
{
	o->rest = o->argv + optind;
	o->separated = optind > 1 && strcmp(o->argv[optind - 1], "--") == 0;
	return 0;
}

void
opts_end(struct opts *o)
{
	o->rest = o->argv + optind;
	o->separated = false;
}

/* What is read next, "" behind the last; at the start optind is 0. */
static const char *
next_word(const struct opts *o)
{
	int next = optind > 0 ? optind : 1;

	return next < o->argc ? o->argv[next] : "";
}

/*
 * getopt_long() takes any beginning of a name that is only one's. A script
 * that uses one would break with the next option that begins alike.
 */
static bool
is_abbreviated(const struct opts *o)
{
	const char *word = next_word(o);
	size_t i, length;

	if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
		return false;
	word += 2;
	length = strcspn(word, "=");
	for (i = 0; o->long_options[i].name; i++)
		if (strlen(o->long_options[i].name) == length && strncmp(word, o->long_options[i].name, length) == 0)
			return false;
	return true;
}

int
opts_next(struct opts *o)
{
	const struct opts_option *option;
	int result;

	if (is_abbreviated(o)) {
		tell_unknown(o, next_word(o));
		return -1;
	}
	result = getopt_long(o->argc, o->argv, o->letters, o->long_options, NULL);
	if (result == -1)
		return end_options(o);
	if (result == '?' || result == ':') {
		tell_mistake(o, result);
		return -1;
	}
	o->on = result < NO_BASE;
	if (result >= LONG_BASE)
		option = &o->table[(result - LONG_BASE) % (NO_BASE - LONG_BASE)];
	else
		for (option = o->table; option->letter != result; option++)
			;
	o->option = option;
	o->value = option->kind == OPTS_VALUE ? optarg : NULL;
	/* Whoever forgot the value means the end of the options. */
	if (o->value && o->value == o->argv[optind - 1] && strcmp(o->value, "--") == 0) {
		msg_error("option '--%s' needs a value; see %s", option->name, o->help ? o->help : "dualpipe --help");
		return -1;
	}
	return option->id;
}

bool
opts_duration(const struct opts *o, int64_t *ms)
{
	if (number_duration(o->value, ms))
		return true;
	msg_error("'%s' is no duration for --%s; say it as 1.5, 250ms, 2s, 3m, 1h or none",
	    o->value, o->option->name);
	return false;
}

bool
opts_window(const struct opts *o, unsigned short *rows, unsigned short *columns)
{
	unsigned long high, wide;
	const char *end;

	if (number_whole(o->value, 1, USHRT_MAX, &high, &end) && *end == 'x' &&
	    number_whole(end + 1, 1, USHRT_MAX, &wide, NULL)) {
		*rows = (unsigned short)high;
		*columns = (unsigned short)wide;
		return true;
	}
	msg_error("'%s' is no size for --%s; say it as ROWSxCOLS, for example 24x80", o->value, o->option->name);
	return false;
}

bool
opts_size(const struct opts *o, size_t least, size_t *bytes)
{
	uint64_t value;

	if (number_size(o->value, &value) && value >= least && value <= SIZE_MAX) {
		*bytes = (size_t)value;
		return true;
	}
	msg_error("'%s' is no size for --%s; say it as 65536, 64k, 10M or 1G", o->value, o->option->name);
	return false;
}

bool
opts_output_fd(const struct opts *o, int *fd)
{
	unsigned long value;
	int flags;

	if (!number_whole(o->value, 0, INT_MAX, &value, NULL)) {
		msg_error("'%s' is no descriptor for --%s; say its number, for example 3 with 3>FILE",
		    o->value, o->option->name);
		return false;
	}
	*fd = (int)value;
	flags = fcntl(*fd, F_GETFL);
	if (flags < 0) {
		msg_error("cannot write to descriptor %s of --%s: %s", o->value, o->option->name, strerror(errno));
		return false;
	}
	if ((flags & O_ACCMODE) == O_RDONLY) {
		msg_error("cannot write to descriptor %s of --%s: it is open for reading", o->value, o->option->name);
		return false;
	}
	return true;
}

bool
opts_framing(const struct opts *o, struct framing *f)
{
	char *cause = NULL;

	if (framing_parse(f, o->value, &cause) == 0)
		return true;
	msg_error("--reply: %s", cause ? cause : strerror(errno));
	free(cause);
	return false;
}

int
opts_give(const char *text)
{
	if (io_write_all(STDOUT_FILENO, text, strlen(text)) == 0)
		return 0;
	msg_error("cannot write to stdout: %s", strerror(errno));
	return CMD_FAILED;
}
