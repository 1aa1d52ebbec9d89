/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "compare.h"

#include "buf.h"
#include "escape.h"
#include "signame.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/*
 * The way through both that changes least is looked for as diff(1) does. Where
 * next to nothing is alike that takes time and memory by the square: after so
 * many nodes the one that has come furthest is where it goes on.
 */
enum { MOST_NODES = 1 << 17, FEW_NODES = 1 << 12 };

/* A line of the transcript that the child said, in one of the streams. */
struct piece {
	const struct recorded_line *line;
	size_t index;	/* of the line in the file */
	size_t due;	/* the turn by whose end it has to be there: that of its line's end */
};

/* What becomes of pieces, and of what was said, in order. */
enum op_kind { OP_KEEP, OP_DROP, OP_ADD, OP_SKIP, OP_MOVE };

struct op {
	enum op_kind kind;
	size_t piece;		/* KEEP, DROP, and MOVE, which is a DROP and an ADD */
	size_t from, to;	/* of what was said: KEEP, ADD, MOVE, and SKIP of lines that an ANY stands for */
};

/* So many pieces and bytes are done with. */
struct node {
	size_t piece, at;
	uint32_t before;	/* the node that led here */
	uint32_t far;		/* how many lines of both that is */
	enum op_kind kind;
};

struct stream {
	const struct compare_opts *opts;
	bool is_err;
	struct compare_said said;
	const size_t *ends;

	struct piece *pieces;
	size_t piece_count;

	struct node *nodes;
	size_t node_count, node_room;
	uint32_t *seen;		/* a hash table of nodes, index and 1 */
	size_t seen_room, seen_count;
	uint32_t *now, *next;	/* nodes at this cost, and at one more */
	size_t now_count, now_room, next_count, next_room;
	bool differs;		/* something has changed on all ways */

	struct op *ops;		/* up to the first node */
	size_t op_count, op_room;
	size_t *turns;		/* of each op, ADD and MOVE: where it is to stand for its own sake */
};

static bool
is_half(const char *data, size_t size)
{
	return size == 0 || data[size - 1] != '\n';
}

/*
 * Keys are recorded once Enter, or the end, has come: what they led to until
 * then stands before them where it was no Enter.
 */
static void
allow_for_keys(struct stream *s)
{
	const struct recorded_part *part = s->opts->part;
	const struct recorded_line *line;
	size_t i, at = s->piece_count;

	for (i = part->end; i-- > part->first;) {
		line = &s->opts->file->lines[i];
		if (line->kind != RECORDED_SENT || !is_half(line->data, line->data_size))
			continue;
		while (at > 0 && s->pieces[at - 1].line->turn >= line->turn)
			at--;
		for (; at > 0 && s->pieces[at - 1].line->turn + 1 == line->turn; at--)
			if (s->pieces[at - 1].due < line->turn)
				s->pieces[at - 1].due = line->turn;
	}
}

static int
find_pieces(struct stream *s)
{
	const struct recorded_part *part = s->opts->part;
	const struct recorded_line *line;
	size_t i, due;

	s->pieces = calloc(part->end - part->first + 1, sizeof(*s->pieces));
	if (!s->pieces)
		return -1;
	for (i = part->first; i < part->end; i++) {
		line = &s->opts->file->lines[i];
		if (recorded_is_said(line) && line->of_stderr == s->is_err && line->turn <= s->opts->turns)
			s->pieces[s->piece_count++] = (struct piece){ .line = line, .index = i };
	}
	for (i = s->piece_count, due = 0; i-- > 0;) {
		line = s->pieces[i].line;
		if (i + 1 == s->piece_count || line->kind != RECORDED_SAID || !is_half(line->data, line->data_size))
			due = line->turn;
		s->pieces[i].due = due;
	}
	allow_for_keys(s);
	return 0;
}

