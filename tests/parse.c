/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * The dialogue's parser: each step as it is read, and each mistake as it is
 * told. With the name of a file it reads that: 0 where it is a dialogue, else 1
 * with what is wrong.
 */

#include "buf.h"
#include "dialogue.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests, failures;

static void
ok(bool good, const char *what)
{
	int size = (int)strcspn(what, "\n");

	printf("%s %d - %.*s\n", good ? "ok" : "not ok", ++tests, size, what);
	if (!good)
		failures++;
}

static bool
same(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return true;
	printf("# wanted %s\n# got    %s\n", want, got);
	return false;
}

/*
 * A dialogue as one line
 */

__attribute__((format(printf, 2, 3)))
static void
put(struct buf *to, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (buf_append(to, text, strlen(text)) < 0)
		abort();
}

/* Bytes that cannot be seen as <hh>. */
static void
put_bytes(struct buf *to, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		put(to, (unsigned char)data[i] >= ' ' && data[i] != 0x7f ? "%c" : "<%02x>", (unsigned char)data[i]);
}

static void
put_text(struct buf *to, const struct dialogue_text *text)
{
	size_t i;

	put(to, "[");
	for (i = 0; i < text->count; i++) {
		put(to, text->pieces[i].is_variable ? "{" : "");
		put_bytes(to, text->pieces[i].text, text->pieces[i].size);
		put(to, text->pieces[i].is_variable ? "}" : "");
	}
	put(to, "]");
}

static void
put_pattern(struct buf *to, const struct dialogue_pattern *pattern)
{
	static const char *const kinds[] = {
		[DIALOGUE_LITERAL] = "literal", [DIALOGUE_REGEX] = "regex", [DIALOGUE_READY] = "ready",
		[DIALOGUE_EOF] = "eof", [DIALOGUE_TIMEOUT] = "timeout"
	};
	char **name;

	put(to, " %s", kinds[pattern->kind]);
	if (pattern->kind == DIALOGUE_LITERAL || pattern->kind == DIALOGUE_REGEX)
		put_text(to, &pattern->text);
	if (pattern->flags)
		put(to, "+%u", pattern->flags);
	if (pattern->groups)
		put(to, " groups=%u", pattern->groups);
	for (name = pattern->names; name && *name; name++)
		put(to, " <%s>", *name);
}

static void put_block(struct buf *to, const struct dialogue_block *block);

static void
put_step(struct buf *to, const struct dialogue_step *step)
{
	static const char *const kinds[] = {
		[DIALOGUE_SPAWN] = "spawn", [DIALOGUE_SEND] = "send", [DIALOGUE_SENDLINE] = "sendline",
		[DIALOGUE_KEY] = "key", [DIALOGUE_SECRET] = "secret", [DIALOGUE_SENDEOF] = "sendeof",
		[DIALOGUE_SIGNAL] = "signal", [DIALOGUE_RESIZE] = "resize", [DIALOGUE_EXPECT] = "expect",
		[DIALOGUE_ON] = "on", [DIALOGUE_AGAIN] = "again", [DIALOGUE_ASK] = "ask",
		[DIALOGUE_SET_TIMEOUT] = "timeout", [DIALOGUE_SET_REPLY] = "reply", [DIALOGUE_SET] = "set",
		[DIALOGUE_PRINT] = "print", [DIALOGUE_IF] = "if", [DIALOGUE_REPEAT] = "repeat",
		[DIALOGUE_FOR] = "for", [DIALOGUE_BREAK] = "break", [DIALOGUE_INTERACT] = "interact",
		[DIALOGUE_CLOSE] = "close", [DIALOGUE_WAIT] = "wait", [DIALOGUE_SLEEP] = "sleep",
		[DIALOGUE_EXIT] = "exit", [DIALOGUE_FAIL] = "fail"
	};
	static const char *const tests_by_kind[] = { "==", "!=", "=~" };
	size_t i;

	put(to, "%s%s", kinds[step->kind], step->flag ? " -" : "");
	if (step->name)
		put(to, " %s", step->name);
	for (i = 0; i < step->word_count; i++) {
		if (step->kind == DIALOGUE_IF && i == 1)
			put(to, " %s", tests_by_kind[step->test]);
		put(to, " ");
		put_text(to, &step->words[i]);
	}
	if (step->kind == DIALOGUE_IF && step->branch_count == 1)
		put(to, " =~");
	for (i = 0; i < step->branch_count; i++) {
		put_pattern(to, &step->branches[i].pattern);
		put_block(to, &step->branches[i].block);
	}
	put_block(to, &step->body);
	put_block(to, &step->otherwise);
}

