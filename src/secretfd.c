/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "secretfd.h"

#include "io.h"
#include "secretsource.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* fn is asked of each descriptor whose number stands in a secret step, until it says yes. */
static bool
any_named(const struct dialogue_block *block, bool (*fn)(int named, int fd), int fd)
{
	size_t i, j;

	for (i = 0; i < block->count; i++) {
		const struct dialogue_step *step = &block->steps[i];

		if (step->kind == DIALOGUE_SECRET && step->words[0].count == 1 && !step->words[0].pieces[0].is_variable &&
		    fn(secretsource_fd(step->words[0].pieces[0].text), fd))
			return true;
		for (j = 0; j < step->branch_count; j++)
			if (any_named(&step->branches[j].block, fn, fd))
				return true;
		if (any_named(&step->body, fn, fd) || any_named(&step->otherwise, fn, fd))
			return true;
	}
	return false;
}

/*
 * What is named to us is not the child's. One that is not open is told where
 * it is used; until then nothing that we open ourselves must have its number.
 */
static bool
keep(int named, int unused)
{
	int placeholder;

	(void)unused;
	if (named <= STDERR_FILENO || fcntl(named, F_SETFD, FD_CLOEXEC) == 0)
		return false;
	placeholder = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (placeholder < 0 || placeholder == named)
		return false;
	(void)fcntl(placeholder, F_DUPFD_CLOEXEC, named); /* past the limit there will be none either */
	io_close(&placeholder);
	return false;
}

void
secretfd_keep(const struct dialogue *d)
{
	(void)any_named(&d->block, keep, -1);
}

static bool
is_same(int named, int fd)
{
	return named == fd;
}

/* What we open is close-on-exec from birth, and what came through an exec is not, but for what was kept above. */
bool
secretfd_is_given(const struct dialogue *d, int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags >= 0 && (fd <= STDERR_FILENO || !(flags & FD_CLOEXEC) || any_named(&d->block, is_same, fd)))
		return true;
	errno = EBADF;
	return false;
}
