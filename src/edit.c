/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "edit.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	/* libedit's idea of the window: as large as a line may ever be, since it fails on what does not fit. */
	ROWS = 64,
	COLUMNS = 4096,
	LONGEST = ROWS * COLUMNS - 2 * COLUMNS,
	HISTORY = 10000,	/* lines */
	ESC = 0x1b,
	ABORT = 0x07		/* ends a search as if it had not been */
};

/* In ~/.editrc, what stands behind that and a colon is for us alone. */
#define PROGRAM "dualpipe"

/*
 * Keys that nobody types, for what only libedit can do: the functions that we
 * put before its own end with these.
 */
#define KEY_RESTORE 0x90
#define KEY_PREVIOUS 0x91
#define KEY_NEXT 0x92

struct edit {
	EditLine *el;
	HistoryW *history;
	FILE *null;
	int master, slave;	/* of a terminal that nobody looks at */
	struct edit_calls calls;
	int depth;		/* lines that we went back in the history */
	wchar_t *typed;		/* the line that was left for it, of which libedit keeps only 1023 characters */
	bool searched;		/* for a line of the history: which it is that was found is to be seen */
	wchar_t *before;	/* the line as it was then */
	bool aborted;
	bool escaped;		/* a search has ended by an ESC, which may be the first of an arrow's keys */
	bool gave_up;
	bool end;		/* end-of-file was typed */
};

static struct edit *
edit_of(EditLine *el)
{
	struct edit *e = NULL;

	(void)el_wget(el, EL_CLIENTDATA, &e);
	return e;
}

static size_t
length_of(struct edit *e)
{
	const LineInfoW *info = el_wline(e->el);

	return (size_t)(info->lastchar - info->buffer);
}

static int
lines_of_history(struct edit *e)
{
	HistEventW event;

	return history_w(e->history, &event, H_GETSIZE) == 0 ? event.num : 0;
}

/* Whether a question of libedit's own stands there, as a search's. */
static bool
asks(struct edit *e)
{
	const LineInfoW *info = el_wline(e->el);

	return wmemchr(info->buffer, L'\n', length_of(e)) != NULL;
}

/* el_winsertstr() wants a string with an end. */
static bool
edit_insert(struct edit *e, const wchar_t *text, size_t length)
{
	wchar_t *copy;
	int result;

	if (length == 0)
		return true;
	if (length_of(e) + length > LONGEST || asks(e))
		return false;
	copy = malloc((length + 1) * sizeof(*copy));
	if (!copy)
		return false;
	wmemcpy(copy, text, length);
	copy[length] = L'\0';
	result = el_winsertstr(e->el, copy);
	free(copy);
	return result == 0;
}

static void
edit_clear(struct edit *e)
{
	const LineInfoW *info = el_wline(e->el);
	int length = (int)(info->lastchar - info->buffer);

	(void)el_cursor(e->el, (int)(info->lastchar - info->cursor));
	el_deletestr(e->el, length);
}

static bool
is_line(struct edit *e, const wchar_t *line)
{
	size_t length = length_of(e);

	return wcslen(line) == length && wmemcmp(line, el_wline(e->el)->buffer, length) == 0;
}

static wchar_t *
copy_line(struct edit *e)
{
	size_t length = length_of(e);
	wchar_t *copy = malloc((length + 1) * sizeof(*copy));

	if (!copy)
		return NULL;
	wmemcpy(copy, el_wline(e->el)->buffer, length);
	copy[length] = L'\0';
	return copy;
}

static void
put_line(struct edit *e, const wchar_t *line)
{
	edit_clear(e);
	(void)edit_insert(e, line, wcslen(line)); /* it was there before */
}

/* libedit keeps the first 1023 characters of the typed line, and makes the rest NULs. */
static bool
is_typed(struct edit *e)
{
	enum { KEPT = 1000 };
	size_t length = wcslen(e->typed);

	return length_of(e) == length &&
	    wmemcmp(e->typed, el_wline(e->el)->buffer, length < KEPT ? length : KEPT) == 0;
}

/* Which line was found is not told: the next such one further back, or else the last one on the way. */
static void
note_found(struct edit *e)
{
	HistEventW event;
	int depth, nearer = 0, result = history_w(e->history, &event, H_FIRST);

	for (depth = 1; result == 0; depth++) {
		if (depth > e->depth && is_line(e, event.str)) {
			e->depth = depth;
			return;
		}
		if (depth < e->depth && is_line(e, event.str))
			nearer = depth;
		result = history_w(e->history, &event, H_NEXT);
	}
	if (nearer > 0)
		e->depth = nearer;
}

