# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154 # a dialogue's $ is not the shell's; helper.bash sets and reads some of these

# A dialogue: its steps one after the other, what they print, and the status.

load helper

# Arguments and ways of giving a dialogue.

@test "a dialogue is read from a file, from stdin, or from the command line" {
	dialogue <<<'print "hello"'
	is 0 hello
	try "$DUALPIPE" --script - <<<'print "hello"'
	is 0 hello
	try "$DUALPIPE" -s a.dp
	is 0 hello
	try "$DUALPIPE" -e 'print "hello"'
	is 0 hello
	try "$DUALPIPE" --step 'print "one"' --step 'print "two"; print "three"'
	is 0 $'one\ntwo\nthree'
}

@test "a file of steps with #! in its first line is a program" {
	printf '#!/usr/bin/env -S %s --script\nprint "hello, $arg1"\n' "$DUALPIPE" >greet
	chmod +x greet
	try ./greet world
	is 0 "hello, world"
}

@test "a dialogue of no steps does nothing, with or without a child" {
	dialogue </dev/null
	is 0 ""
	try "$DUALPIPE" -e '' -- cat
	is 0 ""
}

@test "stdin is left alone by a dialogue, and is not the child's" {
	printf 'print "hello"\nspawn cat\nsend "x\\n"\nexpect "x"\n' >a.dp
	printf 'one\ntwo\n' >input
	{
		attempt "$DUALPIPE" --script a.dp >out
		read -r rest
	} <input
	[ "$rest" = one ]
	[ "$(cat out)" = hello ]
}

@test "the words behind the file are the dialogue's arguments, whatever they look like" {
	cat >a.dp <<'END'
print "$args"
print "$arg1|$arg2|$arg3"
END
	try "$DUALPIPE" --script a.dp -v --help '$HOME'
	is 0 $'3\n-v|--help|$HOME'
}

@test "where the dialogue has no spawn, a command stands behind the first --" {
	printf 'expect eof\nprint "$args $arg1: $before"\n' >a.dp
	try "$DUALPIPE" --script a.dp one -- "$peer" print:-- -- 2>/dev/null
	[ "$output" = "1 one: --" ]
	try "$DUALPIPE" --script a.dp one -- echo -- two
	is 0 $'1 one: -- two'
}

@test "where the dialogue has a spawn, -- is an argument like others" {
	printf 'spawn cat\nprint "$args|$arg1|$arg2"\n' >a.dp
	try "$DUALPIPE" --script a.dp -- x
	is 0 '2|--|x'
}

@test "an argument that was not given is an error where it is used" {
	dialogue <<<$'print "first"\nprint "$arg1"'
	status_is 125
	[ "$output" = first ]
	says "a.dp:2:8" '$arg1 is not set'
}

@test "a dialogue that is not there, or is a folder, is told" {
	try "$DUALPIPE" --script nowhere.dp
	is 125 "" "dualpipe: cannot read dialogue 'nowhere.dp': No such file or directory"
	try "$DUALPIPE" --script .
	is 125 "" "dualpipe: cannot read dialogue '.': Is a directory"
}

# What does not parse.

@test "nothing runs where a dialogue does not parse" {
	dialogue <<'END'
print "never"
spawn touch ran
expect /(/
END
	status_is 125
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: a.dp:3:"* ]]
	[ ! -e ran ]
	try "$DUALPIPE" -e 'print "never"' -e 'expect "x"; sned "y"' -- touch ran
	status_is 125
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: step 2:1:13: unknown step 'sned'"* ]]
	[ ! -e ran ]
}

@test "a step that needs a child is an error where there is none" {
	local step
	for step in 'send "x"' sendline 'key up' 'secret tty' sendeof 'signal INT' 'resize 1 1' 'expect "x"' wait close; do
		dialogue <<<"$step"
		status_is 125
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "dualpipe: a.dp:1:1: "* ]]
	done
}

@test "two children are one too many" {
	dialogue <<<$'spawn touch one\nspawn touch two'
	status_is 125
	try "$DUALPIPE" -e 'spawn touch one' -- touch two
	status_is 125
	[ ! -e one ]
	[ ! -e two ]
}

