/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "match.h"

#include "find.h"
#include "utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEAST_LIMIT = 1000000,	/* of PCRE2's steps of backtracking ... */
	LIMIT_A_BYTE = 16,	/* ... and for each byte that is there */
	HEAP_KIB = 65536,
	JIT_STACK = 32768,
	MOST_JIT_STACK = 1048576,
	LONG_PARTIAL = 65536,	/* is tried again once it has grown by ... */
	GROWTH = 8,		/* ... one part in so many */
	FIRST_PIECE = 4096	/* of much text, looked at for all patterns in turn */
};

struct match {
	char *literal;		/* all of it, or what each match of code begins with; or NULL */
	struct find find;	/* ... it */
	pcre2_code *code;	/* NULL: bytes as they are */
	pcre2_code *open;	/* the same for a text that goes on: ^ matches at its end too; or NULL */
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	bool utf8;
	bool onward;		/* no match of nothing where the text begins */
	bool minds_end;		/* behind a newline, it matters whether anything follows: */
	bool minds_start;	/* ^ would match there ... */
	bool minds_last;	/* ... and \Z before it */
	bool minds_return;	/* "\r" and "\r\n" may be one thing to it */
};

/* Where text has a backslash and c, outside of \Q and \E; size where it has not. */
static size_t
find_escape(const char *text, size_t size, char c)
{
	const char *end;
	size_t i;

	for (i = 0; i + 1 < size; i++) {
		if (text[i] != '\\')
			continue;
		if (text[++i] == c)
			return i - 1;
		if (text[i] != 'Q')
			continue;
		end = memmem(text + i, size - i, "\\E", 2);
		if (!end)
			break;
		i = (size_t)(end - text) + 1;
	}
	return size;
}

/*
 * What a partial match does not tell: $ and \Z match before a newline that is
 * the last byte, ^ in a text of lines not behind it, and \R takes a "\r" as
 * it stands. (?m) may put lines on and off.
 */
static void
find_ends(struct match *m, const char *text, size_t size, unsigned flags)
{
	bool lines = flags & MATCH_MULTILINE;
	bool either = memmem(text, size, "(?", 2);

	m->minds_start = memchr(text, '^', size) && (lines || either);
	m->minds_last = find_escape(text, size, 'Z') < size;
	m->minds_end = m->minds_start || m->minds_last || (memchr(text, '$', size) && (!lines || either));
	m->minds_return = find_escape(text, size, 'R') < size || find_escape(text, size, 'X') < size;
}

/* A character that stands for itself, backslash and all, in size bytes; 0 where none does. */
static size_t
plain_size(const char *text, size_t size)
{
	bool escaped = size > 1 && text[0] == '\\';
	unsigned char c = size > 0 ? (unsigned char)text[escaped] : 0;

	if (c < ' ' || c >= 0x7f)
		return 0;
	if (escaped)
		return isalnum(c) ? 0 : 2;
	return strchr("\\^$.[]|()?*+{}", c) ? 0 : 1;
}

/*
 * The plain characters that a pattern begins with, which are soon found, into
 * to; how many. With ways to choose from, each begins in its own way.
 */
static size_t
find_prefix(const char *text, size_t size, unsigned flags, char *to)
{
	size_t at = 0, count = 0, n;

	if ((flags & (MATCH_NOCASE | MATCH_EXTENDED)) || memchr(text, '|', size) || memmem(text, size, "\\Q", 2))
		return 0;
	if ((flags & MATCH_MULTILINE) && size > 0 && text[0] == '^')
		at++;
	while ((n = plain_size(text + at, size - at)) > 0) {
		to[count++] = text[at + n - 1];
		at += n;
	}
	/* one that is repeated may be there not even once */
	return count > 0 && at < size && strchr("?*+{", text[at]) ? count - 1 : count;
}

