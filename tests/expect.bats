# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154 # a dialogue's $ is not the shell's; helper.bash sets and reads some of these

# What a dialogue waits for: which pattern is it, what is consumed, and what is
# told where nothing matches.

load helper

# Which match.

@test "the earliest match wins, and of two that start together the one written first" {
	dialogue <<'END'
spawn printf 'one two three'
expect {
	"three" { print "no" }
	"two" { print "no" }
	/o\w+/ { print "first: $0" }
	"one" { print "no" }
}
expect {
	/t\w/ { print "short: $0" }
	/t\w+/ { print "no" }
}
END
	is 0 $'first: one\nshort: tw'
}

@test "what matched and all before it is consumed, and ^ and \\A match behind it" {
	dialogue <<'END'
spawn printf 'a1 b2 c3'
expect /b/
print "<$before>"
expect /^2/
print "<$before>"
expect /\A c/
expect eof
print "<$before>"
END
	is 0 $'<a1 >\n<>\n<3>'
}

@test "the flags i, m, s and x" {
	dialogue <<'END'
spawn printf 'ONE\ntwo\nthree\nfour'
expect /one/i
expect /^two$/m
expect /e{2}.f/s
expect / o u r  # a comment/x
print "$0"
END
	is 0 our
}

@test "a literal is not looked at for what a regex would be" {
	dialogue <<'END'
spawn printf 'axb a.b [x]* $1'
expect "a.b"
print "$before"
expect '[x]* $1'
END
	is 0 'axb '
}

@test "on pipes a line may end in \\r\\n" {
	dialogue <<'END'
spawn printf 'one\r\ntwo\r\n'
expect /^(.*)$/m
print "<$1>"
expect /^two$/m
END
	is 0 '<one>'
}

@test "a slash and braces in a regex, and characters of more than one byte" {
	dialogue <<'END'
spawn printf 'a/b {2} été'
expect /a\/b/
expect /\{2\}/
expect /(É.É)/i
print "$1"
END
	is 0 'été'
}

@test "a match that more output could change waits for it: 12 and not 1, 200 times" {
	cat >a.dp <<'END'
repeat 200 {
	sendline
	expect /DONE-(\d+)/
	set got "$1"
	expect /( late)?\n/
	if "$got$1" != "12" { if "$1" == "" { fail "got $got" } }
}
print "all"
END
	# a child that the system has kept from its next byte for long does not count
	try "$DUALPIPE" --script a.dp -- python3 -uc '
import os, time
while os.read(0, 1):
    os.write(1, b"DONE-1")
    before = time.monotonic()
    time.sleep(0.005)
    late = time.monotonic() - before > 0.018
    os.write(1, b"2 late\n" if late else b"2\n")
'
	is 0 all
}

@test "a match in doubt is taken at once where the child waits for input" {
	local before
	before=$(now)
	cat >a.dp <<'END'
repeat 100 {
	sendline "1"
	expect /<(\d+)/
}
print "$1"
END
	try "$DUALPIPE" --script a.dp -- sh -c 'while read -r x; do printf "<$x"; done'
	is 0 1
	[ $(($(now) - before)) -lt 1900 ] || [ -n "$SANITIZE" ] || [ -n "$PORTABLE" ]
}

@test "a match in doubt is taken after a while where the child says no more" {
	try "$DUALPIPE" -k 50ms -e 'expect /DONE-(\d+)/; print "$1"' -- "$peer" print:DONE-1 stall
	is 0 1
}

@test "a complete literal is taken at once, though the child goes on" {
	dialogue <<<$'spawn sh -c \'printf "x"; while :; do printf y; done\'\nexpect "x"\nexit 3'
	is 3 ""
}

@test "a match is the same whatever way the output comes" {
	dialogue -- "$peer" dribble <<'END'
send "some begin middle end"
sendeof
expect /begin (\w+) end/
print "$1"
expect eof
END
	is 0 middle
}

