/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "history.h"

#include "buf.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOST = 4 << 20,		/* bytes of a file; of a larger one the older half is dropped */
	KEPT = 2 << 20
};

struct history {
	char *path;
	struct buf lines;	/* as the file had them at the start */
	struct buf last;
};

/* A name of the caller's alone: "a" "/" "b". */
static char *
join(const char *folder, const char *middle, const char *name)
{
	size_t size = strlen(folder) + strlen(middle) + strlen(name) + 1;
	char *path = malloc(size);

	if (path)
		(void)snprintf(path, size, "%s%s%s", folder, middle, name);
	return path;
}

char *
history_path(const char *command)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	const char *slash = strrchr(command, '/');
	const char *name = slash ? slash + 1 : command;

	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return NULL;
	/* As the XDG base directories have it: a path that is not absolute is none. */
	if (state && state[0] == '/')
		return join(state, "/dualpipe/history/", name);
	return home && home[0] == '/' ? join(home, "/.local/state/dualpipe/history/", name) : NULL;
}

/* The folders on the way to path, which is as it was afterwards. */
static void
make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700); /* what is missing in the end is told by open(2) */
		*slash = '/';
	}
}

/* Another one may have taken its place. */
static bool
has_name(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
	    ours.st_dev == named.st_dev;
}

/* Locked, and the file that has the name. */
static int
open_locked(const char *path)
{
	int fd, tries;

	for (tries = 0; tries < 8; tries++) {
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		/* Whoever holds it may be stopped, and an append is whole all the same. */
		(void)flock(fd, LOCK_EX | LOCK_NB);
		if (has_name(fd, path))
			return fd;
		io_close(&fd);
	}
	errno = EBUSY;
	return -1;
}

/* What others have appended to the old file since it was read; who comes later finds that it has lost its name. */
static void
move_rest(int from, int to)
{
	struct buf rest = { 0 };

	if (io_read_all(from, &rest) == 0)
		(void)io_write_all(to, buf_peek(&rest), rest.size); /* a full disk takes no history */
	buf_free(&rest);
}

/* Whole lines of the newer part, in a file that takes the place of the old one. */
static void
shorten(struct history *h, int old)
{
	char *other = join(h->path, ".", "new");
	ptrdiff_t end = buf_find(&h->lines, h->lines.size - KEPT, '\n');
	int fd = other ? open(other, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd >= 0 && end >= 0) {
		buf_consume(&h->lines, (size_t)end + 1);
		if (io_write_all(fd, buf_peek(&h->lines), h->lines.size) == 0 && fsync(fd) == 0 && rename(other, h->path) == 0)
			move_rest(old, fd);
		else
			(void)unlink(other); /* it is long, and that is all */
	}
	io_close(&fd);
	free(other);
}

struct history *
history_open(const char *path)
{
	struct history *h = calloc(1, sizeof(*h));
	struct stat st;
	int fd = -1;

	if (h)
		h->path = strdup(path);
	if (!h || !h->path)
		goto fail;
	make_folders(h->path);
	fd = open_locked(h->path);
	if (fd < 0)
		goto fail;
	/* A device has no end, and keeps nothing. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (io_read_all(fd, &h->lines) < 0)
			goto fail;
		if (h->lines.size > MOST && flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(fd, h->path))
			shorten(h, fd);
	}
	io_close(&fd);
	return h;
fail:
	io_close(&fd);
	history_close(h);
	return NULL;
}

void
history_close(struct history *h)
{
	int saved = errno;

	if (!h)
		return;
	buf_free(&h->lines);
	buf_free(&h->last);
	free(h->path);
	free(h);
	errno = saved;
}

void
history_each(const struct history *h, history_fn *fn, void *arg)
{
	const char *data = buf_peek(&h->lines);
	const char *end = data + h->lines.size, *newline;

	for (; data < end; data = newline + 1) {
		newline = memchr(data, '\n', (size_t)(end - data));
		if (!newline)
			newline = end;
		if (newline > data)
			fn(arg, data, (size_t)(newline - data));
	}
}

/* Whether it has to be done again: the file was shortened meanwhile, maybe without the line. */
static bool
append_once(const char *path, const struct buf *line)
{
	int fd = open_locked(path);
	bool again = fd >= 0 && io_write_all(fd, buf_peek(line), line->size) == 0 && !has_name(fd, path);

	io_close(&fd); /* what is typed goes on all the same */
	return again;
}

/* The line in one write, so that those of several instances do not mix. */
static void
append(const char *path, const char *line, size_t size)
{
	enum { MOST_TRIES = 3 };
	struct buf whole = { 0 };
	int tries = 0;

	if (buf_append(&whole, line, size) == 0 && buf_append(&whole, "\n", 1) == 0)
		while (append_once(path, &whole) && ++tries < MOST_TRIES)
			;
	buf_free(&whole);
}

bool
history_add(struct history *h, const char *line, size_t size)
{
	if (size == 0 || line[0] == ' ' || memchr(line, '\n', size) ||
	    (size == h->last.size && memcmp(line, buf_peek(&h->last), size) == 0))
		return false;
	buf_consume(&h->last, h->last.size);
	(void)buf_append(&h->last, line, size); /* at worst it is there twice */
	append(h->path, line, size);
	return true;
}