@test "script, step and a relay's options exclude each other" {
	printf 'print "x"\n' >a.dp
	try "$DUALPIPE" -e 'print "y"' --script a.dp
	status_is 125
	says script step
}

# Strings and variables.

@test "every escape of a string is what it says" {
	printf 'print "%s"\n' '\n\r\t\e\a\0\x01\xff\u00e9\u20ac\\\"\$' >a.dp
	attempt "$DUALPIPE" --script a.dp >out 2>err
	[ "$status" -eq 0 ]
	empty err
	printf '\n\r\t\033\a\0\001\377\303\251\342\202\254\\"$\n' >wanted
	same wanted out
}

@test "a single-quoted string is as it stands" {
	dialogue <<<$'print \'\\n $x ${y} "\''
	is 0 '\n $x ${y} "'
}

@test "a dollar that no name follows is itself" {
	dialogue <<<'print "5 $ $- $"'
	is 0 '5 $ $- $'
}

@test "a string may hold newlines" {
	dialogue <<<$'print "one\ntwo"'
	is 0 $'one\ntwo'
}

@test "what a variable holds is not looked at again" {
	dialogue <<'END'
set a '$b ${b} \n'
set b "x"
print "$a"
set c "$a"
print "${c}d"
END
	is 0 $'$b ${b} \\n\n$b ${b} \\nd'
}

@test "the environment's variables are there, and what the dialogue sets is stronger" {
	export COLOUR=blue
	dialogue <<'END'
print "$COLOUR"
set COLOUR "red"
print "$COLOUR"
spawn sh -c 'echo $COLOUR'
expect eof
print "$before"
END
	is 0 $'blue\nred\nblue'
}

@test "a name that is not set is an error, with its place" {
	dialogue <<'END'
print "a"
if "x" == "x" {
	print "b $nowhere"
}
END
	status_is 125
	[ "$output" = a ]
	says "a.dp:3:11: \$nowhere is not set"
	dialogue <<<'print "$argv"'
	is 125 "" 'dualpipe: a.dp:1:8: $argv is not set; here $arg1, $arg2 ... are the arguments'
}

@test "a group that took no part is empty, one that the pattern does not have is an error" {
	dialogue <<'END'
spawn echo b
expect /(a)?(b)/
print "<$1><$2>"
print "$3"
END
	status_is 125
	[ "$output" = "<><b>" ]
	says "a.dp:4" '$3 is not set'
}

@test "a match of a literal has no groups, and takes those of the last one away" {
	dialogue <<'END'
spawn echo one two
expect /(one)/
print "$1"
expect "two"
print "$1"
END
	status_is 125
	[ "$output" = one ]
	says 'a.dp:5:8: $1 is not set'
}

@test "\$1 is never an argument" {
	dialogue <<<'print "$1"'
	status_is 125
	[[ $stderr == *'$arg1'* ]]
}

@test "a named group, set and for share their names, and the last one holds" {
	dialogue <<'END'
set n "set"
print "$n"
spawn echo 'group'
expect /(?<n>g\w+)/
print "$n"
for n in "for" { print "$n" }
print "$n"
set n ""
print "<$n>"
END
	is 0 $'set\ngroup\nfor\nfor\n<>'
}

@test "a group's name holds until it is set again, also behind other matches" {
	dialogue <<'END'
spawn printf 'a1 b2\n'
expect /a(?<n>\d)/
expect /b\d/
print "$n $0"
END
	is 0 '1 b2'
}

@test "NUL and bytes that are no UTF-8 pass through variables" {
	cat >a.dp <<'END'
spawn printf 'x\000\377y.'
expect "y"
set a "$before"
print "<$a>"
END
	attempt "$DUALPIPE" --script a.dp >out 2>err
	[ "$status" -eq 0 ]
	empty err
	printf '<x\0\377>\n' >wanted
	same wanted out
}

# Ways.

@test "if takes one way: ==, !=, =~, else, else if" {
	dialogue <<'END'
set a "x1"
if "$a" == "x1" { print "1" } else { print "no" }
if "$a" != "x1" { print "no" } else { print "2" }
if "$a" == "y" { print "no" }
else if "$a" =~ /X(\d)/ { print "no" }
else if "$a" =~ /X(?<d>\d)/i { print "3 $1 $d $0 <$before>" }
else { print "no" }
if "" == "" { }
print "4"
END
	is 0 $'1\n2\n3 1 1 x1 <>\n4'
}

