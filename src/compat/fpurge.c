/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * __fpurge(3) where it has another name, or none.
 */
#include "compat.h"

#ifdef HAVE_FPURGE

void
__fpurge(FILE *stream)
{
	(void)fpurge(stream); /* fails for a stream that is not open */
}

#else

#include <errno.h>
#include <fcntl.h>

/*
 * POSIX can only flush: so the descriptor is /dev/null meanwhile. That also
 * keeps the flush of an input stream from moving the offset that we share
 * with others.
 */
void
__fpurge(FILE *stream)
{
	int error = errno;
	int fd, flags, kept = -1, null = -1;

	fd = fileno(stream);
	if (fd == -1)
		goto out; /* a stream in memory */
	flags = fcntl(fd, F_GETFD);
	if (flags == -1)
		goto out; /* closed: what is buffered can go nowhere */
	kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (kept == -1 || null == -1 || dup2(null, fd) == -1)
		goto out;
	(void)fflush(stream); /* to /dev/null: nothing to be lost by an error */
	(void)dup2(kept, fd); /* both are open: cannot fail */
	(void)fcntl(fd, F_SETFD, flags);
out:
	if (null != -1)
		(void)close(null);
	if (kept != -1)
		(void)close(kept);
	errno = error;
}

#endif
