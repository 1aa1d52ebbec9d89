/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What every command of dualpipe is made of, and the statuses that are ours. */
#ifndef CMD_H
#define CMD_H

enum cmd_status {
	CMD_TIMEOUT = 124,
	CMD_FAILED = 125,	/* we ourselves, usage included */
	CMD_CANNOT_RUN = 126,
	CMD_NOT_FOUND = 127,
	CMD_SIGNAL = 128	/* and the signal's number */
};

struct cmd {
	const char *name;	/* the first word; NULL for the one that options begin */
	int (*run)(int argc, char **argv);
};

extern const struct cmd cmd_check;
extern const struct cmd cmd_run;

#endif