@test "what =~ does not match leaves the last match as it was" {
	dialogue <<'END'
if "abc" =~ /b/ { }
if "xyz" =~ /b(c)/ { print "no" }
print "$before$0"
END
	is 0 ab
}

@test "a variable in a regex matches literally" {
	dialogue <<'END'
set a "1.5*"
if "x1.5*y" =~ /x${a}y/ { print "literal" }
if "x1555y" =~ /x${a}y/ { print "no" }
set b "a b#\n\\E(["
if "a b#\n\\E([" =~ /^${b}$/x { print "all of them" }
spawn cat
send "x1.5*y\n"
expect /x${a}(y)/
print "$1"
END
	is 0 $'literal\nall of them\ny'
}

@test "repeat, for and break" {
	dialogue <<'END'
repeat 0 { print "no" }
repeat 2 {
	for i in "a" "b" "c" {
		if "$i" == "c" { break }
		print "$i"
	}
}
set n "3"
repeat "$n" { print "." ; break ; print "no" }
for i in "only" { print "$i" }
END
	is 0 $'a\nb\na\nb\n.\nonly'
}

@test "repeat of what is no number is an error" {
	dialogue <<<$'set n "many"\nrepeat "$n" { }'
	status_is 125
	says "a.dp:2:8" "'many' is no number"
}

@test "a dialogue that goes round a million times is ended by a signal" {
	printf 'print "on"\nrepeat 2000000000 { set a "x" }\n' >a.dp
	converse "$DUALPIPE" --script a.dp
	wait_for_line on
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
}

# How it ends.

@test "a dialogue that comes to its end gives 0, whatever the child does" {
	dialogue <<<$'spawn sh -c "echo x; cat >/dev/null; exit 3"\nexpect "x"'
	is 0 ""
}

@test "exit gives its number, 0 without one, and ends the child" {
	local n
	for n in 0 1 42 255; do
		try "$DUALPIPE" -e "exit $n" -- cat
		is "$n" ""
	done
	try "$DUALPIPE" -e 'exit' -e 'print "no"' -- cat
	is 0 ""
	dialogue <<<$'set n "7"\nexit "$n"'
	is 7 ""
	dialogue <<<$'set n "256"\nexit "$n"'
	status_is 125
	says "a.dp:2:6" "'256' is no exit status"
}

@test "fail gives 1, and says why and where" {
	dialogue <<<$'set host "moon"\nfail "there is no $host"'
	is 1 "" "dualpipe: a.dp:2:1: there is no moon"
}

@test "fail shows each line of its message as one of ours" {
	dialogue <<<'fail "one\ntwo"'
	is 1 "" $'dualpipe: a.dp:1:1: one\ndualpipe: two'
}

@test "fail shows what a terminal could not bear" {
	try "$DUALPIPE" -e 'expect eof; fail "it said $before"' -- printf '\033[31mred\000 end'
	is 1 "" 'dualpipe: step 1:1:13: it said \x1b[31mred\0 end'
}

@test "expect eof gives the child's status" {
	local n
	for n in 0 3 255; do
		try "$DUALPIPE" -e 'expect eof' -- sh -c "echo x; exit $n"
		is "$n" ""
		try "$DUALPIPE" --pty -e 'expect eof' -- sh -c "echo x; exit $n"
		is "$n" ""
	done
	try "$DUALPIPE" -e 'expect eof' -- sh -c 'kill -TERM $$'
	is 143 ""
}

@test "wait takes what comes until the child has ended, and gives its status" {
	dialogue <<'END'
spawn sh -c 'head -c 3000000 /dev/zero; exit 3'
wait
print "$status"
END
	is 3 3
	dialogue <<<$'spawn sh -c \'kill -USR1 $$\'\nwait\nprint "$status"\nexit 0'
	is 0 138
}

@test "what is done behind expect eof does not change the status, exit and fail do" {
	try "$DUALPIPE" -e 'expect eof; print "x"' -- sh -c 'exit 4'
	is 4 x
	try "$DUALPIPE" -e 'expect eof; exit' -- sh -c 'exit 4'
	is 0 ""
	try "$DUALPIPE" -e 'expect eof; fail "x"' -- sh -c 'exit 4'
	is 1 "" "dualpipe: step 1:1:13: x"
}

