/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* What the program is made of: escapes, JSON, numbers, names of signals and keys, the loop, and the transcript's writer. */

#include "buf.h"
#include "escape.h"
#include "json.h"
#include "keyname.h"
#include "loop.h"
#include "number.h"
#include "signame.h"
#include "transcript.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int tests, failures;

static void
ok(bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
	if (!good)
		failures++;
}

/* Bytes as they are; what was wanted and what came, where they differ. */
static bool
same(const char *got, size_t got_size, const char *want, size_t want_size)
{
	if (got_size == want_size && memcmp(got, want, want_size) == 0)
		return true;
	printf("# wanted %zu bytes: %.*s\n", want_size, (int)(want_size < 300 ? want_size : 300), want);
	printf("# got    %zu bytes: %.*s\n", got_size, (int)(got_size < 300 ? got_size : 300), got);
	return false;
}

static bool
same_text(const char *got, size_t size, const char *want)
{
	return same(got, size, want, strlen(want));
}

static uint64_t random_state = 88172645463325252u;

static unsigned
random_below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % n;
}

/* Pieces of all that matters, so that every kind stands beside every other. */
static size_t
random_bytes(char *to, size_t size)
{
	static const char *const pieces[] = {
		"plain", "a much longer run of plain characters, as most text has them: ", "\\", "\t", "\r\n", "\n",
		"\n\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2\x85", "\xc2", "\xe2\x82", "\xf0\x9f",
		"\xed\xa0\x80", "\xff", "\x7f", "\033[m", " ", "\"", "\xe0\x80", "\xf4\x90", "x"
	};
	size_t at = 0, n;
	const char *piece;

	while (at < size) {
		piece = pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))];
		n = strlen(piece);
		if (n > size - at)
			n = size - at;
		memcpy(to + at, piece, n);
		at += n;
		if (at < size && random_below(8) == 0)
			to[at++] = (char)random_below(256);
	}
	return size;
}

/*
 * Escapes
 */

/* All of data as text, in lines behind a mark. */
static size_t
escape_all(char *to, const char *data, size_t size, size_t piece)
{
	struct escape e = { 0 };
	struct escape_lines lines = { .to = to, .mark = '<' };
	size_t at, part;

	for (at = 0; at < size; at += part) {
		part = piece > 0 ? 1 + random_below((unsigned)piece) : size - at;
		if (part > size - at)
			part = size - at;
		escape_lines(&e, &lines, data + at, part);
	}
	escape_end(&e, &lines.to);
	return (size_t)(lines.to - to);
}

static void
test_escapes(void)
{
	static const struct {
		const char *bytes, *text;
		size_t size;	/* 0: strlen */
	} table[] = {
		{ "plain text", "plain text", 0 },
		{ "", "", 0 },
		{ "\t\r\033\a\b", "\\t\\r\\e\\a\\b", 0 },
		{ "a\0b", "a\\0b", 3 },
		{ "\0001", "\\01", 2 },
		{ "\\", "\\\\", 0 },
		{ "\\n", "\\\\n", 0 },
		{ "\001\037\177\v\f", "\\x01\\x1f\\x7f\\x0b\\x0c", 0 },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 0 },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80", 0 },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0", 0 },
		{ "\xff\xfe", "\\xff\\xfe", 0 },
		{ "\xc0\x80", "\\xc0\\x80", 0 },			/* too long */
		{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", 0 },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", 0 },		/* a surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 0 },	/* beyond the last */
		{ "\xc3", "\\xc3", 0 },
		{ "\xe2\x82", "\\xe2\\x82", 0 },
		{ "\xe2\x82z", "\\xe2\\x82z", 0 },
		{ "\xe2\x82\xc3\xa9", "\\xe2\\x82\xc3\xa9", 0 },
		{ "0123456789012345678901234567890\\2345678\t", "0123456789012345678901234567890\\\\2345678\\t", 0 },
	};
	char text[256], name[64];
	size_t i, size, n, piece;
	bool good;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size = table[i].size > 0 ? table[i].size : strlen(table[i].bytes);
		good = true;
		for (piece = 0; piece < 4; piece++) {
			n = escape_all(text, table[i].bytes, size, piece);
			good = good && same_text(text, n, table[i].text);
		}
		snprintf(name, sizeof(name), "escape, row %zu", i);
		ok(good, name);
	}
}

static void
test_each_byte(void)
{
	char byte, text[8], back[8];
	bool good = true, half;
	int i;
	size_t n;

	for (i = 0; i < 256; i++) {
		byte = (char)i;
		if (byte == '\n')
			continue;
		n = escape_all(text, &byte, 1, 0);
		good = good && escape_decode(back, text, n, &half) == 1 && back[0] == byte && !half;
		good = good && (n == 1) == (i >= 0x20 && i < 0x7f && i != '\\');
	}
	ok(good, "each byte comes back from its escape");
}

static void
test_random_bytes(void)
{
	enum { SIZE = 2000 };
	static char data[SIZE], text[ESCAPE_ROOM(SIZE)], cut[ESCAPE_ROOM(SIZE)], back[ESCAPE_ROOM(SIZE)];
	bool good = true, half;
	ssize_t got;
	size_t n, size;
	int round;

	for (round = 0; round < 2000 && good; round++) {
		size = random_bytes(data, random_below(SIZE));
		for (n = 0; n < size; n++)
			data[n] = data[n] == '\n' ? ' ' : data[n]; /* no lines, which have marks */
		n = escape_all(text, data, size, 0);
		got = escape_decode(back, text, n, &half);
		good = got >= 0 && !half && same(back, (size_t)got, data, size) && utf8_valid(text, n);
		good = good && same(cut, escape_all(cut, data, size, 1 + random_below(40)), text, n);
	}
	ok(good, "random bytes: escaped and back they are the same, however they are cut");
}

