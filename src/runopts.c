/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "runopts.h"

#include "cmd.h"
#include "framing.h"
#include "io.h"
#include "match.h"
#include "msg.h"
#include "opts.h"
#include "profile.h"
#include "way.h"
#include "wordlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum id {
	OPT_PTY = 1, OPT_ECHO, OPT_SIZE, OPT_STDERR, OPT_COMMAND, OPT_ENVIRONMENT, OPT_DIRECTORY,
	OPT_EDIT, OPT_HISTORY, OPT_NO_HISTORY, OPT_ESCAPE, OPT_TIMEOUT, OPT_IDLE_TIMEOUT, OPT_KILL_AFTER,
	OPT_LINGER, OPT_TRANSCRIPT, OPT_TRANSCRIPT_FORMAT, OPT_APPEND, OPT_STATUS_FD, OPT_QUIET,
	OPT_VERBOSE, OPT_SCRIPT, OPT_STEP, OPT_SHOW, OPT_RAW, OPT_MATCH_BUFFER,
	OPT_ASK, OPT_REPLY, OPT_ERROR, OPT_JSON, OPT_STATUS, OPT_REQUEST_TIMEOUT, OPT_TAME, OPT_PROFILE,
	OPT_NO_PROFILE, OPT_KEYS, OPT_HELP, OPT_VERSION
};

#define BIT(id) (UINT64_C(1) << (id))

static const struct opts_option table[] = {
	{ "pty", 'p', OPTS_SWITCH, OPT_PTY },
	{ "echo", 0, OPTS_SWITCH, OPT_ECHO },
	{ "size", 0, OPTS_VALUE, OPT_SIZE },
	{ "stderr", 0, OPTS_VALUE, OPT_STDERR },
	{ "command", 'c', OPTS_VALUE, OPT_COMMAND },
	{ "environment", 0, OPTS_VALUE, OPT_ENVIRONMENT },
	{ "directory", 0, OPTS_VALUE, OPT_DIRECTORY },
	{ "edit", 0, OPTS_SWITCH, OPT_EDIT },
	{ "history", 0, OPTS_VALUE, OPT_HISTORY },
	{ "no-history", 0, OPTS_ACTION, OPT_NO_HISTORY },
	{ "escape", 0, OPTS_VALUE, OPT_ESCAPE },
	{ "timeout", 't', OPTS_VALUE, OPT_TIMEOUT },
	{ "idle-timeout", 0, OPTS_VALUE, OPT_IDLE_TIMEOUT },
	{ "kill-after", 'k', OPTS_VALUE, OPT_KILL_AFTER },
	{ "linger", 0, OPTS_VALUE, OPT_LINGER },
	{ "transcript", 'T', OPTS_VALUE, OPT_TRANSCRIPT },
	{ "transcript-format", 0, OPTS_VALUE, OPT_TRANSCRIPT_FORMAT },
	{ "append", 0, OPTS_SWITCH, OPT_APPEND },
	{ "script", 's', OPTS_VALUE, OPT_SCRIPT },
	{ "step", 'e', OPTS_VALUE, OPT_STEP },
	{ "ask", 'a', OPTS_VALUE, OPT_ASK },
	{ "reply", 'r', OPTS_VALUE, OPT_REPLY },
	{ "error", 0, OPTS_VALUE, OPT_ERROR },
	{ "json", 0, OPTS_SWITCH, OPT_JSON },
	{ "status", 0, OPTS_SWITCH, OPT_STATUS },
	{ "request-timeout", 0, OPTS_VALUE, OPT_REQUEST_TIMEOUT },
	{ "tame", 0, OPTS_SWITCH, OPT_TAME },
	{ "profile", 'P', OPTS_VALUE, OPT_PROFILE },
	{ "no-profile", 0, OPTS_ACTION, OPT_NO_PROFILE },
	{ "show", 0, OPTS_SWITCH, OPT_SHOW },
	{ "raw", 0, OPTS_SWITCH, OPT_RAW },
	{ "match-buffer", 0, OPTS_VALUE, OPT_MATCH_BUFFER },
	{ "status-fd", 0, OPTS_VALUE, OPT_STATUS_FD },
	{ "quiet", 'q', OPTS_SWITCH, OPT_QUIET },
	{ "verbose", 'v', OPTS_SWITCH, OPT_VERBOSE },
	{ "help", 'h', OPTS_ACTION, OPT_HELP },
	{ "version", 'V', OPTS_ACTION, OPT_VERSION },
	{ NULL, 0, OPTS_ACTION, 0 }
};

