/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A file that is written beside everything else, by a thread of its own. It
 * has one piece of memory at a time, and gets no signal.
 */
#ifndef WRITER_H
#define WRITER_H

#include <stddef.h>

struct writer;

/* Writes to fd, which stays the caller's. NULL with errno. */
struct writer *writer_new(int fd);

/* Ends the thread, once all is written. Takes NULL. */
void writer_free(struct writer *w);

/*
 * Has data written, which is to stay as it is until writer_wait() returns; that
 * comes between two calls. Behind a failed write nothing is written any more.
 */
void writer_write(struct writer *w, const void *data, size_t size);

/* Waits until all is written. Returns 0, or the errno of the first write that failed. */
int writer_wait(struct writer *w);

#endif