/* Of a search that was given up libedit brings back what the history has, without what was changed in it. */
static void
end_search(struct edit *e)
{
	e->searched = false;
	if (e->aborted) {
		put_line(e, e->before);
	} else if (is_typed(e)) {
		if (!is_line(e, e->typed))
			put_line(e, e->typed);
		e->depth = 0;
	} else if (!is_line(e, e->before)) {
		note_found(e);
	}
	e->aborted = false;
}

/*
 * What was given up stays so until el_wgets() is back: a search that is cut
 * off would read on. One ends with ESC, though an arrow may have been meant.
 */
static int
get_key(EditLine *el, wchar_t *key)
{
	struct edit *e = edit_of(el);
	bool escaped = e->escaped;

	e->escaped = false;
	if (e->searched && !asks(e))
		end_search(e);
	if (e->gave_up || e->end || e->calls.next(e->calls.arg, key) <= 0) {
		e->gave_up = true;
		return -1;
	}
	e->escaped = *key == ESC && asks(e);
	e->aborted = e->searched && *key == ABORT;
	if (escaped && (*key == L'[' || *key == L'O')) {
		const wchar_t rest[] = { *key, 0 };

		el_wpush(el, rest);
		*key = ESC;
	}
	return 1;
}

static unsigned char
complete(EditLine *el, int key)
{
	struct edit *e = edit_of(el);

	(void)key;
	return e->calls.wish(e->calls.arg, EDIT_COMPLETE) ? CC_REFRESH : CC_ERROR;
}

static unsigned char
clear(EditLine *el, int key)
{
	struct edit *e = edit_of(el);

	(void)key;
	return e->calls.wish(e->calls.arg, EDIT_CLEAR) ? CC_REFRESH : CC_ERROR;
}

/* End-of-file on an empty line, else the character at the cursor goes. */
static unsigned char
end_or_delete(EditLine *el, int key)
{
	struct edit *e = edit_of(el);
	const LineInfoW *info = el_wline(el);

	(void)key;
	if (info->lastchar == info->buffer) {
		e->end = true;
		return CC_EOF;
	}
	if (info->cursor == info->lastchar)
		return CC_ERROR;
	(void)el_cursor(el, 1);
	el_deletestr(el, 1);
	return CC_REFRESH;
}

/* The line that is typed is left for one of the history. */
static bool
keep_typed(struct edit *e)
{
	if (e->depth > 0)
		return true;
	free(e->typed);
	e->typed = copy_line(e);
	return e->typed != NULL;
}

static unsigned char
previous(EditLine *el, int key)
{
	static const wchar_t keys[] = { KEY_PREVIOUS, 0 };
	struct edit *e = edit_of(el);

	(void)key;
	if (e->depth == lines_of_history(e) || !keep_typed(e))
		return CC_ERROR;
	e->depth++;
	el_wpush(el, keys);
	return CC_NORM;
}

static unsigned char
next(EditLine *el, int key)
{
	static const wchar_t keys[] = { KEY_NEXT, 0 }, last_keys[] = { KEY_NEXT, KEY_RESTORE, 0 };
	struct edit *e = edit_of(el);

	(void)key;
	if (e->depth == 0)
		return CC_ERROR;
	e->depth--;
	el_wpush(el, e->depth > 0 ? keys : last_keys);
	return CC_NORM;
}

/* Behind the last step back to what was typed. */
static unsigned char
restore(EditLine *el, int key)
{
	struct edit *e = edit_of(el);

	(void)key;
	put_line(e, e->typed);
	return CC_REFRESH;
}

/* Before something of libedit's own that looks for a line. */
static unsigned char
leave(EditLine *el, int key)
{
	struct edit *e = edit_of(el);

	(void)key;
	free(e->before);
	e->before = copy_line(e);
	e->searched = keep_typed(e) && e->before;
	return CC_NORM;
}

static unsigned char
ignore(EditLine *el, int key)
{
	(void)el, (void)key;
	return CC_NORM;
}

static wchar_t *
no_prompt(EditLine *el)
{
	static wchar_t empty[1];

	(void)el;
	return empty;
}

static const struct {
	const wchar_t *name;
	unsigned char (*fn)(EditLine *, int);
} functions[] = {
	{ L"dualpipe-complete", complete },
	{ L"dualpipe-clear", clear },
	{ L"dualpipe-end", end_or_delete },
	{ L"dualpipe-previous", previous },
	{ L"dualpipe-next", next },
	{ L"dualpipe-restore", restore },
	{ L"dualpipe-leave", leave },
	{ L"dualpipe-ignore", ignore },
};