static const char help[] =
    "Usage: dualpipe [option ...] -- command [argument ...]\n"
    "       dualpipe [option ...] --script FILE [argument ...]\n"
    "       dualpipe [option ...] --ask REQUEST -- command [argument ...]\n"
    "       dualpipe check [option ...] FILE ...   (more: dualpipe check --help)\n\n"
    "  -p, --pty             give it a terminal; --echo, --size ROWSxCOLS\n"
    "      --no-edit         no editing; --escape KEY, --history FILE, --no-history\n"
    "      --stderr WAY      inherit, pass, merge, discard or a FILE\n"
    "  -c, --command STRING  run STRING by /bin/sh -c; --directory DIR: run it there\n"
    "      --environment N=V set a variable for it; may repeat\n"
    "  -s, --script FILE     let a dialogue do the talking; its words stand behind\n"
    "  -e, --step STEP       step by step; may repeat; --show, --match-buffer SIZE\n"
    "  -a, --ask REQUEST     print its reply; repeats; --json, --status, --error RE\n"
    "  -r, --reply FRAMING   when one is complete [ready]; --request-timeout TIME\n"
    "      --raw             leave what it says as it is; --tame: its world is plain\n"
    "  -t, --timeout TIME    end it after TIME (2s, 250ms, 3m), status 124\n"
    "      --idle-timeout TIME  after TIME of silence on all sides\n"
    "  -k, --kill-after TIME KILL that long behind TERM [5s]\n"
    "      --linger TIME     wait for what it left running [200ms]\n"
    "  -T, --transcript FILE record it; --transcript-format FORMAT, --append\n"
    "  -P, --profile NAME    what is known of it; --no-profile\n"
    "      --status-fd N     write how it ended to descriptor N, as JSON\n"
    "  -q, --quiet  -v, --verbose  -h, --help  -V, --version\n"
    "Its status is the command's, 128+n for a signal; ours are 124 to 127.\n";

static bool
take_stderr(struct runopts *r, const char *word)
{
	r->stderr_given = true;
	r->stderr_word = word;
	if (way_parse(word, &r->stderr_to))
		return true;
	r->stderr_to = DUALPIPE_STDERR_FD; /* opened when all the rest is right */
	if (word[0])
		return true;
	msg_error("'' is no way for --stderr; say inherit, pass, merge, discard or the name of a file");
	return false;
}

static bool
take_format(struct runopts *r, const char *word)
{
	static const char *const names[] = { "text", "jsonl", "cast", "dp" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		r->transcript_format = (enum transcript_format)i;
		return true;
	}
	msg_error("'%s' is no format for --transcript-format; say text, jsonl, cast or dp", word);
	return false;
}

/* "^]", or a character as it is. */
static bool
take_escape(struct runopts *r, const char *word)
{
	if (word[0] == '^' && word[1] >= '?' && word[1] <= '~' && !word[2])
		r->escape = word[1] == '?' ? 0x7f : word[1] & 0x1f;
	else if (word[0] > ' ' && !word[1])
		r->escape = word[0];
	else
		r->escape = -1;
	if (r->escape >= 0)
		return true;
	msg_error("'%s' is no key for --escape; say ^] or the like, or one character", word);
	return false;
}

static bool
take_environment(struct runopts *r, const char *setting)
{
	const char **more;
	size_t n = 0;

	if (!strchr(setting, '=') || setting[0] == '=') {
		msg_error("'%s' is no setting for --environment; say it as NAME=VALUE", setting);
		return false;
	}
	while (r->environment && r->environment[n])
		n++;
	more = realloc(r->environment, (n + 2) * sizeof(*more));
	if (!more) {
		msg_error("%s", strerror(ENOMEM));
		return false;
	}
	r->environment = more;
	r->environment[n] = setting;
	r->environment[n + 1] = NULL;
	return true;
}

/* The words of the line that are read before all is known. */
struct reading {
	uint64_t given;		/* a bit each; not those that were switched off again */
	struct msg_level level;
};

/* One more of what may repeat. */
static bool
take_another(const char ***words, size_t *count, const char *word)
{
	const char **more = realloc(*words, (*count + 1) * sizeof(*more));

	if (!more) {
		msg_error("%s", strerror(ENOMEM));
		return false;
	}
	*words = more;
	more[(*count)++] = word;
	return true;
}