@test "a command that is not there, or cannot be executed" {
	dialogue <<<$'print "x"\nspawn ./nowhere\nprint "no"'
	status_is 127
	[ "$output" = x ]
	says "cannot start './nowhere'" "No such file"
	: >file
	try "$DUALPIPE" -e 'print "no"' -- ./file
	status_is 126
	[ -z "$output" ]
	says "cannot start './file'" "Permission denied"
}

@test "print to a reader that has gone ends us as SIGPIPE would" {
	cat >a.dp <<'END'
spawn sh -c 'cat; touch ended'
repeat 1000000 { print "x" }
END
	{ fresh "$DUALPIPE" --script a.dp 2>err || echo "$?" >status; } | head -n 1 >out
	[ "$(cat out)" = x ]
	[ "$(cat status)" = 141 ]
	empty err
	[ -e ended ]
}

@test "print to a full disk is an error of ours" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	printf 'print "x"\nprint "y"\n' >a.dp
	attempt "$DUALPIPE" --script a.dp >/dev/full 2>err
	[ "$status" -eq 125 ]
	[ "$(cat err)" = "dualpipe: a.dp:1:1: cannot write to stdout: No space left on device" ]
}

@test "print waits for a slow reader without holding it all" {
	printf 'repeat 200000 { print "0123456789012345678901234567890123456789" }\nspawn true\n' >a.dp
	converse "$DUALPIPE" --script a.dp
	wait_until 10 settled "$pid" peak "$pid"
	[ "$(peak "$pid")" -lt 12000 ] || [ -n "$SANITIZE" ]
	[ "$(wc -l <&"$from")" -eq 200000 ]
	finish
	[ "$status" -eq 0 ]
}

# The child.

@test "spawn looks the command up in PATH and has no shell between" {
	dialogue <<'END'
spawn printf '<%s>' '$HOME' "a  b" '*' ""
expect eof
print "$before"
END
	is 0 '<$HOME><a  b><*><>'
}

@test "a child gets a word with what a variable holds as one word" {
	dialogue 'a b' <<<$'spawn printf "<%s>" "$arg1"\nexpect eof\nprint "$before"'
	is 0 '<a b>'
}

@test "a NUL byte in a word of a command is an error" {
	dialogue <<<'spawn touch "a\0b"'
	status_is 125
	[[ ${stderr_lines[0]} == *NUL* ]]
	[ ! -e a ]
}

@test "spawn -p and --pty give the child a terminal, nothing else does" {
	dialogue <<<$'spawn sh -c "test -t 0 && test -t 1"\nexpect eof'
	is 1 ""
	dialogue <<<$'spawn -p sh -c "test -t 0 && test -t 1"\nexpect eof'
	is 0 ""
	try "$DUALPIPE" -p -e 'expect eof' -- sh -c 'test -t 0 && test -t 1'
	is 0 ""
	try "$DUALPIPE" -p -e 'spawn sh -c "test -t 0"' -e 'expect eof'
	is 0 ""
}

@test "--environment, --directory and --size are the child's" {
	mkdir there
	try "$DUALPIPE" --environment X=1 --directory there -p --size 7x9 -e 'expect /.+/; print "$0"' -- \
		sh -c 'echo $X ${PWD##*/} $(stty size)'
	is 0 '1 there 7 9'
}

@test "send, sendline and sendline without a string" {
	cat >a.dp <<'END'
spawn od -An -c
send "a"
sendline "b"
sendline
send ""
send "\0\xff"
sendeof
expect eof
print "$before"
END
	try "$DUALPIPE" --script a.dp
	status_is 0
	[ "$(tr -s ' ' <<<"$output")" = $' a b \\n \\n \\0 377\n' ] || [ "$(tr -s ' ' <<<"$output" | head -n 1)" = ' a b \n \n \0 377' ]
	[ -z "$stderr" ]
}

