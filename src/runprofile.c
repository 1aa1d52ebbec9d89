/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "runprofile.h"

#include "framing.h"
#include "msg.h"
#include "profile.h"
#include "way.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* -1 for a mistake, which was told; r->profile is NULL where there is none. */
static int
find(struct runopts *r, char *const argv[])
{
	char *cause = NULL;
	int result = 0;

	if (r->no_profile)
		return 0;
	if (r->profile_name) {
		r->profile = profile_open(r->profile_name, &cause);
		result = r->profile ? 0 : -1;
	} else {
		result = profile_find(&r->profile, argv, &cause);
	}
	if (result < 0) {
		msg_error_lines(cause);
		free(cause);
		return -1;
	}
	if (r->profile)
		msg_verbose("the profile is %s", r->profile->path);
	return 0;
}

/* Its prompts would be a part of the reply, where nobody waits for it. */
static bool
waits(const struct runopts *r)
{
	struct framing f = { 0 };
	bool result;

	if (!r->reply || framing_parse(&f, r->reply, NULL) < 0)
		return true;
	result = framing_waits(&f);
	framing_free(&f);
	return result;
}

static size_t
count(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* Ours stands behind: of namesakes the last one holds. */
static int
add_environment(struct runopts *r)
{
	size_t more = count(r->profile->environment), given = count(r->environment);
	const char **whole = calloc(more + given + 1, sizeof(*whole));

	if (!whole)
		return -1;
	if (more > 0)
		memcpy(whole, r->profile->environment, more * sizeof(*whole));
	if (given > 0)
		memcpy(whole + more, r->environment, given * sizeof(*whole));
	free(r->environment);
	r->environment = whole;
	return 0;
}

/* Behind the command's name. */
static char *const *
add_arguments(struct runopts *r, char *const argv[])
{
	size_t more = count(r->profile->arguments), given = count((const char *const *)argv), i;
	char **whole = calloc(more + given + 1, sizeof(*whole));

	if (!whole)
		return NULL;
	whole[0] = argv[0];
	for (i = 0; i < more; i++)
		whole[1 + i] = (char *)r->profile->arguments[i]; /* exec does not write to its words */
	for (i = 1; i < given; i++)
		whole[more + i] = argv[i];
	r->argv_with_profile = whole;
	return whole;
}

static void
fill_in(struct runopts *r)
{
	const struct profile *p = r->profile;

	if (!r->pty_given)
		r->pty = p->pty;
	if (!r->stderr_given && p->stderr_word) {
		r->stderr_given = true;
		r->stderr_word = p->stderr_word;
		(void)way_parse(p->stderr_word, &r->stderr_to); /* it was looked at before */
	}
	if (!r->reply)
		r->reply = p->reply;
	if (!r->error_pattern)
		r->error_pattern = p->error;
}

char *const *
runprofile_ask(struct runopts *r, char *const argv[])
{
	char *const *whole = NULL;
	int result = 0;

	if (r->profile_name || waits(r))
		result = find(r, argv);
	if (result < 0)
		return NULL;
	if (!r->profile)
		return argv;
	fill_in(r);
	if (add_environment(r) == 0)
		whole = add_arguments(r, argv);
	if (!whole)
		msg_error("%s", strerror(ENOMEM));
	return whole;
}

int
runprofile_edit(struct runopts *r)
{
	if (r->pty_given)
		return 0;
	if (find(r, r->argv) < 0)
		return -1;
	if (r->profile)
		r->pty = r->profile->pty;
	return 0;
}