static bool
take_reply(struct runopts *r, const struct opts *o)
{
	struct framing f = { 0 };

	r->reply = o->value;
	if (!opts_framing(o, &f))
		return false;
	framing_free(&f);
	return true;
}

static bool
take_error(struct runopts *r, const char *word)
{
	char *cause = NULL;
	struct match *m = match_new(word, strlen(word), 0, &cause, NULL);

	r->error_pattern = word;
	if (!m)
		msg_error("'%s' is no pattern for --error: %s", word, cause ? cause : strerror(errno));
	free(cause);
	match_free(m);
	return m != NULL;
}

/* One option. False for a mistake, which was told. */
static bool
take_option(struct runopts *r, struct reading *reading, struct opts *o, int id)
{
	switch ((enum id)id) {
	case OPT_PTY:
		r->pty_given = true;
		r->pty = o->on;
		return true;
	case OPT_ECHO:
		r->echo = o->on;
		return true;
	case OPT_KEYS:
		r->keys = o->on;
		return true;
	case OPT_SIZE:
		return opts_window(o, &r->rows, &r->columns);
	case OPT_STDERR:
		return take_stderr(r, o->value);
	case OPT_COMMAND:
		r->shell_command = o->value;
		return true;
	case OPT_ENVIRONMENT:
		return take_environment(r, o->value);
	case OPT_DIRECTORY:
		r->directory = o->value;
		return true;
	case OPT_EDIT:
		r->no_edit = !o->on;
		return true;
	case OPT_HISTORY:
		r->history = o->value;
		r->no_history = false;
		return true;
	case OPT_NO_HISTORY:
		r->no_history = true;
		return true;
	case OPT_ESCAPE:
		return take_escape(r, o->value);
	case OPT_TIMEOUT:
		return opts_duration(o, &r->timeout_ms);
	case OPT_IDLE_TIMEOUT:
		return opts_duration(o, &r->idle_ms);
	case OPT_KILL_AFTER:
		return opts_duration(o, &r->kill_after_ms);
	case OPT_LINGER:
		return opts_duration(o, &r->linger_ms);
	case OPT_TRANSCRIPT:
		r->transcript = o->value;
		return true;
	case OPT_TRANSCRIPT_FORMAT:
		return take_format(r, o->value);
	case OPT_APPEND:
		r->append = o->on;
		return true;
	case OPT_STATUS_FD:
		return opts_output_fd(o, &r->status_fd);
	case OPT_QUIET:
		reading->level.quiet = o->on;
		return true;
	case OPT_VERBOSE:
		reading->level.verbose = o->on;
		return true;
	case OPT_SCRIPT:
		r->script = o->value;
		return true;
	case OPT_STEP:
		return take_another(&r->steps, &r->step_count, o->value);
	case OPT_ASK:
		return take_another(&r->requests, &r->request_count, o->value);
	case OPT_REPLY:
		return take_reply(r, o);
	case OPT_ERROR:
		return take_error(r, o->value);
	case OPT_JSON:
		r->json = o->on;
		return true;
	case OPT_STATUS:
		r->ask_status = o->on;
		return true;
	case OPT_REQUEST_TIMEOUT:
		return opts_duration(o, &r->request_timeout_ms);
	case OPT_TAME:
		r->tame_given = true;
		r->tame = o->on;
		return true;
	case OPT_PROFILE:
		r->profile_name = o->value;
		r->no_profile = false;
		return true;
	case OPT_NO_PROFILE:
		r->no_profile = true;
		return true;
	case OPT_SHOW:
		r->show = o->on;
		return true;
	case OPT_RAW:
		r->raw = o->on;
		return true;
	case OPT_MATCH_BUFFER:
		return opts_size(o, 1, &r->match_buffer);
	case OPT_HELP:
	case OPT_VERSION:
		break; /* seen to by the caller */
	}
	return true;
}

/* sh -c STRING sh WORD ...: the words are $1 and on. A STRING like an option stands behind "--". */
static bool
make_shell_command(struct runopts *r, const char *command, char **words)
{
	size_t i, at = 0, n = 0;

	while (words[n])
		n++;
	r->own_argv = calloc(n + 6, sizeof(*r->own_argv));
	if (!r->own_argv) {
		msg_error("%s", strerror(ENOMEM));
		return false;
	}
	r->own_argv[at++] = (char *)"/bin/sh";
	r->own_argv[at++] = (char *)"-c";
	if (command[0] == '-' || command[0] == '+')
		r->own_argv[at++] = (char *)"--";
	r->own_argv[at++] = (char *)command; /* exec does not write to its words */
	r->own_argv[at++] = (char *)"sh";
	for (i = 0; i < n; i++)
		r->own_argv[at++] = words[i];
	r->argv = r->own_argv;
	return true;
}