@test "64 MiB are sent to a child that first writes 64 MiB, while expects run" {
	cat >a.dp <<'END'
set block "0123456789abcdef"
for i in "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" { set block "$block$block" }
for i in "1" "2" "3" "4" "5" "6" { set block "$block$block" }
send "$block"
sendeof
expect "END1"
expect /got (\d+)/
print "$1"
expect eof
END
	try "$DUALPIPE" --script a.dp -- sh -c 'head -c 67108864 /dev/zero; echo END1; echo got "$(wc -c)"'
	is 0 67108864
}

@test "what is sent behind the end-of-file, or to a child that has gone, is told with --verbose and does no harm" {
	try "$DUALPIPE" --verbose -e 'sendeof; send "x"; expect eof; print "$before"' -- cat
	status_is 0
	[ -z "$output" ] || [ "$output" = $'\n' ]
	[[ $stderr == *"nobody reads what is sent here"* ]]
	try "$DUALPIPE" -e 'expect "x"; sleep 50ms; send "y"; sendline; expect eof' -- sh -c 'exec <&-; echo x; exit 6'
	is 6 ""
}

@test "a signal goes to the child's group by any of its names, and an unknown one is an error" {
	local name
	for name in USR1 SIGUSR1 10; do
		try "$DUALPIPE" -e "expect \"on\"; signal $name; expect \"caught\"; expect eof" -- \
			"$peer" trap:USR1 print:on until:USR1 print:caught exit:5
		is 5 ""
	done
	try "$DUALPIPE" -e 'set a "NOPE"; signal "$a"' -- cat
	status_is 125
	says "there is no signal 'NOPE'"
}

@test "close ends the channel both ways behind what was sent" {
	dialogue <<'END'
spawn sh -c 'trap "" PIPE; cat >got; while echo written; do :; done 2>/dev/null; exit 3'
send "x"
close
wait
print "$status"
END
	is 3 3
	[ "$(cat got)" = x ]
}

@test "sleep lets the time pass, and none is said to be for ever" {
	local before
	before=$(now)
	dialogue <<<'sleep 200ms'
	is 0 ""
	[ $(($(now) - before)) -ge 200 ]
	dialogue <<<$'set d "soon"\nsleep "$d"'
	status_is 125
	says "'soon' is no duration"
}

@test "the child's stderr is passed on, and is no part of what is matched" {
	try "$DUALPIPE" -e 'expect eof; print "$before"' -- "$peer" error:'oops\n' print:out
	is 0 out oops
	try "$DUALPIPE" --stderr merge -e 'expect eof; print "$before"' -- "$peer" error:oops print:out
	is 0 oopsout
	try "$DUALPIPE" --stderr discard -e 'expect eof; print "$before"' -- "$peer" error:oops print:out
	is 0 out
	try "$DUALPIPE" --stderr=errors -e 'expect eof; print "$before"' -- "$peer" error:oops print:out
	is 0 out
	[ "$(cat errors)" = oops ]
}

@test "a child that floods its stderr stops nothing" {
	try "$DUALPIPE" -e 'expect "done"; expect eof' -- "$peer" generate-error:3000000 print:done exit:2
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "$(wc -c <try.err)" -eq 3000000 ]
}

@test "what the child says is not on stdout; --show has the conversation on stderr" {
	dialogue <<<$'spawn cat\nsendline "hello"\nexpect "hello"\nprint "x"'
	is 0 x
	try "$DUALPIPE" --show --script a.dp
	is 0 x $'hello\nhello'
}

@test "--show has a newline for Enter, whatever the child's terminal makes of it" {
	# what came next was written over the line that had been sent
	try "$DUALPIPE" -p --show -e 'expect "on"; sendline "a"; send "b\r"; expect ready' -- sh -c 'stty -icrnl; echo on; cat'
	[[ $stderr == $'on\na\nb\n'* ]]
	[ -z "$output" ]
	try "$DUALPIPE" --show -e 'send "a\r\n"; expect ready' -- cat
	status_is 0
	[ "$stderr" = $'a\na\r' ]
}