static void
test_decode(void)
{
	static const char *const bad[] = { "\\n", "\\x", "\\x1", "\\x1G", "\\xAB", "\\X41", "\\u0041", "\\1", "a\\ b", "\\\"" };
	char to[32], name[64];
	bool half;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		snprintf(name, sizeof(name), "no escape: %s", bad[i]);
		ok(escape_decode(to, bad[i], strlen(bad[i]), &half) == -1 && errno == EINVAL, name);
	}
	ok(escape_decode(to, "a\\", 2, &half) == 1 && half, "a single backslash at the end is told");
	ok(escape_decode(to, "a\\", 2, NULL) == -1, "and is an error where nobody asks");
	ok(escape_decode(to, "a\\\\", 3, &half) == 2 && !half, "two of them are one");
	ok(escape_decode(to, "a\\\\\\", 4, &half) == 2 && half && to[1] == '\\', "three are one and the end");
	ok(escape_decode(to, "\\x41", 4, &half) == 1 && to[0] == 'A', "\\x41 is A");
}

static void
test_quotes(void)
{
	static const struct {
		const char *word, *quoted;
	} table[] = {
		{ "bc", "bc" },
		{ "-q", "-q" },
		{ "TERM=dumb", "TERM=dumb" },
		{ "/bin/x_y.z:1,2+3%@", "/bin/x_y.z:1,2+3%@" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "$x", "'$x'" },
		{ "2^100", "'2^100'" },
		{ "#", "'#'" },
		{ "~", "'~'" },
		{ "a\\b", "'a\\b'" },
		{ "it's", "'it'\\''s'" },
		{ "'", "''\\'''" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "a\nb", "$'a\\nb'" },
		{ "it's\t\\", "$'it\\'s\\t\\\\'" },
		{ "\xff", "$'\\xff'" },
		{ "\xc2\x9b", "$'\\xc2\\x9b'" },
	};
	struct buf b = { 0 };
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_consume(&b, b.size);
		snprintf(name, sizeof(name), "quoted word, row %zu", i);
		ok(escape_quote(&b, table[i].word) == 0 && same_text(buf_peek(&b), b.size, table[i].quoted), name);
	}
	buf_free(&b);
}

/*
 * JSON
 */

static void
test_json_strings(void)
{
	static const struct {
		const char *data, *json;
		size_t size;
	} table[] = {
		{ "", "", 0 },
		{ "plain", "plain", 5 },
		{ "\"\\/", "\\\"\\\\/", 3 },
		{ "\b\f\n\r\t\001\0", "\\b\\f\\n\\r\\t\\u0001\\u0000", 7 },
		{ "\177\xc2\x85", "\\u007f\\u0085", 3 },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80", 6 },
		{ "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd", 3 },
		{ "012345678901234\"67890123\n", "012345678901234\\\"67890123\\n", 25 },
	};
	char to[JSON_ESCAPE_ROOM(32)], name[64];
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = json_escape(to, table[i].data, table[i].size);
		snprintf(name, sizeof(name), "JSON string, row %zu", i);
		ok(same_text(to, n, table[i].json), name);
	}
}

static void
test_json_lines(void)
{
	struct buf b = { 0 };
	struct json j = { .to = &b };
	char long_string[5001];
	size_t i;

	json_open(&j, '{');
	json_key(&j, "event");
	json_text(&j, "start");
	json_key(&j, "pid");
	json_int(&j, 42);
	json_key(&j, "list");
	json_open(&j, '[');
	json_int(&j, INT64_MIN);
	json_null(&j);
	json_open(&j, '{');
	json_close(&j, '}');
	json_bool(&j, true);
	json_bool(&j, false);
	json_close(&j, ']');
	json_close(&j, '}');
	ok(json_end(&j) == 0 && same_text(buf_peek(&b), b.size,
	    "{\"event\":\"start\",\"pid\":42,\"list\":[-9223372036854775808,null,{},true,false]}\n"),
	    "a JSON line has its commas where they belong");

	buf_consume(&b, b.size);
	/* Behind an odd number of bytes, so that no piece of an even size ends with a character. */
	for (i = 0; i < sizeof(long_string); i++)
		long_string[i] = i == 0 ? 'x' : i % 2 ? '\xc3' : '\xa9';
	json_string(&j, long_string, sizeof(long_string));
	ok(json_end(&j) == 0 && b.size == sizeof(long_string) + 3 &&
	    memcmp(buf_peek(&b) + 1, long_string, sizeof(long_string)) == 0, "a long string is not cut in a character");
	buf_free(&b);
}

static void
test_base64(void)
{
	static const struct {
		const char *data, *base64;
	} table[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "\xff\xfe\xfd", "//79" }, { "\xfb\xef", "++8=" },
	};
	char to[32], name[64];
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = json_base64(to, table[i].data, strlen(table[i].data));
		snprintf(name, sizeof(name), "base64 '%s'", table[i].base64);
		ok(same_text(to, n, table[i].base64), name);
	}
}

/* By the definition, to compare with. */
static bool
slow_valid(const unsigned char *p, size_t size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t i, n;

	for (; size > 0; p += n, size -= n) {
		n = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
		if (n == 0 || n > size)
			return false;
		code = n == 1 ? p[0] : p[0] & (0x7fu >> n);
		for (i = 1; i < n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (p[i] & 0x3f);
		}
		if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
			return false;
	}
	return true;
}

