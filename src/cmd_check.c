/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* dualpipe check: recorded conversations, held again. */

#include "cmd.h"

#include "argument.h"
#include "buf.h"
#include "check.h"
#include "checks.h"
#include "framing.h"
#include "io.h"
#include "loop.h"
#include "msg.h"
#include "number.h"
#include "opts.h"
#include "recorded.h"
#include "runopts.h"
#include "secretsource.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum id {
	OPT_UPDATE = 1, OPT_TAP, OPT_JOBS, OPT_TIMEOUT, OPT_KILL_AFTER, OPT_LINGER, OPT_REPLY, OPT_SECRET,
	OPT_ENVIRONMENT, OPT_DIRECTORY, OPT_QUIET, OPT_VERBOSE, OPT_HELP, OPT_VERSION
};

static const struct opts_option table[] = {
	{ "update", 0, OPTS_SWITCH, OPT_UPDATE },
	{ "tap", 0, OPTS_SWITCH, OPT_TAP },
	{ "jobs", 'j', OPTS_VALUE, OPT_JOBS },
	{ "timeout", 't', OPTS_VALUE, OPT_TIMEOUT },
	{ "kill-after", 'k', OPTS_VALUE, OPT_KILL_AFTER },
	{ "linger", 0, OPTS_VALUE, OPT_LINGER },
	{ "reply", 'r', OPTS_VALUE, OPT_REPLY },
	{ "secret", 0, OPTS_VALUE, OPT_SECRET },
	{ "environment", 0, OPTS_VALUE, OPT_ENVIRONMENT },
	{ "directory", 0, OPTS_VALUE, OPT_DIRECTORY },
	{ "quiet", 'q', OPTS_SWITCH, OPT_QUIET },
	{ "verbose", 'v', OPTS_SWITCH, OPT_VERBOSE },
	{ "help", 'h', OPTS_ACTION, OPT_HELP },
	{ "version", 'V', OPTS_ACTION, OPT_VERSION },
	{ NULL, 0, OPTS_ACTION, 0 }
};

static const char help[] =
    "Usage: dualpipe check [option ...] FILE ... [-- command [argument ...]]\n"
    "Hold the conversations of transcripts again, and compare the answers.\n\n"
    "      --update          write the answers of now into the files\n"
    "      --tap             print a plan, and ok or not ok for each file\n"
    "  -j, --jobs N          so many files at once [1]\n"
    "  -t, --timeout TIME    of a file; without it of each answer, 10s\n"
    "  -r, --reply FRAMING   when an answer is complete [ready]\n"
    "      --secret SOURCE   env:NAME, file:PATH, fd:N, command:STRING or tty, for\n"
    "                        what was typed as a secret; may repeat\n"
    "      --environment N=V set a variable for the command; may repeat\n"
    "      --directory DIR   run it there\n"
    "  -k, --kill-after TIME KILL that long behind TERM [5s]\n"
    "      --linger TIME     wait for what it left running [200ms]\n"
    "  -q, --quiet  -v, --verbose  -h, --help  -V, --version\n"
    "A command behind '--' takes the place of the recorded ones. What differs is\n"
    "printed as a diff, status 1; 124 to 127 are as with a run.\n";

struct checker {
	bool update, tap;
	struct msg_level level;
	unsigned long jobs;
	int64_t timeout_ms, kill_after_ms, linger_ms;
	const char *directory;
	const char **settings;		/* these two are as long as argv */
	size_t setting_count;
	const char **sources;
	size_t source_count;
	char **command;			/* NULL: the recorded ones */

	struct framing framing;
	struct checks_file *files;
	size_t file_count;
	struct buf *secrets;
	size_t secret_count;
	struct loop *loop;
	const char *cause_of;		/* the secret that is waited for */
	bool failed;
};

static bool
take_jobs(struct checker *c, const char *word)
{
	if (number_whole(word, 1, 10000, &c->jobs, NULL))
		return true;
	msg_error("'%s' is no number for --jobs; say it as 1 to 10000", word);
	return false;
}

/* What an echo would ask for was not asked for when it was recorded. */
static bool
take_reply(struct checker *c, const struct opts *o)
{
	framing_free(&c->framing);
	if (!opts_framing(o, &c->framing))
		return false;
	if (c->framing.kind != FRAMING_ECHO)
		return true;
	msg_error("--reply: echo would send what was not recorded");
	return false;
}

static bool
take_secret(struct checker *c, const char *word)
{
	char why[ARGUMENT_WHY];
	int fd = secretsource_fd(word);

	if (!argument_check(ARGUMENT_SECRET, word, strlen(word), why)) {
		msg_error("--secret: %s", why);
		return false;
	}
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* one that is not open is told where it is used */
	c->sources[c->source_count++] = word;
	return true;
}