static uint32_t
options_of(const struct match *m, unsigned flags)
{
	uint32_t options = m->utf8 ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;

	if (flags & MATCH_NOCASE)
		options |= PCRE2_CASELESS;
	if (flags & MATCH_LITERAL)
		return options | PCRE2_LITERAL;
	options |= PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	if (flags & MATCH_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & MATCH_DOTALL)
		options |= PCRE2_DOTALL;
	if (flags & MATCH_EXTENDED)
		options |= PCRE2_EXTENDED;
	return options;
}

static void
tell(char **cause, size_t *at, const char *why, size_t where)
{
	if (cause)
		*cause = strdup(why);
	if (at)
		*at = where;
	errno = cause && !*cause ? ENOMEM : EINVAL;
}

/* The code, -1 with errno. That there is no JIT here is no failure. */
static int
compile(pcre2_code **code, const char *text, size_t size, uint32_t options, char **cause, size_t *at)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	char why[256];
	PCRE2_SIZE where;
	int error;

	if (!context) {
		errno = ENOMEM;
		return -1;
	}
	(void)pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	*code = pcre2_compile((PCRE2_SPTR)text, size, options, &error, &where, context);
	pcre2_compile_context_free(context);
	if (*code) {
		(void)pcre2_jit_compile(*code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
		return 0;
	}
	if (error == PCRE2_ERROR_HEAP_FAILED) {
		errno = ENOMEM;
		return -1;
	}
	(void)pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof(why)); /* what does not fit is cut */
	tell(cause, at, why, where);
	return -1;
}

static int
compile_all(struct match *m, const char *text, size_t size, unsigned flags, char **cause, size_t *at)
{
	uint32_t options;

	m->utf8 = !(flags & MATCH_LITERAL) || utf8_valid(text, size);
	if (!(flags & MATCH_LITERAL))
		find_ends(m, text, size, flags);
	options = options_of(m, flags);
	if (compile(&m->code, text, size, options, cause, at) < 0)
		return -1;
	if (m->minds_start && compile(&m->open, text, size, options | PCRE2_ALT_CIRCUMFLEX, NULL, NULL) < 0)
		return -1;
	m->data = pcre2_match_data_create_from_pattern(m->code, NULL);
	m->context = pcre2_match_context_create(NULL);
	if (!m->data || !m->context) {
		errno = ENOMEM;
		return -1;
	}
	(void)pcre2_set_heap_limit(m->context, HEAP_KIB);
	return 0;
}

/* Bytes are looked for faster by memmem(3), in an expression that is nothing but characters as well. */
static bool
is_plain(const char *text, size_t size, unsigned flags)
{
	size_t i;

	if (flags & MATCH_NOCASE)
		return false;
	if (flags & MATCH_LITERAL)
		return true;
	for (i = 0; i < size; i++)
		if (text[i] == '\0' || strchr("\\^$.[|()?*+{", text[i]))
			return false;
	return !(flags & MATCH_EXTENDED) && utf8_valid(text, size);
}