int
runopts_take_command(struct runopts *r, char **words)
{
	if (r->shell_command)
		return make_shell_command(r, r->shell_command, words) ? 0 : -1;
	if (!words[0]) {
		msg_error("no command; usage: dualpipe [option ...] -- command [argument ...]");
		return -1;
	}
	r->argv = words;
	return 0;
}

/* A dialogue may have the command itself; where it is a file, its words are sorted out when it is read. */
static bool
take_command(struct runopts *r, const struct opts *o)
{
	if (r->script) {
		r->words = o->rest;
		return true;
	}
	if (o->rest[0] && !o->separated && r->shell_command) {
		msg_error("the argument '%s' stands behind no '--'; the order is: dualpipe [option ...] -c STRING -- %s",
		    o->rest[0], o->rest[0]);
		return false;
	}
	if (o->rest[0] && !o->separated) {
		msg_error("the command '%s' stands behind no '--'; the order is: dualpipe [option ...] -- %s",
		    o->rest[0], o->rest[0]);
		return false;
	}
	if (r->step_count > 0 && !o->separated && !r->shell_command)
		return true;
	return runopts_take_command(r, o->rest) == 0;
}

static const struct {
	enum id one, other;
} apart[] = {
	{ OPT_SCRIPT, OPT_STEP },
	{ OPT_ASK, OPT_SCRIPT },
	{ OPT_ASK, OPT_STEP },
};

enum { APART = sizeof(apart) / sizeof(apart[0]) };

#define DIALOGUE (BIT(OPT_SCRIPT) | BIT(OPT_STEP))

/* What means something only beside one of others. */
static const struct {
	enum id id;
	uint64_t one_of;
	const char *words;	/* for these */
} needs[] = {
	{ OPT_JSON, BIT(OPT_ASK), "a request: --ask REQUEST" },
	{ OPT_STATUS, BIT(OPT_ASK), "a request: --ask REQUEST" },
	{ OPT_ERROR, BIT(OPT_ASK), "a request: --ask REQUEST" },
	{ OPT_REPLY, BIT(OPT_ASK) | DIALOGUE, "--ask REQUEST, or a dialogue that asks" },
	{ OPT_REQUEST_TIMEOUT, BIT(OPT_ASK) | DIALOGUE, "--ask REQUEST, or a dialogue that asks" },
	{ OPT_SHOW, BIT(OPT_ASK) | DIALOGUE, "--ask REQUEST, or a dialogue: --script FILE or --step STEP" },
	{ OPT_RAW, BIT(OPT_ASK) | DIALOGUE, "--ask REQUEST, or a dialogue: --script FILE or --step STEP" },
	{ OPT_MATCH_BUFFER, DIALOGUE, "a dialogue: --script FILE or --step STEP" },
	{ OPT_APPEND, BIT(OPT_TRANSCRIPT), "--transcript FILE" },
	{ OPT_TRANSCRIPT_FORMAT, BIT(OPT_TRANSCRIPT), "--transcript FILE" },
};

enum { NEEDS = sizeof(needs) / sizeof(needs[0]) };

static const char *
name_of(enum id id)
{
	const struct opts_option *o = table;

	while (o->id != (int)id)
		o++;
	return o->name;
}

/* What single options cannot tell. */
static bool
check_together(uint64_t given)
{
	size_t i;

	for (i = 0; i < APART; i++) {
		if (!(given & BIT(apart[i].one)) || !(given & BIT(apart[i].other)))
			continue;
		msg_error("--%s and --%s do not go together; say one of them", name_of(apart[i].one), name_of(apart[i].other));
		return false;
	}
	for (i = 0; i < NEEDS; i++) {
		if (!(given & BIT(needs[i].id)) || (given & needs[i].one_of))
			continue;
		msg_error("--%s needs %s", name_of(needs[i].id), needs[i].words);
		return false;
	}
	return true;
}

static bool
set_format(struct runopts *r, const struct reading *reading)
{
	if (r->transcript && !(reading->given & BIT(OPT_TRANSCRIPT_FORMAT)))
		r->transcript_format = transcript_format_of(r->transcript);
	if (!r->append || !transcript_is_single(r->transcript_format))
		return true;
	msg_error("--append cannot add to '%s': %s holds one record", r->transcript,
	    r->transcript_format == TRANSCRIPT_CAST ? "an asciicast" : "a dialogue");
	return false;
}

