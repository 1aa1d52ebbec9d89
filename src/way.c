/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "way.h"

#include <stddef.h>
#include <string.h>

bool
way_parse(const char *word, enum dualpipe_stderr *way)
{
	static const struct {
		const char *word;
		enum dualpipe_stderr way;
	} ways[] = {
		{ "inherit", DUALPIPE_STDERR_INHERIT },
		{ "pass", DUALPIPE_STDERR_PIPE },
		{ "merge", DUALPIPE_STDERR_MERGE },
		{ "discard", DUALPIPE_STDERR_DISCARD },
	};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(word, ways[i].word) != 0)
			continue;
		*way = ways[i].way;
		return true;
	}
	return false;
}