/* Nothing for one without steps. */
static void
put_block(struct buf *to, const struct dialogue_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++) {
		put(to, i == 0 ? " {" : "; ");
		put_step(to, &block->steps[i]);
	}
	put(to, block->count > 0 ? "}" : "");
}

/* What is read from text: the steps, or what is wrong. The caller frees it. */
static char *
reading(const char *text, size_t size, bool has_command)
{
	struct dialogue_opts opts = { .has_command = has_command };
	struct dialogue d = { 0 };
	struct buf line = { 0 };
	char *cause = NULL;

	if (dialogue_add(&d, "a.dp", text, size, &cause) < 0 || dialogue_check(&d, &opts, &cause) < 0)
		put(&line, "%s", cause);
	else
		put_block(&line, &d.block);
	dialogue_free(&d);
	free(cause);
	if (buf_append(&line, "", 1) < 0)
		abort();
	return line.data;
}

/* All of these stand on the side of a child that is there. */
static void
test_steps(void)
{
	static const struct {
		const char *text, *steps;
	} good[] = {
		/* between steps */
		{ "", "" },
		{ "# nothing\n\n;;\n", "" },
		{ "#!/usr/bin/env -S dualpipe --script\nwait", " {wait}" },
		{ "\xef\xbb\xbfwait", " {wait}" },
		{ "wait;wait # wait\n\twait\r\n wait;", " {wait; wait; wait; wait}" },
		{ "send \"#\" # not this", " {send [#]}" },
		{ "key ctrl-]\nkey alt-#", " {key [ctrl-]]; key [alt-#]}" },
		/* each step */
		{ "send \"a\"", " {send [a]}" },
		{ "sendline; sendline \"\"; sendline 'b'", " {sendline; sendline []; sendline [b]}" },
		{ "key up f12 'ctrl-\\' \"alt-{\" \"$arg1\"", " {key [up] [f12] [ctrl-\\] [alt-{] [{arg1}]}" },
		{ "secret env:PASSWORD; secret -f file:/a/b", " {secret [env:PASSWORD]; secret - [file:/a/b]}" },
		{ "secret fd:3; secret \"command:pass show x\"; secret tty", " {secret [fd:3]; secret [command:pass show x]; secret [tty]}" },
		{ "secret \"env:$name\"", " {secret [env:{name}]}" },
		{ "sendeof; signal INT; signal SIGTERM; signal 2; signal \"$s\"", " {sendeof; signal [INT]; signal [SIGTERM]; signal [2]; signal [{s}]}" },
		{ "resize 24 80; resize \"24\" \"$w\"", " {resize [24] [80]; resize [24] [{w}]}" },
		{ "expect \"a\"; expect 'b'", " {expect literal[a]; expect literal[b]}" },
		{ "expect ready; expect eof; expect timeout", " {expect ready; expect eof; expect timeout}" },
		{ "expect /a/imsx", " {expect regex[a]+15}" },
		{ "expect /a/m; expect /b/s", " {expect regex[a]+2; expect regex[b]+4}" },
		{ "expect /(a)(?<n>b)(?<m_1>c)/", " {expect regex[(a)(?<n>b)(?<m_1>c)] groups=3 <m_1> <n>}" },
		{ "expect {\n\t/a/ { again }\n\t\"b\" {}\n\n\t# c\n\ttimeout { exit 1 };\n}", " {expect regex[a] {again} literal[b] timeout {exit [1]}}" },
		{ "expect{\"a\"{print \"x\"};eof{}}", " {expect literal[a] {print [x]} eof}" },
		{ "expect { \"a\" { print \"x\"; wait }; ready { } }", " {expect literal[a] {print [x]; wait} ready}" },
		{ "on \"--More--\" { send ' ' }", " {on literal[--More--] {send [ ]}}" },
		{ "on eof { fail 'gone' }; on timeout { print 'x'; exit }", " {on eof {fail [gone]}; on timeout {print [x]; exit}}" },
		{ "on eof { if \"$a\" == \"\" { exit } else if 'b' != 'c' { fail 'x' } else { exit 2 } }",
		    " {on eof {if [{a}] == [] {exit} {if [b] != [c] {fail [x]} {exit [2]}}}}" },
		{ "on timeout { expect { 'a' { exit 1 }; 'b' { again; exit } ; eof { exit 2 } }\nexit }",
		    " {on timeout {expect literal[a] {exit [1]} literal[b] {again; exit} eof {exit [2]}; exit}}" },
		{ "on timeout { expect { 'a' { exit 1 }; eof { fail 'x' } } }",
		    " {on timeout {expect literal[a] {exit [1]} eof {fail [x]}}}" },
		{ "on 'a' { expect { 'b' { again } } again }", "a.dp:1:35: a newline or a ';' has to stand before this\n"
		    "on 'a' { expect { 'b' { again } } again }\n                                  ^" },
		{ "ask \"6*7\"; ask \"x\" name; ask '' \"n\"", " {ask [6*7]; ask name [x]; ask n []}" },
		{ "timeout 20s; timeout none; timeout 1.5; timeout \"$t\"", " {timeout [20s]; timeout [none]; timeout [1.5]; timeout [{t}]}" },
		{ "reply ready; reply line; reply lines:3; reply null; reply length; reply eof",
		    " {reply [ready]; reply [line]; reply [lines:3]; reply [null]; reply [length]; reply [eof]}" },
		{ "reply prompt:^\\d+>; reply 'until:^OK'; reply 'echo:echo :x: x'; reply quiet:300ms; reply \"$r\"",
		    " {reply [prompt:^\\d+>]; reply [until:^OK]; reply [echo:echo :x: x]; reply [quiet:300ms]; reply [{r}]}" },
		{ "set a \"1\"; set reply 'x'; set argx ''; set _9 'y'", " {set a [1]; set reply [x]; set argx []; set _9 [y]}" },
		{ "print \"\"", " {print []}" },
		{ "if \"$a\" == 'b' { wait }", " {if [{a}] == [b] {wait}}" },
		{ "if \"a\" != \"b\" { }\nelse { wait }", " {if [a] != [b] {wait}}" },
		{ "if \"a\" =~ /(?<n>b)/i { print \"$n\" }\n# or\n\nelse\tif 'c' == 'd' {} else{wait}",
		    " {if [a] =~ regex[(?<n>b)]+1 groups=1 <n> {print [{n}]} {if [c] == [d] {wait}}}" },
		{ "if 'a' == 'b' {}\nwait", " {if [a] == [b]; wait}" },
		{ "repeat 3 { break }; repeat \"$n\" { if 'a' == 'b' { break } }", " {repeat [3] {break}; repeat [{n}] {if [a] == [b] {break}}}" },
		{ "repeat 3 { expect { 'a' { break }; 'b' {} } }", " {repeat [3] {expect literal[a] {break} literal[b]}}" },
		{ "for x in \"a\" 'b' \"$c\" { print \"$x\" }", " {for x [a] [b] [{c}] {print [{x}]}}" },
		{ "for in in 'a' { break }", " {for in [a] {break}}" },
		{ "interact; close; wait; sleep 100ms", " {interact; close; wait; sleep [100ms]}" },
		{ "exit; exit 0; exit 255; exit \"$status\"; fail \"x\"", " {exit; exit [0]; exit [255]; exit [{status}]; fail [x]}" },
		/* strings */
		{ "print \"\\n\\r\\t\\e\\a\\0\\x41\\x7F\\\\\\\"\\$\"", " {print [<0a><0d><09><1b><07><00>A<7f>\\\"$]}" },
		{ "print \"\\u0041\\u00e9\\u20AC\\u0000\"", " {print [A\xc3\xa9\xe2\x82\xac<00>]}" },
		{ "print '\\n $x ${y} \"'", " {print [\\n $x ${y} \"]}" },
		{ "print \"a\nb\"; print 'c\n'", " {print [a<0a>b]; print [c<0a>]}" },
		{ "print \"$a${b}c$_1 $args$arg12\"", " {print [{a}{b}c{_1} {args}{arg12}]}" },
		{ "print \"$ $$ $- ${ ${} ${a ${-} 5$\"", " {print [$ $$ $- ${ ${} ${a ${-} 5$]}" },
		{ "expect 'a'; print \"$0$1x$12 ${3}4$before\"", " {expect literal[a]; print [{0}{1}x{12} {3}4{before}]}" },
		{ "print \"'\"; print '\"'; print \"}\"; print '; #'", " {print [']; print [\"]; print [}]; print [; #]}" },
		{ "print \"\xe4\xb8\x96\xf0\x9f\x98\x80\"", " {print [\xe4\xb8\x96\xf0\x9f\x98\x80]}" },
		/* regular expressions */
		{ "expect /a\\/b[/", "a.dp:1:14: missing terminating ] for character class\nexpect /a\\/b[/\n             ^" },
		{ "expect /a\\/b\\\\/", " {expect regex[a/b\\\\]}" },
		{ "expect /^\\$ $/; expect /a$|$b/", " {expect regex[^\\$ $]; expect regex[a$|$b]}" },
		{ "expect /${a}b${0}/", "a.dp:1:14: '$0' is what matched last, and no pattern stands before it\nexpect /${a}b${0}/\n             ^" },
		{ "expect /${a}b\\${c}/", " {expect regex[{a}b\\${c}]}" },
		{ "expect /[${a}-9][0-${b}][${a}-${b}]${c}+/", " {expect regex[[{a}-9][0-{b}][{a}-{b}]{c}+]}" },
		{ "expect /a{2}$/; expect /\"; #'/", " {expect regex[a{2}$]; expect regex[\"; #']}" },
		{ "expect { /a/{}; /b/i{} }", " {expect regex[a] regex[b]+1}" },
		{ "expect /\xc3\xa9/", " {expect regex[\xc3\xa9]}" },
	};
	char *line;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		line = reading(good[i].text, strlen(good[i].text), true);
		ok(same(line, good[i].steps), good[i].text);
		free(line);
	}
}