@test "--show waits for a slow reader without holding it all, and loses nothing" {
	# it held all of it, and what was not taken when the child ended was lost
	mkfifo shown
	start sh -c 'exec "$@" 2>shown >out' - "$DUALPIPE" --show -e 'expect eof; print "over"' -- "$peer" generate:20000000
	exec {from}<shown
	wait_until 10 settled "$pid" peak "$pid"
	[ "$(peak "$pid")" -lt 12000 ] || [ -n "$SANITIZE" ]
	[ "$(wc -c <&"$from")" -eq 20000000 ]
	finish
	[ "$status" -eq 0 ]
	[ "$(cat out)" = over ]
}

@test "--verbose tells each match with its place" {
	try "$DUALPIPE" --verbose -e 'expect /l+/; expect eof' -- echo hello
	status_is 0
	[ -z "$output" ]
	[[ $stderr == *"step 1:1:8: /l+/ matched"* ]]
	[[ $stderr == *"eof"* ]]
}

@test "--timeout is not kept up by a reader who takes nothing" {
	# it waited for him without end
	printf 'repeat 20000 { print "0123456789012345678901234567890123456789" }\n' >a.dp
	converse "$DUALPIPE" --timeout 100ms --script a.dp
	finish
	[ "$status" -eq 124 ]
	[ "$(cat err)" = $'dualpipe: --timeout ran out\ndualpipe: a.dp:1:16: what was printed last was not taken from us in time' ]
	converse "$DUALPIPE" --quiet --timeout 300ms --ask x -- sh -c 'read -r x; head -c 1000000 /dev/zero'
	finish
	[ "$status" -eq 124 ]
}

# Asking.

@test "what an on takes out of a reply does not count for it" {
	# the framing looked on behind it, at what was no memory of ours
	dialogue <<'END'
spawn sh -c 'read -r x; echo bbbbbbbb; sleep 0.05; read -r x; echo c; echo d; exec cat'
reply lines:2
on /b+\n+/ { sendline }
ask "x"
print "<$reply>"
END
	is 0 $'<c\nd>'
}

@test "an on in an ask that cannot be looked for is an error" {
	dialogue <<'END'
spawn sh -c 'read -r x; head -c 100000 /dev/zero | tr "\0" a; echo !; exec cat'
on /(a+)+$/ { print "no" }
ask "x"
END
	status_is 125
	[ -z "$output" ]
	says "a.dp:2:4: /(a+)+\$/: it backtracks without end"
}

@test "a reply is there though a limit strikes before the child has ended" {
	# it was lost
	local limits=(200ms 500ms)
	[ -z "$PORTABLE" ] || limits=(4s 4s) # silence alone tells that it waits
	try "$DUALPIPE" --quiet --timeout "${limits[0]}" --ask x -- sh -c 'read -r x; echo reply; exec >&- sleep 60'
	is 124 reply
	try "$DUALPIPE" --quiet --timeout "${limits[1]}" --ask x -- sh -c 'read -r x; read -r y; echo late; exec sleep 60'
	is 124 late
}

@test "a NUL behind an escape takes nothing else out of a reply" {
	# it was taken for the beginning of a string without an end
	try "$DUALPIPE" --ask x -- sh -c 'read -r x; printf "a\033\000b\nhello\n"'
	is 0 $'ab\nhello'
}

# Limits and signals.

@test "--timeout ends the dialogue and the child" {
	try "$DUALPIPE" --timeout 100ms -e 'timeout none; expect "x"; print "no"' -- "$peer" stall
	status_is 124
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: --timeout ran out"* ]]
	try "$DUALPIPE" --timeout 100ms -e 'sleep none'
	status_is 124
}

@test "--timeout tells where the dialogue was, and --quiet does not" {
	try "$DUALPIPE" --timeout 200ms -e 'sendline "foo"; expect "bar"' -- cat
	status_is 124
	[ "${stderr_lines[0]}" = "dualpipe: --timeout ran out, 'cat' is ended" ]
	[[ ${stderr_lines[1]} == 'dualpipe: step 1:1:17: expect: time is out for "bar" after '*'; what did not match:' ]]
	[ "${stderr_lines[2]}" = 'dualpipe: | foo' ]
	try "$DUALPIPE" --timeout 100ms -e 'wait' -- "$peer" stall
	status_is 124
	[[ ${stderr_lines[1]} == 'dualpipe: step 1:1:1: wait: time is out after '*' s; '* ]]
	try "$DUALPIPE" --quiet --timeout 100ms -e 'expect "bar"' -- cat
	is 124 ''
	[ -z "$stderr" ]
}

