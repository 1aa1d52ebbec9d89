/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The screen, by what a terminal shows of it: a model in memory, or tmux with
 * --tmux. Random conversations are compared after every step with what is to
 * be seen: each line of output once, in order, and below it prompt and line
 * with the cursor in its place.
 *
 *     screen [--tmux] [--seed N] [--runs N] [--steps N] [--verbose]
 */

#include "screen.h"

#include "buf.h"
#include "model/term.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum { MOST_TEXT = 4000, TALL = 2000 };

/* A character of prompt or line as it is to be seen. */
struct seen {
	wchar_t c;
	unsigned pen;
};

/* One conversation: what was said, and what is to be seen of it. */
struct talk {
	struct screen *screen;
	struct buf to;
	struct term *term;
	bool tmux;
	bool reflows;
	int rows, columns;

	char **lines;		/* of output, finished */
	int count;
	struct seen prompt[MOST_TEXT];
	int prompt_size;
	int prefix;		/* characters at its front that are there for good */
	unsigned pen;		/* how the child writes */
	wchar_t line[MOST_TEXT];
	int size, cursor;
	bool hidden;

	bool loose;		/* parts of a line too tall have scrolled off */
	bool prefixes;		/* other programs leave half a line */
	bool cleared;		/* empty rows at the end did not scroll off: they are not compared */
	bool over;		/* and may come back into the window */
	int ticks, step;
	const char *doing;
	unsigned seed;
	bool verbose;		/* what is written is shown */
};

static int tests, failures;

static void
ok(bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
	failures += !good;
	fflush(stdout);
}

static uint64_t random_state;

static int
below(int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (int)((random_state >> 33) % (unsigned)n);
}

static void
seed_random(unsigned seed)
{
	int i;

	random_state = 88172645463325252u + seed * UINT64_C(0x9e3779b97f4a7c15);
	for (i = 0; i < 8; i++)
		below(2);
}

/* A real terminal: a pane of tmux that shows what comes through a fifo. */

static char pane_dir[64];
static int pane_fd = -1;

__attribute__((format(printf, 1, 2))) static FILE *
tmux(const char *format, ...)
{
	char command[1000];
	va_list args;
	int n = snprintf(command, sizeof(command), "exec tmux -S %s/socket -f %s/config ", pane_dir, pane_dir);

	va_start(args, format);
	vsnprintf(command + n, sizeof(command) - (size_t)n, format, args);
	va_end(args);
	return popen(command, "r");
}

static void
finish(FILE *f)
{
	while (fgetc(f) != EOF)
		;
	pclose(f);
}

