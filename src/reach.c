/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "reach.h"

#include <stddef.h>

static bool
branches_end(const struct dialogue_step *step)
{
	size_t i;

	for (i = 0; i < step->branch_count; i++)
		if (!reach_end(&step->branches[i].block))
			return false;
	return true;
}

static bool
step_ends(const struct dialogue_step *step)
{
	if (step->kind == DIALOGUE_EXIT || step->kind == DIALOGUE_FAIL)
		return true;
	if (step->kind == DIALOGUE_IF)
		return reach_end(&step->body) && reach_end(&step->otherwise);
	/* An end of output or of time that no branch takes ends it as well. */
	return step->kind == DIALOGUE_EXPECT && branches_end(step);
}

static bool jumps(const struct dialogue_block *block);

/* Is there an `again' for the branch that it stands in? Branches of its own have theirs. */
static bool
step_jumps(const struct dialogue_step *step)
{
	return step->kind == DIALOGUE_AGAIN || jumps(&step->body) || jumps(&step->otherwise);
}

static bool
jumps(const struct dialogue_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++)
		if (step_jumps(&block->steps[i]))
			return true;
	return false;
}

bool
reach_end(const struct dialogue_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++) {
		if (step_ends(&block->steps[i]))
			return true;
		if (step_jumps(&block->steps[i]))
			return false;
	}
	return false;
}

/* What may hold where a step begins; neither where no path leads there. */
enum child { CHILD_NONE = 1, CHILD_THERE = 2 };

struct reading {
	bool has_command;
	unsigned loops;		/* that the step is in */
	const struct dialogue_step *fault;
	const char *why;
};

bool
reach_needs_child(enum dialogue_step_kind kind)
{
	switch (kind) {
	case DIALOGUE_SEND:
	case DIALOGUE_SENDLINE:
	case DIALOGUE_KEY:
	case DIALOGUE_SECRET:
	case DIALOGUE_SENDEOF:
	case DIALOGUE_SIGNAL:
	case DIALOGUE_RESIZE:
	case DIALOGUE_EXPECT:
	case DIALOGUE_ASK:
	case DIALOGUE_INTERACT:
	case DIALOGUE_CLOSE:
	case DIALOGUE_WAIT:
		return true;
	case DIALOGUE_SPAWN:
	case DIALOGUE_ON:
	case DIALOGUE_AGAIN:
	case DIALOGUE_SET_TIMEOUT:
	case DIALOGUE_SET_REPLY:
	case DIALOGUE_SET:
	case DIALOGUE_PRINT:
	case DIALOGUE_IF:
	case DIALOGUE_REPEAT:
	case DIALOGUE_FOR:
	case DIALOGUE_BREAK:
	case DIALOGUE_SLEEP:
	case DIALOGUE_EXIT:
	case DIALOGUE_FAIL:
		return false;
	}
	return false;
}

static void
find_fault(struct reading *r, const struct dialogue_step *step, const char *why)
{
	if (r->fault)
		return;
	r->fault = step;
	r->why = why;
}

static unsigned walk(struct reading *r, const struct dialogue_block *block, unsigned child);

static unsigned
walk_spawn(struct reading *r, const struct dialogue_step *step, unsigned child)
{
	if (r->has_command)
		find_fault(r, step, "the command is given already; a dialogue that spawns its own has none besides");
	else if (child & CHILD_THERE)
		find_fault(r, step, "there is a child already; a dialogue has one");
	else if (r->loops > 0)
		find_fault(r, step, "in a loop this would start a second child; a dialogue has one");
	return child ? CHILD_THERE : 0;
}

static unsigned
walk_loop(struct reading *r, const struct dialogue_block *body, unsigned child)
{
	unsigned after;

	r->loops++;
	after = walk(r, body, child);
	r->loops--;
	return child | after;
}

/* What holds behind it. */
static unsigned
walk_step(struct reading *r, const struct dialogue_step *step, unsigned child)
{
	size_t i;

	if (reach_needs_child(step->kind) && child == CHILD_NONE)
		find_fault(r, step, "there is no child for this step; a spawn stands before it, or a command behind '--'");
	if (step->kind == DIALOGUE_SPAWN)
		return walk_spawn(r, step, child);
	if (step->kind == DIALOGUE_IF)
		return walk(r, &step->body, child) | walk(r, &step->otherwise, child);
	if (step->kind == DIALOGUE_REPEAT || step->kind == DIALOGUE_FOR)
		return walk_loop(r, &step->body, child);
	/* When a branch runs there is one, even if its `on' stands before the spawn. */
	for (i = 0; i < step->branch_count; i++)
		(void)walk(r, &step->branches[i].block, CHILD_THERE);
	return step_ends(step) ? 0 : child;
}

static unsigned
walk(struct reading *r, const struct dialogue_block *block, unsigned child)
{
	size_t i;

	for (i = 0; i < block->count; i++)
		child = walk_step(r, &block->steps[i], child);
	return child;
}

const struct dialogue_step *
reach_child(const struct dialogue *d, bool has_command, const char **why)
{
	struct reading r = { .has_command = has_command };

	(void)walk(&r, &d->block, has_command ? CHILD_THERE : CHILD_NONE);
	*why = r.why;
	return r.fault;
}
