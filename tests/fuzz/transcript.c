/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * A libFuzzer target: any bytes up to a NUL are a transcript, or one whose
 * mistake is told in one line. What stands behind is what was said, 1 for a
 * step and 2 for the other stream: with what differs written into it, the
 * transcript is one from which the same does not differ.
 */

#include "buf.h"
#include "compare.h"
#include "edits.h"
#include "recorded.h"
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_TURNS = 64 };

static void
check(int good)
{
	if (!good)
		abort();
}

static void
check_cause(const char *cause)
{
	const char *at;

	check(cause && strncmp(cause, "fuzz:", 5) == 0 && cause[5] >= '1' && cause[5] <= '9');
	check(utf8_valid(cause, strlen(cause)));
	for (at = cause; *at; at++)
		check((unsigned char)*at >= ' ' && *at != 0x7f);
}

struct said {
	struct buf bytes[2];
	size_t ends[2][MOST_TURNS];
};

static void
say(struct said *s, const uint8_t *data, size_t size, size_t turns)
{
	size_t turn = 0, i;
	int to = 0;

	for (i = 0; i <= size; i++) {
		while (turn < turns && (i == size || data[i] == 1)) {
			s->ends[0][turn] = s->bytes[0].size;
			s->ends[1][turn++] = s->bytes[1].size;
			if (i < size)
				break;
		}
		if (i < size && data[i] == 2)
			to = !to;
		else if (i < size && data[i] != 1)
			check(buf_append(&s->bytes[to], &data[i], 1) == 0);
	}
	s->ends[0][turns] = s->bytes[0].size;
	s->ends[1][turns] = s->bytes[1].size;
}

static void
differ(const struct recorded *r, const struct said *s, struct edits *edits)
{
	const struct compare_opts opts = {
		.file = r,
		.part = &r->parts[0],
		.out = { buf_peek(&s->bytes[0]), s->bytes[0].size },
		.err = { buf_peek(&s->bytes[1]), s->bytes[1].size },
		.out_ends = s->ends[0],
		.err_ends = s->ends[1],
		.turns = r->parts[0].turns,
		.has_status = true
	};

	check(compare(&opts, edits) == 0);
}

/* A pattern that backtracks without end is an error, and no crash. */
static int
has_pattern(const struct recorded *r)
{
	size_t i;

	for (i = 0; i < r->line_count; i++)
		if (r->lines[i].kind == RECORDED_LIKE)
			return 1;
	return 0;
}

static void
check_reading(const struct recorded *r, const uint8_t *data, size_t size)
{
	static const struct edits_style style = { .name = "fuzz", .prefix = "# " };
	struct said s = { .ends = { { 0 } } };
	struct edits edits = { 0 }, none = { 0 };
	struct buf text = { 0 }, diff = { 0 };
	struct recorded *again;
	char *cause;

	say(&s, data, size, r->parts[0].turns);
	differ(r, &s, &edits);
	check(edits_apply(&edits, &text) == 0 && edits_diff(&edits, &style, &diff) == 0);
	check(utf8_valid(buf_peek(&diff), diff.size) && edits.any == (diff.size > 0));
	again = recorded_new("fuzz", buf_peek(&text), text.size, &cause);
	check(again != NULL);
	/* Where an answer is gone, what is sent before and behind it is one step. */
	if (again->parts[0].turns == r->parts[0].turns)
		differ(again, &s, &none);
	check(!none.any);
	edits_free(&edits);
	edits_free(&none);
	recorded_free(again);
	buf_free(&text);
	buf_free(&diff);
	buf_free(&s.bytes[0]);
	buf_free(&s.bytes[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t text_size = end ? (size_t)(end - data) : size;
	char *cause;
	struct recorded *r = recorded_new("fuzz", (const char *)data, text_size, &cause);

	if (!r)
		check_cause(cause);
	else if (r->part_count == 1 && r->parts[0].turns < MOST_TURNS && !has_pattern(r))
		check_reading(r, end ? end + 1 : data, end ? size - text_size - 1 : 0);
	if (!r)
		free(cause);
	recorded_free(r);
	return 0;
}
