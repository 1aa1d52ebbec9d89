/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "profile.h"

#include "cause.h"
#include "framing.h"
#include "io.h"
#include "source.h"
#include "token.h"
#include "tree.h"
#include "way.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char default_holds[] = "^(-\\S+ )*$";

struct reading {
	struct profile *p;
	struct token_reader at;	/* in the text; at the value while one is taken */
	size_t size;		/* of the value */
	const char *value;	/* the same as a string, kept in p->lines */
};

static int
no_memory(char **cause)
{
	*cause = NULL;
	errno = ENOMEM;
	return -1;
}

/* One more behind those that are there, which end in NULL. */
static int
add_word(struct reading *r, const char ***words, const char *word)
{
	const char **more;
	size_t n = 0;

	while (*words && (*words)[n])
		n++;
	more = realloc(*words, (n + 2) * sizeof(*more));
	if (!more)
		return no_memory(r->at.cause);
	*words = more;
	more[n] = word;
	more[n + 1] = NULL;
	return 0;
}

static int
compile(struct reading *r, struct match **m, const char *text)
{
	char *why = NULL;
	int result;

	match_free(*m);
	*m = match_new(text, strlen(text), MATCH_MULTILINE, &why, NULL);
	if (*m)
		return 0;
	result = token_fail(&r->at, &r->at.place, "the pattern is none: %s", why ? why : strerror(errno));
	free(why);
	return result;
}

/* Only looked for by who has no profile of the command's own name. */
static int
take_command(struct reading *r)
{
	(void)r;
	return 0;
}

static int
take_holds(struct reading *r)
{
	return compile(r, &r->p->holds, r->value);
}

static int
take_pty(struct reading *r)
{
	r->p->pty = strcmp(r->value, "yes") == 0;
	if (r->p->pty || strcmp(r->value, "no") == 0)
		return 0;
	return token_fail(&r->at, &r->at.place, "'%s' is neither yes nor no", r->value);
}

static int
take_stderr(struct reading *r)
{
	enum dualpipe_stderr way;

	r->p->stderr_word = r->value;
	if (way_parse(r->value, &way))
		return 0;
	return token_fail(&r->at, &r->at.place, "'%s' is no way for stderr; say inherit, pass, merge or discard", r->value);
}

static int
take_reply(struct reading *r)
{
	struct framing f = { 0 };
	char *why = NULL;
	int result;

	r->p->reply = r->value;
	if (framing_parse(&f, r->value, &why) == 0) {
		framing_free(&f);
		return 0;
	}
	result = token_fail(&r->at, &r->at.place, "%s", why ? why : strerror(errno));
	free(why);
	return result;
}

static int
take_error(struct reading *r)
{
	struct match *m = NULL;
	int result = compile(r, &m, r->value);

	r->p->error = r->value;
	match_free(m);
	return result;
}

static int
take_continuation(struct reading *r)
{
	return compile(r, &r->p->continuation, r->value);
}

static int
take_argument(struct reading *r)
{
	return add_word(r, &r->p->arguments, r->value);
}

static int
take_environment(struct reading *r)
{
	if (!strchr(r->value, '=') || r->value[0] == '=')
		return token_fail(&r->at, &r->at.place, "'%s' is no setting; say it as NAME=VALUE", r->value);
	return add_word(r, &r->p->environment, r->value);
}

static int
take_request(struct reading *r)
{
	struct buf *more = realloc(r->p->requests, (r->p->request_count + 1) * sizeof(*more));

	if (!more)
		return no_memory(r->at.cause);
	r->p->requests = more;
	more[r->p->request_count] = (struct buf){ 0 };
	return token_escapes(&r->at, &more[r->p->request_count++]);
}

/* REQUEST:RE, split at the last colon. */
static int
take_status(struct reading *r)
{
	char *colon = strrchr(r->value, ':');

	if (!colon || colon == r->value || !colon[1])
		return token_fail(&r->at, &r->at.place, "'%s' lacks a part: REQUEST:RE", r->value);
	*colon = '\0';
	r->p->status_request = r->value;
	if (compile(r, &r->p->status, colon + 1) < 0)
		return -1;
	if (match_groups(r->p->status) > 0)
		return 0;
	return token_fail(&r->at, &r->at.place, "the pattern has no group for the status: %s", colon + 1);
}

static int
take_quit(struct reading *r)
{
	r->p->quits = true;
	buf_consume(&r->p->quit, r->p->quit.size);
	return token_escapes(&r->at, &r->p->quit);
}