/* The place, and what has to be in the message. */
static void
test_mistakes(void)
{
	static const struct {
		const char *text, *place, *words;
	} bad[] = {
		/* steps */
		{ "sned 'x'", "1:1", "unknown step 'sned'; did you mean 'send'?" },
		{ "wait\n  sendlien", "2:3", "did you mean 'sendline'?" },
		{ "x", "1:1", "unknown step 'x'" },
		{ "frobnicate 'x'", "1:1", "unknown step 'frobnicate'; see dualpipe-dialogue(5)" },
		{ "/a/", "1:1", "unknown step '/a/'" },
		/* words of expect(1) */
		{ "exp_continue", "1:1", "unknown step 'exp_continue'; here 'again' does that" },
		{ "send_user \"x\"", "1:1", "here 'print' does that" },
		{ "log_user 0", "1:1", "here --show does that" },
		{ "foreach x {a b} {}", "1:1", "here 'for' does that" },
		{ "exec ls", "1:1", "here 'spawn' starts the one command" },
		{ "expect -re {x}", "1:8", "'-re' is no pattern; here it is /REGEX/" },
		{ "expect { -ex \"x\" {} }", "1:10", "'-ex' is no pattern; here a string is literal" },
		{ "expect -timeout 5 \"x\"", "1:8", "here a 'timeout' step before it" },
		{ "expect { default {} }", "1:10", "here 'eof' and 'timeout' are two patterns" },
		{ "send -- \"x\"", "1:6", "'--' is no option of this step; a string stands here" },
		{ "set timeout 20", "1:5", "set by: timeout DURATION" },
		{ "'wait'", "1:1", "begins with its name" },
		{ "{ wait }", "1:1", "begins with its name" },
		{ "else { }", "1:1", "behind no if" },
		{ "if 'a' == 'b' { }; else { }", "1:20", "behind no if" },
		{ "wait 5", "1:6", "too much for 'wait'; it is: wait" },
		{ "wait wait", "1:6", "a newline or a ';' has to stand before this" },
		{ "print 'a' print 'b'", "1:11", "a newline or a ';'" },
		{ "expect 'a' sendline 'b'", "1:12", "a newline or a ';'" },
		{ "sendeof 'x'", "1:9", "too much for 'sendeof'" },
		{ "send", "1:1", "'send' lacks something; it is: send \"TEXT\"" },
		{ "send 'a' 'b'", "1:10", "too much for 'send'" },
		{ "sendline 'a' 'b'", "1:14", "too much for 'sendline'" },
		{ "print hello", "1:7", "'hello' needs quotes; it is: print \"TEXT\"" },
		{ "print $x", "1:7", "'$x' needs quotes" },
		{ "key", "1:1", "lacks something" },
		{ "key up nokey", "1:8", "there is no key 'nokey'" },
		{ "secret", "1:1", "lacks something" },
		{ "secret hunter2", "1:8", "a secret comes from env:NAME" },
		{ "secret env:", "1:8", "a secret comes from" },
		{ "secret fd:x", "1:8", "a secret comes from" },
		{ "secret -x tty", "1:8", "'secret' has no such option; it is: secret [-f] SOURCE" },
		{ "secret tty tty", "1:12", "too much" },
		{ "signal FOO", "1:8", "there is no signal 'FOO'" },
		{ "signal", "1:1", "lacks something" },
		{ "resize 24", "1:1", "it is: resize ROWS COLUMNS" },
		{ "resize 0 80", "1:8", "'0' is no size of a terminal" },
		{ "resize 24 65536", "1:11", "'65536' is no size" },
		{ "again", "1:1", "only in a branch" },
		{ "expect 'a'; again", "1:13", "only in a branch" },
		{ "expect { 'a' {} }; again", "1:20", "only in a branch" },
		{ "break", "1:1", "only in a repeat or a for" },
		{ "repeat 3 { }; break", "1:15", "only in a repeat" },
		{ "repeat 3 { on 'a' { break } }", "1:21", "only in a repeat" },
		{ "timeout", "1:1", "lacks something" },
		{ "timeout soon", "1:9", "'soon' is no duration" },
		{ "sleep 1x", "1:7", "'1x' is no duration" },
		{ "reply sometimes", "1:7", "there is no framing 'sometimes'; they are" },
		{ "reply promt:x", "1:7", "did you mean 'prompt'?" },
		{ "reply lines:0", "1:7", "'0' is no number of lines" },
		{ "reply prompt:", "1:7", "a pattern has to stand behind the colon" },
		{ "reply lines", "1:7", "there is no framing 'lines'; they are" },
		{ "reply prompt:(", "1:7", "'(' is no regular expression: missing closing parenthesis" },
		{ "reply until:[", "1:7", "is no regular expression" },
		{ "reply echo:x", "1:7", "it is echo:REQUEST:RE" },
		{ "reply 'echo:a:('", "1:7", "is no regular expression" },
		{ "reply 'echo::x'", "1:7", "it is echo:REQUEST:RE" },
		{ "reply quiet:x", "1:7", "'x' is no duration" },
		{ "reply quiet:none", "1:7", "'none' is no duration" },
		{ "exit 256", "1:6", "'256' is no exit status" },
		{ "exit 1 2", "1:8", "too much" },
		{ "fail", "1:1", "lacks something" },
		{ "repeat x { }", "1:8", "'x' is no number of times" },
		{ "repeat 3", "1:9", "a block" },
		{ "repeat 3\n{ }", "1:9", "its '{' on this line" },
		{ "for x { }", "1:7", "an 'in' is missing" },
		{ "for x in { }", "1:1", "lacks something" },
		{ "for x in a { }", "1:10", "'a' needs quotes" },
		{ "if 'a' { }", "1:8", "one of ==, != and =~" },
		{ "if 'a' = 'b' { }", "1:8", "one of ==, != and =~" },
		{ "if 'a' == b { }", "1:11", "'b' needs quotes" },
		{ "if 'a' =~ 'b' { }", "1:11", "a regular expression" },
		{ "if 'a' == /b/ { }", "1:11", "needs quotes" },
		{ "if 'a' == 'b'", "1:14", "a block" },
		{ "if 'a' == 'b' { } else wait", "1:24", "a block" },
		/* names */
		{ "set 1a 'x'", "1:5", "'1a' is no name" },
		{ "set a-b 'x'", "1:5", "'a-b' is no name" },
		{ "set \"\" 'x'", "1:5", "the name of a variable" },
		{ "set \"$a\" 'x'", "1:5", "without '$'" },
		{ "set before 'x'", "1:5", "'$before' is set by what happens" },
		{ "set status 'x'", "1:5", "'$status' is set" },
		{ "set args 'x'", "1:5", "'$args' is set" },
		{ "for arg1 in 'x' { }", "1:5", "'$arg1' is set" },
		{ "ask 'x' arg2", "1:9", "'$arg2' is set" },
		{ "set", "1:1", "lacks something" },
		{ "set a", "1:1", "lacks something" },
		{ "expect /(?<before>x)/", "1:8", "'$before' is set" },
		{ "print \"$1\"", "1:8", "an argument is '$arg1'" },
		{ "print \"a\xc3\xa9$12\"", "1:10", "an argument is '$arg12'" },
		{ "expect eof; print \"${3}\"", "1:20", "an argument is '$arg3'" },
		{ "print \"$0\"", "1:8", "no pattern stands before it" },
		{ "key \"$1\"", "1:6", "an argument is '$arg1'" },
		/* patterns */
		{ "expect", "1:1", "'expect' lacks something" },
		{ "expect password", "1:8", "'password' is no pattern" },
		{ "expect { }", "1:1", "lacks something" },
		{ "expect { 'a' }", "1:14", "a block" },
		{ "expect {\n'a' { }\nprint 'b'", "3:1", "a step and no pattern; is the '}' of the block missing that begins at 1:8?" },
		{ "expect { 'a' { } 'b' { } }", "1:18", "a newline or a ';'" },
		{ "expect { { } }", "1:1", "lacks something" },
		{ "expect 'a' { }", "1:12", "expect { P {...} ... }" },
		{ "expect 'a' 'b'", "1:12", "expect { P {...} ... }" },
		/* which were found when they were done */
		{ "expect //", "1:8", "// is empty, and would match anything" },
		{ "expect //i", "1:8", "//i is empty" },
		{ "expect { 'a' { }; \"\" { } }", "1:19", "\"\" is empty" },
		{ "on '' { }", "1:4", "'' is empty" },
		{ "if 'a' =~ // { }", "1:11", "// is empty" },
		{ "expect /a(b/", "1:12", "missing closing parenthesis" },
		{ "expect /\\/\xc3\xa9${ab}(/", "1:18", "missing closing parenthesis" },
		{ "expect /a/g", "1:11", "'g' is no flag" },
		{ "expect /a/ix/", "1:13", "a blank is missing behind the regular expression" },
		{ "expect /usr/bin", "1:13", "'b' is no flag" },
		{ "expect /abc", "1:8", "no '/' at its end" },
		{ "expect /abc\n/", "1:8", "no '/' at its end" },
		{ "expect /abc\\", "1:8", "no '/' at its end" },
		{ "on 'a'", "1:7", "a block" },
		{ "on eof { print 'x' }", "1:4", "'on eof' has to end the dialogue" },
		{ "on timeout { }", "1:4", "'on timeout' has to end the dialogue" },
		{ "on eof { if 'a' == 'b' { exit } }", "1:4", "has to end" },
		{ "on timeout { again }", "1:4", "has to end" },
		{ "on timeout { if 'a' == 'b' { again }; exit }", "1:4", "has to end" },
		{ "on eof { repeat 3 { exit } }", "1:4", "has to end" },
		{ "on eof { expect { 'a' { exit }; 'b' {} } }", "1:4", "has to end" },
		/* strings */
		{ "print \"abc", "1:7", "the string that begins here has no end" },
		{ "print 'abc\n\nwait", "1:7", "the string that begins here has no end" },
		{ "print \"a\nexpect /\\d/", "1:7", "an escape that is none at 2:9; is the '\"' at its end missing?" },
		{ "print \"\\q\"", "1:8", "'\\q' is no escape" },
		{ "print \"\\\xc3\xa9\"", "1:8", "'\\\xc3\xa9' is no escape" },
		{ "print \"\\'\"", "1:8", "'\\'' is no escape" },
		{ "print \"a\\\nb\"", "1:9", "a '\\' at the end of a line" },
		{ "print \"\\", "1:8", "a '\\' at the end of a line" },
		{ "print \"\\x4\"", "1:8", "2 hexadecimal digits" },
		{ "print \"\\u12g4\"", "1:8", "4 hexadecimal digits" },
		{ "print \"\\ud800\"", "1:8", "half a character" },
		{ "print \"a\"b", "1:10", "a blank is missing behind the string" },
		{ "print \"a\"'b'", "1:10", "a blank is missing behind the string" },
		{ "print \"a\nprint \"b\"", "2:8", "the string, which began at 1:7" },
		{ "print 'a'# x", "1:10", "a blank is missing" },
		/* words, blocks, bytes */
		{ "key a\"b\"", "1:6", "a quote in the middle of a word" },
		{ "key don't", "1:8", "a quote in the middle of a word" },
		{ "spawn x${a", "1:9", "a '{' in a word needs quotes" },
		{ "key up$home", "1:7", "a variable stands in quotes only; say \"$home\"" },
		{ "print 'a' { }", "1:11", "no block can begin here" },
		{ "wait }", "1:6", "ends no block" },
		{ "}", "1:1", "ends no block" },
		{ "repeat 3 {\n wait", "1:10", "the block that begins here has no '}'" },
		{ "expect {\n 'a' {}", "1:8", "the block that begins here has no '}'" },
		{ "if 'a' == 'b' { if 'a' == 'b' { }", "1:15", "the block that begins here has no '}'" },
		{ "print '\xff'", "1:8", "the byte 0xff is no UTF-8" },
		{ "wait\n\xc3\xa9\xed\xa0\x80", "2:2", "the byte 0xed is no UTF-8" },
		{ "signal \"IN\\0T\"", "1:8", "a NUL byte" },
	};
	char *message, head[64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		message = reading(bad[i].text, strlen(bad[i].text), true);
		(void)snprintf(head, sizeof(head), "a.dp:%s: ", bad[i].place);
		ok(strncmp(message, head, strlen(head)) == 0 && strstr(message, bad[i].words), bad[i].text);
		if (strncmp(message, head, strlen(head)) != 0 || !strstr(message, bad[i].words))
			printf("# wanted %s%s\n# got    %s\n", head, bad[i].words, message);
		free(message);
	}
	message = reading("wait\n\0x", 7, true);
	ok(strncmp(message, "a.dp:2:1: a NUL byte", 20) == 0, "a NUL byte");
	free(message);
}