static void
test_utf8(void)
{
	unsigned char p[4];
	bool good = true;
	unsigned i;

	for (i = 0; i < 1u << 24; i += 1 + i % 5) {
		p[0] = (unsigned char)(i >> 16);
		p[1] = (unsigned char)(i >> 8);
		p[2] = (unsigned char)i;
		p[3] = 0xbf;
		good = good && utf8_valid((char *)p, 4) == slow_valid(p, 4) && utf8_valid((char *)p, 3) == slow_valid(p, 3);
	}
	ok(good, "what is UTF-8 and what is not");
	ok(utf8_tail("a\xc3", 2) == 1 && utf8_tail("\xe2\x82", 2) == 2 && utf8_tail("\xf0\x9f\x98", 3) == 3 &&
	    utf8_tail("\xc3\xa9", 2) == 0 && utf8_tail("\xe0\x80", 2) == 0 && utf8_tail("", 0) == 0, "a cut character is told");
}

/*
 * Numbers
 */

static void
test_durations(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "2", 2000 }, { "1.5", 1500 }, { ".5s", 500 }, { "250ms", 250 }, { "0.1ms", 1 }, { "3m", 180000 },
		{ "1h", 3600000 }, { "2d", 172800000 }, { "none", -1 }, { "0", 0 }
	};
	static const char *const bad[] = { "", ".", "s", "-1", "+1", " 1", "1 ", "1e3", "1x", "1mss", "inf", "0x10", "99999999999999" };
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(number_duration(good[i].text, &ms) && ms == good[i].ms, good[i].text);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!number_duration(bad[i], &ms), "no duration");
}

static void
test_sizes(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = { { "0", 0 }, { "100", 100 }, { "64k", 65536 }, { "1.5K", 1536 }, { "10M", 10485760 }, { "1G", 1073741824 } };
	static const char *const bad[] = { "", "k", "1.5", "0.0001k", "-1", "1 k", "1kB", "1m", "99999999T" };
	uint64_t bytes;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(number_size(good[i].text, &bytes) && bytes == good[i].bytes, good[i].text);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!number_size(bad[i], &bytes), "no size");
}

static void
test_whole_numbers(void)
{
	static const char *const bad[] = { "", "0", "256", "-1", "+1", " 1", "1 ", "1.0", "99999999999999999999999" };
	unsigned long value;
	const char *end;
	size_t i;

	ok(number_whole("1", 1, 255, &value, NULL) && value == 1, "the least");
	ok(number_whole("255", 1, 255, &value, NULL) && value == 255, "the most");
	ok(number_whole("24x80", 1, 255, &value, &end) && value == 24 && *end == 'x', "with something behind it");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!number_whole(bad[i], 1, 255, &value, NULL), "no whole number in the bounds");
}

/*
 * Signals
 */

static void
test_signals(void)
{
	static const char *const bad[] = { "", "0", "-1", "4096", "999999999999", "FOO", "SIG", "RTMIN+", "RTMIN+99", "RTMIN-1", "int", "2x" };
	char name[SIGNAME_ROOM], with_sig[32], number[16], text[64];
	const char *got;
	bool good = true;
	int i;

	for (i = 1; i <= 64; i++) {
		got = signame_get(i, name);
		snprintf(with_sig, sizeof(with_sig), "SIG%s", got);
		snprintf(number, sizeof(number), "%d", i);
		if (got[0] >= 'A' && (signame_parse(got) != i || signame_parse(with_sig) != i || signame_parse(number) != i)) {
			printf("# signal %d, %s\n", i, got);
			good = false;
		}
	}
	ok(good, "each signal is found by name, with SIG, and by number");
	ok(strcmp(signame_get(SIGTERM, name), "TERM") == 0 && strcmp(signame_get(SIGABRT, name), "ABRT") == 0, "TERM and ABRT");
	ok(signame_parse("RTMIN") == SIGRTMIN && signame_parse("RTMIN+3") == SIGRTMIN + 3 &&
	    signame_parse("SIGRTMAX-1") == SIGRTMAX - 1 && signame_parse("RTMAX") == SIGRTMAX, "real-time signals");
	ok(strcmp(signame_get(SIGRTMIN + 2, name), "RTMIN+2") == 0, "a real-time signal's name");
	for (i = 0; i < (int)(sizeof(bad) / sizeof(bad[0])); i++) {
		errno = 0;
		snprintf(text, sizeof(text), "no signal: '%s'", bad[i]);
		ok(signame_parse(bad[i]) == -1 && errno == EINVAL, text);
	}
}

/*
 * Keys
 */

static void
test_keys(void)
{
	static const struct {
		const char *name, *bytes, *application;
	} keys[] = {
		{ "up", "\033[A", "\033OA" }, { "down", "\033[B", "\033OB" }, { "right", "\033[C", "\033OC" },
		{ "left", "\033[D", "\033OD" }, { "home", "\033[H", "\033OH" }, { "end", "\033[F", "\033OF" },
		{ "pageup", "\033[5~", "\033[5~" }, { "pagedown", "\033[6~", "\033[6~" }, { "delete", "\033[3~", "\033[3~" },
		{ "enter", "\r", "\r" }, { "tab", "\t", "\t" }, { "escape", "\033", "\033" }, { "backspace", "\177", "\177" },
		{ "f1", "\033OP", "\033OP" }, { "f4", "\033OS", "\033OS" }, { "f5", "\033[15~", "\033[15~" },
		{ "f10", "\033[21~", "\033[21~" }, { "f11", "\033[23~", "\033[23~" }, { "f12", "\033[24~", "\033[24~" },
		{ "ctrl-a", "\1", "\1" }, { "ctrl-z", "\32", "\32" }, { "ctrl-[", "\33", "\33" }, { "ctrl-\\", "\34", "\34" },
		{ "ctrl-]", "\35", "\35" }, { "ctrl-^", "\36", "\36" }, { "ctrl-_", "\37", "\37" },
		{ "alt-x", "\033x", "\033x" }, { "alt-\xc3\xa9", "\033\xc3\xa9", "\033\xc3\xa9" }, { "alt- ", "\033 ", "\033 " }
	};
	static const char *const bad[] = {
		"", "Up", "a", "f0", "f13", "ctrl-", "ctrl-A", "ctrl-ab", "ctrl-1", "ctrl-`", "alt-", "alt-xy", "alt-\t", "alt-\177", "alt-\xff", "alt-\xc3"
	};
	struct keyname_mode plain = { 0 }, application = { .application = true }, other = { .erase = '\b', .enter = '\n' };
	char bytes[KEYNAME_ROOM];
	size_t i, size;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size = keyname_bytes(keys[i].name, &plain, bytes);
		ok(size == strlen(keys[i].bytes) && memcmp(bytes, keys[i].bytes, size) == 0, keys[i].name);
		size = keyname_bytes(keys[i].name, &application, bytes);
		ok(size == strlen(keys[i].application) && memcmp(bytes, keys[i].application, size) == 0, keys[i].name);
	}
	ok(keyname_bytes("ctrl-space", &plain, bytes) == 1 && bytes[0] == '\0', "ctrl-space");
	ok(keyname_bytes("backspace", &other, bytes) == 1 && bytes[0] == '\b', "the terminal's erase character");
	ok(keyname_bytes("enter", &other, bytes) == 1 && bytes[0] == '\n', "an enter that is a newline");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(keyname_bytes(bad[i], &plain, bytes) == 0, "no key");
}