@test "a variable may be a pattern, an empty one is an error" {
	dialogue <<'END'
spawn echo 'a+b'
set p "a+"
expect "${p}b"
print "$0"
set p ""
expect "$p"
END
	status_is 125
	[ "$output" = a+b ]
	says "a.dp:6:8" empty
}

@test "a pattern that backtracks without end is an error, and is named" {
	# its number was told, and of =~ that the list of arguments was too long
	dialogue <<'END'
spawn sh -c 'head -c 100000 /dev/zero | tr "\0" a; echo !; exec cat'
on "never" { print "no" }
expect { eof { print "no" }; "x" { print "no" }; /(a+)+$/i { print "no" } }
print "no"
END
	is 125 "" 'dualpipe: a.dp:3:50: /(a+)+$/i: it backtracks without end'
	dialogue <<'END'
spawn sh -c 'head -c 100000 /dev/zero | tr "\0" a; echo !'
expect eof
if "$before" =~ /(a+)+$/ { print "no" }
END
	is 125 "" 'dualpipe: a.dp:3:17: /(a+)+$/: it backtracks without end'
}

# The window.

@test "what matches nothing is kept up to --match-buffer, and what falls out is told" {
	cat >a.dp <<'END'
expect /(?s)(.*)DONE-(\d+)/
print "$2"
if "$1" =~ /first/ { print "whole" }
END
	try "$DUALPIPE" --script a.dp -- sh -c 'echo first; head -c 900000 /dev/zero; echo DONE-1; cat'
	is 0 $'1\nwhole'
	try "$DUALPIPE" --match-buffer 64k --script a.dp -- sh -c 'echo first; head -c 900000 /dev/zero; echo DONE-1; cat'
	is 0 1
	try "$DUALPIPE" --verbose --match-buffer 64k --script a.dp -- sh -c 'echo first; head -c 900000 /dev/zero; echo DONE-1; cat'
	status_is 0
	[[ $stderr == *"a.dp:1:1: "*" bytes that matched nothing fell out of --match-buffer"* ]]
}

@test "much output is searched in bounded memory" {
	[ -z "$SANITIZE" ] || skip "a sanitizer has a memory of its own"
	try sh -c 'ulimit -v 65536; exec "$@"' - "$DUALPIPE" -e 'expect { "never" { fail "it was" }
		eof { print "at its end" } }' -- "$peer" generate:200000000
	is 0 'at its end'
}

# The end, and time.

@test "an end of output that no pattern is for tells what came and how the child ended" {
	try "$DUALPIPE" -e 'expect "login: "' -- sh -c 'printf "one\ntwo\t\033[1m\nno route"; exit 3'
	status_is 1
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: step 1:1:1: expect: the output has ended for \"login: \" after "*" s; the child has exited 3; what did not match:" ]]
	[ "${stderr_lines[1]}" = "dualpipe: | one" ]
	[ "${stderr_lines[2]}" = 'dualpipe: | two\t\e[1m' ]
	[ "${stderr_lines[3]}" = "dualpipe: | no route" ]
	try "$DUALPIPE" -p -e 'expect "login: "' -- sh -c 'kill -TERM $$'
	status_is 1
	says "the child was ended by TERM"
}

@test "only the last lines of what did not match are shown" {
	try "$DUALPIPE" -e 'expect "x"' -- seq 1 100
	status_is 1
	[ "${#stderr_lines[@]}" -eq 6 ]
	[ "${stderr_lines[1]}" = "dualpipe: | 96" ]
	[ "${stderr_lines[5]}" = "dualpipe: | 100" ]
}

@test "a time that runs out tells the patterns, how long, and what the child does" {
	try "$DUALPIPE" -e 'timeout 100ms; expect { "a" { }; /b+/i { }; eof { } }' -- cat
	status_is 124
	[ -z "$output" ]
	says 'step 1:1:16: expect: time is out for "a", /b+/i or eof after 0.1' " s; the child "
	[ -n "$PORTABLE" ] || says "the child waits for input"
	try "$DUALPIPE" -k 50ms -e 'timeout 100ms; expect "a"' -- "$peer" stall
	status_is 124
	[ -n "$PORTABLE" ] || says "the child is busy"
	[ -z "$PORTABLE" ] || says "cannot be told"
}