/* Whether there is a child for each step, and only one. */
static void
test_child(void)
{
	static const struct {
		const char *text, *place;	/* NULL: all is well */
	} cases[] = {
		{ "spawn a; sendline; expect eof", NULL },
		{ "timeout 3s; reply line; set a 'x'; on 'x' { send ' ' }; print 'y'; sleep 0; spawn a; wait", NULL },
		{ "if 'a' == 'b' { spawn a } else { spawn -p b }; wait", NULL },
		{ "if 'a' == 'b' { spawn a }; wait", NULL },
		{ "if 'a' == 'b' { spawn a; exit }; spawn b", NULL },
		{ "if 'a' == 'b' { spawn a; wait; fail 'x' } else { }; spawn b; wait", NULL },
		{ "exit 1; spawn a; spawn b", NULL },
		{ "send 'x'", "1:1" },
		{ "sendline", "1:1" },
		{ "key up", "1:1" },
		{ "secret tty", "1:1" },
		{ "sendeof", "1:1" },
		{ "signal INT", "1:1" },
		{ "resize 1 1", "1:1" },
		{ "expect 'a'", "1:1" },
		{ "ask 'a'", "1:1" },
		{ "interact", "1:1" },
		{ "close", "1:1" },
		{ "wait", "1:1" },
		{ "expect 'a'; spawn a", "1:1" },
		{ "if 'a' == 'b' { wait }", "1:17" },
		{ "repeat 2 { wait; }; spawn a", "1:12" },
		{ "spawn a\nspawn b", "2:1" },
		{ "if 'a' == 'b' { spawn a }; spawn b", "1:28" },
		{ "repeat 2 { spawn a }", "1:12" },
		{ "spawn a; expect { 'a' { spawn b } }", "1:25" },
		{ "on 'a' { spawn b }", "1:10" },
	};
	char *message, head[64];
	bool good;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message = reading(cases[i].text, strlen(cases[i].text), false);
		(void)snprintf(head, sizeof(head), "a.dp:%s: ", cases[i].place ? cases[i].place : "");
		good = cases[i].place ? strncmp(message, head, strlen(head)) == 0 : strncmp(message, " {", 2) == 0;
		ok(good, cases[i].text);
		if (!good)
			printf("# %s\n", message);
		free(message);
	}
	message = reading("wait; spawn a", 13, true);
	ok(strstr(message, "a.dp:1:7: the command is given already") == message, "a spawn, and a command besides");
	free(message);
}

