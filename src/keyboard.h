/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Reads what is typed at the user's terminal, and picks out the escape key, which is for us. */
#ifndef KEYBOARD_H
#define KEYBOARD_H

#include "io.h"
#include "keys.h"
#include "loop.h"

#include <stdbool.h>

/* In the caller's struct. */
struct keyboard {
	struct keys *keys;	/* where the rest goes; the caller's */
	int escape;		/* -1 for none */
	bool at_once;		/* the escape key needs none behind it */
	void (*escaped)(void *arg, char key);	/* the escape key and one behind it */
	void (*lost)(void *arg);	/* a key for which there was no memory */
	void (*ended)(void *arg);	/* the terminal has gone: no more keys come */
	void *arg;

	struct watch *watch;
	struct io_in in;
	bool escaping;
	bool gone;
};

/* What is in the caller's struct is set; nothing is read yet. -1 with ENOMEM. */
int keyboard_open(struct keyboard *k, struct loop *l);
void keyboard_close(struct keyboard *k);

/* What was read elsewhere, as if it were typed now. */
void keyboard_add(struct keyboard *k, const char *data, size_t size);

/* Reads, or leaves what is typed where it is. */
void keyboard_read(struct keyboard *k, bool on);

#endif
