# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154 # a dialogue's $ is not the shell's; helper.bash sets and reads some of these

# A secret of a dialogue: where it comes from, when it is sent, and that it is
# nowhere to be seen.

load helper

# A program that asks for two words, as passwd does: echo off, then what was
# typed too early is thrown away, then the prompt.
asks_twice() {
	cat >asks <<'END'
stty -echo
for i in 1 2; do
	"$HELPERS/peer" flush
	printf 'word %s: ' "$i"
	read -r word
	echo
	echo "$i has ${#word}"
done
stty echo
END
}

# nowhere WORD FILE ...
nowhere() {
	local word=$1
	shift
	! grep -aqF -- "$word" "$@" || fail "the secret is in: $(grep -alF -- "$word" "$@")"
}

# Where from.

@test "a secret comes from the environment, a file, a descriptor, a command" {
	printf 'filed\nmore\n' >file
	printf 'spawn cat\nsecret "$arg1"\nexpect /.+/\nprint "$0"\n' >a.dp
	export WORD=sesame
	try "$DUALPIPE" --script a.dp env:WORD
	is 0 sesame
	try "$DUALPIPE" --script a.dp file:file
	is 0 filed
	try "$DUALPIPE" --script a.dp 'command:echo "made $WORD"; echo more'
	is 0 "made sesame"
	try bash -c '"$DUALPIPE" --script a.dp fd:7 7<file'
	is 0 filed
}

@test "a secret may lack its newline" {
	printf 'last' >file
	try "$DUALPIPE" -e 'secret file:file; expect "last\n"; print "x"' -- cat
	is 0 x
	try "$DUALPIPE" -e 'secret "command:printf last"; expect "last\n"; print "x"' -- cat
	is 0 x
}

@test "of a descriptor one line is read, so that several secrets follow each other" {
	printf 'one\ntwo\nthree\n' >file
	try bash -c '{ "$DUALPIPE" -e "secret fd:7; expect \"one\"; secret fd:7; expect \"two\"; print \"x\"" -- cat; read -r rest <&7; echo "$rest"; } 7<file'
	is 0 $'x\nthree'
}

@test "a descriptor with a secret is not the child's, others are" {
	echo word >file
	try bash -c '"$DUALPIPE" -e "secret fd:7; expect /7:.*/; print \"\$0\"; expect eof" -- \
		sh -c "read -r x; if { true <&7; } 2>/dev/null; then echo 7:open; else echo 7:closed; fi; cat <&8" 7<file 8</dev/null'
	is 0 7:closed
}

@test "a secret that is not to be had is an error, and says why" {
	local source
	unset WORD
	: >empty
	for source in env:WORD file:nowhere file:. file:empty fd:77 command:false 'command:exit 3' tty; do
		printf 'secret "%s"\n' "$source" >a.dp
		try "$peer" setsid exec "$DUALPIPE" --script a.dp -- cat
		status_is 125
		[ -z "$output" ]
		says "a.dp:1:1: secret: "
	done
	try "$DUALPIPE" -e 'secret "command:exit 3"' -- cat
	says "it printed nothing (status 3)"
}

@test "a secret from a descriptor that is not open is not read from one of our own" {
	# it was waited for, at the child's output among others
	local fd
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		try "$DUALPIPE" -k 50ms -e "timeout 500ms; secret fd:$fd" -- "$peer" print:secret stall
		is 125 "" "dualpipe: step 1:1:16: secret: descriptor $fd: Bad file descriptor"
	done
}

@test "a number in a variable does not reach a descriptor of our own either" {
	# our own ends of the child were read, and the secret was what it said, or nothing until the time was over
	local fd
	printf 'timeout 500ms\nsecret "fd:$arg1"\n' >a.dp
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		try "$DUALPIPE" -k 50ms --transcript t --stderr err --script a.dp "$fd" -- "$peer" print:secret stall
		is 125 "" "dualpipe: a.dp:2:1: secret: descriptor $fd: Bad file descriptor"
	done
	try bash -c 'exec "$DUALPIPE" --status-fd 9 --script a.dp 9 -- cat 9<>status'
	is 125 "" "dualpipe: a.dp:2:1: secret: descriptor 9: Bad file descriptor"
}

@test "a number in a variable and one in the dialogue may be the same descriptor's" {
	printf 'one\ntwo\nthree\n' >file
	printf 'secret "fd:$arg1"\nsecret fd:7\nsecret "fd:$arg1"\nexpect "one\ntwo\nthree\n"\nprint "x"\n' >a.dp
	try bash -c 'exec "$DUALPIPE" --script a.dp 7 -- cat 7<file'
	is 0 x
}

