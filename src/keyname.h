/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Keys by name, as the bytes that a terminal sends for them (xterm's), and what
 * the child's output says about which of the two forms it wants.
 */
#ifndef KEYNAME_H
#define KEYNAME_H

#include <stdbool.h>
#include <stddef.h>

/* What the child's terminal is set to; zero is the default. */
struct keyname_mode {
	bool application;	/* cursor keys as ESC O, not as ESC [ (DECCKM) */
	char erase;		/* what backspace sends (VERASE); 0: DEL */
	char enter;		/* what enter sends; 0: "\r" */
};

enum { KEYNAME_ROOM = 8 };

/*
 * The bytes of the key with that name: up, f1, ctrl-c, alt-x ... Returns how
 * many were put at bytes; 0 where no key is called so.
 */
size_t keyname_bytes(const char *name, const struct keyname_mode *mode, char bytes[KEYNAME_ROOM]);

/* The control sequence that the output is in the middle of. All zero is the start. */
struct keyname_follower {
	int state;
	unsigned number;	/* of the parameter that is read */
	bool meant;		/* a parameter was 1, DECCKM's */
	bool application;	/* what all of it comes to */
};

/* The child said this. It may be cut anywhere. */
void keyname_follow(struct keyname_follower *f, const char *data, size_t size);

#endif
