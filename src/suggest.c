/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "suggest.h"

#include <stdbool.h>
#include <string.h>

/* Names are short; a word that is longer is none of them misspelt. */
enum { LONGEST = 31 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters were left out, put in, changed, or swapped with the next one. */
static unsigned
distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned d[LONGEST + 1][LONGEST + 1];
	bool differ;
	size_t i, j;

	for (i = 0; i <= a_size; i++)
		d[i][0] = (unsigned)i;
	for (j = 0; j <= b_size; j++)
		d[0][j] = (unsigned)j;
	for (i = 1; i <= a_size; i++)
		for (j = 1; j <= b_size; j++) {
			differ = a[i - 1] != b[j - 1];
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + differ);
			if (differ && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_size][b_size];
}

const char *
suggest(const char *word, size_t size, const char *const *names, size_t count, size_t stride)
{
	const char *name, *nearest = NULL;
	unsigned best = 3, d;
	size_t i;

	if (size > LONGEST)
		return NULL;
	for (i = 0; i < count; i++) {
		name = *(const char *const *)(const void *)((const char *)names + i * stride);
		if (strlen(name) > LONGEST)
			continue;
		d = distance(word, size, name, strlen(name));
		/* half of it wrong is another word */
		if (d < best && 2 * d <= strlen(name)) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}

const char *
suggest_here(const char *word, size_t size)
{
	static const struct {
		const char *word, *clause;
	} known[] = {
		/* steps */
		{ "after", "'sleep' does that" },
		{ "delay", "'sleep' does that" },
		{ "elseif", "it is 'else if'" },
		{ "exec", "'spawn' starts the one command" },
		{ "exp_continue", "'again' does that" },
		{ "exp_internal", "--verbose does that" },
		{ "exp_send", "'send' does that" },
		{ "exp_spawn", "'spawn' does that" },
		{ "exp_wait", "'wait' does that" },
		{ "expect_after", "'on' does that" },
		{ "expect_background", "'on' does that" },
		{ "expect_before", "'on' does that" },
		{ "expect_exact", "it is: expect \"TEXT\"" },
		{ "expect_tty", "'interact' and 'secret tty' are for the person" },
		{ "expect_user", "'interact' and 'secret tty' are for the person" },
		{ "foreach", "'for' does that" },
		{ "kill", "'signal' does that" },
		{ "log_file", "--transcript does that" },
		{ "log_user", "--show does that" },
		{ "match_max", "--match-buffer does that" },
		{ "puts", "'print' does that" },
		{ "send_error", "'print' and 'fail' are for messages" },
		{ "send_log", "--transcript has it all" },
		{ "send_tty", "'print' does that" },
		{ "send_user", "'print' does that" },
		{ "sendcontrol", "it is: key ctrl-c" },
		{ "sendintr", "it is: key ctrl-c" },
		{ "setwinsize", "'resize' does that" },
		{ "spawn_id", "the child is always the one" },
		{ "stty", "'resize' sets the size, and 'secret tty' asks without echo" },
		{ "switch", "'if' and 'else if' do that" },
		{ "system", "'spawn' starts the one command" },
		{ "while", "'repeat' and 'for' are the loops" },
		/* patterns */
		{ "-ex", "a string is literal as it stands" },
		{ "-exact", "a string is literal as it stands" },
		{ "-gl", "only /REGEX/ matches more than itself" },
		{ "-glob", "only /REGEX/ matches more than itself" },
		{ "-i", "the child is always the one" },
		{ "-nocase", "it is /REGEX/i" },
		{ "-re", "it is /REGEX/" },
		{ "-regexp", "it is /REGEX/" },
		{ "-timeout", "a 'timeout' step before it sets the time" },
		{ "EOF", "it is 'eof'" },
		{ "TIMEOUT", "it is 'timeout'" },
		{ "default", "'eof' and 'timeout' are two patterns" },
		/* variables */
		{ "argc", "$args is their number" },
		{ "argv", "$arg1, $arg2 ... are the arguments" },
		{ "expect_out", "$0, $1 ... are what matched, and $before what came before it" }
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].word) == size && memcmp(known[i].word, word, size) == 0)
			return known[i].clause;
	return NULL;
}