@test "a time that runs out while the child is stopped says so" {
	# it was called busy
	local step
	for step in 'expect "x"' wait 'ask "x"'; do
		try "$DUALPIPE" -k 50ms -e "timeout 100ms; $step" -- sh -c 'echo on; kill -STOP $$; cat'
		status_is 124
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "dualpipe: step 1:1:16: "*"; the child is stopped"* ]]
	done
}

@test "timeout 0 takes one look at what is there" {
	try "$DUALPIPE" -k 50ms -e 'expect "ready"; timeout 0; expect { "no" { print "no" }; timeout { print "not there" } }' -- \
		sh -c 'echo ready; exec sleep 60'
	is 0 "not there"
	try "$DUALPIPE" -e 'expect "one"; timeout 0; expect "two"; print "there"' -- printf 'one two'
	is 0 there
}

@test "the branches eof and timeout, and what before is then" {
	dialogue <<'END'
spawn sh -c 'printf one; read -r x; printf two'
timeout 100ms
expect {
	"never" { }
	eof { print "no" }
	timeout { print "timeout <$before>" }
}
timeout 10s
expect "one"
sendline
expect {
	timeout { print "no" }
	eof { print "eof <$before>" }
}
END
	is 0 $'timeout <one>\neof <two>'
}

@test "what has come is looked at before the time or the end is" {
	local i
	for i in 1 2 3 4 5; do
		try "$DUALPIPE" -e 'expect { eof { print "no" }; "last" { print "last" } }; expect eof' -- printf last
		is 0 last
	done
	# it is there from the start, and in doubt for longer than the time
	try "$DUALPIPE" -k 50ms -e 'expect "on"; timeout 1ms; expect /DONE-(\d+)/; print "$1"' -- "$peer" print:onDONE-1 stall
	is 0 1
}

@test "an expect behind the end of output ends the dialogue, too" {
	try "$DUALPIPE" -e 'expect eof; expect "x"' -- sh -c 'exit 3'
	status_is 1
	says "step 1:1:13" "the output has ended"
	try "$DUALPIPE" -e 'expect eof; expect eof' -- sh -c 'exit 3'
	is 3 ""
}

@test "expect eof where the child closes its output and lives on" {
	try "$DUALPIPE" -k 50ms -e 'expect eof; print "closed"' -- sh -c 'exec >&-; sleep 60'
	is 143 closed
	try "$DUALPIPE" -k 50ms -e 'timeout 100ms; expect eof; wait; print "no"' -- sh -c 'exec >&-; exec sleep 60'
	status_is 124
	says "the child has not ended"
	try "$DUALPIPE" -k 50ms -e 'expect "x"' -- sh -c 'exec >&-; exec sleep 60'
	status_is 1
	says "the child has closed its output"
}

@test "what a child leaves behind with its output is not waited for without end" {
	local before
	before=$(now)
	try "$DUALPIPE" -e 'expect eof; print "$before"' -- sh -c 'echo out; sleep 20 & exit 3'
	status_is 3
	[ "$output" = out ]
	says "something it started still holds its output"
	[ $(($(now) - before)) -lt 5000 ]
}

@test "--linger none waits for what was left behind" {
	try "$DUALPIPE" --linger none -e 'expect "late"; print "late"; expect eof' -- sh -c '(sleep 0.3; echo late) & exit 4'
	is 4 late
}