/* At each place where the output can be cut. */
static bool
follows(const char *text, bool before, bool after)
{
	size_t cut, size = strlen(text);
	bool good = true;

	for (cut = 0; cut <= size; cut++) {
		struct keyname_follower f = { .application = before };

		keyname_follow(&f, text, cut);
		keyname_follow(&f, text + cut, size - cut);
		good = good && f.application == after;
	}
	return good;
}

static void
test_follower(void)
{
	static const struct {
		const char *text;
		bool before, after;
	} cases[] = {
		{ "\033[?1h", false, true }, { "\033[?1l", true, false }, { "\033[?1;25h", false, true },
		{ "\033[?25;1h", false, true }, { "\033[?7;1;25l", true, false }, { "\033[?25h", false, false },
		{ "\033[?11h", false, false }, { "\033[?10001h", false, false }, { "\033[1h", false, false },
		{ "\033[?1$h", false, false }, { "\033[?1n", false, false }, { "\033[?1;h", false, true },
		{ "\033c", true, false }, { "\033[!p", true, false }, { "\033(c", true, true },
		{ "text \033[?1h text", false, true }, { "\033[?1h\033[?1l", false, false },
		{ "\033[\033[?1h", false, true }, { "\033[?1\030h", false, false }, { "\033[?\r1h", false, true },
		{ "\033[?1\033[?25h", false, false }, { "[?1h", false, false }, { "\033]0;[?1h\a", false, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(follows(cases[i].text, cases[i].before, cases[i].after), cases[i].text + 1);
}

/*
 * Transcripts
 */

static char path[PATH_MAX];

static char *
read_record(size_t *size)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	char *data;

	if (!f || fstat(fileno(f), &st) < 0)
		abort();
	data = calloc(1, (size_t)st.st_size + 1);
	*size = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
	fclose(f);
	return data;
}

static struct transcript *
open_record(const struct transcript_opts *opts)
{
	struct transcript *t = transcript_open(path, opts);

	if (!t) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return t;
}

static char *const bc[] = { (char *)"bc", (char *)"-q", NULL };

/* A direction's mark and its bytes; '@' an event, 'F' a flush. */
struct record_step {
	char mark;
	const char *data;
};

/* The file after these steps, up to one without a mark, and a status. */
static char *
record_steps(const struct transcript_opts *opts, const struct record_step *step, int status, size_t *size)
{
	static const char marks[] = { '>', '<', '!' };
	struct transcript *t = open_record(opts);
	const char *dir;

	for (; step->mark; step++) {
		dir = memchr(marks, step->mark, sizeof(marks));
		if (dir)
			transcript_data(t, (enum transcript_dir)(dir - marks), step->data, strlen(step->data));
		else if (step->mark == '@')
			transcript_event(t, step->data);
		else
			transcript_flush(t);
	}
	if (transcript_close(t, true, status) < 0)
		abort();
	return read_record(size);
}

static void
test_text(void)
{
	static const struct {
		const char *name;
		struct record_step steps[8];
		const char *want;
		int status;
	} table[] = {
		{ "a conversation", { { '>', "6*7\n" }, { '<', "42\n" }, { '!', "oops\n" } }, "> 6*7\n< 42\n! oops\n= 0\n", 0 },
		{ "no bytes at all", { { '<', "" } }, "= 0\n", 0 },
		{ "empty lines and blanks", { { '<', "\n \n  a  \n\n" } }, "<\n<  \n<   a  \n<\n= 0\n", 0 },
		{ "a half line that another direction cuts",
		    { { '<', "a" }, { '>', "x\n" }, { '<', "b\n" } }, "< a\\\n> x\n< b\n= 0\n", 0 },
		{ "a half line in pieces", { { '<', "a" }, { 'F', "" }, { '<', "b" }, { 'F', "" }, { '<', "c\n" } }, "< abc\n= 0\n", 0 },
		{ "a half line at the end", { { '<', "> " } }, "< > \\\n= 0\n", 0 },
		{ "a backslash at the end", { { '<', "a\\\n" }, { '<', "a\\" } }, "< a\\\\\n< a\\\\\\\n= 0\n", 0 },
		{ "a half line's newline alone", { { '<', "a" }, { '>', "x\n" }, { '<', "\n" } }, "< a\\\n> x\n<\n= 0\n", 0 },
		{ "a carriage return", { { '<', "hi\r\n" } }, "< hi\\r\n= 0\n", 0 },
		{ "a character cut by another direction",
		    { { '<', "caf\xc3" }, { '>', "x\n" }, { '<', "\xa9\n" } }, "< caf\\\n> x\n< \xc3\xa9\n= 0\n", 0 },
		{ "half a character begins no line", { { '<', "\xc3" }, { '>', "x\n" }, { '<', "\xa9\n" } }, "> x\n< \xc3\xa9\n= 0\n", 0 },
		{ "half a character at the end of the line", { { '<', "\xe2\x82\n" } }, "< \\xe2\\x82\n= 0\n", 0 },
		{ "half characters at the end", { { '<', "a\xc3" }, { '>', "\xe2\x82" } }, "< a\\\n> \\xe2\\x82\\\n< \\xc3\\\n= 0\n", 0 },
		{ "an event cuts a line", { { '<', "? " }, { '@', "eof" }, { '<', "x\n" } }, "< ? \\\n@ eof\n< x\n= 0\n", 0 },
		{ "a status", { { '<', "x\n" } }, "< x\n= 3\n", 3 << 8 },
		{ "a signal", { { '<', "x\n" } }, "< x\n= signal TERM\n", SIGTERM },
	};
	const struct transcript_opts opts = { .argv = bc };
	const char head[] = "# dualpipe transcript 1\n$ bc -q\n";
	char *got;
	size_t i, size;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		got = record_steps(&opts, table[i].steps, table[i].status, &size);
		ok(size >= strlen(head) && memcmp(got, head, strlen(head)) == 0 &&
		    same_text(got + strlen(head), size - strlen(head), table[i].want), table[i].name);
		free(got);
	}
}

