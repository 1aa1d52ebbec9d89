/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A line that is typed unseen: a password. The engine does not get it, since
 * it keeps what was deleted; memory that held it is wiped.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

enum { SECRET_ROOM = 4000 };

/* In the caller's struct; all zero is an empty one. */
struct secret {
	char bytes[SECRET_ROOM];
	size_t size;
	bool quoting;		/* the next key is taken as it is */
};

/* What a key has made of it. */
enum secret_key {
	SECRET_TAKEN,
	SECRET_FULL,		/* there was no room, or nothing to delete */
	SECRET_DONE,		/* Enter */
	SECRET_END		/* end-of-file */
};

/* A key of size bytes (a character); mode: the terminal's, for its editing keys. */
enum secret_key secret_key(struct secret *s, const struct termios *mode, const char *key, size_t size);

/* Text as it is; what does not fit is dropped. */
enum secret_key secret_paste(struct secret *s, const char *text, size_t size);

void secret_wipe(struct secret *s);

#endif
