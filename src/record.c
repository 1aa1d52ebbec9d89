/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "record.h"

#include "msg.h"
#include "wordlist.h"

#include <errno.h>
#include <string.h>

void
record_tell(const struct runopts *asked, int error)
{
	msg_error("cannot write transcript '%s': %s", asked->transcript, strerror(error));
}

int
record_open(struct transcript **t, const struct record_opts *opts)
{
	const struct runopts *asked = opts->asked;
	struct transcript_opts head = {
		.format = asked->transcript_format,
		.append = asked->append,
		.argv = opts->argv,
		.pty = opts->pty,
		.ends_lines = opts->terminal == DUALPIPE_TYPED,
		.keys = opts->keys,
		.shown = opts->shown,
		.rows = opts->rows,
		.columns = opts->columns,
		.term = runopts_term(asked)
	};
	struct runopts_terminal terminal = {
		.pty = opts->pty, .terminal = opts->terminal, .rows = opts->rows, .columns = opts->columns
	};
	char **words;

	*t = NULL;
	if (!asked->transcript)
		return 0;
	if (head.format == TRANSCRIPT_DIALOGUE && terminal.terminal == DUALPIPE_KEYS)
		terminal.terminal = DUALPIPE_DATA; /* a dialogue types in any case */
	words = runopts_words(asked, &terminal);
	head.options = (const char *const *)words;
	*t = words ? transcript_open(asked->transcript, &head) : NULL;
	if (!*t)
		record_tell(asked, errno);
	wordlist_free(words);
	return *t ? 0 : -1;
}

void
record_data(struct transcript *t, enum dualpipe_end end, const void *data, size_t size)
{
	static const enum transcript_dir marks[] = {
		[DUALPIPE_TO_CHILD] = TRANSCRIPT_TO_CHILD,
		[DUALPIPE_FROM_CHILD] = TRANSCRIPT_FROM_CHILD,
		[DUALPIPE_ERR] = TRANSCRIPT_STDERR,
		[DUALPIPE_SIDE] = TRANSCRIPT_STDERR
	};

	if (!t)
		return;
	transcript_data(t, marks[end], data, size);
	transcript_flush(t);
}

void
record_event(struct transcript *t, const char *event)
{
	if (!t)
		return;
	transcript_event(t, event);
	transcript_flush(t);
}

int
record_close(struct transcript **t, const struct runopts *asked, bool known, int wait_status)
{
	int result = transcript_close(*t, known, wait_status);

	*t = NULL;
	if (result < 0)
		record_tell(asked, errno);
	return result;
}

void
record_drop(struct transcript **t)
{
	(void)transcript_close(*t, false, 0);
	*t = NULL;
}