/* The file after data has come in pieces of up to piece bytes. */
static char *
record_in_pieces(const struct transcript_opts *opts, const char *data, size_t size, size_t piece, size_t *got_size)
{
	struct transcript *t = open_record(opts);
	size_t n;

	for (; size > 0; data += n, size -= n) {
		n = piece > 0 ? 1 + random_below((unsigned)piece) : size;
		if (n > size)
			n = size;
		transcript_data(t, TRANSCRIPT_FROM_CHILD, data, n);
		if (piece > 0 && random_below(4) == 0)
			transcript_flush(t);
	}
	if (transcript_close(t, true, 0) < 0)
		abort();
	return read_record(got_size);
}

static void
test_text_cuts(void)
{
	enum { SIZE = 400000 };
	static const unsigned pieces[] = { 1, 3, 50, 4096, 70000, 200000 };
	const struct transcript_opts opts = { .argv = bc };
	char *data = malloc(SIZE), *whole, *got, name[80];
	size_t i, size, whole_size;

	random_bytes(data, SIZE);
	memset(data + 1000, 'x', 150000);	/* a line that is too long to be held */
	memset(data + 200000, '\xff', 60000);	/* and one of the worst kind */
	whole = record_in_pieces(&opts, data, SIZE, 0, &whole_size);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		got = record_in_pieces(&opts, data, SIZE, pieces[i], &size);
		snprintf(name, sizeof(name), "the text is the same for pieces of up to %u bytes", pieces[i]);
		ok(same(got, size, whole, whole_size), name);
		free(got);
	}
	free(whole);
	free(data);
}

/* What the lines of a text record stand for, back as bytes. */
static size_t
decode_record(char *text, size_t size, char *to)
{
	char *line = text, *end = text + size, *newline;
	size_t put = 0, skip;
	ssize_t n;
	bool half;

	for (; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (line[0] != '<')
			continue;
		skip = line + 1 < newline ? 2 : 1;
		n = escape_decode(to + put, line + skip, (size_t)(newline - line) - skip, &half);
		if (n < 0)
			return 0;
		put += (size_t)n;
		if (!half)
			to[put++] = '\n';
	}
	return put;
}

static void
test_text_back(void)
{
	enum { SIZE = 300000 };
	const struct transcript_opts opts = { .argv = bc };
	char *data = malloc(SIZE), *text, *back;
	size_t size;

	random_bytes(data, SIZE);
	text = record_in_pieces(&opts, data, SIZE, 5000, &size);
	back = malloc(size);
	ok(same(back, decode_record(text, size, back), data, SIZE), "the text gives the bytes back");
	free(back);
	free(text);
	free(data);
}

static void
test_held(void)
{
	const struct transcript_opts opts = { .argv = bc };
	static char line[300000];
	struct transcript *t = open_record(&opts);
	char *got;
	size_t size;

	transcript_data(t, TRANSCRIPT_FROM_CHILD, "whole\nhalf", 10);
	transcript_flush(t);
	got = read_record(&size);
	ok(strstr(got, "< whole\n") && !strstr(got, "half"), "a whole line is written, a half one is held");
	free(got);
	memset(line, 'x', sizeof(line));
	transcript_data(t, TRANSCRIPT_FROM_CHILD, line, sizeof(line));
	transcript_flush(t);
	got = read_record(&size);
	ok(size > sizeof(line) - 65536, "a long one is not held");
	free(got);
	ok(transcript_close(t, false, 0) == 0, "a record without a status");
	got = read_record(&size);
	ok(memcmp(got + size - 3, "x\\\n", 3) == 0, "which ends with its half line");
	free(got);
}

/* Times are what they are: each, at the front of a line behind the word before it, becomes a "T". */
static size_t
without_times(char *text, size_t size, const char *before)
{
	size_t at = 0, put = 0, skip = strlen(before);

	while (at < size) {
		if (size - at >= skip && memcmp(text + at, before, skip) == 0 && (put == 0 || text[put - 1] == '\n')) {
			memmove(text + put, text + at, skip);
			put += skip;
			at += skip;
			at += strspn(text + at, "0123456789.");
			text[put++] = 'T';
		} else {
			text[put++] = text[at++];
		}
	}
	return put;
}

