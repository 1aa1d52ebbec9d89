/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What we have to say: on stderr, a line each, behind "dualpipe: ". */
#ifndef MSG_H
#define MSG_H

#include <stdbool.h>
#include <stddef.h>

/* How much is said: everything that fails, in any case. */
struct msg_level {
	bool quiet;	/* no notices */
	bool verbose;	/* what is done, too */
};
void msg_set(const struct msg_level *level);

/* What failed. "\n" comes by itself. */
void msg_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same in lines, as a place that is shown takes them. NULL: memory was out. */
void msg_error_lines(const char *lines);

/* What the user should know, and -q keeps quiet. */
void msg_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void msg_notice_lines(const char *lines);

/* What -v wants to see. */
void msg_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether it does, for what is dear to put together. */
bool msg_is_verbose(void);

/* What it is about: "FILE", "FILE:LINE", in front of each line, until NULL. It is not copied. */
void msg_about(const char *place);

/* Lines go to fn in place of stderr, with their newline; NULL takes it back. */
typedef void msg_fn(void *arg, const char *line, size_t size);
void msg_route(msg_fn *fn, void *arg);

/*
 * From here on a stderr that takes nothing keeps nobody waiting: lines are
 * kept. Then those that are left go, as outlet_end() says.
 */
void msg_keep(void);
void msg_end(int patience_ms);

/* On a terminal that is raw, "\n" does not bring the cursor back. */
void msg_raw(bool raw);

#endif