int
runopts_may_enter(const struct runopts *r)
{
	struct stat st;

	if (!r->directory)
		return 0;
	if (stat(r->directory, &st) == 0) {
		errno = ENOTDIR;
		if (S_ISDIR(st.st_mode) && access(r->directory, X_OK) == 0)
			return 0;
	}
	msg_error("cannot enter '%s' of --directory: %s", r->directory, strerror(errno));
	return -1;
}

static bool
open_stderr_file(struct runopts *r)
{
	if (r->stderr_to != DUALPIPE_STDERR_FD)
		return true;
	r->stderr_fd = io_above_stdio(open(r->stderr_word, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666));
	/* A FIFO without a reader is an error, not a wait; what the child gets may wait. */
	if (r->stderr_fd >= 0 && fcntl(r->stderr_fd, F_SETFL, 0) == 0)
		return true;
	msg_error("cannot write '%s' of --stderr: %s", r->stderr_word, strerror(errno));
	return false;
}

static int
read_options(struct runopts *r, struct reading *reading, struct opts *o)
{
	int id;

	/* Behind the file of a dialogue stand its words, whatever they look like. */
	while (!r->script && (id = opts_next(o)) > 0) {
		if (id == OPT_HELP)
			return opts_give(help);
		if (id == OPT_VERSION)
			return opts_give("dualpipe " PACKAGE_VERSION "\n");
		if (!take_option(r, reading, o, id))
			return CMD_FAILED;
		reading->given = o->on ? reading->given | BIT(id) : reading->given & ~BIT(id);
	}
	if (r->script)
		opts_end(o);
	if (id < 0 || !take_command(r, o) || !check_together(reading->given) || !set_format(r, reading))
		return CMD_FAILED;
	return -1;
}

static const struct runopts nothing_asked = {
	.stderr_fd = -1, .status_fd = -1, .escape = -1, .kill_after_ms = 5000, .linger_ms = 200
};

int
runopts_read(struct runopts *r, int argc, char **argv)
{
	struct reading reading = { 0 };
	struct opts *o = opts_new(table, argc, argv);
	int status;

	*r = nothing_asked;
	if (!o) {
		msg_error("%s", strerror(ENOMEM));
		return CMD_FAILED;
	}
	status = read_options(r, &reading, o);
	opts_free(o);
	msg_set(&reading.level);
	return status;
}

int
runopts_open(struct runopts *r)
{
	return runopts_may_enter(r) == 0 && open_stderr_file(r) ? 0 : -1;
}

static const struct opts_option recorded_table[] = {
	{ "pty", 'p', OPTS_SWITCH, OPT_PTY },
	{ "echo", 0, OPTS_SWITCH, OPT_ECHO },
	{ "keys", 0, OPTS_SWITCH, OPT_KEYS },
	{ "size", 0, OPTS_VALUE, OPT_SIZE },
	{ "stderr", 0, OPTS_VALUE, OPT_STDERR },
	{ "environment", 0, OPTS_VALUE, OPT_ENVIRONMENT },
	{ "directory", 0, OPTS_VALUE, OPT_DIRECTORY },
	{ "tame", 0, OPTS_SWITCH, OPT_TAME },
	{ NULL, 0, OPTS_ACTION, 0 }
};

static int
read_recorded(struct runopts *r, int argc, char **argv)
{
	struct reading reading = { 0 };
	struct opts *o = opts_new(recorded_table, argc, argv);
	int id = -1;

	if (o)
		o->help = "dualpipe-transcript(5)";
	else
		msg_error("%s", strerror(ENOMEM));
	while (o && (id = opts_next(o)) > 0 && take_option(r, &reading, o, id))
		;
	if (id > 0)
		id = -1;
	if (id == 0 && o->rest[0]) {
		msg_error("'%s' is no option; the command stands behind '--'", o->rest[0]);
		id = -1;
	}
	opts_free(o);
	return id;
}

int
runopts_read_recorded(struct runopts *r, char **options, char **argv)
{
	char **words;
	int n = 0, result;

	*r = nothing_asked;
	r->argv = argv;
	while (options[n])
		n++;
	words = calloc((size_t)n + 2, sizeof(*words)); /* with the word that is passed over in front */
	if (!words) {
		msg_error("%s", strerror(ENOMEM));
		return -1;
	}
	words[0] = (char *)"dualpipe";
	memcpy(words + 1, options, (size_t)n * sizeof(*words));
	result = read_recorded(r, n + 1, words);
	free(words);
	return result;
}

