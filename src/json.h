/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * JSON out, a value after the other; commas come by themselves:
 *
 *	struct json j = { .to = &line };
 *	json_open(&j, '{');
 *	json_key(&j, "event");
 *	json_text(&j, "start");
 *	json_key(&j, "pid");
 *	json_int(&j, pid);
 *	json_close(&j, '}');
 *	if (json_end(&j) < 0) ...
 *
 * Strings come out as UTF-8, one U+FFFD for each byte that is none (ask
 * utf8_valid() first, and take base64, where that will not do), control
 * characters (C0, DEL, C1) as escapes. That keys stand in objects only, and
 * brackets in pairs, is the caller's care.
 */
#ifndef JSON_H
#define JSON_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	struct buf *to;		/* behind what it holds */
	bool comma;		/* a value stands at its end */
	bool failed;		/* no memory; what is written is not whole */
};

/* '{' or '[', and '}' or ']'. */
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);

void json_key(struct json *j, const char *key);

void json_string(struct json *j, const char *data, size_t size);
void json_text(struct json *j, const char *text);
void json_int(struct json *j, int64_t value);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

/* Ends the line. -1 with ENOMEM where any of the calls above found no memory. */
int json_end(struct json *j);

/* The inside of a string, for writers with memory of their own: room at to, result the bytes put there. */
#define JSON_ESCAPE_ROOM(size) (6 * (size) + 32)
size_t json_escape(char *to, const char *data, size_t size);

#define JSON_BASE64_ROOM(size) (4 * (((size) + 2) / 3))
size_t json_base64(char *to, const char *data, size_t size);

#endif
