/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The smallest use of the library: a C function as the child, a line to it, a
 * line from it. Needs dualpipe.h and libdualpipe, nothing else of ours.
 */
#include <dualpipe.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The child: answers each line in upper case. */
static int
upper(void *arg)
{
	int c;

	(void)arg;
	while ((c = getchar()) != EOF) {
		putchar(toupper(c));
		if (c == '\n')
			fflush(stdout);
	}
	return ferror(stdin) != 0;
}

static int
fail(const char *what)
{
	perror(what);
	return 1;
}

int
main(void)
{
	static const char *const lines[] = { "one line\n", "and another\n" };
	struct dualpipe *dp;
	char *answer = NULL;
	size_t room = 0, i;
	pid_t pid;
	int status;

	dp = dualpipe_fork(upper, NULL, NULL);
	if (!dp)
		return fail("dualpipe_fork");
	for (i = 0; i < 2; i++) {
		if (dualpipe_write(dp, lines[i], strlen(lines[i]), -1) < 0)
			return fail("dualpipe_write");
		if (dualpipe_readline(dp, &answer, &room, -1) < 0)
			return fail("dualpipe_readline");
		fputs(answer, stdout);
	}
	free(answer);
	if (dualpipe_close(dp, &pid, &status) < 0)
		return fail("dualpipe_close");
	if (pid > 0 && WIFEXITED(status))
		printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