/* How a mistake looks. */
static void
test_looks(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "wait\n\tsned 'x'\nwait", "a.dp:2:2: unknown step 'sned'; did you mean 'send'?\n sned 'x'\n ^" },
		{ "print '\xc3\xa9\x1b[2J' x\r\n", "a.dp:1:15: this is too much for 'print'; it is: print \"TEXT\"\nprint '\xc3\xa9\\x1b[2J' x\n                 ^" },
		{ "key \x1b", "a.dp:1:5: there is no key '\\x1b'; keys are up, enter, f1, ctrl-c, alt-x and the like, and text is for send\nkey \\x1b\n    ^" },
		{ "print 'a\nb' x", "a.dp:2:4: this is too much for 'print'; it is: print \"TEXT\"\nb' x\n   ^" },
		{ "repeat 3", "a.dp:1:9: a block '{ ... }' has to stand here, its '{' on this line; it is: repeat N { ... }\nrepeat 3\n        ^" },
	};
	char text[3000], *message;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message = reading(cases[i].text, strlen(cases[i].text), true);
		ok(same(message, cases[i].message), "how a mistake looks");
		free(message);
	}
	(void)snprintf(text, sizeof(text), "print '%01000d' x '%01000d'", 0, 0);
	message = reading(text, strlen(text), true);
	ok(same(message, "a.dp:1:1010: this is too much for 'print'; it is: print \"TEXT\"\n"
	    "...00000000000000000000000000000000000000' x '0000000000000000000000000000...\n"
	    "                                           ^"), "of a long line what stands around the place");
	free(message);
}

