/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A record as JSON lines: an object for each piece. */

#include "transcribing.h"

#include "json.h"
#include "signame.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

/* {"time":0.001234,"dir":"<" and what follows, the closing brace aside. */
static void
open_object(struct transcript *t, char mark)
{
	char dir[] = ",\"dir\":\"?\"";

	dir[8] = mark;
	transcript_put_text(t, "{\"time\":");
	transcript_put_time(t);
	transcript_put_text(t, dir);
}

static void
put_data(struct transcript *t, enum transcript_dir dir, const char *data, size_t size)
{
	bool valid = utf8_valid(data, size);
	char *to;

	open_object(t, transcript_marks[dir]);
	transcript_put_text(t, valid ? ",\"data\":\"" : ",\"base64\":\"");
	to = transcript_room(t);
	t->used += valid ? json_escape(to, data, size) : json_base64(to, data, size);
	transcript_put_text(t, "\"}\n");
}

static void
put_event(struct transcript *t, const char *words)
{
	open_object(t, '@');
	transcript_put_text(t, ",\"data\":\"");
	transcript_put_text(t, words); /* our own: nothing in it to escape */
	transcript_put_text(t, "\"}\n");
}

static void
put_status(struct transcript *t, int wait_status)
{
	char text[64], name[SIGNAME_ROOM];
	int n;

	open_object(t, '=');
	if (WIFSIGNALED(wait_status))
		n = snprintf(text, sizeof(text), ",\"signal\":\"%s\"}\n", signame_get(WTERMSIG(wait_status), name));
	else
		n = snprintf(text, sizeof(text), ",\"status\":%d}\n", WEXITSTATUS(wait_status));
	transcript_put(t, text, (size_t)n);
}

static int
put_head(struct buf *head, const struct transcript_opts *opts, const char *path, time_t start)
{
	struct json j = { .to = head };
	char utc[32];
	struct tm tm;
	char *const *word;

	(void)path;
	if (!gmtime_r(&start, &tm) || strftime(utc, sizeof(utc), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		errno = EOVERFLOW;
		return -1;
	}
	json_open(&j, '{');
	json_key(&j, "dualpipe");
	json_int(&j, 1);
	json_key(&j, "command");
	json_open(&j, '[');
	for (word = opts->argv; *word; word++)
		json_text(&j, *word);
	json_close(&j, ']');
	json_key(&j, "channel");
	json_text(&j, opts->pty ? "pty" : "pipes");
	json_key(&j, "start");
	json_text(&j, utc);
	json_close(&j, '}');
	return json_end(&j);
}

const struct transcript_form transcript_jsonl = {
	.head = put_head,
	.data = put_data,
	.whole_characters = true,
	.event = put_event,
	.status = put_status
};
