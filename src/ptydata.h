/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Data through a canonical terminal, byte for byte: what its driver would take
 * for a command is quoted, and a line longer than the driver can hold is
 * pushed on to the reader in pieces, by an end-of-file character behind bytes,
 * which ends a read and nothing else.
 */
#ifndef PTYDATA_H
#define PTYDATA_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of a line that the driver holds; 0 after its end or a push. */
struct ptydata {
	size_t held;
};

/* How many bytes from the front on go as they are. */
size_t ptydata_plain(const struct ptydata *d, const char *data, size_t size);

/* They have gone. */
void ptydata_went(struct ptydata *d, const char *data, size_t size);

/* Whether the line has to be pushed on before another byte. */
bool ptydata_full(const struct ptydata *d);

/* What pushes it on, one byte; d is as after a line's end. */
char ptydata_push(struct ptydata *d);

/* Puts the quoted form of one byte into to and tells its size, 1 or 2. */
size_t ptydata_quote(struct ptydata *d, char byte, char to[2]);

#endif