struct match *
match_new(const char *text, size_t size, unsigned flags, char **cause, size_t *at)
{
	struct match *m;
	bool literal = is_plain(text, size, flags);
	size_t g, found = size;

	if (cause)
		*cause = NULL;
	g = flags & MATCH_LITERAL ? size : find_escape(text, size, 'G');
	if (g < size) {
		tell(cause, at, "\\G is not supported", g);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->onward = flags & MATCH_ONWARD;
	m->literal = malloc(size + 1);
	if (!m->literal || (!literal && compile_all(m, text, size, flags, cause, at) < 0))
		goto fail;
	if (literal)
		memcpy(m->literal, text, size);
	else
		found = flags & MATCH_LITERAL ? 0 : find_prefix(text, size, flags, m->literal);
	if (found > 0)
		find_init(&m->find, m->literal, found);
	return m;
fail:
	match_free(m);
	return NULL;
}

void
match_free(struct match *m)
{
	int saved = errno;

	if (!m)
		return;
	free(m->literal);
	pcre2_match_context_free(m->context);
	pcre2_match_data_free(m->data);
	pcre2_code_free(m->code);
	pcre2_code_free(m->open);
	pcre2_jit_stack_free(m->stack);
	free(m);
	errno = saved;
}

unsigned
match_groups(const struct match *m)
{
	uint32_t count = 0;

	if (m->code)
		(void)pcre2_pattern_info(m->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

/* An entry of the table of names, which is in their order: two bytes of group, the name. */
static const unsigned char *
name_entry(const struct match *m, size_t i)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR table;

	if (!m->code)
		return NULL;
	(void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMECOUNT, &count);
	(void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	(void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMETABLE, &table);
	return i < count ? table + i * size : NULL;
}

const char *
match_name(const struct match *m, size_t i)
{
	const char *name = NULL;
	const unsigned char *entry;
	size_t at;

	for (at = 0; (entry = name_entry(m, at)); at++) {
		if (name && strcmp(name, (const char *)entry + 2) == 0)
			continue;
		name = (const char *)entry + 2;
		if (i-- == 0)
			return name;
	}
	return NULL;
}

int
match_named(const struct match *m, const char *name, const struct match_span *spans)
{
	const unsigned char *entry;
	int group, first = -1;
	size_t at;

	for (at = 0; (entry = name_entry(m, at)); at++) {
		if (strcmp(name, (const char *)entry + 2) != 0)
			continue;
		group = entry[0] << 8 | entry[1];
		if (spans[group].start != SIZE_MAX)
			return group;
		if (first < 0)
			first = group;
	}
	return first;
}

enum { FAILED = -1, NOTHING, MATCHED, PARTIAL };

/* PCRE2 puts the JIT's stack on the machine's, 32 KiB of it, as long as it has no other. */
static bool
give_stack(struct match *m)
{
	if (m->stack)
		return false;
	m->stack = pcre2_jit_stack_create(JIT_STACK, MOST_JIT_STACK, NULL);
	if (!m->stack)
		return false;
	pcre2_jit_stack_assign(m->context, NULL, m->stack);
	return true;
}

/* One of the above. What matched, or began to, is in m->data. */
static int
search_by(const pcre2_code *code, struct match *m, const char *text, size_t size, size_t from, uint32_t options)
{
	uint32_t limit = size < (UINT32_MAX - LEAST_LIMIT) / LIMIT_A_BYTE ?
	    LEAST_LIMIT + LIMIT_A_BYTE * (uint32_t)size : UINT32_MAX;
	int found;

	(void)pcre2_set_match_limit(m->context, limit);
	if (m->onward && from == 0)
		options |= PCRE2_NOTEMPTY_ATSTART;
	do
		found = pcre2_match(code, (PCRE2_SPTR)text, size, from, options, m->data, m->context);
	while (found == PCRE2_ERROR_JIT_STACKLIMIT && give_stack(m));
	if (found == PCRE2_ERROR_JIT_STACKLIMIT)
		found = pcre2_match(code, (PCRE2_SPTR)text, size, from, options | PCRE2_NO_JIT, m->data, m->context);
	if (found >= 0)
		return MATCHED;
	if (found == PCRE2_ERROR_PARTIAL)
		return PARTIAL;
	if (found == PCRE2_ERROR_NOMATCH)
		return NOTHING;
	errno = found == PCRE2_ERROR_NOMEMORY ? ENOMEM : E2BIG;
	return FAILED;
}

static int
search(struct match *m, const char *text, size_t size, size_t from, uint32_t options)
{
	return search_by(m->code, m, text, size, from, options);
}

static void
copy_spans(const struct match *m, struct match_span *spans)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(m->data);
	uint32_t i, count = pcre2_get_ovector_count(m->data);

	for (i = 0; i < count; i++) {
		spans[i].start = offsets[2 * i] == PCRE2_UNSET ? SIZE_MAX : offsets[2 * i];
		spans[i].end = offsets[2 * i] == PCRE2_UNSET ? SIZE_MAX : offsets[2 * i + 1];
	}
}

static bool
find_literal(const struct match *m, const char *text, size_t size, size_t from, struct match_span *span)
{
	const char *found = find_first(&m->find, text + from, size - from);

	if (!found)
		return false;
	span->start = (size_t)(found - text);
	span->end = span->start + m->find.size;
	return true;
}

/* The first place from which the text's end is the front of the literal; size where none is. */
static size_t
literal_begins(const struct match *m, const char *text, size_t size, size_t from)
{
	return from + find_front(&m->find, text + from, size - from);
}

int
match_test(struct match *m, const char *text, size_t size)
{
	struct match_span span;

	return m->code ? search(m, text, size, 0, 0) : find_literal(m, text, size, 0, &span);
}

int
match_once(struct match *m, const char *text, size_t size, struct match_span *spans)
{
	int found;

	if (!m->code)
		return find_literal(m, text, size, 0, spans);
	found = search(m, text, size, 0, 0);
	if (found == MATCHED)
		copy_spans(m, spans);
	return found;
}

/* What is known of one pattern. */
struct slot {
	struct match *m;
	struct match_span *spans;
	bool found;		/* spans is its first match, whatever comes */
	bool partial;		/* what begins at from may become one */
	bool candidate;		/* spans would be its match, if nothing came behind ... */
	size_t judged;		/* ... so many bytes; SIZE_MAX: not known */
	size_t from;		/* where to search on */
	size_t clear;		/* before this none begins */
	size_t tried;		/* how much text there was at the last search */
};

struct match_set {
	size_t count;
	size_t looked;		/* how much of the text */
	bool begun;
	struct slot slots[];
};

struct match_set *
match_set_new(struct match *const *patterns, size_t count)
{
	struct match_set *s = calloc(1, sizeof(*s) + count * sizeof(s->slots[0]));
	size_t i;

	if (!s)
		return NULL;
	s->count = count;
	for (i = 0; i < count; i++) {
		s->slots[i].m = patterns[i];
		s->slots[i].spans = malloc((match_groups(patterns[i]) + 1) * sizeof(struct match_span));
		if (!s->slots[i].spans) {
			match_set_free(s);
			return NULL;
		}
	}
	match_set_reset(s);
	return s;
}

void
match_set_free(struct match_set *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->count; i++)
		free(s->slots[i].spans);
	free(s);
}

static void
restart(struct slot *slot, size_t from)
{
	slot->found = slot->partial = slot->candidate = false;
	slot->judged = SIZE_MAX;
	slot->from = slot->clear = from;
	slot->tried = 0;
}

void
match_set_reset(struct match_set *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		restart(&s->slots[i], 0);
	s->looked = 0;
	s->begun = false;
}

/* The text without the newlines that end it, of which one could be the last byte of all. */
static size_t
without_newlines(const char *text, size_t size, size_t least)
{
	while (size > least && (text[size - 1] == '\n' || text[size - 1] == '\r'))
		size--;
	return size;
}

/*
 * What it takes in front of from is there; from a place between "\r" and "\n"
 * PCRE2 would not have started, so it goes on before the "\r".
 */
static void
go_on(struct slot *slot, const char *text, size_t from, size_t size)
{
	slot->clear = from;
	slot->from = from > 0 && from == size && text[from - 1] == '\r' ? from - 1 : from;
}

static bool
is_copied(const struct match *m, const struct match_span *spans)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(m->data);
	uint32_t i, count = pcre2_get_ovector_count(m->data);

	for (i = 0; i < count; i++)
		if (offsets[2 * i] != spans[i].start || offsets[2 * i + 1] != spans[i].end)
			return false;
	return true;
}