/* In the map that inserts; alt: in vi's command map, too. */
static const struct {
	const wchar_t *key;
	const wchar_t *function;
	bool alt;
} keys[] = {
	{ L"\x90", L"dualpipe-restore", true },
	{ L"\x91", L"ed-prev-history", true },
	{ L"\x92", L"ed-next-history", true },
	{ L"\x93", L"dualpipe-leave", true },
	{ L"\x94", L"em-inc-search-prev", true },
	{ L"\x95", L"em-inc-search-next", true },
	{ L"\x96", L"ed-search-prev-history", true },
	{ L"\x97", L"ed-search-next-history", true },
	{ L"\x98", L"vi-search-prev", true },
	{ L"\x99", L"vi-search-next", true },
	{ L"\x9a", L"vi-repeat-search-prev", true },
	{ L"\x9b", L"vi-repeat-search-next", true },
	{ L"^I", L"dualpipe-complete", false },
	{ L"^L", L"dualpipe-clear", true },
	{ L"^D", L"dualpipe-end", true },
	{ L"^P", L"dualpipe-previous", true },
	{ L"^N", L"dualpipe-next", true },
	{ L"\\e[A", L"dualpipe-previous", false },
	{ L"\\e[B", L"dualpipe-next", false },
	{ L"\\eOA", L"dualpipe-previous", false },
	{ L"\\eOB", L"dualpipe-next", false },
	{ L"\\e[H", L"ed-move-to-beg", false },
	{ L"\\e[F", L"ed-move-to-end", false },
	{ L"\\e[1~", L"ed-move-to-beg", false },
	{ L"\\e[4~", L"ed-move-to-end", false },
	{ L"\\e[7~", L"ed-move-to-beg", false },
	{ L"\\e[8~", L"ed-move-to-end", false },
	{ L"\\e[3~", L"ed-delete-next-char", false },
	{ L"\\e[1;5D", L"ed-prev-word", false },
	{ L"\\e[1;5C", L"em-next-word", false },
	{ L"\\e[200~", L"dualpipe-ignore", false },
	{ L"\\e[201~", L"dualpipe-ignore", false },
};

/* In vi's command map ESC stands behind us already. */
static const struct {
	const wchar_t *key;
	const wchar_t *function;
} command_keys[] = {
	{ L"k", L"dualpipe-previous" },
	{ L"j", L"dualpipe-next" },
	{ L"[A", L"dualpipe-previous" },
	{ L"[B", L"dualpipe-next" },
	{ L"OA", L"dualpipe-previous" },
	{ L"OB", L"dualpipe-next" },
	{ L"[200~", L"dualpipe-ignore" },
	{ L"[201~", L"dualpipe-ignore" },
};

/* Searches, as two keys. */
static const struct {
	const wchar_t *key;
	const wchar_t *keys;
	bool command;		/* in vi's command map, else in the one that inserts */
} searches[] = {
	{ L"^R", L"\x93\x94", false },
	{ L"^S", L"\x93\x95", false },
	{ L"\\ep", L"\x93\x96", false },
	{ L"\\eP", L"\x93\x96", false },
	{ L"\\en", L"\x93\x97", false },
	{ L"\\eN", L"\x93\x97", false },
	{ L"K", L"\x93\x96", true },
	{ L"J", L"\x93\x97", true },
	{ L"/", L"\x93\x98", true },
	{ L"?", L"\x93\x99", true },
	{ L"N", L"\x93\x9a", true },
	{ L"n", L"\x93\x9b", true },
};

static void
add_functions(EditLine *el)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		(void)el_wset(el, EL_ADDFN, functions[i].name, L"dualpipe's own", functions[i].fn);
}

static void
bind_to_nothing(EditLine *el, bool vi, const wchar_t *key)
{
	if (!vi) {
		(void)el_wset(el, EL_BIND, key, L"dualpipe-ignore", NULL);
		return;
	}
	/* The ESC of the first leads from where vi inserts to its commands. */
	(void)el_wset(el, EL_BIND, L"-a", key, L"dualpipe-ignore", NULL);
	(void)el_wset(el, EL_BIND, L"-a", key + wcslen(L"\\e"), L"dualpipe-ignore", NULL);
}

/*
 * What a terminal sends for keys that mean nothing here, with shift, alt and
 * control too: libedit would take the end of it for text.
 */