/* In place of its source a secret itself: the line that it stands on was shown, with it. */
static void
test_hidden(void)
{
	static const char *const cases[] = {
		"secret hunter2", "secret -f \"hunter2\"", "secret -hunter2", "secret fd:hunter2", "secret env:hunter2=",
		"secret my hunter2", "secret env:A hunter2", "secret 'hunter2", "secret \"x\n\\hunter2\"", "secret x$hunter2",
		"secret x\"hunter2\"", "secret \"a\nhunter2\"x", "secret env:A { hunter2", "secert hunter2",
		"on 'x' { secret hunter2 }"
	};
	char *message;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message = reading(cases[i], strlen(cases[i]), true);
		ok(strncmp(message, "a.dp:", 5) == 0 && !strstr(message, "unter2"), cases[i]);
		free(message);
	}
	message = reading("if 'a' == 'b' { secret x y }; wait", 34, true);
	ok(same(message, "a.dp:1:24: a secret comes from env:NAME, file:PATH, fd:N, \"command:STRING\" or tty\n"
	    "if 'a' == 'b' { secret ...\n                       ^"), "what is shown of it");
	free(message);
	message = reading("secret env:A; wait x", 20, true);
	ok(strstr(message, "\nsecret env:A; wait x\n") != NULL, "a step behind it is shown");
	free(message);
}