@test "--timeout ends a dialogue without a child that prints to a slow reader" {
	# it was ended by SEGV
	printf 'repeat 20000 { print "0123456789012345678901234567890123456789" }\n' >a.dp
	converse "$DUALPIPE" --timeout 200ms --script a.dp
	wait_until 10 holds err "--timeout ran out"
	cat <&"$from" >out
	finish
	[ "$status" -eq 124 ]
	[ "$(cat err)" = "dualpipe: --timeout ran out" ]
	[ "$(sort -u out)" = 0123456789012345678901234567890123456789 ]
}

@test "--idle-timeout is the silence of all sides" {
	try "$DUALPIPE" --idle-timeout 200ms -e 'timeout none; expect "never"' -- \
		sh -c 'for i in 1 2 3 4 5; do sleep 0.1; echo $i; done; sleep 60'
	status_is 124
	[[ ${stderr_lines[0]} == "dualpipe: --idle-timeout ran out"* ]]
}

@test "at the end a child that goes on gets end-of-file, TERM and KILL, --kill-after apart" {
	local before
	before=$(now)
	try "$DUALPIPE" --kill-after 100ms -e 'expect "on"' -- "$peer" ignore:TERM print:on stall
	is 0 ""
	[ $(($(now) - before)) -ge 200 ]
	[ $(($(now) - before)) -lt 5000 ]
}

@test "a signal to us goes on to the child, and the dialogue goes on with what it says" {
	cat >a.dp <<'END'
spawn sh -c 'trap "echo caught" INT; echo on; while read -r x; do echo "$x"; done; while :; do sleep 0.02; done'
expect "on"
print "on"
expect "caught"
print "caught"
signal TERM
expect eof
END
	converse "$DUALPIPE" --script a.dp
	wait_for_line on
	kill -INT "$pid"
	wait_for_line caught
	finish
	[ "$status" -eq 143 ]
}

@test "a signal to us that the child dies of ends the dialogue as it ends the child" {
	converse "$DUALPIPE" -e 'print "on"; timeout none; sleep none' -- "$peer" stall
	wait_for_line on
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
}

@test "a signal to us that the child dies of ends a dialogue that goes round and waits for nothing" {
	converse "$DUALPIPE" -e 'print "on"; repeat 2000000000 { set x "1" }' -- "$peer" stall
	wait_for_line on
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
}

@test "a signal to us that the child ends well of has not ended the dialogue well" {
	local step
	for step in 'sleep none' 'expect "never"' 'timeout 10s; expect "never"' 'reply until:never; ask "x"'; do
		converse "$DUALPIPE" -e "expect \"ready\"; print \"on\"; timeout none; $step" -- "$peer" trap:TERM print:ready until:TERM
		wait_for_line on
		kill -TERM "$pid"
		finish
		[ "$status" -eq 143 ]
		empty err
	done
}

@test "a second signal ends us where the child ignores the first" {
	converse "$DUALPIPE" --verbose --kill-after 100ms -e 'expect "ready"; print "on"; timeout none; expect "never"' -- \
		"$peer" ignore:all print:ready stall
	wait_for_line on
	kill -TERM "$pid"
	wait_until 5 holds err "signal TERM went on"
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
}

# The record.

@test "a dialogue's transcript has what was sent and said, and what was done besides" {
	cat >a.dp <<'END'
spawn sh -c 'trap "echo caught" USR1; read -r a; echo "got $a"; read -r a; echo "got ${#a}"; while read -r a; do :; done; echo oops >&2; exit 3'
sendline "one"
expect "got one"
secret env:WORD
expect "got 6"
sendeof
expect eof
END
	export WORD=sesame
	try "$DUALPIPE" -T record --script a.dp
	is 3 "" oops
	cat >wanted <<'END'
> one
< got one
@ secret
< got 6
@ eof
! oops
= 3
END
	sed 1,2d record | diff -u wanted - >&2
}