static void
test_jsonl(void)
{
	char *const argv[] = { (char *)"printf", (char *)"%s\n", NULL };
	const struct transcript_opts opts = { .format = TRANSCRIPT_JSONL, .argv = argv };
	struct transcript *t = open_record(&opts);
	char *got, *second;
	size_t size;

	transcript_data(t, TRANSCRIPT_TO_CHILD, "a\"b\n", 4);
	transcript_data(t, TRANSCRIPT_FROM_CHILD, "caf\xc3", 4);
	transcript_data(t, TRANSCRIPT_STDERR, "\xff\0", 2);
	transcript_data(t, TRANSCRIPT_FROM_CHILD, "\xa9\n", 2);
	transcript_data(t, TRANSCRIPT_STDERR, "\xc3", 1);
	transcript_event(t, "signal INT");
	ok(transcript_close(t, true, SIGKILL) == 0, "a record as JSON lines");
	got = read_record(&size);
	second = memchr(got, '\n', size);
	ok(strncmp(got, "{\"dualpipe\":1,\"command\":[\"printf\",\"%s\\n\"],\"channel\":\"pipes\",\"start\":\"2", 68) == 0 &&
	    second && memcmp(second - 3, "Z\"}", 3) == 0, "its head");
	second++;
	size = without_times(second, size - (size_t)(second - got), "{\"time\":");
	ok(same_text(second, size,
	    "{\"time\":T,\"dir\":\">\",\"data\":\"a\\\"b\\n\"}\n"
	    "{\"time\":T,\"dir\":\"<\",\"data\":\"caf\"}\n"
	    "{\"time\":T,\"dir\":\"!\",\"base64\":\"/wA=\"}\n"
	    "{\"time\":T,\"dir\":\"<\",\"data\":\"\xc3\xa9\\n\"}\n"
	    "{\"time\":T,\"dir\":\"@\",\"data\":\"signal INT\"}\n"
	    "{\"time\":T,\"dir\":\"!\",\"base64\":\"ww==\"}\n"
	    "{\"time\":T,\"dir\":\"=\",\"signal\":\"KILL\"}\n"), "its lines");
	free(got);
}

static void
test_cast(bool pty)
{
	const struct transcript_opts opts = {
		.format = TRANSCRIPT_CAST, .argv = bc, .pty = pty, .ends_lines = pty, .rows = 30, .columns = 100, .term = "dumb"
	};
	static const char head[] = "{\"version\":2,\"width\":100,\"height\":30,\"timestamp\":";
	struct transcript *t = open_record(&opts);
	char *got, *second;
	size_t size;

	transcript_data(t, TRANSCRIPT_TO_CHILD, "x\n", 2);
	transcript_data(t, TRANSCRIPT_FROM_CHILD, "a\n\nb\xe2\x82", 6);
	transcript_data(t, TRANSCRIPT_FROM_CHILD, "\xac\xff", 2);
	transcript_data(t, TRANSCRIPT_STDERR, "e\n", 2);
	transcript_event(t, "eof");
	transcript_event(t, "resize 24 80");
	ok(transcript_close(t, true, 0) == 0, pty ? "an asciicast of a pty" : "an asciicast of pipes");
	got = read_record(&size);
	second = memchr(got, '\n', size);
	ok(strncmp(got, head, sizeof(head) - 1) == 0 && second &&
	    strstr(got, ",\"command\":\"bc -q\",\"env\":{\"TERM\":\"dumb\"}}\n["), "its head");
	second++;
	size = without_times(second, size - (size_t)(second - got), "[");
	ok(same_text(second, size, pty ?
	    "[T, \"i\", \"x\\n\"]\n[T, \"o\", \"a\\n\\nb\"]\n[T, \"o\", \"\xe2\x82\xac\xef\xbf\xbd\"]\n"
	    "[T, \"o\", \"e\\r\\n\"]\n[T, \"r\", \"80x24\"]\n" :
	    "[T, \"i\", \"x\\n\"]\n[T, \"o\", \"a\\r\\n\\r\\nb\"]\n[T, \"o\", \"\xe2\x82\xac\xef\xbf\xbd\"]\n"
	    "[T, \"o\", \"e\\r\\n\"]\n[T, \"r\", \"80x24\"]\n"), "its events");
	free(got);
}