@test "a child that has stopped is waited for" {
	cat >a.dp <<'END'
expect "on"
print "on"
expect "off"
print "off"
expect eof
END
	converse sh -c 'exec "$DUALPIPE" --status-fd 3 --script a.dp -- sh -c "echo on; kill -STOP \$\$; echo off" 3>events'
	wait_for_line on
	child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' events)
	wait_until 10 stopped "$child"
	kill -CONT "$child"
	wait_for_line off
	finish
	[ "$status" -eq 0 ]
}

# ready

@test "expect ready: the child waits for input, and what it said is before" {
	[ -z "$PORTABLE" ] || skip "it is not known without /proc"
	dialogue <<'END'
spawn sh -c 'printf one; sleep 0.2; printf "two> "; read -r x; echo "$x"'
expect ready
print "<$before>"
sendline "hello"
expect "hello"
END
	is 0 '<onetwo> >'
}

@test "expect ready: on a pty somebody the child has started may be the one who waits" {
	# two looks had to find him, and the second was not allowed to search for him again
	local i
	[ -z "$PORTABLE" ] || skip "it is not known without /proc"
	for i in 1 2 3 4; do
		dialogue <<'END'
spawn -p sh -c 'printf "one> "; cat; :'
timeout 5s
expect ready
print "$before"
ask "two"
print "$reply"
END
		is 0 $'one> \ntwo'
	done
}

# The time that it had been at work counted for silence.
@test "expect ready: where it is not sure, what was at work until just now is not ready" {
	[ -z "$PORTABLE" ] || skip "it is not known without /proc"
	dialogue <<'END'
spawn bash -c 'read -r x; sleep 0.5; read -r -t 0.1 x; echo late; read -r x'
sendline
expect ready
print "<$before>"
END
	is 0 $'<late\n>'
}

# again, on

@test "again goes on in the same expect, whose time starts anew" {
	local before
	before=$(now)
	dialogue <<'END'
spawn sh -c 'for i in 1 2 3 4 5; do sleep 0.15; echo "step $i"; done; exec cat'
timeout 500ms
expect {
	/step (\d)/ { print "$1"; again; print "no" }
	timeout { print "silent" }
}
END
	is 0 $'1\n2\n3\n4\n5\nsilent'
	[ $(($(now) - before)) -ge 1200 ]
}

@test "again out of blocks inside a branch" {
	dialogue <<'END'
spawn printf 'a b c'
expect {
	/[ab]/ { repeat 3 { if "x" == "x" { again } }; print "no" }
	"c" { print "c" }
}
END
	is 0 c
}

@test "again behind eof ends the dialogue with 1" {
	dialogue <<<$'spawn true\nexpect { eof { again } }'
	status_is 1
	says "a.dp:2:16" "nothing to wait for"
}

@test "again behind a match of nothing goes on, and does not go round for ever" {
	dialogue <<'END'
spawn printf 'ab\nx\n'
expect {
	/x*/ { print "<$0>"; again }
	eof { print "eof <$before>" }
}
END
	is 0 $'<>\n<>\n<>\n<x>\n<>\n<>\neof <>'
	dialogue <<'END'
spawn printf 'ab\nx\n'
on /^/m { print "line" }
expect "x"
print "<$before>"
expect { eof { } }
END
	is 0 $'line\n<ab\n>\nline'
	dialogue <<'END'
timeout 100ms
spawn cat
on /$/ { }
expect "x"
END
	status_is 124
}

@test "again behind ready waits until something was sent or said" {
	export LIMIT=200ms
	[ -z "$PORTABLE" ] || LIMIT=1s # silence alone tells that it waits
	dialogue <<'END'
spawn cat
timeout "$LIMIT"
expect {
	ready { print "ready"; again }
	timeout { print "no more" }
}
expect {
	ready { print "ready"; sendline "x"; again }
	"x" { print "$0" }
}
on ready { print "on" }
expect { "y" { }; timeout { print "no more" } }
END
	is 0 $'ready\nno more\nready\nx\non\nno more'
	dialogue <<'END'
spawn sh -c 'sleep 0.3; read -r x'
timeout 100ms
expect { ready { print "ready" }; timeout { again } }
END
	is 0 ready
}