static const struct {
	const char *name;
	int (*take)(struct reading *r);
} keys[] = {
	{ "command", take_command },
	{ "arguments", take_holds },
	{ "pty", take_pty },
	{ "stderr", take_stderr },
	{ "reply", take_reply },
	{ "error", take_error },
	{ "continuation", take_continuation },
	{ "argument", take_argument },
	{ "environment", take_environment },
	{ "request", take_request },
	{ "status", take_status },
	{ "quit", take_quit },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static size_t
blanks(const char *text)
{
	return strspn(text, " \t");
}

/* The line that is ahead, without its newline. */
static int
take_line(struct reading *r, const char *line)
{
	size_t before = blanks(line), key = strcspn(line + before, " \t"), i;
	const char *name = line + before;

	if (key == 0 || name[0] == '#')
		return 0;
	token_take(&r->at, before);
	for (i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == key && memcmp(keys[i].name, name, key) == 0)
			break;
	if (i == KEYS)
		return token_fail(&r->at, &r->at.place, "unknown key '%.*s'", (int)key, name);
	r->value = name + key + blanks(name + key);
	token_take(&r->at, (size_t)(r->value - name));
	return keys[i].take(r);
}

static int
take_lines(struct reading *r)
{
	const struct source *s = r->at.source;
	size_t at, size;

	if (memchr(s->text, '\0', s->size))
		return token_fail(&r->at, &r->at.place, "the file holds a NUL byte");
	for (at = 0; at < s->size; at += size + 1) {
		size = strlen(r->p->lines + at);
		if (take_line(r, r->p->lines + at) < 0)
			return -1;
		token_take(&r->at, at + size - r->at.at);
		if (at + size < s->size)
			token_take(&r->at, 1);
	}
	return r->p->holds ? 0 : compile(r, &r->p->holds, default_holds);
}

/* The text as strings, one a line. */
static char *
split(const struct source *s)
{
	char *lines = malloc(s->size + 1), *at = lines;

	if (!lines)
		return NULL;
	if (s->size > 0)
		memcpy(lines, s->text, s->size);
	lines[s->size] = '\0';
	while ((at = memchr(at, '\n', s->size - (size_t)(at - lines))))
		*at++ = '\0';
	return lines;
}

void
profile_free(struct profile *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->request_count; i++)
		buf_free(&p->requests[i]);
	free(p->requests);
	free(p->arguments);
	free(p->environment);
	buf_free(&p->quit);
	match_free(p->continuation);
	match_free(p->status);
	match_free(p->holds);
	free(p->lines);
	free(p->path);
	free(p);
}

static struct profile *
parse(const char *path, const struct buf *text, char **cause)
{
	struct source *s = source_new(path, buf_peek(text), text->size);
	struct reading r = { .p = calloc(1, sizeof(*r.p)) };
	int result = -1;

	r.at = (struct token_reader){ .source = s, .place = { path, 1, 1 }, .cause = cause };
	if (s && r.p) {
		r.p->lines = split(s);
		r.p->path = strdup(path);
	}
	if (s && r.p && r.p->lines && r.p->path)
		result = take_lines(&r);
	else
		(void)no_memory(cause);
	source_free(s);
	if (result == 0)
		return r.p;
	profile_free(r.p);
	return NULL;
}

struct folders {
	char *paths[3];
	size_t count;
};

__attribute__((format(printf, 2, 3))) static int
add_folder(struct folders *f, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = vasprintf(&f->paths[f->count], format, args);
	va_end(args);
	if (result < 0)
		return -1;
	f->count++;
	return 0;
}

static int
add_own(struct folders *f)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	/* As the XDG base directories have it: a path that is not absolute is none. */
	if (config && config[0] == '/')
		return add_folder(f, "%s/dualpipe/profiles", config);
	return home && home[0] == '/' ? add_folder(f, "%s/.config/dualpipe/profiles", home) : 0;
}

static int
add_beside_program(struct folders *f)
{
	char folder[PATH_MAX];

	return tree_folder(folder) ? add_folder(f, "%s/../profiles", folder) : 0;
}

static void
free_folders(struct folders *f)
{
	while (f->count > 0)
		free(f->paths[--f->count]);
}

static int
list_folders(struct folders *f, char **cause)
{
	*f = (struct folders){ .count = 0 };
	if (add_own(f) == 0 && add_beside_program(f) == 0 && add_folder(f, "%s", PKGDATADIR "/profiles") == 0)
		return 0;
	free_folders(f);
	return no_memory(cause);
}

static bool
is_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
}

static int
read_file(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int result = fd < 0 ? -1 : io_read_all(fd, text);

	io_close(&fd);
	return result;
}

/* Whether one may enter it: who runs with another user's HOME, as setpriv(1) leaves it, has no profiles there. */
static bool
is_closed(const char *folder)
{
	return access(folder, X_OK) < 0 && errno == EACCES;
}

static int
load(struct profile **found, const char *folder, const char *name, char **cause)
{
	struct buf text = { 0 };
	char *path = NULL;
	int result = -1, error;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return no_memory(cause);
	if (read_file(path, &text) == 0) {
		*found = parse(path, &text, cause);
		result = *found ? 0 : -1;
	} else {
		error = errno;
		if (error == ENOENT || error == ENOTDIR || (error == EACCES && is_closed(folder)))
			result = 0;
		else
			(void)cause_set(cause, "cannot read profile '%s': %s", path, strerror(error));
	}
	buf_free(&text);
	free(path);
	return result;
}

