/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "complete.h"

#include "sequence.h"
#include "utf8.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SEEN = 256 * 1024,	/* of the conversation that is looked through */
	LEAST_WORD = 2,
	MOST_LISTED = 200,
	ESC = 0x1b
};

struct complete {
	struct buf seen;
};

/* What was found for one word. */
struct found {
	char **words;
	size_t count;
	size_t room;
	bool failed;
};

struct complete *
complete_new(void)
{
	return calloc(1, sizeof(struct complete));
}

void
complete_free(struct complete *c)
{
	if (!c)
		return;
	buf_free(&c->seen);
	free(c);
}

void
complete_see(struct complete *c, const char *data, size_t size)
{
	if (size > SEEN) {
		data += size - SEEN;
		size = SEEN;
	}
	/* In large steps, since it moves all that is kept. */
	if (c->seen.size + size > 2 * SEEN)
		buf_consume(&c->seen, c->seen.size + size - SEEN);
	(void)buf_append(&c->seen, data, size); /* what is not kept is not offered */
}

static bool
in_word(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("_-./~+@%", c));
}

size_t
complete_word(const char *line, size_t size)
{
	size_t n = 0;

	while (n < size && in_word((unsigned char)line[size - 1 - n]))
		n++;
	return n;
}

static void
add(struct found *f, const char *word, size_t size)
{
	char **more;

	if (f->count == f->room) {
		f->room = f->room > 0 ? 2 * f->room : 16;
		more = realloc(f->words, f->room * sizeof(*more));
		if (!more) {
			f->room = f->count;
			f->failed = true;
			return;
		}
		f->words = more;
	}
	f->words[f->count] = strndup(word, size);
	if (f->words[f->count])
		f->count++;
	else
		f->failed = true;
}

/* UTF-8 without controls: it is going to be shown, and to be part of a line. */
static bool
is_plain(const char *word, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((unsigned char)word[i] < ' ' || word[i] == 0x7f || utf8_is_c1(word + i, size - i))
			return false;
	return utf8_valid(word, size);
}

/* How long the word is that begins at data, without the full stop of a sentence. *next: what is behind it. */
static size_t
word_at(const char *data, size_t size, size_t *next)
{
	size_t length = 0;

	while (length < size && in_word((unsigned char)data[length]))
		length++;
	*next = length < size ? length + 1 : size;
	if (length == 0 && data[0] == ESC)
		(void)sequence_at(data, size, next); /* a colour is no part of the word behind it */
	while (length > 0 && strchr(".-", data[length - 1]))
		length--;
	return length;
}

static void
find_words(const struct complete *c, struct found *f, const char *word, size_t size)
{
	const char *data = buf_peek(&c->seen), *end = data + c->seen.size;
	size_t length, next;

	for (; data < end; data += next) {
		length = word_at(data, (size_t)(end - data), &next);
		if (length > size && length >= LEAST_WORD && memcmp(data, word, size) == 0 && is_plain(data, length))
			add(f, data, length);
	}
}

/* The folder that word names, opened; ~ is the home directory. */
static DIR *
open_folder(const char *word, size_t size, char **name)
{
	const char *home = getenv("HOME");
	bool at_home = size >= 2 && memcmp(word, "~/", 2) == 0 && home;
	size_t room = size + (at_home ? strlen(home) : 0) + sizeof("./");
	DIR *dir;

	*name = malloc(room);
	if (!*name)
		return NULL;
	if (size == 0)
		(void)snprintf(*name, room, "./");
	else if (at_home)
		(void)snprintf(*name, room, "%s%.*s", home, (int)size - 1, word + 1);
	else
		(void)snprintf(*name, room, "%.*s", (int)size, word);
	dir = opendir(*name);
	if (!dir) {
		free(*name);
		*name = NULL;
	}
	return dir;
}

static bool
is_folder(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 1;
	char *path = malloc(size);
	struct stat st;
	bool result;

	if (!path)
		return false;
	(void)snprintf(path, size, "%s%s", folder, name);
	result = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return result;
}

static void
find_files(struct found *f, const char *word, size_t size)
{
	const char *slash = memrchr(word, '/', size);
	size_t before = slash ? (size_t)(slash - word) + 1 : 0, length, begun = size - before;
	struct dirent *entry;
	char *folder, *whole;
	DIR *dir = open_folder(word, before, &folder);

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		length = strlen(entry->d_name);
		if (length < begun || memcmp(entry->d_name, word + before, begun) != 0 ||
		    (entry->d_name[0] == '.' && begun == 0) || !is_plain(entry->d_name, length))
			continue;
		whole = malloc(before + length + 2);
		if (!whole)
			continue;
		memcpy(whole, word, before);
		memcpy(whole + before, entry->d_name, length);
		if (is_folder(folder, entry->d_name))
			whole[before + length++] = '/';
		add(f, whole, before + length);
		free(whole);
	}
	(void)closedir(dir); /* nothing was written */
	free(folder);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each once: a word may have been seen a thousand times. */
static void
sort(struct found *f)
{
	size_t i, kept = 0;

	if (f->count > 0)
		qsort(f->words, f->count, sizeof(*f->words), by_name);
	for (i = 0; i < f->count; i++) {
		if (kept > 0 && strcmp(f->words[i], f->words[kept - 1]) == 0)
			free(f->words[i]);
		else
			f->words[kept++] = f->words[i];
	}
	f->count = kept;
}

/* How far they agree, cut at the end of a character: the first and the last, as they are sorted. */
static size_t
common(const struct found *f)
{
	const char *first = f->words[0], *last = f->words[f->count - 1];
	size_t n = 0;

	while (first[n] && first[n] == last[n])
		n++;
	while (n > 0 && ((unsigned char)first[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
list_all(struct found *f, struct buf *list)
{
	size_t i;

	for (i = 0; i < f->count && i < MOST_LISTED; i++)
		if (buf_append(list, f->words[i], strlen(f->words[i])) < 0 || buf_append(list, "\n", 1) < 0)
			f->failed = true;
	if (f->count > MOST_LISTED && buf_append(list, "...\n", 4) < 0)
		f->failed = true;
}

int
complete_find(struct complete *c, const char *word, size_t size, struct buf *more, struct buf *list)
{
	struct found f = { 0 };
	size_t i, agreed;

	if (size > 0)
		find_words(c, &f, word, size);
	if (f.count == 0 && size > 0)
		find_files(&f, word, size);
	sort(&f);
	if (f.count > 0) {
		agreed = common(&f);
		if (agreed > size && buf_append(more, f.words[0] + size, agreed - size) < 0)
			f.failed = true;
		if (agreed == size && f.count > 1)
			list_all(&f, list);
	}
	for (i = 0; i < f.count; i++)
		free(f.words[i]);
	free(f.words);
	return f.failed ? -1 : 0;
}