static void
test_dialogue(void)
{
	static const struct {
		const char *name;
		bool pty, keys;
		struct record_step steps[10];
		const char *want;
	} table[] = {
		{ "a prompt is expected, a line sent", false, false,
		    { { '<', "a\n? " }, { '>', "x\n" } }, "expect \"? \"\nsendline \"x\"\nsendeof\nwait\n" },
		{ "without a prompt the last line is", false, false,
		    { { '<', "a\nb\n" }, { '>', "x\n" } }, "expect \"b\\n\"\nsendline \"x\"\nsendeof\nwait\n" },
		{ "what stood earlier too has lines in front", false, false,
		    { { '<', "$ \n1\n$ " }, { '>', "x\n" } }, "expect \"1\\n\\$ \"\nsendline \"x\"\nsendeof\nwait\n" },
		{ "as many as there are, where it is always the same", false, false,
		    { { '<', "y\ny\ny\n" }, { '>', "x\n" } }, "expect \"y\\ny\\ny\\n\"\nsendline \"x\"\nsendeof\nwait\n" },
		{ "lines in a row, and an empty one", false, false,
		    { { '>', "a\n\nb" }, { '>', "c\nd" }, { '<', "x\n" } },
		    "sendline \"a\"\nsendline\nsendline \"bc\"\nsend \"d\"\nsendeof\nwait\n" },
		{ "an answer to half a line", false, false,
		    { { '>', "ab" }, { '<', "ab" }, { '>', "c\n" } }, "send \"ab\"\nexpect \"ab\"\nsendline \"c\"\nsendeof\nwait\n" },
		{ "an end-of-file that was sent is not sent again", false, false,
		    { { '>', "a\n" }, { '<', "b\n" }, { '@', "eof" }, { '<', "c\n" } },
		    "sendline \"a\"\nexpect \"b\\n\"\nsendeof\nwait\n" },
		{ "behind half a line a terminal needs two", true, false,
		    { { '>', "a" } }, "send \"a\"\nsendeof\nsendeof\nwait\n" },
		{ "of which one may have been sent", true, true,
		    { { '>', "a" }, { '@', "eof" } }, "send \"a\"\nsendeof\nsendeof\nwait\n" },
		{ "or both", true, true,
		    { { '>', "a" }, { '@', "eof" }, { '@', "eof" } }, "send \"a\"\nsendeof\nsendeof\nwait\n" },
		{ "keys are a line, their echo is no answer", true, true,
		    { { '<', "$ " }, { '>', "l" }, { '<', "l" }, { '>', "s" }, { '>', "\r" }, { '<', "s\r\nf\r\n$ " }, { '>', "q\r" } },
		    "expect \"\\$ \"\nsendline \"ls\"\nexpect \"\\$ \"\nsendline \"q\"\nsendeof\nwait\n" },
		{ "an answer to a key parts them", true, true,
		    { { '>', "y" }, { '<', "name? " }, { '>', "joe\r" } },
		    "send \"y\"\nexpect \"name? \"\nsendline \"joe\"\nsendeof\nwait\n" },
		{ "what was done besides", true, true,
		    { { '<', "$ " }, { '>', "a" }, { '@', "resize 30 90" }, { '<', "b" }, { '@', "signal INT" } },
		    "expect \"\\$ \"\nsend \"a\"\nresize 30 90\nexpect \"b\"\nsignal INT\nsendeof\nsendeof\nwait\n" },
		{ "a secret", true, true, { { '<', "Password: " }, { '@', "secret" } },
		    "expect \"Password: \"\n# not recorded; other sources are env:NAME, file:PATH, command:STRING\n"
		    "secret tty\nsendeof\nwait\n" },
		{ "stderr is comments of whole lines", false, false,
		    { { '!', "a\x1b\"$\nb" }, { '>', "x\n" }, { '!', "c\n\nd" } },
		    "# ! a\\e\"$\nsendline \"x\"\n# ! bc\n# !\n# ! d\nsendeof\nwait\n" },
		{ "what a string does not hold as it is", false, false,
		    { { '>', "\"$x\\\t\b\x7f\xff\xc3\xa9\xc2\x9b\r\n" } },
		    "sendline \"\\\"\\$x\\\\\\t\\x08\\x7f\\xff\xc3\xa9\\xc2\\x9b\\r\"\nsendeof\nwait\n" },
	};
	struct transcript_opts opts = { .format = TRANSCRIPT_DIALOGUE, .argv = bc };
	const char *head;
	char *got;
	size_t i, size;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		opts.pty = table[i].pty;
		opts.keys = table[i].keys;
		head = opts.pty ? "spawn -p bc -q\n" : "spawn bc -q\n";
		got = record_steps(&opts, table[i].steps, 0, &size);
		ok(size >= strlen(head) && memcmp(got, head, strlen(head)) == 0 &&
		    same_text(got + strlen(head), size - strlen(head), table[i].want), table[i].name);
		free(got);
	}
}

static void
test_dialogue_head(void)
{
	static const char *const options[] = { "--pty", "--environment", "A=b c", NULL }, *const pty[] = { "--pty", NULL };
	static char *const odd[] = {
		(char *)"-x", (char *)"-y", (char *)"a b", (char *)"", (char *)"{", (char *)"#", (char *)"it's\n\xff", NULL
	};
	struct transcript_opts opts = { .format = TRANSCRIPT_DIALOGUE, .argv = bc, .options = options, .pty = true };
	char want[sizeof(path) + 100], *got;
	size_t size;

	snprintf(want, sizeof(want), "# run with: dualpipe --environment 'A=b c' --script %s\n"
	    "spawn -p bc -q\nsendeof\nwait\n", path);
	got = record_in_pieces(&opts, "", 0, 0, &size);
	ok(same_text(got, size, want), "the options that a dialogue has no step for");
	free(got);
	opts = (struct transcript_opts){ .format = TRANSCRIPT_DIALOGUE, .argv = odd, .options = pty };
	got = record_in_pieces(&opts, "", 0, 0, &size);
	ok(same_text(got, size, "spawn \"-x\" -y \"a b\" \"\" \"{\" \"#\" \"it's\\n\\xff\"\nsendeof\nwait\n"),
	    "the words of a spawn step");
	free(got);
}

static size_t
count_of(const char *data, size_t size, char c)
{
	size_t n = 0;

	while (size-- > 0)
		n += *data++ == c;
	return n;
}

/* A long answer is known by its end. */
static void
test_dialogue_long(void)
{
	enum { SIZE = 300000 };
	const struct transcript_opts opts = { .format = TRANSCRIPT_DIALOGUE, .argv = bc };
	struct transcript *t = open_record(&opts);
	char *data = malloc(SIZE), *got;
	size_t size;

	memset(data, 'x', SIZE);
	memcpy(data + SIZE - 6, "\nend\n\0", 6);
	transcript_data(t, TRANSCRIPT_FROM_CHILD, data, SIZE - 1);
	memset(data, 'y', SIZE);
	transcript_data(t, TRANSCRIPT_TO_CHILD, data, SIZE);
	ok(transcript_close(t, true, 0) == 0, "a dialogue with long lines");
	got = read_record(&size);
	ok(size > SIZE && strncmp(got, "spawn bc -q\nexpect \"end\\n\"\nsend \"yyy", 34) == 0, "the end of an answer is expected");
	ok(count_of(got, size, 'y') == SIZE, "all of a long line is sent");
	free(got);
	free(data);
}