static void
pane_open(int rows, int columns)
{
	char path[100];
	FILE *f;

	snprintf(pane_dir, sizeof(pane_dir), "/tmp/dualpipe-screen-XXXXXX");
	if (!mkdtemp(pane_dir))
		abort();
	snprintf(path, sizeof(path), "%s/fifo", pane_dir);
	if (mkfifo(path, 0600) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/config", pane_dir);
	f = fopen(path, "w");
	if (!f)
		abort();
	fputs("set -g history-limit 50000\nset -g status off\n", f);
	fclose(f);
	finish(tmux("new-session -d -x %d -y %d 'stty -echo -icanon; exec cat %s/fifo' 2>&1", columns, rows, pane_dir));
	snprintf(path, sizeof(path), "%s/fifo", pane_dir);
	pane_fd = open(path, O_WRONLY);
	finish(tmux("resize-window -x %d -y %d 2>&1", columns, rows));
}

static void
pane_close(void)
{
	char command[200];

	close(pane_fd);
	finish(tmux("kill-server 2>&1"));
	snprintf(command, sizeof(command), "rm -rf %s", pane_dir);
	if (system(command) != 0)
		abort();
}

/* Waits until what was written is there. */
static void
pane_wait(void)
{
	static int number;
	char text[64], want[64];
	FILE *f;
	int n = snprintf(text, sizeof(text), "\033]2;mark%d\033\\", ++number);

	if (write(pane_fd, text, (size_t)n) != n)
		abort();
	snprintf(want, sizeof(want), "mark%d\n", number);
	do {
		f = tmux("display-message -p '#{pane_title}'");
		if (!fgets(text, sizeof(text), f))
			text[0] = '\0';
		finish(f);
	} while (strcmp(text, want) != 0);
}

static struct term *
pane_read(int rows, int columns)
{
	struct term *t = term_new(0, columns, true);
	char *row = NULL, *line = NULL, *rest;
	size_t row_room = 0, line_room = 0;
	FILE *rows_of = tmux("capture-pane -p -N -S - -E -");
	FILE *lines = tmux("capture-pane -p -J -S - -E -");
	FILE *f = tmux("display-message -p '#{cursor_x} #{cursor_y}'");
	ssize_t n, left;

	while ((left = getline(&line, &line_room, lines)) > 0) {
		rest = line;
		left--;
		do {
			n = getline(&row, &row_room, rows_of) - 1;
			if (n < 0 || n > left || memcmp(row, rest, (size_t)n) != 0) {
				printf("# capture: row '%.*s' is not in '%s'\n", (int)n, row, rest);
				break;
			}
			rest += n;
			left -= n;
			term_add_row(t, row, (size_t)n, left > 0);
		} while (left > 0);
	}
	if (fscanf(f, "%d %d", &t->x, &t->y) != 2)
		abort();
	finish(f);
	finish(lines);
	finish(rows_of);
	free(row);
	free(line);
	t->rows = rows;
	return t;
}

/* What goes to the terminal. */

static void
flush(struct talk *t)
{
	const char *data = buf_peek(&t->to);
	size_t i;

	for (i = 0; t->verbose && i < t->to.size; i++)
		{ if (data[i] < 0x20 && data[i] >= 0) printf("\\x%02x", data[i]); else putchar(data[i]); }
	if (t->verbose)
		printf(" (%s)\n", t->doing);
	if (t->tmux) {
		if (write(pane_fd, data, t->to.size) != (ssize_t)t->to.size)
			abort();
	} else {
		term_write(t->term, data, t->to.size);
	}
	buf_consume(&t->to, t->to.size);
}

/* What is to be seen. */

/* Where a tall enough terminal puts it; the cursor is where mark is or what follows it. */
struct draft {
	struct term *term;
	bool marked;
	int x, y;
};

static void
draft_cell(struct draft *d, wchar_t c, unsigned pen)
{
	char bytes[16];
	int width = wcwidth(c), n;

	if (width < 0) {
		c = 0xfffd;
		width = 1;
	}
	n = snprintf(bytes, sizeof(bytes), "%lc", (wint_t)c);
	d->term->pen = pen;
	term_write(d->term, bytes, (size_t)n);
	if (d->marked && width > 0) {
		d->marked = false;
		d->x = d->term->x - width;
		d->y = d->term->y;
	}
}

static void
draft_char(struct draft *d, wchar_t c, unsigned pen)
{
	int n, columns = d->term->columns, x = d->term->x;

	if (c == '\n') {
		if (d->marked) {
			d->marked = false;
			d->x = x < columns ? x : columns - 1;
			d->y = d->term->y;
		}
		term_write(d->term, "\r\n", 2);
	} else if (c == '\t') {
		x = x < columns ? x : 0;
		n = 8 - x % 8 < columns - x ? 8 - x % 8 : columns - x;
		while (n-- > 0)
			draft_cell(d, ' ', pen);
	} else if (c < ' ' || c == 0x7f) {
		draft_cell(d, '^', pen);
		draft_cell(d, c ^ 0x40, pen);
	} else {
		draft_cell(d, c, pen);
	}
}

static struct draft
draft_new(const struct talk *t)
{
	struct draft d = { .term = term_new(TALL, t->columns, false) };
	int i;

	for (i = 0; i < t->prompt_size; i++)
		draft_char(&d, t->prompt[i].c, t->prompt[i].pen);
	for (i = 0; !t->hidden && i < t->size; i++) {
		d.marked = d.marked || i == t->cursor;
		if (wcwidth(t->line[i]) == 0 && (i == 0 || t->line[i - 1] == '\t' || t->line[i - 1] == '\n'))
			draft_cell(&d, ' ', 0);
		draft_char(&d, t->line[i], 0);
	}
	d.marked = d.marked || t->hidden || t->cursor == t->size;
	if (t->prompt_size + t->size == 0 || (t->hidden && t->prompt_size == 0))
		return d;
	if (t->prefix == t->prompt_size && (t->hidden || t->size == 0) ) {
		d.x = d.term->x;
		return d;
	}
	draft_cell(&d, ' ', 0);
	return d;
}

static int
draft_rows(const struct draft *d)
{
	return d->term->y + 1;
}

static void
add_line(struct talk *t, const char *text)
{
	t->lines = realloc(t->lines, (size_t)(t->count + 1) * sizeof(*t->lines));
	t->lines[t->count++] = strdup(text);
}

/* Gathers rows to lines, as they are wrapped; without the blanks at their ends. */
static char *
next_line(const struct term *t, int *row, int end)
{
	char *text = NULL;
	size_t size = 0;
	bool more = true;

	while (*row < end && more) {
		more = term_row(t, *row)->wrapped;
		term_text(term_row(t, (*row)++), &text, &size);
	}
	while (size > 0 && text[size - 1] == ' ')
		text[--size] = '\0';
	return text;
}

static void
add_draft(struct talk *t)
{
	struct draft d = draft_new(t);
	int row = 0, end = draft_rows(&d);
	char *text;

	/* A row that is there for the cursor alone is not part of the line. */
	if (d.term->x == 1 && end > 1 && term_row(d.term, end - 2)->wrapped && !(t->prefix == t->prompt_size && t->size == 0))
		end--;
	while (row < end) {
		text = next_line(d.term, &row, end);
		add_line(t, text ? text : "");
		free(text);
	}
	term_free(d.term);
}

/* Comparing. */

__attribute__((format(printf, 2, 3))) static bool
wrong(const struct talk *t, const char *format, ...)
{
	va_list args;

	printf("# seed %u step %d (%s) %dx%d: ", t->seed, t->step, t->doing, t->columns, t->rows);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return false;
}

static bool
same_row(const struct talk *t, const struct row *got, const struct row *want)
{
	static const struct cell blank = { .text = " ", .width = 1 };
	const struct cell *a, *b;
	int x;

	for (x = 0; x < t->columns; x++) {
		a = x < got->used ? &got->cells[x] : &blank;
		b = want && x < want->used ? &want->cells[x] : &blank;
		a = a->width == 1 && !a->text[0] ? &blank : a;
		b = b->width == 1 && !b->text[0] ? &blank : b;
		if (strcmp(a->text, b->text) != 0 || a->width != b->width || (!t->tmux && a->pen != b->pen))
			return false;
	}
	return true;
}

static void
show(const struct term *t, int from, int to)
{
	char *text;
	size_t size;
	int i;

	for (i = from < 0 ? 0 : from; i < to && i < t->count; i++) {
		text = NULL;
		size = 0;
		term_text(term_row(t, i), &text, &size);
		printf("# %s%4d%c|%s|\n", i == t->count - t->rows ? "window " : "", i, term_row(t, i)->wrapped ? '+' : ' ', text);
		free(text);
	}
}

/*
 * Where something stood before our line, its row could not be cleared whole:
 * a wide character that did not fit there leaves a blank in the line.
 */
static bool
same_line(const char *got, const char *want)
{
	if (want[0] != 'p')
		return strcmp(got, want) == 0;
	do {
		while (*got == ' ')
			got++;
		while (*want == ' ')
			want++;
	} while (*got && *got++ == *want++);
	return !*got && !*want;
}

static bool
ends_in_line(const char *got, const char *want)
{
	while (*got && !same_line(got, want))
		got++;
	return same_line(got, want);
}

/* Where half a line of others was left, the first row of ours may still stand behind it. */
static bool
is_prefix(const char *got, const char *want)
{
	return want[0] == 'p' && strncmp(got, want, strlen(want)) == 0;
}

/* The rows above ours. */
static bool
check_lines(const struct talk *t, int end)
{
	int row = 0, i = 0;
	char *got;
	bool good;

	while (row < end) {
		got = next_line(t->term, &row, end);
		got = got ? got : strdup("");
		while (t->cleared && i < t->count && !t->lines[i][0])
			i++;
		if (t->cleared && !got[0]) {
			free(got);
			continue;
		}
		if (t->loose) {
			/* what is left of a line too tall may stand before it, even in its row */
			if (i < t->count && (ends_in_line(got, t->lines[i]) || is_prefix(got, t->lines[i])))
				i++;
			free(got);
			continue;
		}
		good = i < t->count && same_line(got, t->lines[i]);
		if (!good)
			(void)wrong(t, "line %d is '%s', not '%s'", i, got, i < t->count ? t->lines[i] : "(no more)");
		free(got);
		if (!good)
			return false;
		i++;
	}
	while (t->cleared && i < t->count && !t->lines[i][0])
		i++;
	if (i < t->count)
		return wrong(t, "line %d is missing: '%s'", i, t->lines[i]);
	return true;
}

static bool
check_against(const struct talk *t, const struct draft *d)
{
	const struct term *term = t->term;
	int rows = draft_rows(d), window = term->count - term->rows;
	int first = 0, origin = window + term->y - d->y, i;

	if (rows > t->rows) {
		first = d->y - term->y;
		origin = window;
		rows = rows - first < t->rows ? rows - first : t->rows;
	}
	if (first < 0 || origin < window || term->x != d->x)
		return wrong(t, "cursor at %d,%d, not in column %d of row %d", term->x, term->y, d->x, d->y);
	for (i = origin; i < term->count; i++) {
		if (!same_row(t, term_row(term, i), i - origin < rows ? term_row(d->term, first + i - origin) : NULL))
			return wrong(t, "row %d of line differs", i - origin);
	}
	if (!t->tmux && term->bad > 0)
		return wrong(t, "what terminals differ about");
	return check_lines(t, origin);
}

static void
read_pane(struct talk *t)
{
	pane_wait();
	term_free(t->term);
	t->term = pane_read(t->rows, t->columns);
}

static bool
check(struct talk *t)
{
	struct draft d;
	bool good;

	flush(t);
	if (t->tmux)
		read_pane(t);
	d = draft_new(t);
	good = check_against(t, &d);
	if (!good) {
		printf("# wanted, cursor at %d,%d:\n", d.x, d.y);
		show(d.term, 0, draft_rows(&d));
		printf("# got, cursor at %d,%d, %d lines above:\n", t->term->x, t->term->y, t->count);
		show(t->term, t->term->count - 2 * t->rows - 5, t->term->count);
	}
	term_free(d.term);
	return good;
}

/* Steps. */

static wchar_t
any_char(void)
{
	static const wchar_t chars[] = L"abcdefgh     日本語漢字é한😀🎉";

	return chars[below((int)wcslen(chars))];
}

static void
set_line(struct talk *t)
{
	if (screen_line(t->screen, t->line, (size_t)t->size, (size_t)t->cursor, t->hidden) < 0)
		abort();
}

static void
insert(struct talk *t, wchar_t c)
{
	if (t->size == MOST_TEXT / 2)
		return;
	wmemmove(t->line + t->cursor + 1, t->line + t->cursor, (size_t)(t->size - t->cursor));
	t->line[t->cursor++] = c;
	t->size++;
}

static void
type(struct talk *t, int most)
{
	int n = 1 + below(most);

	t->doing = "type";
	while (n-- > 0) {
		switch (below(40)) {
		case 0:
			insert(t, 1 + below(8));
			break;
		case 1:
			insert(t, '\t');
			break;
		case 2:
			insert(t, 0x301);
			break;
		case 3:
			insert(t, below(8) ? 0x7f : '\n');
			break;
		default:
			insert(t, any_char());
		}
	}
	set_line(t);
}

static void
move(struct talk *t)
{
	t->doing = "move";
	t->cursor = below(3) ? below(t->size + 1) : below(2) ? t->size : 0;
	set_line(t);
}

static void
erase(struct talk *t)
{
	int n = 1 + below(below(3) ? 3 : 60);

	t->doing = "delete";
	n = n < t->cursor ? n : t->cursor;
	wmemmove(t->line + t->cursor - n, t->line + t->cursor, (size_t)(t->size - t->cursor));
	t->cursor -= n;
	t->size -= n;
	set_line(t);
}

/* Pieces cut anywhere; sometimes painted in between. */
static void
send(struct talk *t, const char *data, size_t size)
{
	size_t n;

	while (size > 0) {
		n = below(3) ? size : (size_t)(1 + below((int)size));
		if (screen_output(t->screen, data, n) < 0)
			abort();
		data += n;
		size -= n;
		if (!t->prefixes && below(3) == 0)
			screen_paint(t->screen);
		if (below(4) == 0)
			flush(t);
	}
}

static void
prompt_add(struct talk *t, wchar_t c)
{
	if (t->prompt_size < MOST_TEXT)
		t->prompt[t->prompt_size++] = (struct seen){ c, t->pen };
}

/* Adds to the child's unfinished line, in bytes and as it is to be seen. */
static void
say(struct talk *t, struct buf *b, const char *text)
{
	wchar_t wide[200];
	size_t n = mbstowcs(wide, text, 200), i;

	if (n > 200)
		abort();
	buf_append(b, text, strlen(text));
	for (i = 0; i < n; i++)
		prompt_add(t, wide[i]);
}

static void
say_pen(struct talk *t, struct buf *b)
{
	static const struct {
		const char *text;
		unsigned pen;
	} pens[] = { { "\033[m", 0 }, { "\033[0;32m", 32 }, { "\033[0;1m", 0x100 }, { "\033[0;7;31m", 0x200 | 31 },
		{ "\033[0;1;34m", 0x100 | 34 } };
	int i = below(5);

	buf_append(b, pens[i].text, strlen(pens[i].text));
	t->pen = pens[i].pen;
}

static void
say_words(struct talk *t, struct buf *b)
{
	static const char *const words[] = { "user@host", "~/src", "word ", "日本語", "😀", "e\xcc\x81t\xc3\xa9", ">>> ", "x", "$ ",
		"a somewhat longer text, as programs say it ", "漢字漢字漢字漢字漢字" };
	int n = 1 + below(3);

	while (n-- > 0) {
		if (below(4) == 0)
			say_pen(t, b);
		say(t, b, words[below(11)]);
	}
}

/* Written over at once. */
static void
say_over(struct talk *t, struct buf *b)
{
	/* About to wrap, terminals differ on what \b does. */
	if (t->prompt_size > 6)
		return;
	say(t, b, "yz");
	buf_append(b, "\b", 1);
	t->prompt_size--;
	say(t, b, "u");
}

static void
unseen(struct buf *b)
{
	static const char *const texts[] = { "\033]0;a title\a", "\033]0;日本\033\\", "\033[?2004h", "\033[?25h", "\a" };
	const char *text = texts[below(5)];

	buf_append(b, text, strlen(text));
}

/* It begins anew, as long as before. */
static void
progress(struct talk *t, struct buf *b)
{
	char text[32];
	int n = t->prompt_size;

	if (n > 0 && (n != 9 || t->prompt[8].c != '%' || t->prefix > 0))
		return;
	if (n > 0)
		buf_append(b, "\r", 1);
	t->prompt_size = 0;
	snprintf(text, sizeof(text), "load %3d%%", below(101));
	say(t, b, text);
}

static void
end_of_line(struct talk *t, struct buf *b)
{
	bool hidden = t->hidden;
	int size = t->size;

	buf_append(b, "\r\n", 2);
	t->size = 0;
	add_draft(t);
	t->size = size;
	t->hidden = hidden;
	t->prompt_size = t->prefix = 0;
}

static void
output(struct talk *t)
{
	struct buf b = { 0 };
	char text[32];
	int n = below(4) ? 1 + below(3) : below(12);

	t->doing = "output";
	for (; n > 0; n--) {
		switch (below(6)) {
		case 0:
			say_words(t, &b);
			break;
		case 1:
			if (below(2))
				unseen(&b);
			else
				say_over(t, &b);
			break;
		case 2:
			progress(t, &b);
			break;
		default:
			if (below(2))
				say_words(t, &b);
			snprintf(text, sizeof(text), "tick %d.", ++t->ticks);
			say(t, &b, text);
			end_of_line(t, &b);
		}
	}
	send(t, buf_peek(&b), b.size);
	buf_free(&b);
}

static void
clear_prefix(struct talk *t)
{
	int n = t->prefix, size = t->size, all = t->prompt_size;

	if (n == 0)
		return;
	t->prompt_size = n;
	t->size = 0;
	add_draft(t);
	t->size = size;
	t->prompt_size = all - n;
	memmove(t->prompt, t->prompt + n, (size_t)t->prompt_size * sizeof(*t->prompt));
	t->prefix = 0;
}

/* Too tall to stand behind what is there. */
static void
drop_prefix(struct talk *t)
{
	struct draft d;
	bool tall;

	if (t->prefix == 0)
		return;
	d = draft_new(t);
	tall = draft_rows(&d) > t->rows;
	term_free(d.term);
	if (tall)
		clear_prefix(t);
}

static void
accept(struct talk *t)
{
	bool keep = below(2);

	t->doing = keep ? "accept for echo" : "accept";
	screen_accept(t->screen, keep);
	if (!keep) {
		drop_prefix(t);
		add_draft(t);
		t->prompt_size = t->prefix = 0;
	}
	t->size = t->cursor = 0;
}

static void
note(struct talk *t)
{
	char text[32];
	int n;

	t->doing = "note";
	clear_prefix(t);
	n = snprintf(text, sizeof(text), "note %d.", ++t->ticks);
	add_line(t, text);
	if (below(2))
		n += snprintf(text + n, sizeof(text) - (size_t)n, "\r\n");
	screen_note(t->screen, text, (size_t)n);
}

static void
hide(struct talk *t)
{
	t->doing = "hide";
	t->hidden = !t->hidden;
	set_line(t);
}

/* Another program leaves half a line. */
static void
forget(struct talk *t)
{
	struct buf b = { 0 };
	char text[16];
	int n = t->prefixes ? below(8) : 0, i;

	t->doing = "forget";
	screen_leave(t->screen);
	flush(t);
	if (t->prompt_size > 0) {
		buf_append(&t->to, "\033[m\r\n", 5);
		end_of_line(t, &b);
		buf_free(&b);
	} else {
		buf_append(&t->to, "\033[m", 3);
	}
	for (i = 0; i < n; i++) {
		text[i] = 'p';
		t->prompt[t->prompt_size++] = (struct seen){ 'p', 0 };
	}
	buf_append(&t->to, text, (size_t)n);
	t->prefix = t->prompt_size;
	screen_forget(t->screen, (unsigned short)n);
}

static void
clear(struct talk *t)
{
	t->doing = "clear";
	clear_prefix(t);
	t->cleared = true;
	screen_clear(t->screen);
}

/*
 * How many rows it takes where the terminal breaks it anew, each row that was
 * drawn by itself; in above those above the cursor's.
 */
static int
broken_anew(const struct talk *t, int columns, int *above)
{
	struct draft d = draft_new(t);
	int rows = draft_rows(&d), i;

	*above = d.y;
	if (t->reflows) {
		for (i = 0; i < rows; i++)
			term_row(d.term, i)->wrapped = false;
		d.term->reflows = true;
		d.term->x = d.x;
		d.term->y = d.y;
		term_resize(d.term, TALL, columns);
		*above = d.term->y + d.term->count - TALL;
		for (rows = d.term->count; rows > 1 && term_row(d.term, rows - 1)->used == 0; rows--)
			;
	}
	term_free(d.term);
	return rows;
}

/*
 * Whether a new width has moved the front of the line above the window, as
 * tmux does when it is near the top. A tab keeps the blanks that it had.
 */
static void
note_scrolled(struct talk *t, bool tall, int above)
{
	struct draft d;

	if (t->tmux)
		read_pane(t);
	d = draft_new(t);
	t->loose = t->loose || t->term->cut || t->term->y < above || t->term->y < d.y + (wmemchr(t->line, '\t', (size_t)t->size) ? 2 : 0) ||
	    (t->term->x + t->term->y == 0 && d.x + d.y > 0);
	t->over = t->loose && (!tall || t->term->cut);
	t->term->cut = false;
	term_free(d.term);
}

/* It is drawn before; then, what was drawn may be too tall for the new size. */
static void
resize(struct talk *t, bool tall)
{
	int rows = t->rows, columns = t->columns, above, broken;
	struct draft d;

	t->doing = "resize";
	if (below(3))
		columns = below(2) ? 17 + below(184) : columns - 5 + below(11);
	columns = columns < 17 ? 17 : columns;
	if (below(3) == 0)
		rows = 3 + below(58);
	broken = broken_anew(t, columns, &above);
	t->columns = t->columns < columns ? t->columns : columns;
	d = draft_new(t);
	if (draft_rows(&d) >= (rows < t->rows ? rows : t->rows) || broken >= rows) {
		t->loose = t->loose || tall;
		if (!tall)
			rows = columns = 0;
	}
	term_free(d.term);
	flush(t);
	if (rows == 0) {
		t->columns = t->term->columns;
		return;
	}
	t->rows = rows;
	t->columns = columns;
	if (t->tmux) {
		pane_wait();
		finish(tmux("resize-window -x %d -y %d 2>&1", columns, rows));
	} else {
		term_resize(t->term, rows, columns);
	}
	note_scrolled(t, tall, above);
	screen_resize(t->screen, (unsigned short)rows, (unsigned short)columns, SCREEN_QUIET);
}

static void
step(struct talk *t, bool tall)
{
	switch (below(32)) {
	case 0:
		resize(t, tall);
		break;
	case 1:
		accept(t);
		break;
	case 2:
		if (below(2))
			note(t);
		else
			hide(t);
		break;
	case 3:
		if (below(2))
			clear(t);
		else
			forget(t);
		break;
	case 4:
		t->doing = "erase";
		screen_erase(t->screen);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		move(t);
		break;
	case 9:
	case 10:
	case 11:
	case 12:
		erase(t);
		break;
	case 13:
	case 14:
		type(t, 60);
		break;
	case 15:
	case 16:
	case 17:
	case 18:
	case 19:
	case 20:
	case 21:
		output(t);
		break;
	default:
		type(t, 4);
	}
}

static bool
converse(unsigned seed, int steps, bool in_tmux, bool verbose)
{
	struct talk t = { .seed = seed, .tmux = in_tmux, .verbose = verbose };
	bool tall, good = true;

	seed_random(seed);
	t.columns = below(2) ? 17 + below(40) : 17 + below(184);
	t.rows = below(2) ? 3 + below(10) : 3 + below(58);
	t.reflows = in_tmux || below(4);
	tall = below(6) == 0;
	t.screen = screen_new(&t.to, (unsigned short)t.rows, (unsigned short)t.columns, t.reflows);
	t.term = term_new(t.rows, t.columns, t.reflows);
	t.prefixes = below(2);
	t.term->unwraps = t.prefixes; /* else what was wrapped behind it would stay so */
	if (in_tmux)
		pane_open(t.rows, t.columns);
	for (t.step = 0; good && !t.over && t.step < steps; t.step++) {
		step(&t, tall);
		drop_prefix(&t);
		screen_paint(t.screen);
		good = check(&t);
	}
	if (in_tmux)
		pane_close();
	screen_free(t.screen);
	buf_free(&t.to);
	term_free(t.term);
	while (t.count > 0)
		free(t.lines[--t.count]);
	free(t.lines);
	return good;
}

/* One of several sizes in a row: the terminal has it at once, and we hear of it sooner or later. */
static void
resize_shakily(struct talk *t)
{
	if (below(2)) {
		term_resize(t->term, 5 + below(40), 17 + below(120));
		return;
	}
	if (below(2))
		t->columns = t->term->columns;
	else
		t->columns = 17 + below(120); /* it had that one in between */
	t->rows = t->term->rows;
	screen_resize(t->screen, (unsigned short)t->rows, (unsigned short)t->columns, SCREEN_RESIZED);
}

static void
tick(struct talk *t)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "tick %d.\r\n%s", ++t->ticks, below(2) ? "a prompt that is long > " : "");

	if (screen_output(t->screen, text, (size_t)n) < 0)
		abort();
}

