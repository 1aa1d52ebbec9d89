/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "family.h"

#include "process.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Two of the same pid are told apart by when they started. */
struct member {
	pid_t pid;
	unsigned long long start;
};

struct family {
	pid_t child;
	bool own_group;
	bool child_gone;
	struct member *members;
	size_t count;
	size_t room;
};

/* All processes of one look, since a parent may stand behind its child. */
struct census {
	struct process *people;
	size_t count;
	size_t room;
};

struct family *
family_new(pid_t child, bool own_group)
{
	struct family *f = calloc(1, sizeof(*f));

	if (f)
		*f = (struct family){ .child = child, .own_group = own_group };
	return f;
}

void
family_free(struct family *f)
{
	if (f)
		free(f->members);
	free(f);
}

static bool
count_one(const struct process *p, void *arg)
{
	struct census *c = arg;
	struct process *more;

	if (c->count == c->room) {
		more = realloc(c->people, (c->room * 2 + 256) * sizeof(*more));
		if (!more)
			return false;
		c->people = more;
		c->room = c->room * 2 + 256;
	}
	c->people[c->count++] = *p;
	return true;
}

static bool
is_member(const struct family *f, const struct process *p)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->members[i].pid == p->pid && f->members[i].start == p->start)
			return true;
	return false;
}

static bool
has_member_as_parent(const struct family *f, const struct census *c, const struct process *p)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->people[i].pid == p->parent)
			return is_member(f, &c->people[i]);
	return false;
}

static bool
belongs(const struct family *f, const struct census *c, const struct process *p)
{
	if (p->pid == getpid() || p->state == 'Z' || is_member(f, p))
		return false;
	if (p->pid == f->child && !f->child_gone)
		return true;
	if (f->own_group && (p->group == f->child || p->session == f->child))
		return true;
	return has_member_as_parent(f, c, p);
}

static bool
add(struct family *f, const struct process *p)
{
	struct member *more;

	if (f->count == f->room) {
		more = realloc(f->members, (f->room * 2 + 16) * sizeof(*more));
		if (!more)
			return false;
		f->members = more;
		f->room = f->room * 2 + 16;
	}
	f->members[f->count++] = (struct member){ .pid = p->pid, .start = p->start };
	return true;
}

/* Adds who has come since the last look. False where nothing can be known. */
static bool
look(struct family *f)
{
	struct census c = { 0 };
	size_t before, i;
	bool known;

	known = process_each(count_one, &c) == 0 && c.count > 0;
	do {
		before = f->count;
		for (i = 0; i < c.count; i++)
			if (belongs(f, &c, &c.people[i]) && !add(f, &c.people[i]))
				break;
	} while (f->count > before);
	free(c.people);
	return known;
}

static bool
is_alive(const struct member *m)
{
	struct process p;

	return process_look(m->pid, &p) == 0 && p.start == m->start && p.state != 'Z';
}

/* A stopped process takes no TERM before it goes on. */
static void
send_signal(pid_t pid, int signo)
{
	(void)kill(pid, signo); /* it may have ended meanwhile */
	if (signo == SIGTERM || signo == SIGHUP)
		(void)kill(pid, SIGCONT);
}

void
family_signal(struct family *f, int signo)
{
	size_t told = 0;
	int quiet = 0;

	while (quiet < 2) {
		if (!look(f)) {
			if (f->own_group || !f->child_gone)
				send_signal(f->own_group ? -f->child : f->child, signo);
			return;
		}
		quiet = f->count > told ? 0 : quiet + 1;
		for (; told < f->count; told++)
			if (is_alive(&f->members[told]))
				send_signal(f->members[told].pid, signo);
	}
}

bool
family_lives(const struct family *f)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (is_alive(&f->members[i]))
			return true;
	return false;
}

void
family_child_gone(struct family *f)
{
	f->child_gone = true;
}
