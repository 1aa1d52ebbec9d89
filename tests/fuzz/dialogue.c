/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A libFuzzer target: any bytes are a dialogue that can be done and freed, or
 * one whose mistake is told in three lines that do nothing to a terminal.
 */

#include "dialogue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int good)
{
	if (!good)
		abort();
}

static void
check_cause(const char *cause)
{
	const char *at, *line;
	int newlines = 0;

	check(cause && strncmp(cause, "fuzz:", 5) == 0);
	for (at = cause; *at; at++) {
		newlines += *at == '\n';
		check(*at == '\n' || ((unsigned char)*at >= ' ' && *at != 0x7f));
	}
	check(newlines == 2);
	line = strchr(cause, '\n') + 1;
	at = strchr(line, '\n') + 1;
	check(strlen(line) < 4096 && at[strspn(at, " ")] == '^' && at[strlen(at) - 1] == '^');
}

static void
check_text(const struct dialogue_text *text)
{
	size_t i;

	for (i = 0; i < text->count; i++)
		check(text->pieces[i].size > 0 && text->pieces[i].text[text->pieces[i].size] == '\0' &&
		    text->pieces[i].at.line > 0 && text->pieces[i].at.column > 0);
}

static void
check_block(const struct dialogue_block *block, int depth)
{
	const struct dialogue_step *step;
	size_t i, n;

	check(depth < 300);
	for (n = 0; n < block->count; n++) {
		step = &block->steps[n];
		check(step->at.line > 0 && step->at.column > 0);
		for (i = 0; i < step->word_count; i++)
			check_text(&step->words[i]);
		for (i = 0; i < step->branch_count; i++) {
			check(step->branches[i].pattern.source[0] != '\0');
			check_text(&step->branches[i].pattern.text);
			check_block(&step->branches[i].block, depth + 1);
		}
		check_block(&step->body, depth + 1);
		check_block(&step->otherwise, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dialogue_opts opts = { .has_command = size > 0 && data[0] == ' ' };
	struct dialogue d = { 0 };
	char *cause;

	if (dialogue_add(&d, "fuzz", (const char *)data, size, &cause) < 0) {
		check_cause(cause);
	} else {
		check_block(&d.block, 0);
		if (dialogue_check(&d, &opts, &cause) < 0)
			check_cause(cause);
	}
	free(cause);
	dialogue_free(&d);
	return 0;
}