/*
 * A search of text that ends in a newline, by a pattern that minds: a match is
 * sure where it is the same if something follows the newline. Nothing tells
 * that of \Z.
 */
static int
search_to_newline(struct slot *slot, const char *text, size_t size)
{
	struct match *m = slot->m;
	int found = search(m, text, size, slot->from, PCRE2_PARTIAL_HARD);

	if (found != MATCHED || m->minds_last)
		return found == FAILED ? FAILED : PARTIAL;
	copy_spans(m, slot->spans);
	found = search_by(m->open ? m->open : m->code, m, text, size, slot->from, PCRE2_PARTIAL_HARD | PCRE2_NOTEOL);
	return found == FAILED || (found == MATCHED && is_copied(m, slot->spans)) ? found : PARTIAL;
}

/* How much of text a search that goes on later may see. */
static size_t
usable_size(const struct match *m, const char *text, size_t size)
{
	size -= m->utf8 ? utf8_tail(text, size) : 0;
	while (m->minds_return && size > 0 && text[size - 1] == '\r')
		size--;
	return size;
}

/* As search(), by what a match begins with first. *begin: where one begins, or may; else size. */
static int
search_prefixed(const struct slot *slot, const char *text, size_t size, size_t *begin)
{
	struct match *m = slot->m;
	size_t from = slot->from;
	struct match_span prefix;
	int found;

	if (m->find.size > 0 && from < size) {
		if (!find_literal(m, text, size, from, &prefix)) {
			*begin = literal_begins(m, text, size, from);
			return *begin < size ? PARTIAL : NOTHING;
		}
		from = prefix.start;
	}
	found = search(m, text, size, from, PCRE2_PARTIAL_HARD);
	*begin = found == NOTHING ? size : pcre2_get_ovector_pointer(m->data)[0];
	return found;
}