@test "a secret has at most 65536 bytes, and of a longer one is told where it comes from" {
	# of a file it was told that a message is too long, without the file's name
	local source word
	word=$(printf '%065536d' 0)
	for source in env:WORD file:word 'command:cat word' fd:7; do
		printf 'secret "%s"\nsendeof\nexpect /^\\d+/\nprint "$0"\n' "$source" >a.dp
		printf '%s\n' "$word" >word
		WORD=$word try bash -c 'exec "$DUALPIPE" --script a.dp -- wc -c 7<word'
		is 0 65537
		printf '%s0' "$word" >word
		WORD=${word}0 try bash -c 'exec "$DUALPIPE" --script a.dp -- wc -c 7<word'
		status_is 125
		[ -z "$output" ]
		says "a.dp:1:1: secret: " ": its line has more than 65536 bytes"
		says "secret: $(case $source in env:*) echo WORD ;; file:*) echo word ;; fd:*) echo descriptor 7 ;; *) echo the command ;; esac):"
	done
}

@test "where a secret comes from is not repeated where that is none: it may be the secret" {
	# one that came from a variable was
	local source
	for source in word fd:word env:wo=rd; do
		dialogue <<<"spawn cat"$'\n'"set a \"$source\""$'\n''secret "$a"'
		is 125 "" 'dualpipe: a.dp:3:8: a secret comes from env:NAME, file:PATH, fd:N, "command:STRING" or tty'
	done
}

@test "a terminal that ^S has stopped keeps no limit of time from a question for a secret" {
	# it was written there, however long that took
	run "$inpty" idle 'send:\x13' 'run:touch go' ended -- "$DUALPIPE" --timeout 1s -e 'expect "go"; secret tty' -- \
		sh -c 'until [ -e go ]; do sleep 0.01; done; echo go; exec cat'
	status_is 124
}

@test "a command that takes too long for its secret is 124, and is ended" {
	try "$DUALPIPE" -e 'timeout 100ms; secret "command:echo $$ >pid; exec sleep 60"' -- cat
	status_is 124
	says "secret: it was not to be had in 0.1"
	gone "$(cat pid)"
}

@test "a secret that comes when the dialogue was stopped is not looked at any more" {
	# it was told, or taken for one to send, though nothing was to be done any more
	local end
	mkfifo go
	for end in 'exit 3' 'echo word'; do
		converse "$DUALPIPE" --verbose --timeout 100ms --kill-after 300ms -e 'timeout none; expect "on"; secret "command:read -r x <go; '"$end"'"' -- \
			"$peer" ignore:TERM print:on stall
		wait_until 10 holds err "--timeout ran out"
		: <>go >go
		finish
		[ "$status" -eq 124 ]
		[[ $(tail -n 1 err) == "dualpipe: step 1:1:28: secret: time is out after"* ]] || fail "$(cat err)"
	done
}

@test "the person at the terminal is asked, without echo" {
	in_terminal expect:'a.dp:2: ' send:'sesame\r' -- \
		bash -c 'printf "spawn cat\nsecret tty\nexpect /.*/\nprint \"got \$0\"\n" >a.dp; "$DUALPIPE" --script a.dp </dev/null; stty -a | grep -o " -\?echo "'
	status_is 0
	[[ $output == *"got sesame"* ]]
	[ "$(count sesame)" -eq 1 ]
	[[ $output == *" echo "* ]]
}

@test "an interrupt of the question ends the dialogue, and puts the terminal back" {
	local signal
	printf 'spawn cat\nsecret tty\nprint "no"\n' >a.dp
	in_terminal -m expect:'a.dp:2: ' send:'half\x03' -- "$DUALPIPE" --script a.dp
	status_is 130
	[[ $output != *half* && $output != *no* ]]
	for signal in TERM HUP; do
		in_terminal -m expect:'a.dp:2: ' kill:"$signal" -- "$DUALPIPE" --script a.dp
		[ "$status" -gt 128 ]
	done
}

# When.

@test "two secrets in a row do not meet one prompt" {
	local i
	asks_twice
	export ONE=first TWO=second!
	for i in 1 2 3 4 5; do
		try "$DUALPIPE" -p -e 'secret env:ONE; secret env:TWO; expect "1 has 5"; expect "2 has 7"; expect eof' -- sh asks
		is 0 ""
	done
}