static void
bind_others(EditLine *el, bool vi)
{
	static const wchar_t *const plain[] = { L"\\eOP", L"\\eOQ", L"\\eOR", L"\\eOS", L"\\e[Z", L"\\e[I", L"\\e[O" };
	enum { FIRST_NUMBER = 1, LAST_NUMBER = 34, FIRST_WITH = 2, LAST_WITH = 8 };
	wchar_t key[16];
	const wchar_t *letter;
	size_t i;
	int number, with;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		bind_to_nothing(el, vi, plain[i]);
	for (number = FIRST_NUMBER; number <= LAST_NUMBER; number++) {
		(void)swprintf(key, sizeof(key) / sizeof(key[0]), L"\\e[%d~", number);
		bind_to_nothing(el, vi, key);
	}
	for (with = FIRST_WITH; with <= LAST_WITH; with++) {
		for (letter = L"ABCDFHPQRS"; *letter; letter++) {
			(void)swprintf(key, sizeof(key) / sizeof(key[0]), L"\\e[1;%d%lc", with, (wint_t)*letter);
			bind_to_nothing(el, vi, key);
		}
		for (number = FIRST_NUMBER; number <= LAST_NUMBER; number++) {
			(void)swprintf(key, sizeof(key) / sizeof(key[0]), L"\\e[%d;%d~", number, with);
			bind_to_nothing(el, vi, key);
		}
	}
}

static void
bind_searches(EditLine *el, bool vi)
{
	size_t i;

	for (i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		if (searches[i].command)
			(void)el_wset(el, EL_BIND, L"-a", L"-s", searches[i].key, searches[i].keys, NULL);
		else if (!vi || searches[i].key[0] != L'\\')
			(void)el_wset(el, EL_BIND, L"-s", searches[i].key, searches[i].keys, NULL);
	}
}

/* el_end() does not free what keys stand for. To bind all keys anew would, and breaks where memory was out once. */
static void
unbind_searches(EditLine *el)
{
	size_t i;

	for (i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		if (searches[i].command)
			(void)el_wset(el, EL_BIND, L"-a", searches[i].key, L"dualpipe-ignore", NULL);
		else
			(void)el_wset(el, EL_BIND, searches[i].key, L"dualpipe-ignore", NULL);
	}
}

/* Where vi inserts, ESC is a key of its own, and no sequence may begin with it. */
static void
bind_keys(EditLine *el, bool vi)
{
	size_t i;

	bind_others(el, vi);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!vi || keys[i].key[0] != L'\\')
			(void)el_wset(el, EL_BIND, keys[i].key, keys[i].function, NULL);
		if (keys[i].alt)
			(void)el_wset(el, EL_BIND, L"-a", keys[i].key, keys[i].function, NULL);
	}
	for (i = 0; i < sizeof(command_keys) / sizeof(command_keys[0]); i++)
		(void)el_wset(el, EL_BIND, L"-a", command_keys[i].key, command_keys[i].function, NULL);
	bind_searches(el, vi);
}

/* Whether a line of ~/.editrc chooses between emacs and vi, which forgets what was bound. */
static bool
is_choice(int count, const char **words)
{
	int i;

	for (i = 1; i < count; i++)
		if (strcmp(words[i], "-v") == 0 || strcmp(words[i], "-e") == 0)
			return true;
	return false;
}

/* The user's own, which are stronger than ours. */
static void
bind_users(EditLine *el, FILE *file)
{
	Tokenizer *tokens = tok_init(NULL);
	const char **words;
	char *line = NULL;
	size_t room = 0;
	int count;

	while (tokens && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		tok_reset(tokens);
		if (line[0] == '#' || tok_str(tokens, line, &count, &words) != 0 || count == 0 || is_choice(count, words))
			continue;
		(void)el_parse(el, count, words); /* what is wrong with it was wrong the first time */
	}
	free(line);
	if (tokens)
		tok_end(tokens);
}

/* ~/.editrc, or NULL. */
static FILE *
open_users(void)
{
	const char *path = getenv("EDITRC"), *home = getenv("HOME");
	char own[4096];

	if (!path && home) {
		(void)snprintf(own, sizeof(own), "%s/.editrc", home);
		path = own;
	}
	return path ? fopen(path, "re") : NULL;
}

/* With "bind -v" or "-e" in ~/.editrc only libedit's own keys are bound: ours, then the user's again. */
static void
bind_again(EditLine *el)
{
	const char *editor = NULL;
	FILE *file = open_users();

	if (!file)
		return;
	bind_keys(el, el_get(el, EL_EDITOR, &editor) == 0 && strcmp(editor, "vi") == 0);
	bind_users(el, file);
	(void)fclose(file); /* nothing was written */
}