/* Pieces beyond what is taken at once, in the formats that have an object for each. */
static void
test_large_pieces(enum transcript_format format, const char *name)
{
	enum { SIZE = 500000 };
	const struct transcript_opts opts = { .format = format, .argv = bc };
	char *data = malloc(SIZE), *got;
	size_t size;

	random_bytes(data, SIZE);
	memset(data + 100, 1, 200000);
	got = record_in_pieces(&opts, data, SIZE, 100000, &size);
	ok(size > SIZE && got[size - 1] == '\n' && utf8_valid(got, size), name);
	free(got);
	free(data);
}

static void
test_heads(void)
{
	static const char *const options[] = { "--pty", "--size", "24x80", "--environment", "TERM=a b", NULL };
	static char *const odd[] = { (char *)"-x", (char *)"a\tb", NULL };
	struct transcript_opts opts = { .argv = bc, .options = options, .pty = true };
	char *got;
	size_t size;

	got = record_in_pieces(&opts, "", 0, 0, &size);
	ok(same_text(got, size, "# dualpipe transcript 1\n$ --pty --size 24x80 --environment 'TERM=a b' -- bc -q\n= 0\n"),
	    "options stand before the command");
	free(got);
	opts = (struct transcript_opts){ .argv = odd };
	got = record_in_pieces(&opts, "", 0, 0, &size);
	ok(same_text(got, size, "# dualpipe transcript 1\n$ -- -x $'a\\tb'\n= 0\n"), "a command that looks like an option");
	free(got);
}

static void
test_files(void)
{
	struct transcript_opts opts = { .argv = bc, .append = true };
	struct transcript *t;
	struct stat st;
	char *got;
	size_t size;
	FILE *f = fopen(path, "w");

	fputs("torn", f);
	fclose(f);
	got = record_in_pieces(&opts, "x\n", 2, 0, &size);
	ok(same_text(got, size, "torn\n# dualpipe transcript 1\n$ bc -q\n< x\n= 0\n"), "a record behind another");
	free(got);
	opts.format = TRANSCRIPT_CAST;
	errno = 0;
	ok(!transcript_open(path, &opts) && errno == EINVAL, "nothing goes behind an asciicast");
	opts.format = TRANSCRIPT_DIALOGUE;
	errno = 0;
	ok(!transcript_open(path, &opts) && errno == EINVAL, "nor behind a dialogue");
	opts = (struct transcript_opts){ .argv = bc };
	(void)unlink(path);
	transcript_close(open_record(&opts), false, 0);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "a new record is 0600");
	errno = 0;
	ok(!transcript_open("no such folder/x", &opts) && errno == ENOENT, "a record that cannot be opened");
	ok(transcript_close(NULL, true, 0) == 0, "no record at all");
	if (access("/dev/full", W_OK) < 0)
		return;
	t = transcript_open("/dev/full", &opts);
	ok(t && transcript_error(t) == ENOSPC, "a full disk is known");
	transcript_data(t, TRANSCRIPT_FROM_CHILD, "x\n", 2);
	transcript_event(t, "eof");
	transcript_flush(t);
	errno = 0;
	ok(transcript_close(t, true, 0) == -1 && errno == ENOSPC, "and told at the end");
}

static void
test_formats(void)
{
	ok(transcript_format_of("a.jsonl") == TRANSCRIPT_JSONL && transcript_format_of("b/a.cast") == TRANSCRIPT_CAST &&
	    transcript_format_of("a.txt") == TRANSCRIPT_TEXT && transcript_format_of("x.cast/a") == TRANSCRIPT_TEXT &&
	    transcript_format_of("") == TRANSCRIPT_TEXT && transcript_format_of("a.jsonl.dp") == TRANSCRIPT_DIALOGUE, "the format by the file's ending");
}

static void
heard(void *arg, int signo, bool from_kernel)
{
	(void)arg, (void)signo, (void)from_kernel;
}

static void
test_loop(void)
{
	struct loop *l = loop_new();

	/* The second time it was taken for one that is caught already. */
	ok(l && loop_signal(l, SIGKILL, heard, NULL) == -1 && errno == EINVAL &&
	    loop_signal(l, SIGKILL, heard, NULL) == -1 && errno == EINVAL && loop_signal(l, SIGUSR1, heard, NULL) == 0 &&
	    loop_signal(l, SIGUSR1, heard, NULL) == 0, "a signal that cannot be caught fails each time");
	loop_free(l);
}

int
main(void)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/dualpipe-unit-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		return 1;
	}
	close(fd);
	test_escapes();
	test_each_byte();
	test_random_bytes();
	test_decode();
	test_quotes();
	test_json_strings();
	test_json_lines();
	test_base64();
	test_utf8();
	test_durations();
	test_sizes();
	test_whole_numbers();
	test_signals();
	test_keys();
	test_follower();
	test_text();
	test_text_cuts();
	test_text_back();
	test_held();
	test_jsonl();
	test_cast(false);
	test_cast(true);
	test_dialogue();
	test_dialogue_head();
	test_dialogue_long();
	test_large_pieces(TRANSCRIPT_JSONL, "large pieces as JSON lines");
	test_large_pieces(TRANSCRIPT_CAST, "large pieces as an asciicast");
	test_heads();
	test_files();
	test_formats();
	test_loop();
	(void)unlink(path);
	printf("1..%d\n", tests);
	return failures > 0;
}
