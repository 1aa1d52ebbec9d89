/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "edits.h"

#include "escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3 };	/* lines around what changes, as diff -u has them */

void
edits_free(struct edits *e)
{
	size_t i;

	for (i = 0; i < e->count; i++)
		if (e->list[i].own)
			free((char *)e->list[i].text);
	free(e->list);
	*e = (struct edits){ 0 };
}

static int
append(struct edits *e, const struct edit *edit)
{
	struct edit *more;

	if (e->count == e->room) {
		more = realloc(e->list, (e->room * 2 + 64) * sizeof(*more));
		if (!more)
			return -1;
		e->list = more;
		e->room = e->room * 2 + 64;
	}
	e->list[e->count++] = *edit;
	e->any |= edit->kind != EDIT_KEEP;
	return 0;
}

int
edits_keep(struct edits *e, const char *text, size_t size)
{
	return append(e, &(struct edit){ .kind = EDIT_KEEP, .text = text, .size = size });
}

int
edits_drop(struct edits *e, const char *text, size_t size)
{
	return append(e, &(struct edit){ .kind = EDIT_DROP, .text = text, .size = size });
}

int
edits_add(struct edits *e, const char *text, size_t size)
{
	struct edit edit = { .kind = EDIT_ADD, .size = size, .own = true };
	char *copy = malloc(size + 1);

	if (!copy)
		return -1;
	memcpy(copy, text, size);
	edit.text = copy;
	if (append(e, &edit) == 0)
		return 0;
	free(copy);
	return -1;
}

int
edits_move(struct edits *e, struct edit *edit)
{
	if (append(e, edit) < 0)
		return -1;
	edit->own = false;
	return 0;
}

void
edits_take_back(struct edits *e, size_t index)
{
	free((char *)e->list[index].text);
	e->count--;
	memmove(&e->list[index], &e->list[index + 1], (e->count - index) * sizeof(*e->list));
}

struct printer {
	const struct edits_style *style;
	struct buf *to;
	bool failed;
};

/* A line in a colour, "" for none. */
static void
put_line(struct printer *p, const char *colour, char mark, const char *text, size_t size)
{
	bool coloured = p->style->colours && colour[0];

	p->failed |= buf_append(p->to, p->style->prefix, strlen(p->style->prefix)) < 0 ||
	    (coloured && buf_append(p->to, colour, strlen(colour)) < 0) ||
	    (mark && buf_append(p->to, &mark, 1) < 0) ||
	    buf_append(p->to, text, size) < 0 ||
	    (coloured && buf_append(p->to, "\033[m", 3) < 0) ||
	    buf_append(p->to, "\n", 1) < 0;
}

/* The name does nothing to a terminal either. */
static void
put_name(struct printer *p, const char *mark)
{
	size_t size = strlen(p->style->name);
	struct escape e = { 0 };
	struct escape_lines lines = { 0 };
	struct buf line = { 0 };
	char *start = buf_reserve(&line, 4 + ESCAPE_ROOM(size));

	p->failed |= !start;
	if (!start)
		return;
	lines.to = stpcpy(start, mark);
	escape_lines(&e, &lines, p->style->name, size);
	escape_end(&e, &lines.to);
	put_line(p, "\033[1m", 0, start, (size_t)(lines.to - start));
	buf_free(&line);
}

static void
put_edit(struct printer *p, const struct edit *edit)
{
	switch (edit->kind) {
	case EDIT_KEEP:
		put_line(p, "", ' ', edit->text, edit->size);
		break;
	case EDIT_DROP:
		put_line(p, "\033[31m", '-', edit->text, edit->size);
		break;
	case EDIT_ADD:
		put_line(p, "\033[32m", '+', edit->text, edit->size);
		break;
	}
}

/* Lines of the old text, and of the new one. */
struct range {
	size_t old_lines, new_lines;
};

static void
count(struct range *r, const struct edit *edit)
{
	r->old_lines += edit->kind != EDIT_ADD;
	r->new_lines += edit->kind != EDIT_DROP;
}

/* "12,3"; where there are no lines, what stands before is named. */
static int
put_range(char *to, size_t room, char mark, size_t before, size_t lines)
{
	if (lines == 1)
		return snprintf(to, room, "%c%zu", mark, before + 1);
	return snprintf(to, room, "%c%zu,%zu", mark, lines > 0 ? before + 1 : before, lines);
}

static void
put_hunk(struct printer *p, const struct edits *e, size_t from, size_t to, const struct range *before)
{
	struct range lines = { 0 };
	char text[128], old[48], new[48];
	size_t i;
	int n;

	for (i = from; i < to; i++)
		count(&lines, &e->list[i]);
	(void)put_range(old, sizeof(old), '-', before->old_lines, lines.old_lines);
	(void)put_range(new, sizeof(new), '+', before->new_lines, lines.new_lines);
	n = snprintf(text, sizeof(text), "@@ %s %s @@", old, new);
	put_line(p, "\033[36m", 0, text, (size_t)n);
	for (i = from; i < to; i++)
		put_edit(p, &e->list[i]);
}

/* The end of a hunk whose first change is at: its context, and what changes within reach of that. */
static size_t
find_end(const struct edits *e, size_t at)
{
	size_t last = at, i;

	for (i = at; i < e->count && i <= last + 2 * CONTEXT + 1; i++)
		if (e->list[i].kind != EDIT_KEEP)
			last = i;
	return e->count - last > CONTEXT + 1 ? last + CONTEXT + 1 : e->count;
}

int
edits_diff(const struct edits *e, const struct edits_style *style, struct buf *to)
{
	struct printer p = { .style = style, .to = to };
	struct range before = { 0 };
	size_t done = 0, at, from, end;

	if (!e->any)
		return 0;
	put_name(&p, "--- ");
	put_name(&p, "+++ ");
	for (at = 0; at < e->count; at++) {
		if (e->list[at].kind == EDIT_KEEP)
			continue;
		from = at - done > CONTEXT ? at - CONTEXT : done;
		end = find_end(e, at);
		for (; done < from; done++)
			count(&before, &e->list[done]);
		put_hunk(&p, e, from, end, &before);
		for (; done < end; done++)
			count(&before, &e->list[done]);
		at = end - 1;
	}
	return p.failed ? -1 : 0;
}

static int
write_line(struct buf *to, const char *text, size_t size)
{
	return buf_append(to, text, size) < 0 ? -1 : buf_append(to, "\n", 1);
}

int
edits_apply(const struct edits *e, struct buf *to)
{
	bool sends, sent = false, gone = false;
	const struct edit *edit;
	size_t i;

	for (i = 0; i < e->count; i++) {
		edit = &e->list[i];
		sends = edit->size > 0 && edit->text[0] == '>';
		gone = gone || edit->kind == EDIT_DROP;
		if (edit->kind == EDIT_DROP)
			continue;
		if (sends && sent && gone && write_line(to, "", 0) < 0)
			return -1;
		if (write_line(to, edit->text, edit->size) < 0)
			return -1;
		gone = gone && !sends;
		if (edit->size == 0 || edit->text[0] != '#')
			sent = sends;
	}
	return 0;
}