/* As search(), in text that goes on: slot->from is where, as long as nothing matched. */
static int
search_regex(struct slot *slot, const char *text, size_t size)
{
	size_t held = slot->m->minds_end ? without_newlines(text, size, slot->from) : size;
	size_t begin;
	int found;

	if (held == 0)
		return PARTIAL; /* the JIT takes nothing for the end of the text */
	found = search_prefixed(slot, text, held, &begin);
	if (found == MATCHED && begin == held)
		found = PARTIAL; /* not between "\r" and "\n", nor before what is no UTF-8 */
	if (found == NOTHING || found == PARTIAL)
		go_on(slot, text, begin, held);
	return found == PARTIAL && held < size ? search_to_newline(slot, text, size) : found;
}

static int
advance_regex(struct slot *slot, const char *text, size_t size)
{
	size_t usable = usable_size(slot->m, text, size);
	int found;

	if (usable < slot->from)
		return 0;
	found = search_regex(slot, text, usable);
	slot->found = found == MATCHED;
	slot->partial = found == PARTIAL;
	if (slot->found)
		copy_spans(slot->m, slot->spans);
	return found == FAILED ? -1 : 0;
}

static void
search_literal(struct slot *slot, const char *text, size_t size)
{
	slot->found = find_literal(slot->m, text, size, slot->from, slot->spans);
	if (!slot->found)
		slot->from = slot->clear = literal_begins(slot->m, text, size, slot->from);
}

/*
 * Looks at what has come. A long text that has begun to match is looked at
 * from its front again, so that is not done for each byte behind it.
 */
static int
advance(struct slot *slot, const char *text, size_t size)
{
	size_t length = size - slot->from;

	if (slot->found)
		return 0;
	if (slot->partial && length > LONG_PARTIAL && length - length / GROWTH < slot->tried - slot->from)
		return 0;
	slot->tried = size;
	if (slot->m->code)
		return advance_regex(slot, text, size);
	search_literal(slot, text, size);
	return 0;
}

/* Finds out what would match if nothing came behind. */
static int
judge(struct slot *slot, const char *text, size_t size)
{
	int found;

	if (slot->found || !slot->m->code || slot->judged == size)
		return 0;
	slot->candidate = false;
	slot->judged = size;
	if (!slot->partial && slot->from == size)
		return 0;
	found = search(slot->m, text, size, slot->from, 0);
	slot->candidate = found == MATCHED;
	if (slot->candidate)
		copy_spans(slot->m, slot->spans);
	return found == FAILED ? -1 : 0;
}