static void
step_shakily(struct talk *t)
{
	switch (below(5)) {
	case 0:
		resize_shakily(t);
		break;
	case 1:
		type(t, 60);
		break;
	case 2:
		move(t);
		break;
	default:
		tick(t);
	}
	screen_paint(t->screen);
	flush(t);
}

/* Each tick once and in order, whatever else there is. */
static bool
has_ticks(const struct talk *t)
{
	char want[32], *text, *found;
	int row = 0, next = 1;

	while (row < t->term->count) {
		text = next_line(t->term, &row, t->term->count);
		found = text;
		while (found && (found = strstr(found, "tick ")) != NULL) {
			snprintf(want, sizeof(want), "tick %d.", next++);
			if (strncmp(found, want, strlen(want)) != 0)
				(void)wrong(t, "'%.12s', not '%s'", found, want);
			found += 5;
		}
		free(text);
	}
	return next == t->ticks + 1 || wrong(t, "%d ticks, not %d", next - 1, t->ticks);
}

/* The terminal is never of the size that we think, and no output is taken away. */
static bool
converse_shakily(unsigned seed, int steps)
{
	struct talk t = { .seed = seed, .rows = 24, .columns = 80 };
	bool good;

	seed_random(seed);
	t.screen = screen_new(&t.to, 24, 80, true);
	t.term = term_new(24, 80, true);
	t.term->unwraps = true;
	screen_unsteady(t.screen, true);
	for (t.step = 0; t.step < steps; t.step++)
		step_shakily(&t);
	good = has_ticks(&t);
	screen_free(t.screen);
	buf_free(&t.to);
	term_free(t.term);
	return good;
}

