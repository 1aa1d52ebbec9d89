/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * pipe2(2) out of pipe(2) and fcntl(2).
 */
#include "compat.h"

#include <errno.h>
#include <fcntl.h>

static int
set_flags(int fd, int flags)
{
	int status;

	if ((flags & O_CLOEXEC) != 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	if ((flags & O_NONBLOCK) == 0)
		return 0;
	status = fcntl(fd, F_GETFL);
	if (status == -1)
		return -1;
	return fcntl(fd, F_SETFL, status | O_NONBLOCK);
}

int
pipe2(int fds[2], int flags)
{
	int pair[2], error;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
		errno = EINVAL;
		return -1;
	}
	if (pipe(pair) == -1)
		return -1;
	if (set_flags(pair[0], flags) == -1 || set_flags(pair[1], flags) == -1) {
		error = errno;
		(void)close(pair[0]);
		(void)close(pair[1]);
		errno = error;
		return -1;
	}
	fds[0] = pair[0];
	fds[1] = pair[1];
	return 0;
}