/* The slot that matches first; NULL where none does. */
static struct slot *
earliest(struct match_set *s, bool candidates)
{
	struct slot *slot, *best = NULL;

	for (slot = s->slots; slot < s->slots + s->count; slot++) {
		if (!slot->found && !(candidates && slot->candidate))
			continue;
		if (!best || slot->spans[0].start < best->spans[0].start)
			best = slot;
	}
	return best;
}

/* Whether no other pattern may yet match before it. */
static bool
is_sure(const struct match_set *s, const struct slot *best)
{
	const struct slot *slot;

	for (slot = s->slots; slot < s->slots + s->count; slot++) {
		if (slot->found)
			continue;
		if (slot->clear < best->spans[0].start || (slot->clear == best->spans[0].start && slot < best))
			return false;
	}
	return true;
}

static int
tell_found(const struct match_set *s, const struct slot *slot, int state, struct match_found *found)
{
	found->index = (size_t)(slot - s->slots);
	found->spans = slot->spans;
	return state;
}

/* Looks on up to size. */
static int
look_on(struct match_set *s, const char *text, size_t size, struct match_found *found)
{
	struct slot *slot;

	for (slot = s->slots; slot < s->slots + s->count; slot++)
		if (advance(slot, text, size) < 0)
			return tell_found(s, slot, -1, found);
	s->looked = size;
	slot = earliest(s, false);
	return slot && is_sure(s, slot) ? tell_found(s, slot, MATCH_SURE, found) : MATCH_NONE;
}

/* Looks at the end, where all of the text was looked at. */
static int
look_at_end(struct match_set *s, const char *text, size_t size, bool settled, struct match_found *found)
{
	bool unknown = false;
	struct slot *slot;

	for (slot = s->slots; slot < s->slots + s->count; slot++) {
		/* what is too long to be looked at with each byte waits until nothing comes */
		if (slot->partial && slot->tried < size && !settled)
			unknown = true;
		else if (judge(slot, text, size) < 0)
			return tell_found(s, slot, -1, found);
	}
	slot = earliest(s, true);
	if (slot)
		return tell_found(s, slot, settled ? MATCH_SURE : MATCH_DOUBTFUL, found);
	return unknown ? MATCH_DOUBTFUL : MATCH_NONE;
}

int
match_set_look(struct match_set *s, const char *text, size_t size, bool settled, struct match_found *found)
{
	size_t piece;
	int state;

	/* In pieces: a pattern that matches nowhere is not to look at all of it for each match of another. */
	while (s->looked < size || !s->begun) {
		s->begun = true;
		piece = s->looked > FIRST_PIECE ? s->looked : FIRST_PIECE;
		if (piece > size - s->looked)
			piece = size - s->looked;
		state = look_on(s, text, s->looked + piece, found);
		if (state != MATCH_NONE)
			return state;
	}
	return look_at_end(s, text, size, settled, found);
}

/* How much text a pattern may look behind from where it searches: at least a character. */
static size_t
behind(const struct match *m, size_t size)
{
	enum { CHARACTER = 4, NESTED = 2 };
	uint32_t characters = 0;
	size_t bytes;

	if (m->code)
		(void)pcre2_pattern_info(m->code, PCRE2_INFO_MAXLOOKBEHIND, &characters);
	bytes = (characters > 0 ? characters : 1) * (size_t)CHARACTER * NESTED;
	return bytes < size ? bytes : size;
}

void
match_set_dropped(struct match_set *s, size_t dropped, const char *text, size_t size)
{
	struct slot *slot;
	size_t least;

	for (slot = s->slots; slot < s->slots + s->count; slot++) {
		least = slot->m->code ? behind(slot->m, size) : 0;
		while (least < size && least > 0 && (text[least] & 0xc0) == 0x80)
			least++;
		if (slot->found || slot->from < dropped + least) {
			restart(slot, least);
			continue;
		}
		slot->from -= dropped;
		slot->clear -= dropped;
		slot->tried = slot->tried > dropped ? slot->tried - dropped : 0;
		slot->judged = SIZE_MAX;
		slot->candidate = false;
	}
	s->looked = s->looked > dropped ? s->looked - dropped : 0;
}
