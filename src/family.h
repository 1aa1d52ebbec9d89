/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * Everybody whom a time limit has to reach: the child, its process group, its
 * terminal's session, and all whose chain of parents leads to it. Who was seen
 * once stays a member when his parent has ended; who made himself a daemon
 * before anybody looked is out of reach.
 */
#ifndef FAMILY_H
#define FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

struct family;

/* own_group: the child leads a group, and with a pty a session, of its own. */
struct family *family_new(pid_t child, bool own_group);
void family_free(struct family *f);

/*
 * Sends signo to every member, looking again until two looks find nobody new.
 * Where processes cannot be looked up, to the group, or the child alone.
 */
void family_signal(struct family *f, int signo);

/* Whether a member lives that was sent a signal. */
bool family_lives(const struct family *f);

/* The child was reaped: its pid is nobody's, or somebody else's, by now. */
void family_child_gone(struct family *f);

#endif