# The silence began anew with each of them, and the dialogue never ended.
@test "expect ready: where it is not sure, again behind a timeout does not begin the silence anew" {
	dialogue <<'END'
spawn sh -c 'sed -u s/a/b/ | cat'
timeout 100ms
expect { ready { print "ready" }; timeout { again } }
END
	is 0 ready
}

@test "on is a branch of every later expect, behind its own, and the waiting goes on" {
	dialogue <<'END'
spawn sh -c 'for i in 1 2 3; do printf -- "line $i\n--More--"; read -r x; done; echo end'
on "--More--" { print "more"; sendline }
expect "line 2"
expect "end"
print "end"
END
	is 0 $'more\nmore\nmore\nend'
}

@test "an own pattern comes before one of on that starts together" {
	dialogue <<'END'
spawn printf 'xxy'
on "x" { print "on" }
expect { /x/ { print "own" } }
expect "y"
END
	is 0 $'own\non'
}

@test "on eof is for an ask as well, whose reply ends with the output" {
	# the reply was taken for complete, and the dialogue went on
	local way
	for way in '' -p; do
		dialogue <<END
spawn $way sh -c 'read -r x; echo last; exit 3'
on eof { fail "gone: \$reply" }
ask "x"
print "on"
END
		is 1 "" "dualpipe: a.dp:2:10: gone: last"
	done
	dialogue <<<$'spawn sort\nreply eof\non eof { fail "gone" }\nask "b\\na"\nprint "$reply"'
	is 0 $'a\nb'
}

@test "on may end the dialogue, on eof and on timeout do" {
	dialogue <<<$'spawn echo "Connection closed"\non /closed/ { fail "it is closed" }\nexpect "x"'
	is 1 "" "dualpipe: a.dp:2:15: it is closed"
	dialogue <<<$'spawn true\non eof { exit 7 }\nexpect "x"'
	is 7 ""
	dialogue <<<$'spawn cat\non timeout { exit 8 }\ntimeout 50ms\nexpect "x"'
	is 8 ""
}

@test "an expect inside on waits without that on, and then the first goes on" {
	dialogue <<'END'
spawn sh -c 'printf "sure? "; read -r a; printf "sure? really? "; read -r b; echo "done $a $b"'
on "sure? " {
	sendline "yes"
	expect "really? "
	sendline "really"
}
expect /done (.*)/
print "$1"
END
	is 0 "yes really"
}

@test "the time of an expect starts anew behind on" {
	dialogue <<'END'
spawn sh -c 'for i in 1 2 3 4; do sleep 0.15; echo tick; done; echo end'
timeout 400ms
on "tick" { }
expect "end"
print "end"
END
	is 0 end
}

# Children of all kinds.

@test "a child that dies in the middle is told at once" {
	local before
	before=$(now)
	try "$DUALPIPE" -e 'expect "half done"; expect "done"' -- sh -c 'printf "half done"; kill -KILL $$'
	status_is 1
	says "the child was ended by KILL"
	[ $(($(now) - before)) -lt 3000 ]
}

@test "a child that floods while nobody expects waits, and loses nothing" {
	cat >a.dp <<'END'
expect "go"
sleep 100ms
sendline "1"
expect /end of (\d+)/
print "$1"
END
	try "$DUALPIPE" --script a.dp -- sh -c 'echo go; head -c 5000000 /dev/zero; read -r x; echo end of $x'
	is 0 1
	try "$DUALPIPE" -p --script a.dp -- sh -c 'echo go; head -c 500000 /dev/zero; read -r x; echo end of $x'
	is 0 1
}

@test "10,000 lines go there and back" {
	printf 'repeat 10000 { sendline "hello"; expect "hello\\n" }\nsendeof\nexpect eof\nprint "<$before>"\n' >a.dp
	try "$DUALPIPE" --script a.dp -- cat
	is 0 '<>'
}