int
runopts_add_environment(struct runopts *r, const char *setting)
{
	return take_environment(r, setting) ? 0 : -1;
}

void
runopts_free(struct runopts *r)
{
	free(r->environment);
	free(r->own_argv);
	free(r->steps);
	free(r->requests);
	free(r->whole_environment);
	free(r->argv_with_profile);
	profile_free(r->profile);
	io_close(&r->stderr_fd);
}

const char *
runopts_name(const struct runopts *r)
{
	return r->shell_command ? r->shell_command : r->argv[0];
}

static const char *const tame_settings[] = {
	"TERM=dumb", "NO_COLOR=1", "PAGER=cat", "GIT_PAGER=cat", "PSQL_PAGER=cat", "MANPAGER=cat", "SYSTEMD_PAGER=cat"
};

const char *const *
runopts_environment(struct runopts *r)
{
	const size_t tame = sizeof(tame_settings) / sizeof(tame_settings[0]);
	size_t n = 0;

	if (!r->tame)
		return r->environment;
	while (r->environment && r->environment[n])
		n++;
	free(r->whole_environment);
	r->whole_environment = calloc(tame + n + 1, sizeof(*r->whole_environment));
	if (!r->whole_environment)
		return NULL;
	memcpy(r->whole_environment, tame_settings, sizeof(tame_settings));
	if (n > 0)
		memcpy(r->whole_environment + tame, r->environment, n * sizeof(*r->environment));
	return r->whole_environment;
}

/* The last one counts. NULL where none is set. */
static const char *
term_asked(const struct runopts *r)
{
	static const char name[] = "TERM=";
	const char *term = NULL;
	size_t i;

	for (i = 0; r->environment && r->environment[i]; i++)
		if (strncmp(r->environment[i], name, sizeof(name) - 1) == 0)
			term = r->environment[i] + sizeof(name) - 1;
	return term;
}

const char *
runopts_term(const struct runopts *r)
{
	const char *term = term_asked(r);

	if (term)
		return term;
	return r->tame ? "dumb" : getenv("TERM");
}

/* The words of a command line, in memory that has room for them. */
struct words {
	char **words;
	size_t count;
	bool failed;
};

/* A word in two parts. */
static void
add_word(struct words *w, const char *front, const char *rest)
{
	size_t size = strlen(front) + strlen(rest) + 1;
	char *word = malloc(size);

	if (word)
		(void)snprintf(word, size, "%s%s", front, rest);
	w->failed |= !word;
	if (!w->failed)
		w->words[w->count++] = word;
	else
		free(word);
}

static void
add_terminal(struct words *w, const char *term, const struct runopts_terminal *terminal)
{
	char size[32];

	(void)snprintf(size, sizeof(size), "%ux%u", terminal->rows, terminal->columns);
	add_word(w, "--pty", "");
	if (terminal->terminal == DUALPIPE_KEYS)
		add_word(w, "--keys", "");
	if (terminal->terminal == DUALPIPE_TYPED)
		add_word(w, "--echo", "");
	add_word(w, "--size", "");
	add_word(w, size, "");
	if (!term)
		return;
	add_word(w, "--environment", "");
	add_word(w, "TERM=", term);
}

char **
runopts_words(const struct runopts *r, const struct runopts_terminal *terminal)
{
	struct words w = { .words = NULL };
	size_t settings = 0, i;

	while (r->environment && r->environment[settings])
		settings++;
	w.words = calloc(2 * settings + 16, sizeof(*w.words));
	if (!w.words)
		return NULL;
	if (r->tame)
		add_word(&w, "--tame", "");
	if (terminal->pty)
		add_terminal(&w, r->tame || term_asked(r) ? NULL : getenv("TERM"), terminal); /* else it is said already */
	if (r->stderr_given)
		add_word(&w, "--stderr=", r->stderr_word);
	if (r->directory) {
		add_word(&w, "--directory", "");
		add_word(&w, r->directory, "");
	}
	for (i = 0; i < settings; i++) {
		add_word(&w, "--environment", "");
		add_word(&w, r->environment[i], "");
	}
	if (!w.failed)
		return w.words;
	wordlist_free(w.words);
	return NULL;
}