@test "an end-of-file stands in the transcript behind all that was sent before it" {
	# it stood where the pipe was full
	cat >a.dp <<'END'
set block "0123456789abcde\n"
for i in "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" { set block "$block$block" }
send "$block"
sendeof
sendeof
expect eof
END
	try "$DUALPIPE" -T record --script a.dp -- sh -c 'until [ -s record ]; do sleep 0.02; done; cat >/dev/null'
	is 0 ""
	[ "$(grep -c '^>' record)" -eq 8192 ]
	[ "$(tail -n 2 record)" = $'@ eof\n= 0' ]
}

@test "a signal and a resize of a dialogue are in the transcript" {
	try "$DUALPIPE" -p -T record -e 'expect "on"; resize 10 40; signal INT; expect eof' -- \
		sh -c 'trap "stty size; exit 4" INT; echo on; while :; do sleep 0.02; done'
	is 4 ""
	cat >wanted <<'END'
< on
@ resize 10 40
@ signal INT
< 10 40
= 4
END
	sed 1,2d record | diff -u wanted - >&2
}

# It waited for a child that nobody looked after, or crashed.
@test "no memory behind the start of the child: 125, and why, and no child" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local n words way
	for n in 1 2 3 4; do
		for words in '--step|spawn cat' '--step|wait|--|cat' '--ask|x|--|cat'; do
			IFS='|' read -ra way <<<"$words"
			LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n try "$DUALPIPE" --status-fd 1 "${way[@]}"
			status_is 125
			says 'Cannot allocate memory'
			[[ $output == '{"event":"end","pid":null,"reason":"failed","code":null,"signal":null,'* ]]
		done
	done
}

# A key was lost, or all that was sent behind it.
@test "where memory is out for a moment a dialogue says all, or fails" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local n held=0
	for n in {1..24}; do
		LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n try "$DUALPIPE" -e 'spawn -p cat' -e 'timeout 3s' \
			-e 'sendline "abc"' -e 'expect "abc"' -e 'sendeof'
		if [ "$status" -eq 125 ]; then
			says 'Cannot allocate memory'
			continue
		fi
		is 0 ''
		held=$((held + 1))
	done
	[ "$held" -gt 0 ]
}

# Its pattern was called no regular expression.
@test "where memory is out for a framing, a dialogue says so" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local n
	for n in {1..24}; do
		LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n try "$DUALPIPE" -e 'spawn cat' -e 'reply "until:^[x]"' -e 'reply "echo:a:[x]"' \
			-e 'sendeof'
		[ "$status" -eq 0 ] || is 125 '' "${stderr%: Cannot allocate memory}: Cannot allocate memory"
	done
}

@test "--status-fd tells how the child ended, and of a dialogue without one" {
	try bash -c '"$DUALPIPE" --status-fd 3 -e "send \"x\"; expect \"x\"" -- cat 3>events'
	is 0 ""
	grep -q '"event":"start","pid":[0-9]' events
	grep -q '"event":"end".*"reason":"exited","code":0,.*"to_child":1,"from_child":1,' events
	try bash -c '"$DUALPIPE" --status-fd 3 -e "expect eof" -- sh -c "exit 125" 3>events'
	is 125 ""
	grep -q '"reason":"exited","code":125,' events
	try bash -c '"$DUALPIPE" --status-fd 3 -e "exit 7" 3>events'
	is 7 ""
	[[ $(cat events) == '{"event":"end","pid":null,"reason":"exited","code":null,"signal":null,'* ]]
	try bash -c '"$DUALPIPE" --status-fd 3 -e "spawn ./nowhere" 3>events'
	status_is 127
	[[ $(cat events) == '{"event":"end","pid":null,"reason":"failed","code":null,"signal":null,'* ]]
	try bash -c '"$DUALPIPE" --quiet --timeout 50ms --status-fd 3 -e "sleep none" 3>events'
	is 124 ""
	[[ $(cat events) == *'"reason":"timeout"'* ]]
}

@test "nothing of a dialogue is left behind, whichever way it ends" {
	local end
	for end in 'exit 3' 'fail "x"' 'expect "never"' 'expect eof'; do
		try "$DUALPIPE" --kill-after 100ms -e "timeout 100ms; expect /child (\\d+)/; print \"\$1\"; $end" -- \
			sh -c 'echo child $$; exec cat'
		gone "$output" || fail "left: $output after $end"
	done
}