/* The turn in which the byte came. */
static size_t
turn_of(const struct stream *s, size_t at)
{
	size_t low = 0, high = s->opts->turns, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (s->ends[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Where the line ends in which at stands, its newline included, or what was said. */
static size_t
line_end(const struct stream *s, size_t at)
{
	const char *newline = memchr(s->said.data + at, '\n', s->said.size - at);

	return newline ? (size_t)(newline + 1 - s->said.data) : s->said.size;
}

/* The same, or where a step was taken in its middle. */
static size_t
boundary(const struct stream *s, size_t at)
{
	size_t end = line_end(s, at), turn = turn_of(s, at);

	return turn < s->opts->turns && s->ends[turn] < end ? s->ends[turn] : end;
}

/* Whether the piece stands there, and came in time: 1, with its end, 0, or -1 with errno. */
static int
stands(const struct stream *s, const struct piece *piece, size_t at, size_t *end)
{
	const struct recorded_line *line = piece->line;
	size_t left = s->said.size - at;
	int result = 1;

	if (line->kind == RECORDED_SAID) {
		*end = at + line->data_size;
		if (line->data_size > left || memcmp(s->said.data + at, line->data, line->data_size) != 0)
			return 0;
	} else {
		*end = left > 0 ? line_end(s, at) : at;
		if (left == 0 || s->said.data[*end - 1] != '\n')
			return 0;
		result = match_test(line->pattern, s->said.data + at, *end - 1 - at);
	}
	return result > 0 && *end > at && turn_of(s, *end - 1) > piece->due ? 0 : result;
}

static size_t
hash(size_t piece, size_t at)
{
	uint64_t mixed = ((uint64_t)piece << 32 ^ (uint64_t)at) * 0x9e3779b97f4a7c15u;

	return (size_t)(mixed ^ mixed >> 29);
}

static int
grow_seen(struct stream *s)
{
	size_t room = s->seen_room > 0 ? 2 * s->seen_room : 1024, i, slot;
	uint32_t *more = calloc(room, sizeof(*more));
	const struct node *n;

	if (!more)
		return -1;
	for (i = 0; i < s->seen_room; i++) {
		if (!s->seen[i])
			continue;
		n = &s->nodes[s->seen[i] - 1];
		for (slot = hash(n->piece, n->at) & (room - 1); more[slot]; slot = (slot + 1) & (room - 1))
			;
		more[slot] = s->seen[i];
	}
	free(s->seen);
	s->seen = more;
	s->seen_room = room;
	return 0;
}

/* Whether the search was there before, where it is from now on. -1 with ENOMEM. */
static int
was_seen(struct stream *s, uint32_t index)
{
	const struct node *n = &s->nodes[index], *other;
	size_t slot;

	if (2 * s->seen_count >= s->seen_room && grow_seen(s) < 0)
		return -1;
	for (slot = hash(n->piece, n->at) & (s->seen_room - 1); s->seen[slot]; slot = (slot + 1) & (s->seen_room - 1)) {
		other = &s->nodes[s->seen[slot] - 1];
		if (other->piece == n->piece && other->at == n->at)
			return 1;
	}
	s->seen[slot] = index + 1;
	s->seen_count++;
	return 0;
}

static int
append_index(uint32_t **list, size_t *count, size_t *room, uint32_t index)
{
	uint32_t *more;

	if (*count == *room) {
		more = realloc(*list, (*room * 2 + 64) * sizeof(*more));
		if (!more)
			return -1;
		*list = more;
		*room = *room * 2 + 64;
	}
	(*list)[(*count)++] = index;
	return 0;
}

/* A way from the node before: at the same cost, or where something changes at one more. */
static int
go(struct stream *s, uint32_t before, enum op_kind kind, size_t piece, size_t at)
{
	struct node *more;
	uint32_t index = (uint32_t)s->node_count;

	if (s->node_count == s->node_room) {
		more = realloc(s->nodes, (s->node_room * 2 + 256) * sizeof(*more));
		if (!more)
			return -1;
		s->nodes = more;
		s->node_room = s->node_room * 2 + 256;
	}
	s->nodes[s->node_count] = (struct node){ .piece = piece, .at = at, .before = before, .kind = kind };
	if (s->node_count > 0)
		s->nodes[s->node_count].far = s->nodes[before].far + (kind == OP_KEEP && at > s->nodes[before].at) +
		    (kind != OP_KEEP || at > s->nodes[before].at);
	s->node_count++;
	if (kind == OP_DROP || kind == OP_ADD)
		return append_index(&s->next, &s->next_count, &s->next_room, index);
	return append_index(&s->now, &s->now_count, &s->now_room, index);
}

/* What stands is taken: no other way is shorter. An ANY may stand for lines, or for no more of them. */
static int
go_on(struct stream *s, uint32_t index)
{
	const struct node n = s->nodes[index];
	const struct piece *piece = n.piece < s->piece_count ? &s->pieces[n.piece] : NULL;
	size_t end;
	int result;

	if (piece && piece->line->kind == RECORDED_ANY) {
		if (n.at < s->said.size && turn_of(s, line_end(s, n.at) - 1) <= piece->due &&
		    go(s, index, OP_SKIP, n.piece, line_end(s, n.at)) < 0)
			return -1;
		if (go(s, index, OP_KEEP, n.piece + 1, n.at) < 0)
			return -1;
	} else if (piece) {
		result = stands(s, piece, n.at, &end);
		if (result != 0)
			return result < 0 ? -1 : go(s, index, OP_KEEP, n.piece + 1, end);
		if (go(s, index, OP_DROP, n.piece + 1, n.at) < 0)
			return -1;
	}
	return n.at < s->said.size ? go(s, index, OP_ADD, n.piece, boundary(s, n.at)) : 0;
}

/* The way to the node, which is the first one from now on. -1 with ENOMEM. */
static int
commit(struct stream *s, uint32_t last)
{
	const struct node end = s->nodes[last], *n, *before;
	size_t count = 0, at;
	struct op *more;
	uint32_t index;

	for (index = last; index > 0; index = s->nodes[index].before)
		count++;
	if (s->op_count + count > s->op_room) {
		more = realloc(s->ops, (s->op_count + count + s->op_room) * sizeof(*more));
		if (!more)
			return -1;
		s->ops = more;
		s->op_room += s->op_count + count;
	}
	at = s->op_count += count;
	for (index = last; index > 0; index = n->before) {
		n = &s->nodes[index];
		before = &s->nodes[n->before];
		s->ops[--at] = (struct op){ .kind = n->kind, .piece = before->piece, .from = before->at, .to = n->at };
	}
	s->node_count = s->now_count = s->next_count = s->seen_count = 0;
	memset(s->seen, 0, s->seen_room * sizeof(*s->seen));
	return go(s, 0, OP_KEEP, end.piece, end.at);
}

/* Of those at this cost that have come furthest, the one in the middle: as much goes as comes. */
static uint32_t
furthest(const struct stream *s)
{
	size_t i, ties = 0;
	uint32_t far = 0, best = s->now[0];

	for (i = 0; i < s->now_count; i++) {
		if (s->nodes[s->now[i]].far > far)
			ties = 0;
		if (s->nodes[s->now[i]].far < far)
			continue;
		far = s->nodes[s->now[i]].far;
		ties++;
	}
	for (i = 0, ties = (ties + 1) / 2; ties > 0; i++)
		if (s->nodes[s->now[i]].far == far && --ties == 0)
			best = s->now[i];
	return best;
}

static void
change_more(struct stream *s)
{
	uint32_t *list = s->now;
	size_t room = s->now_room;

	s->now = s->next;
	s->now_room = s->next_room;
	s->now_count = s->next_count;
	s->next = list;
	s->next_room = room;
	s->next_count = 0;
	s->differs = true;
}

/* The cheapest way. What is the same costs nothing, so that it is always found. -1 with errno. */
static int
search(struct stream *s)
{
	size_t at = 0;
	uint32_t index;
	int seen;

	if (grow_seen(s) < 0 || go(s, 0, OP_KEEP, 0, 0) < 0)
		return -1;
	for (;;) {
		if (at == s->now_count) {
			change_more(s);
			at = 0;
		}
		index = s->now[at++];
		if (s->nodes[index].piece == s->piece_count && s->nodes[index].at == s->said.size)
			return commit(s, index);
		if ((s->node_count > FEW_NODES && at == s->now_count && s->next_count == 0) ||
		    (s->node_count > MOST_NODES && s->differs && at == 1)) {
			if (commit(s, at == s->now_count ? index : furthest(s)) < 0)
				return -1;
			index = s->now[0];
			at = 1;
		}
		seen = was_seen(s, index);
		if (seen < 0 || (seen == 0 && go_on(s, index) < 0))
			return -1;
	}
}

static void
free_stream(struct stream *s)
{
	free(s->pieces);
	free(s->nodes);
	free(s->seen);
	free(s->now);
	free(s->next);
	free(s->ops);
	free(s->turns);
}

/* What comes, behind which line of the file. */
struct arrival {
	size_t behind;
	size_t number;		/* in their order */
	bool is_err;
	size_t turn;
	const char *data;
	size_t size;
};

struct comparison {
	const struct compare_opts *opts;
	bool *dropped;		/* a line of the part */
	size_t *turn_ends;
	struct arrival *arrivals;
	size_t arrival_count;
	struct edits *to;

	/* The last line that is there in the end, but for remarks. */
	size_t last;		/* its place among the edits */
	const struct recorded_line *last_line;	/* NULL: it comes */
	bool last_half, last_is_err;
	size_t last_turn;
	struct buf text;	/* of the line that comes */
};

/* The turns in which a half line goes: what came in its place stays there, too. */
static bool *
find_dropped_halves(const struct stream *s)
{
	bool *dropped = calloc(s->opts->turns + 1, sizeof(*dropped));
	const struct recorded_line *line;
	size_t i;

	for (i = 0; dropped && i < s->op_count; i++) {
		if (s->ops[i].kind != OP_DROP)
			continue;
		line = s->pieces[s->ops[i].piece].line;
		if (line->kind == RECORDED_SAID && is_half(line->data, line->data_size))
			dropped[line->turn] = true;
	}
	return dropped;
}

/* From the end, since the front of a line of which all changes stands with its rest. */
static int
find_turns(struct stream *s)
{
	bool *dropped = find_dropped_halves(s);
	size_t i, turn;

	s->turns = calloc(s->op_count + 1, sizeof(*s->turns));
	for (i = s->op_count; s->turns && dropped && i-- > 0;) {
		if (s->ops[i].kind != OP_ADD && s->ops[i].kind != OP_MOVE)
			continue;
		turn = turn_of(s, s->ops[i].from);
		if (i + 1 < s->op_count && s->ops[i + 1].kind == OP_ADD && is_half(s->said.data, s->ops[i].to) && !dropped[turn])
			turn = s->turns[i + 1];
		s->turns[i] = turn;
	}
	free(dropped);
	return s->turns && dropped ? 0 : -1;
}

/* The turn in which what comes is to stand: when it came, unless what stands before or behind it has another place. */
static size_t
turn_for(const struct stream *s, size_t at, size_t least, size_t keep)
{
	size_t turn = s->turns[at];

	if (keep < s->op_count && turn > s->pieces[s->ops[keep].piece].line->turn)
		turn = s->pieces[s->ops[keep].piece].line->turn;
	return turn > least ? turn : least;
}

/* The last line of each turn that is no remark. */
static size_t *
find_ends(const struct compare_opts *opts)
{
	size_t *ends = calloc(opts->part->turns + 1, sizeof(*ends)), i;

	for (i = opts->part->command; ends && i < opts->part->status; i++)
		if (opts->file->lines[i].kind != RECORDED_REMARK)
			ends[opts->file->lines[i].turn] = i;
	return ends;
}

/* Behind the piece before it in that turn, in front of the one behind it, else at the turn's end. */
static size_t
place_for(const struct comparison *c, const struct stream *s, size_t turn, size_t next_piece)
{
	if (next_piece > 0 && s->pieces[next_piece - 1].line->turn == turn)
		return s->pieces[next_piece - 1].index;
	if (next_piece < s->piece_count && s->pieces[next_piece].line->turn == turn)
		return s->pieces[next_piece].index - 1;
	return c->turn_ends[turn];
}

static bool
keeps_half(const struct stream *s, const struct op *op)
{
	const struct recorded_line *line = s->pieces[op->piece].line;

	return op->kind == OP_KEEP && line->kind == RECORDED_SAID && is_half(line->data, line->data_size);
}

/* A half line stays in its turn though it came later, with its rest. Where its rest goes, it was late. */
static void
move_without_rest(struct stream *s)
{
	size_t i, came, recorded, due = 0;
	bool rest_goes = false;
	struct op *op;

	for (i = s->op_count; i-- > 0;) {
		op = &s->ops[i];
		if (op->kind == OP_DROP)
			rest_goes = true;
		if (op->kind == OP_DROP || op->kind == OP_SKIP)
			continue;
		came = op->to > op->from ? turn_of(s, op->to - 1) : 0;
		recorded = op->kind == OP_KEEP ? s->pieces[op->piece].line->turn : came;
		if (!keeps_half(s, op) || recorded > due)
			due = recorded;
		if (rest_goes && keeps_half(s, op) && came > due) {
			op->kind = OP_MOVE;
			due = came;
		}
		rest_goes = false;
	}
}

/* What came later in front of one would have to stand there, too, and does not go back: so the half line comes along. */
static void
move_behind_later(struct stream *s)
{
	struct op *op;
	size_t i, turn = 0;

	for (i = 0; i < s->op_count; i++) {
		op = &s->ops[i];
		if (op->kind == OP_ADD || op->kind == OP_MOVE)
			turn = turn_of(s, op->from);
		else if (keeps_half(s, op) && s->pieces[op->piece].line->turn < turn)
			op->kind = OP_MOVE;
		else if (op->kind == OP_KEEP)
			turn = 0;
	}
}

static void
settle(struct comparison *c, const struct stream *s)
{
	size_t i, turn = 0, next_piece = 0, place, keep = 0; /* that one: the next that stays */

	for (i = 0; i < s->op_count; i++) {
		const struct op *op = &s->ops[i];

		while (keep < s->op_count && (keep < i || s->ops[keep].kind != OP_KEEP))
			keep++;
		if (op->kind == OP_ADD || op->kind == OP_MOVE) {
			place = turn_for(s, i, turn, keep);
			/* What goes before that turn has no place in it. */
			while (next_piece < s->piece_count && s->pieces[next_piece].line->turn < place)
				next_piece++;
			c->arrivals[c->arrival_count] = (struct arrival){ .behind = place_for(c, s, place, next_piece),
				.number = c->arrival_count, .is_err = s->is_err, .turn = place,
				.data = s->said.data + op->from, .size = op->to - op->from };
			c->arrival_count++;
		}
		if (op->kind == OP_ADD || op->kind == OP_SKIP)
			continue;
		if (next_piece <= op->piece)
			next_piece = op->piece + 1;
		if (op->kind == OP_KEEP)
			turn = s->pieces[op->piece].line->turn;
		else
			c->dropped[s->pieces[op->piece].index - c->opts->part->first] = true;
	}
}

static int
keep_line(struct comparison *c, const struct recorded_line *line)
{
	c->last = c->to->count;
	c->last_line = line;
	c->last_half = line->kind == RECORDED_SAID && is_half(line->data, line->data_size);
	c->last_is_err = line->of_stderr;
	c->last_turn = line->turn;
	return edits_keep(c->to, line->text, line->size);
}

/* As a line of the transcript. */
static int
add_text(struct comparison *c, bool is_err, const char *data, size_t size)
{
	struct escape e = { 0 };
	struct escape_lines lines = { 0 };
	struct buf text = { 0 };
	bool whole = !is_half(data, size);
	char *to = buf_reserve(&text, ESCAPE_ROOM(size));
	int result;

	if (!to)
		return -1;
	size -= whole;
	lines.to = to;
	*lines.to++ = is_err ? '!' : '<';
	if (size > 0 || !whole)
		*lines.to++ = ' ';
	escape_lines(&e, &lines, data, size);
	escape_end(&e, &lines.to);
	if (!whole)
		*lines.to++ = '\\';
	result = edits_add(c->to, to, (size_t)(lines.to - to));
	buf_free(&text);
	return result;
}

/*
 * Whether the line that is there right before it is half, of the same stream
 * and in the same turn. One whose rest goes is cut on purpose.
 */
static bool
goes_on(const struct comparison *c, const struct arrival *a)
{
	size_t i;

	if (!c->last_half || c->last_is_err != a->is_err || c->last_turn != a->turn)
		return false;
	if (c->last_line && c->last + 1 < c->to->count)
		return false;
	for (i = c->last + 1; i < c->to->count; i++)
		if (c->to->list[i].kind != EDIT_DROP)
			return false;
	return true;
}

/* The half line becomes one with what comes. */
static int
take_back(struct comparison *c)
{
	if (!c->last_line) {
		edits_take_back(c->to, c->last);
		return 0;
	}
	c->to->list[c->last].kind = EDIT_DROP;
	buf_consume(&c->text, c->text.size);
	return buf_append(&c->text, c->last_line->data, c->last_line->data_size);
}

static int
add_arrival(struct comparison *c, const struct arrival *a)
{
	if (!goes_on(c, a))
		buf_consume(&c->text, c->text.size);
	else if (take_back(c) < 0)
		return -1;
	if (buf_append(&c->text, a->data, a->size) < 0 ||
	    add_text(c, a->is_err, buf_peek(&c->text), c->text.size) < 0)
		return -1;
	c->last = c->to->count - 1;
	c->last_line = NULL;
	c->last_half = is_half(a->data, a->size);
	c->last_is_err = a->is_err;
	c->last_turn = a->turn;
	return 0;
}

static bool
same_status(const struct compare_opts *opts, const struct recorded_line *line)
{
	if (WIFSIGNALED(opts->wait_status))
		return line->signo == WTERMSIG(opts->wait_status);
	return line->signo == 0 && line->status == WEXITSTATUS(opts->wait_status);
}

static int
put_status(struct comparison *c, const struct recorded_line *line)
{
	char text[64], name[SIGNAME_ROOM];
	int n;

	if (!c->opts->has_status || same_status(c->opts, line))
		return edits_keep(c->to, line->text, line->size);
	if (WIFSIGNALED(c->opts->wait_status))
		n = snprintf(text, sizeof(text), "= signal %s", signame_get(WTERMSIG(c->opts->wait_status), name));
	else
		n = snprintf(text, sizeof(text), "= %d", WEXITSTATUS(c->opts->wait_status));
	return edits_drop(c->to, line->text, line->size) < 0 ? -1 : edits_add(c->to, text, (size_t)n);
}

static int
by_place(const void *one, const void *other)
{
	const struct arrival *a = one, *b = other;

	if (a->behind != b->behind)
		return a->behind < b->behind ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int
put_line(struct comparison *c, size_t index)
{
	const struct recorded_line *line = &c->opts->file->lines[index];

	if (line->kind == RECORDED_STATUS)
		return put_status(c, line);
	if (c->dropped[index - c->opts->part->first])
		return edits_drop(c->to, line->text, line->size);
	return line->kind == RECORDED_REMARK ? edits_keep(c->to, line->text, line->size) : keep_line(c, line);
}

static int
put_lines(struct comparison *c)
{
	const struct recorded_part *part = c->opts->part;
	size_t i, next = 0;

	if (c->arrival_count > 0)
		qsort(c->arrivals, c->arrival_count, sizeof(*c->arrivals), by_place);
	for (i = part->first; i < part->end; i++) {
		if (put_line(c, i) < 0)
			return -1;
		for (; next < c->arrival_count && c->arrivals[next].behind == i; next++)
			if (add_arrival(c, &c->arrivals[next]) < 0)
				return -1;
	}
	return 0;
}

static int
follow(struct comparison *c, struct stream *s)
{
	struct arrival *more;

	if (find_pieces(s) < 0 || search(s) < 0)
		return -1;
	more = realloc(c->arrivals, (c->arrival_count + s->op_count + 1) * sizeof(*more));
	if (!more)
		return -1;
	c->arrivals = more;
	move_without_rest(s);
	move_behind_later(s);
	if (find_turns(s) < 0)
		return -1;
	settle(c, s);
	return 0;
}

int
compare(const struct compare_opts *opts, struct edits *to)
{
	struct comparison c = { .opts = opts, .to = to };
	struct stream out = { .opts = opts, .said = opts->out, .ends = opts->out_ends };
	struct stream err = { .opts = opts, .said = opts->err, .ends = opts->err_ends, .is_err = true };
	int result = -1, saved;

	c.dropped = calloc(opts->part->end - opts->part->first + 1, sizeof(*c.dropped));
	c.turn_ends = find_ends(opts);
	if (c.dropped && c.turn_ends && follow(&c, &out) == 0 && follow(&c, &err) == 0)
		result = put_lines(&c);
	saved = errno;
	free_stream(&out);
	free_stream(&err);
	free(c.dropped);
	free(c.turn_ends);
	free(c.arrivals);
	buf_free(&c.text);
	errno = saved;
	return result;
}
