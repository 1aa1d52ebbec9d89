/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A pseudo-terminal: the pair, its size, how its driver treats what passes,
 * and who reads it.
 */
#ifndef PTY_H
#define PTY_H

#include "dualpipe.h"
#include "process.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct termios;

struct pty {
	int master;		/* ours, non-blocking; -1 without a pty */
	struct stat slave;	/* the child's side, to know its readers by */
};

/*
 * Opens a pair with the size and the treatment that opts asks for. The master
 * and *slave are close-on-exec; *slave is the caller's to close.
 */
int pty_open(struct pty *pty, int *slave, const struct dualpipe_opts *opts);

int pty_resize(const struct pty *pty, unsigned short rows, unsigned short columns);

/* Whether its driver collects lines (the child has not taken it raw). */
bool pty_canonical(const struct pty *pty);

/* The character that is end-of-file in a canonical terminal. */
char pty_eof_char(const struct pty *pty);

/* Whether bytes, or an end-of-file, wait there to be read. */
bool pty_unread(const struct pty *pty);

/* What nobody has read yet is gone. */
void pty_flush(const struct pty *pty);

/* A signal to its foreground group. */
int pty_signal(const struct pty *pty, int signo);

/* Whether what such a terminal's driver does with keys is left to us. */
bool pty_leaves_keys(void);

/*
 * The mode that the child has set a DUALPIPE_KEYS terminal to, whose driver is
 * kept from acting on it. -1 with errno.
 */
int pty_keys_mode(const struct pty *pty, struct termios *mode);

/* Among whom a reader is looked for: to find the one takes longer than the other. */
enum pty_search {
	PTY_SEARCH_IDLE,	/* its foreground group, unless the leader of that is at work */
	PTY_SEARCH_GROUP,	/* its foreground group */
	PTY_SEARCH_ALL		/* and whoever has left its session and reads it still */
};

/*
 * How its foreground group, which goes to *group, waits for it. *reader, where
 * it is not NULL, is who was seen to wait before, 0 for nobody, and becomes who
 * waits now, if anybody does.
 */
enum process_waits pty_waits(const struct pty *pty, pid_t *group, pid_t *reader, enum pty_search how);

#endif
