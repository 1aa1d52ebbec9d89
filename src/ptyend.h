/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * End-of-file on a pty. A pipe is closed once and stays at its end; a terminal
 * has only a character that ends one read of one canonical reader. So the end
 * is kept at hand: each process that comes to sleep reading the terminal gets
 * its own (a shell's child, then the shell itself), and a reader that has
 * taken the terminal raw gets the character as a byte, twice at most, and is
 * hung up if it then still waits for us and for nothing else.
 */
#ifndef PTYEND_H
#define PTYEND_H

#include "deadline.h"
#include "pty.h"

#include <stdbool.h>
#include <sys/types.h>

struct ptyend {
	bool begun;
	deadline next;		/* when to look again */
	int pause_ms;		/* grows while nothing happens */
	int looks;		/* since a group came to read, or was given its end */
	int least_ms;		/* between two looks, by what the last one took */
	deadline unseen_until;	/* from then on a busy one may read without waiting */
	pid_t group;		/* whom the rest is about */
	int bytes_sent;		/* ends it got as bytes */
	bool hung_up;		/* it was sent HUP */
	bool settled;		/* nothing came for a while: for a reader that cannot be seen */
};

enum ptyend_need {
	PTYEND_NOTHING,		/* look again at e->next */
	PTYEND_HANGUP		/* signals do not help: hang the terminal up */
};

/* From now on there is nothing more to read. */
void ptyend_begin(struct ptyend *e);

/* Something has happened, so that the next look may come soon. */
void ptyend_wake(struct ptyend *e);

/* Looks who reads, and acts. All that was sent before has to be written. */
enum ptyend_need ptyend_look(struct ptyend *e, const struct pty *pty);

#endif
