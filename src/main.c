/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* dualpipe: holds a conversation with another program. */

#include "cmd.h"
#include "io.h"
#include "msg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct cmd *const commands[] = {
	&cmd_check,
	&cmd_run
};

/*
 * A standard descriptor that was closed would be given to the next file that
 * is opened. The stand-in fails as a closed one does, and the child, which
 * does not get it, finds it closed.
 */
static void
hold_closed_descriptors(void)
{
	int fd, flags;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", flags | O_CLOEXEC) < 0)
			_exit(CMD_FAILED); /* there is no stderr to say it on, as a rule */
	}
}

static const struct cmd *
find_command(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (word[0] == '-' ? !commands[i]->name : commands[i]->name && strcmp(commands[i]->name, word) == 0)
			return commands[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct cmd *cmd;

	hold_closed_descriptors();
	if (argc < 2) {
		msg_error("no command; usage: dualpipe [option ...] -- command [argument ...]");
		return CMD_FAILED;
	}
	cmd = find_command(argv[1]);
	if (!cmd) {
		msg_error("unknown command '%s'; to run it: dualpipe -- %s", argv[1], argv[1]);
		return CMD_FAILED;
	}
	return cmd->run(argc, argv);
}