static int
load_named(struct profile **found, const struct folders *f, const char *name, char **cause)
{
	size_t i;

	for (i = 0; i < f->count && !*found; i++)
		if (load(found, f->paths[i], name, cause) < 0)
			return -1;
	return 0;
}

/* Whether a `command' line of the text has the name. */
static bool
has_command(const struct buf *text, const char *name)
{
	static const char key[] = "command";
	const char *at = buf_peek(text), *end = at + text->size, *line;
	size_t size, word, length = strlen(name);

	for (line = at; line < end; line = at + 1) {
		at = memchr(line, '\n', (size_t)(end - line));
		if (!at)
			at = end;
		size = (size_t)(at - line);
		if (size < sizeof(key) || memcmp(line, key, sizeof(key) - 1) != 0)
			continue;
		for (line += sizeof(key) - 1; line < at && (*line == ' ' || *line == '\t'); line += word) {
			line++;
			for (word = 0; line + word < at && line[word] != ' ' && line[word] != '\t'; word++)
				;
			if (word == length && memcmp(line, name, length) == 0)
				return true;
		}
	}
	return false;
}

static bool
is_for(const char *folder, const char *file, const char *name)
{
	struct buf text = { 0 };
	char *path = NULL;
	bool result = false;

	if (asprintf(&path, "%s/%s", folder, file) < 0)
		return false;
	if (read_file(path, &text) == 0)
		result = has_command(&text, name);
	buf_free(&text);
	free(path);
	return result;
}

static int
is_no_dot_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* One that has the command's name among others. */
static int
load_for(struct profile **found, const char *folder, const char *name, char **cause)
{
	struct dirent **files;
	int n = scandir(folder, &files, is_no_dot_file, alphasort), i, result = 0;
	bool done = false;

	for (i = 0; i < n; i++) {
		if (!done && is_for(folder, files[i]->d_name, name)) {
			done = true;
			result = load(found, folder, files[i]->d_name, cause);
		}
		free(files[i]);
	}
	if (n >= 0)
		free(files);
	return result;
}

/* Less one number behind it: python3.11, python3, python. False where there is none. */
static bool
shorten(char *name)
{
	size_t size = strlen(name), digits = size;

	while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	if (digits == size)
		return false;
	if (digits > 0 && (name[digits - 1] == '.' || name[digits - 1] == '-'))
		digits--;
	name[digits] = '\0';
	return digits > 0;
}

static int
find(struct profile **found, const struct folders *f, char *name, char **cause)
{
	size_t i;

	do {
		if (load_named(found, f, name, cause) < 0)
			return -1;
		for (i = 0; i < f->count && !*found; i++)
			if (load_for(found, f->paths[i], name, cause) < 0)
				return -1;
	} while (!*found && shorten(name));
	return 0;
}

struct profile *
profile_open(const char *name, char **cause)
{
	struct profile *found = NULL;
	struct folders f;
	int result;

	if (!is_name(name)) {
		(void)cause_set(cause, "'%s' is no name of a profile", name);
		return NULL;
	}
	if (list_folders(&f, cause) < 0)
		return NULL;
	result = load_named(&found, &f, name, cause);
	if (result == 0 && !found)
		(void)cause_set(cause, "there is no profile '%s'; they are looked for in %s%s%s", name, f.paths[0],
		    f.count > 1 ? " and " : "", f.count > 1 ? f.paths[f.count - 1] : "");
	free_folders(&f);
	return found;
}

/* Whether its `arguments' match. -1 with *cause. */
static int
holds(const struct profile *p, char *const argv[], char **cause)
{
	struct match_span *spans = calloc(match_groups(p->holds) + 1, sizeof(*spans));
	struct buf words = { 0 };
	int result = spans ? 0 : -1;
	size_t i;

	for (i = 1; argv[i] && result == 0; i++)
		if (buf_append(&words, argv[i], strlen(argv[i])) < 0 || buf_append(&words, " ", 1) < 0)
			result = -1;
	if (result == 0)
		result = match_once(p->holds, words.size > 0 ? buf_peek(&words) : "", words.size, spans);
	if (result < 0)
		(void)cause_set(cause, "%s: arguments: %s", p->path,
		    errno == E2BIG ? "the pattern backtracks without end" : strerror(errno));
	buf_free(&words);
	free(spans);
	return result;
}

int
profile_find(struct profile **found, char *const argv[], char **cause)
{
	const char *slash = strrchr(argv[0], '/');
	char *name = strdup(slash ? slash + 1 : argv[0]);
	struct folders f;
	int result;

	*found = NULL;
	if (!name)
		return no_memory(cause);
	if (!is_name(name) || list_folders(&f, cause) < 0) {
		result = is_name(name) ? -1 : 0;
		free(name);
		return result;
	}
	result = find(found, &f, name, cause);
	free_folders(&f);
	free(name);
	if (!*found)
		return result;
	result = holds(*found, argv, cause);
	if (result > 0)
		return 0;
	profile_free(*found);
	*found = NULL;
	return result;
}