@test "getpass of python3 gets what is sent before it asks" {
	command -v python3 >/dev/null || skip "there is no python3"
	export ONE=first TWO=second!
	try "$DUALPIPE" -p -e 'secret env:ONE; secret env:TWO; expect /got .*/; print "$0"' -- \
		python3 -c 'import getpass, time
a = getpass.getpass()
time.sleep(0.1)
b = getpass.getpass("again: ")
print("got", len(a), len(b))'
	is 0 "got 5 7"
}

@test "a secret on a pty waits for echo off, and fails where that does not come" {
	export WORD=sesame
	try "$DUALPIPE" -p -e 'timeout 200ms; secret env:WORD' -- cat
	status_is 124
	says "secret: not sent" "secret -f"
	try "$DUALPIPE" -p -e 'secret env:WORD' -- sh -c 'exit 3'
	status_is 1
	says "secret: not sent" "the child has exited 3"
}

@test "secret -f does not wait, nor does one on pipes" {
	export WORD=sesame
	try "$DUALPIPE" -p -e 'secret -f env:WORD; expect "got 6"; print "x"' -- sh -c 'read -r x; echo "got ${#x}"'
	is 0 x
	try "$DUALPIPE" -e 'secret env:WORD; expect "got 6"; print "x"' -- sh -c 'read -r x; echo "got ${#x}"'
	is 0 x
}

@test "what is sent behind a secret comes behind it" {
	needs_proc # when the child asks again
	asks_twice
	export WORD=first
	try "$DUALPIPE" -p -e 'secret env:WORD; sendline "second!"; expect "1 has 5"; expect "2 has 7"; expect eof' -- sh asks
	is 0 ""
}

@test "a secret that has to wait for room is in the record once" {
	# it was there for each time that it did not go; the block fills a pipe
	cat >a.dp <<'END'
set block "0123456789abcde\n"
for i in "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" { set block "$block$block" }
send "$block"
secret env:WORD
sendeof
expect /(\d+)/
print "$1"
expect eof
END
	export WORD=sesame
	try "$DUALPIPE" -T record --script a.dp -- sh -c 'until grep -q "^@ secret" record; do sleep 0.02; done; wc -c'
	is 0 65543
	[ "$(grep -c '^@ secret$' record)" -eq 1 ]
}

# Nowhere.

@test "a secret is in no transcript, message, argument or environment" {
	asks_twice
	printf 'hunter2\n' >word
	cat >a.dp <<'END'
secret file:word
expect "1 has 7"
secret "command:cat word"
expect "2 has 7"
expect eof
END
	for format in text jsonl cast; do
		try "$DUALPIPE" -p --show --verbose -T "record.$format" --transcript-format "$format" --script a.dp -- sh asks
		status_is 0
		[ -z "$output" ]
		nowhere hunter2 "record.$format" try.err
	done
	[ "$(grep -c '^@ secret$' record.text)" -eq 2 ]
}

@test "a secret is in no message of what did not match" {
	export WORD=hunter2
	try "$DUALPIPE" -p --verbose -e 'timeout 200ms; secret env:WORD; expect "never"' -- sh -c 'stty -echo; printf "? "; read -r x; echo got; cat'
	status_is 124
	nowhere hunter2 try.err
	[[ $stderr == *"| ? got"* ]]
}

@test "a secret is in neither our arguments nor our environment" {
	printf 'hunter2\n' >word
	converse "$DUALPIPE" -p -e 'secret file:word; expect "1"; print "on"; timeout none; expect "never"' -- \
		sh -c 'stty -echo; printf "? "; read -r x; unset x; echo 1; exec cat'
	wait_for_line on
	tr '\0' '\n' <"/proc/$pid/cmdline" >cmdline
	tr '\0' '\n' <"/proc/$pid/environ" >environ
	nowhere hunter2 cmdline environ
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
}

@test "a secret is wiped from our memory once it was sent" {
	command -v gdb >/dev/null || skip "there is no gdb to look with"
	[ -z "$SANITIZE" ] || skip "a sanitizer keeps what was freed"
	printf 'hunter2secret\n' >word
	converse "$DUALPIPE" -p -e 'secret file:word; expect "1"; print "on"; timeout none; expect "never"' -- \
		sh -c 'stty -echo; printf "? "; read -r x; unset x; echo 1; exec cat'
	wait_for_line on
	gdb -q -p "$pid" -batch -ex 'generate-core-file core' >log 2>&1 || skip "no process may be looked at here"
	[ -s core ] || skip "no process may be looked at here"
	nowhere hunter2secret core
	kill -TERM "$pid"
	finish
}
