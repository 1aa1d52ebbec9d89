/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "dialogue.h"

#include "dualpipe.h"
#include "match.h"
#include "parse.h"
#include "reach.h"
#include "source.h"
#include "token.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

int
dialogue_add(struct dialogue *d, const char *file, const char *text, size_t size, char **cause)
{
	struct source **more = realloc(d->sources, (d->source_count + 1) * sizeof(struct source *));

	*cause = NULL;
	if (!more)
		return -1;
	d->sources = more;
	more[d->source_count] = source_new(file, text, size);
	if (!more[d->source_count])
		return -1;
	return parse(d, more[d->source_count++], cause);
}

int
dialogue_check(const struct dialogue *d, const struct dialogue_opts *opts, char **cause)
{
	const char *why;
	const struct dialogue_step *step = reach_child(d, opts->has_command, &why);

	*cause = step ? dialogue_complain(d, &step->at, "%s", why) : NULL;
	return step ? -1 : 0;
}

char *
dialogue_complain(const struct dialogue *d, const struct dialogue_place *at, const char *format, ...)
{
	va_list arguments;
	char *text;
	size_t i = 0;

	while (d->sources[i]->name != at->file)
		i++;
	va_start(arguments, format);
	text = source_complain(d->sources[i], at->line, at->column, INT_MAX, format, arguments);
	va_end(arguments);
	return text;
}

unsigned
dialogue_match_flags(const struct dialogue_pattern *pattern)
{
	unsigned flags = pattern->flags;

	return (flags & DUALPIPE_NOCASE ? MATCH_NOCASE : 0u) | (flags & DUALPIPE_MULTILINE ? MATCH_MULTILINE : 0u) |
	    (flags & DUALPIPE_DOTALL ? MATCH_DOTALL : 0u) | (flags & DUALPIPE_EXTENDED ? MATCH_EXTENDED : 0u);
}

static void free_block(struct dialogue_block *block);

static void
free_branch(struct dialogue_branch *branch)
{
	char **name;

	for (name = branch->pattern.names; name && *name; name++)
		free(*name);
	free(branch->pattern.names);
	free(branch->pattern.source);
	token_free_text(&branch->pattern.text);
	free_block(&branch->block);
}

static void
free_step(struct dialogue_step *step)
{
	size_t i;

	for (i = 0; i < step->word_count; i++)
		token_free_text(&step->words[i]);
	for (i = 0; i < step->branch_count; i++)
		free_branch(&step->branches[i]);
	free(step->words);
	free(step->branches);
	free(step->name);
	free_block(&step->body);
	free_block(&step->otherwise);
}

static void
free_block(struct dialogue_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++)
		free_step(&block->steps[i]);
	free(block->steps);
}

void
dialogue_free(struct dialogue *d)
{
	size_t i;

	if (!d)
		return;
	free_block(&d->block);
	for (i = 0; i < d->source_count; i++)
		source_free(d->sources[i]);
	free(d->sources);
	*d = (struct dialogue){ 0 };
}