static bool
take_option(struct checker *c, struct opts *o, enum id id)
{
	switch (id) {
	case OPT_UPDATE:
		c->update = o->on;
		return true;
	case OPT_TAP:
		c->tap = o->on;
		return true;
	case OPT_JOBS:
		return take_jobs(c, o->value);
	case OPT_TIMEOUT:
		return opts_duration(o, &c->timeout_ms);
	case OPT_KILL_AFTER:
		return opts_duration(o, &c->kill_after_ms);
	case OPT_LINGER:
		return opts_duration(o, &c->linger_ms);
	case OPT_REPLY:
		return take_reply(c, o);
	case OPT_SECRET:
		return take_secret(c, o->value);
	case OPT_ENVIRONMENT:
		c->settings[c->setting_count++] = o->value;
		return true;
	case OPT_DIRECTORY:
		c->directory = o->value;
		return true;
	case OPT_QUIET:
		c->level.quiet = o->on;
		return true;
	case OPT_VERBOSE:
		c->level.verbose = o->on;
		return true;
	case OPT_HELP:
	case OPT_VERSION:
		break; /* seen to by the caller */
	}
	return true;
}

/* FILE ..., and behind "--" the command. */
static int
take_words(struct checker *c, char **words, bool separated)
{
	size_t n = 0, i;

	while (!separated && words[n] && strcmp(words[n], "--") != 0)
		n++;
	if (n == 0) {
		msg_error("no transcript; usage: dualpipe check [option ...] FILE ... [-- command [argument ...]]");
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (words[i][0] != '-' || !words[i][1])
			continue;
		msg_error("the option '%s' stands behind a file; the order is: dualpipe check [option ...] FILE ...", words[i]);
		return -1;
	}
	if (words[n] && !words[n + 1]) {
		msg_error("there is no command behind '--'");
		return -1;
	}
	c->command = words[n] ? words + n + 1 : NULL;
	c->files = calloc(n, sizeof(*c->files));
	if (!c->files) {
		msg_error("%s", strerror(errno));
		return -1;
	}
	for (; c->file_count < n; c->file_count++)
		c->files[c->file_count].name = words[c->file_count];
	return 0;
}

/* -1 where there is something to check, else the status to end with. */
static int
read_options(struct checker *c, struct opts *o)
{
	int id;

	while ((id = opts_next(o)) > 0) {
		if (id == OPT_HELP)
			return opts_give(help);
		if (id == OPT_VERSION)
			return opts_give("dualpipe " PACKAGE_VERSION "\n");
		if (!take_option(c, o, (enum id)id))
			return CMD_FAILED;
	}
	if (id < 0 || take_words(c, o->rest, o->separated) < 0)
		return CMD_FAILED;
	msg_set(&c->level);
	return -1;
}

static int
tell_cause(char *cause)
{
	msg_error("%s", cause ? cause : strerror(ENOMEM));
	free(cause);
	return -1;
}