/* What a few pieces of output make of an 80 by 24 terminal, byte for byte. */
static bool
gives(const char *want, const char *const *pieces)
{
	struct buf to = { 0 };
	struct screen *s = screen_new(&to, 24, 80, true);
	bool good;

	for (; *pieces; pieces++) {
		(void)screen_output(s, *pieces, strlen(*pieces));
		screen_paint(s);
	}
	good = to.size == strlen(want) && memcmp(buf_peek(&to), want, to.size) == 0;
	if (!good)
		printf("# got '%.*s'\n", (int)to.size, buf_peek(&to));
	screen_free(s);
	buf_free(&to);
	return good;
}

#define GIVES(want, ...) gives(want, (const char *const[]){ __VA_ARGS__, NULL })
#define TAKEN_AWAY "\r\033[C\033[J\r\033[K"

static void
test_bytes(void)
{
	ok(GIVES("a\r\nb\n\r", "a\r\nb\n"), "whole lines as they are");
	ok(GIVES("ab \b", "ab"), "a prompt, and a blank for the cursor");
	ok(GIVES("a \bb \b", "a", "b"), "a prompt that grows");
	ok(GIVES("a \b" TAKEN_AWAY "ab\r\n", "a", "b\r\n"), "a prompt that becomes a line");
	ok(GIVES("\xc3\xa9 \b", "\xc3", "\xa9"), "a character in two pieces");
	ok(GIVES("\xef\xbf\xbdx \b", "\xffx"), "bytes that are no character in a prompt");
	ok(GIVES("\xef\xbf\xbd \b" TAKEN_AWAY "\xff\r\n", "\xff", "\r\n"), "they pass in a line");
	ok(GIVES("\xc3\r\n\r", "\xc3", "\r\n"), "a character that stays cut");
	ok(GIVES("\033[0;31ma\033[m \b", "\033[3", "1ma"), "a colour in two pieces");
	ok(GIVES("\033[31ma\r\nb\033[m \b", "\033[31ma\r\nb"), "a colour goes on in the next line");
	ok(GIVES("\033[0;38;2;1;2;3ma\033[m \b", "\033[38:2::1:2:3ma"), "a colour with colons");
	ok(GIVES("\033]0;title\007a \b", "a\033]0;ti", "tle\007"), "a title in two pieces, once");
	ok(GIVES("\033]0;ti" "t\033" "\\" "a \b", "\033]0;ti", "t\033", "\\a"), "and its end in two");
	ok(GIVES("10% \b\r2\033[2C", "10%", "\r20%"), "a progress bar changes in place");
	ok(GIVES("a| \b\b/", "a|", "\b/"), "a spinner");
}