static int
open_terminal(struct edit *e, const struct termios *mode)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };
	const char *name;

	e->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (e->master < 0 || grantpt(e->master) < 0 || unlockpt(e->master) < 0)
		return -1;
	name = ptsname(e->master);
	e->slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (e->slave < 0 || tcsetattr(e->slave, TCSANOW, mode) < 0)
		return -1;
	return ioctl(e->slave, TIOCSWINSZ, &size);
}

static int
open_editline(struct edit *e)
{
	HistEventW event;

	e->null = fopen("/dev/null", "r+e");
	e->history = history_winit();
	if (!e->null || !e->history)
		return -1;
	(void)history_w(e->history, &event, H_SETSIZE, HISTORY);
	(void)history_w(e->history, &event, H_SETUNIQUE, 1);
	e->el = el_init_fd(PROGRAM, e->null, e->null, e->null, e->slave, e->slave, e->slave);
	if (!e->el)
		return -1;
	(void)el_wset(e->el, EL_CLIENTDATA, e);
	(void)el_wset(e->el, EL_GETCFN, get_key);
	(void)el_wset(e->el, EL_PROMPT, no_prompt);
	(void)el_wset(e->el, EL_HIST, history_w, e->history);
	(void)el_wset(e->el, EL_EDITOR, L"emacs");
	add_functions(e->el);
	bind_keys(e->el, false);
	(void)el_source(e->el, NULL); /* ~/.editrc, where there is one */
	(void)el_wset(e->el, EL_EDITMODE, 1); /* without, it would wait for a newline, and nothing else is a key */
	bind_again(e->el);
	return 0;
}

static bool
edit_wanted(void)
{
	FILE *file = open_users();
	char line[256], word[8];
	bool wanted = true;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " edit %7s", word) == 1 || sscanf(line, " " PROGRAM ":edit %7s", word) == 1)
			wanted = strcmp(word, "off") != 0;
	if (file)
		(void)fclose(file); /* nothing was written */
	return wanted;
}

static void
edit_close(struct edit *e)
{
	if (!e)
		return;
	if (e->el) {
		unbind_searches(e->el);
		el_end(e->el);
	}
	if (e->history)
		history_wend(e->history);
	if (e->null)
		(void)fclose(e->null); /* nothing was kept of it */
	if (e->slave >= 0)
		(void)close(e->slave);
	if (e->master >= 0)
		(void)close(e->master);
	free(e->typed);
	free(e->before);
	free(e);
}

static struct edit *
edit_open(const struct termios *mode, const struct edit_calls *calls)
{
	struct edit *e = calloc(1, sizeof(*e));
	int saved;

	if (!e)
		return NULL;
	*e = (struct edit){ .calls = *calls, .master = -1, .slave = -1 };
	if (open_terminal(e, mode) == 0 && open_editline(e) == 0)
		return e;
	saved = errno ? errno : ENOMEM;
	edit_close(e);
	errno = saved;
	return NULL;
}

/* What el_wgets() returns does not tell why it did. */
static int
edit_read(struct edit *e, const wchar_t **text, size_t *length)
{
	const wchar_t *line;
	int n = 0;

	e->gave_up = e->end = e->searched = e->aborted = e->escaped = false;
	e->depth = 0;
	line = el_wgets(e->el, &n);
	if (e->gave_up)
		return -1;
	if (e->end)
		return 0;
	if (!line || n <= 0)
		return 0; /* by a key that the user has bound */
	/* One of them is Enter; more were typed behind ^V. */
	if (line[n - 1] == L'\n' || line[n - 1] == L'\r')
		n--;
	*text = line;
	*length = (size_t)n;
	return 1;
}

static void
edit_line(struct edit *e, const wchar_t **text, size_t *length, size_t *cursor)
{
	const LineInfoW *info = el_wline(e->el);

	*text = info->buffer;
	*length = (size_t)(info->lastchar - info->buffer);
	*cursor = (size_t)(info->cursor - info->buffer);
}

/* libedit takes its terminal's signal keys away to read one key as it is. */
static bool
edit_quoting(struct edit *e)
{
	struct termios mode;

	return tcgetattr(e->slave, &mode) == 0 && !(mode.c_lflag & ISIG);
}

static void
edit_remember(struct edit *e, const wchar_t *line)
{
	HistEventW event;

	(void)history_w(e->history, &event, H_ENTER, line);
}

extern const struct edit_engine edit_engine;
const struct edit_engine edit_engine = {
	.version = EDIT_VERSION,
	.wanted = edit_wanted,
	.open = edit_open,
	.close = edit_close,
	.read = edit_read,
	.line = edit_line,
	.insert = edit_insert,
	.clear = edit_clear,
	.quoting = edit_quoting,
	.remember = edit_remember
};