static int
read_file(struct checks_file *f)
{
	int fd = io_above_stdio(open(f->name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	struct buf text = { 0 };
	char *cause = NULL;
	int result = fd >= 0 ? io_read_all(fd, &text) : -1;

	if (result < 0)
		msg_error("cannot read transcript '%s': %s", f->name, strerror(errno));
	io_close(&fd);
	if (result == 0) {
		f->recorded = recorded_new(f->name, buf_peek(&text), text.size, &cause);
		result = f->recorded ? 0 : tell_cause(cause);
	}
	buf_free(&text);
	return result;
}

/* What its head says, and what we say besides. */
static int
take_head(const struct checker *c, const struct recorded_part *part, struct runopts *asked)
{
	size_t i;

	if (runopts_read_recorded(asked, part->options, c->command ? c->command : part->argv) < 0)
		return -1;
	asked->kill_after_ms = c->kill_after_ms;
	asked->linger_ms = c->linger_ms;
	for (i = 0; i < c->setting_count; i++)
		if (runopts_add_environment(asked, c->settings[i]) < 0)
			return -1;
	if (c->directory)
		asked->directory = c->directory;
	return runopts_may_enter(asked);
}

static int
take_heads(const struct checker *c, struct checks_file *f)
{
	struct check_opts opts = { .file = f->recorded, .secret_count = c->source_count };
	char *place = NULL;
	int result = 0;
	size_t i;

	f->asked = calloc(f->recorded->part_count, sizeof(*f->asked));
	if (!f->asked)
		return tell_cause(NULL);
	for (i = 0; i < f->recorded->part_count; i++)
		f->asked[i].stderr_fd = -1; /* of none that is not reached */
	for (i = 0; i < f->recorded->part_count && result == 0; i++) {
		opts.part = &f->recorded->parts[i];
		opts.asked = &f->asked[i];
		if (asprintf(&place, "%s:%zu", f->name, opts.part->command + 1) < 0)
			return tell_cause(NULL);
		msg_about(place);
		result = take_head(c, opts.part, opts.asked);
		msg_about(NULL);
		free(place);
		if (result == 0)
			result = check_possible(&opts);
	}
	return result;
}

/* Each bad one is told. */
static int
read_files(struct checker *c)
{
	int result = 0;
	size_t i;

	for (i = 0; i < c->file_count; i++)
		if (read_file(&c->files[i]) < 0 || take_heads(c, &c->files[i]) < 0)
			result = -1;
	return result;
}

static bool
wants_secret(const struct checker *c)
{
	size_t i, n;

	for (i = 0; i < c->file_count; i++)
		for (n = 0; n < c->files[i].recorded->line_count; n++)
			if (c->files[i].recorded->lines[n].kind == RECORDED_SECRET)
				return true;
	return false;
}

static void
keep_secret(void *arg, const char *secret, size_t size, const char *cause)
{
	struct checker *c = arg;

	c->secrets[c->secret_count].secret = true;
	c->failed = !secret || buf_append(&c->secrets[c->secret_count], secret, size) < 0;
	if (c->failed)
		msg_error("cannot get the secret of --secret %s: %s", c->cause_of, secret ? strerror(errno) : cause);
	c->secret_count++;
	loop_stop(c->loop);
}

static int
get_secret(struct checker *c, const char *source)
{
	size_t before = c->secret_count;
	struct secretsource *s;

	c->cause_of = source;
	s = secretsource_new(c->loop, source, "dualpipe: secret", keep_secret, c);
	if (!s || (c->secret_count == before && loop_run(c->loop) < 0)) {
		msg_error("cannot get the secret of --secret %s: %s", source, strerror(errno));
		c->failed = true;
	}
	loop_restart(c->loop);
	secretsource_free(s);
	return c->failed ? -1 : 0;
}

/* Once, and before anything is started. */
static int
get_secrets(struct checker *c)
{
	size_t i;

	if (!wants_secret(c))
		return 0;
	c->secrets = calloc(c->source_count, sizeof(*c->secrets));
	if (!c->secrets) {
		msg_error("%s", strerror(errno));
		return -1;
	}
	for (i = 0; i < c->source_count; i++)
		if (get_secret(c, c->sources[i]) < 0)
			return -1;
	return 0;
}

static bool
wants_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && no[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

static int
check_all(struct checker *c)
{
	struct checks_opts opts = {
		.framing = &c->framing,
		.at_once = c->jobs,
		.timeout_ms = c->timeout_ms > 0 ? c->timeout_ms : -1,
		.update = c->update,
		.tap = c->tap,
		.colours = !c->tap && wants_colours()
	};

	if (read_files(c) < 0)
		return CMD_FAILED;
	c->loop = loop_new();
	if (!c->loop) {
		msg_error("%s", strerror(errno));
		return CMD_FAILED;
	}
	if (get_secrets(c) < 0)
		return CMD_FAILED;
	opts.files = c->files;
	opts.count = c->file_count;
	opts.secrets = c->secrets;
	opts.secret_count = c->secret_count;
	return checks_run(c->loop, &opts);
}

static void
free_file(struct checks_file *f)
{
	size_t i;

	for (i = 0; f->asked && i < f->recorded->part_count; i++)
		runopts_free(&f->asked[i]);
	free(f->asked);
	recorded_free(f->recorded);
}

static void
clean_up(struct checker *c)
{
	size_t i;

	loop_free(c->loop);
	for (i = 0; i < c->file_count; i++)
		free_file(&c->files[i]);
	free(c->files);
	for (i = 0; i < c->secret_count; i++)
		buf_free(&c->secrets[i]);
	free(c->secrets);
	free(c->settings);
	free(c->sources);
	framing_free(&c->framing);
}

static int
check_command(int argc, char **argv)
{
	struct checker c = { .jobs = 1, .timeout_ms = -1, .kill_after_ms = 5000, .linger_ms = 200 };
	struct opts *o = opts_new(table, argc - 1, argv + 1);
	int status = CMD_FAILED;

	c.settings = calloc((size_t)argc, sizeof(*c.settings));
	c.sources = calloc((size_t)argc, sizeof(*c.sources));
	if (o && c.settings && c.sources) {
		o->help = "dualpipe check --help";
		status = read_options(&c, o);
	} else {
		msg_error("%s", strerror(errno));
	}
	opts_free(o);
	if (status < 0)
		status = check_all(&c);
	clean_up(&c);
	return status;
}

const struct cmd cmd_check = { .name = "check", .run = check_command };
