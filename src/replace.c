/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "replace.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "DIR/.NAME.XXXXXX", for mkstemp(3). */
static char *
name_beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0;
	char *name;

	return asprintf(&name, "%.*s.%s.XXXXXX", folder, path, path + folder) < 0 ? NULL : name;
}

/* The owner first: a change of it may take bits of the mode away. */
static int
take_after(int fd, const struct stat *old)
{
	struct stat new;

	if (fstat(fd, &new) < 0)
		return -1;
	if ((new.st_uid != old->st_uid || new.st_gid != old->st_gid) && fchown(fd, old->st_uid, old->st_gid) < 0)
		return -1;
	return fchmod(fd, old->st_mode & 07777);
}

static int
write_whole(int fd, const char *data, size_t size, const struct stat *old)
{
	if (take_after(fd, old) < 0 || io_write_all(fd, data, size) < 0)
		return -1;
	return fsync(fd);
}

int
replace_file(const char *path, const char *data, size_t size)
{
	char *real = realpath(path, NULL), *beside = real ? name_beside(real) : NULL;
	struct stat old;
	int fd = -1, result = -1, saved;

	if (beside && stat(real, &old) == 0)
		fd = mkostemp(beside, O_CLOEXEC);
	if (fd >= 0) {
		result = write_whole(fd, data, size, &old);
		if (result == 0)
			result = rename(beside, real);
		saved = errno;
		if (result < 0)
			(void)unlink(beside); /* nothing else can be done about it */
		io_close(&fd);
		errno = saved;
	}
	saved = errno;
	free(real);
	free(beside);
	errno = saved;
	return result;
}