static void
test_depth(void)
{
	static const char one[] = "if 'a' == 'b' { ";
	struct buf text = { 0 };
	char *message;
	int i, deep;

	for (deep = 250; deep <= 251; deep++) {
		buf_free(&text);
		for (i = 0; i < deep; i++)
			put(&text, one);
		for (i = 0; i < deep; i++)
			put(&text, "}");
		message = reading(buf_peek(&text), text.size, true);
		ok(deep == 250 ? strncmp(message, " {if", 4) == 0 : strstr(message, "more than 250 blocks") != NULL, "blocks in blocks");
		free(message);
	}
	buf_free(&text);
	for (i = 0; i < 100000; i++)
		put(&text, "if 'a' == 'b' { } else ");
	message = reading(buf_peek(&text), text.size, true);
	ok(strstr(message, "more than 250 blocks") != NULL, "ifs behind elses");
	free(message);
	buf_free(&text);
}

/* Several texts are one dialogue, each with its places. */
static void
test_several(void)
{
	struct dialogue_opts opts = { .has_command = false };
	struct dialogue d = { 0 };
	char *cause;

	ok(dialogue_add(&d, "step 1", "spawn -p cat; ask 'x'", 21, &cause) == 0 && d.spawns && d.asks, "one step");
	ok(dialogue_add(&d, "step 2", "expect /(a)/", 12, &cause) == 0 && d.matches, "and another one");
	ok(dialogue_add(&d, "step 3", "interact; print \"$1\"", 20, &cause) == 0, "which sees what was matched in one before");
	ok(d.block.count == 5 && strcmp(d.block.steps[4].at.file, "step 3") == 0 && d.block.steps[4].at.column == 11,
	    "they are one dialogue");
	ok(strcmp(d.block.steps[2].branches[0].pattern.source, "/(a)/") == 0, "a pattern as it was written");
	ok(dialogue_check(&d, &opts, &cause) == 0 && !cause, "nothing is wrong with it");
	cause = dialogue_complain(&d, &d.block.steps[2].at, "no match in %d s", 10);
	ok(same(cause, "step 2:1:1: no match in 10 s\nexpect /(a)/\n^"), "what went wrong in a step");
	free(cause);
	ok(dialogue_add(&d, "step 4", "      frob", 10, &cause) < 0 && same(cause, "step 4:1:7: unknown step 'frob'; see dualpipe-dialogue(5)\n      frob\n      ^"),
	    "what is wrong, by the step's number");
	free(cause);
	dialogue_free(&d);
}

static int
read_file(const char *name)
{
	static char text[1 << 20];
	FILE *file = fopen(name, "r");
	size_t size;
	char *line;
	bool good;

	if (!file) {
		perror(name);
		return 1;
	}
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	line = reading(text, size, false);
	good = line[0] == '\0' || line[0] == ' ';
	puts(line);
	free(line);
	return good ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc == 2)
		return read_file(argv[1]);
	test_steps();
	test_mistakes();
	test_child();
	test_looks();
	test_hidden();
	test_depth();
	test_several();
	printf("1..%d\n", tests);
	return failures > 0;
}