static void
test_long(void)
{
	struct buf to = { 0 };
	struct screen *s = screen_new(&to, 24, 80, true);
	struct term *term = term_new(24, 80, true);
	char piece[1000];
	char *text;
	int row = 0, i;

	memset(piece, 'x', sizeof(piece));
	for (i = 0; i < 1000; i++) {
		(void)screen_output(s, piece, sizeof(piece));
		screen_paint(s);
		term_write(term, buf_peek(&to), to.size);
		buf_consume(&to, to.size);
	}
	(void)screen_output(s, "y\r\n", 3);
	term_write(term, buf_peek(&to), to.size);
	text = next_line(term, &row, term->count);
	ok(strlen(text) == 1000001 && strspn(text, "x") == 1000000 && text[1000000] == 'y', "a line of a million");
	if (strlen(text) != 1000001)
		printf("# %zu bytes, %d rows of %d\n", strlen(text), row, term->count);
	free(text);
	term_free(term);
	screen_free(s);
	buf_free(&to);
}

int
main(int argc, char **argv)
{
	unsigned seed = 1;
	int runs = 20, steps = 60, bad = 0, i;
	bool in_tmux = false, verbose = false;
	char what[100];

	if (!setlocale(LC_ALL, "C.UTF-8")) {
		printf("1..0 # SKIP no locale C.UTF-8\n");
		return 0;
	}
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--tmux") == 0)
			in_tmux = true;
		else if (strcmp(argv[i], "--verbose") == 0)
			verbose = true;
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			seed = (unsigned)atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--runs") == 0)
			runs = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--steps") == 0)
			steps = atoi(argv[++i]);
	}
	test_bytes();
	test_long();
	for (i = 0; i < runs; i++)
		bad += !converse(seed + (unsigned)i, steps, in_tmux, verbose);
	snprintf(what, sizeof(what), "%d random conversations from seed %u, %d wrong", runs, seed, bad);
	ok(bad == 0, what);
	for (i = bad = 0; i < runs; i++)
		bad += !converse_shakily(seed + (unsigned)i, 5 * steps);
	snprintf(what, sizeof(what), "%d windows that change their size all the time, %d lose output", runs, bad);
	ok(bad == 0, what);
	printf("1..%d\n", tests);
	return failures > 0;
}
