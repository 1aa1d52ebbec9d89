# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2154
#
# A dialogue hands its conversation to the person at the terminal, and goes on.

load helper

@test "interact hands a child on a pty to the terminal, and the escape key gives it back" {
	cat >a.dp <<'END'
spawn -p sh -c 'echo one; read x; echo "got $x"; read y; echo "then $y"; exit 5'
expect "one"
interact
sendline "scripted"
expect /then (\w+)/
print "it was $1"
expect eof
END
	in_terminal idle send:'typed\r' expect:'got typed' send:'\x1d' -- "$DUALPIPE" --script a.dp
	status_is 5
	[[ $output == *'it was scripted'* ]] || fail "$output"
}

@test "interact edits lines for a child on pipes" {
	in_terminal -m idle send:'x' expect:'x' send:'\x7f6*7\r' expect:'42' send:'9\x1d' -- \
		"$DUALPIPE" -e 'interact; sendline "2+2"; expect /^4\n/m; print "four"' -- bc -q
	status_is 0
	[[ $output == *four* ]] || fail "$output"
}

@test "--escape is the key that gives the conversation back" {
	in_terminal -m idle send:'a\r' expect:'a' send:'\x14' -- \
		"$DUALPIPE" --escape ^T -e 'interact; print "back"' -- cat
	status_is 0
	[[ $output == *back* ]] || fail "$output"
}

@test "a child that ends while the person has it ends the interact, and what follows sees it" {
	in_terminal -m idle send:'bye\r' -- "$DUALPIPE" -e 'interact; expect eof; print "over"' -- sh -c 'read x; exit 3'
	status_is 3
	[[ $output == *over* ]] || fail "$output"
}

@test "what the person types is recorded as what the dialogue sends" {
	in_terminal idle send:'6*7\r' expect:'42' send:'\x1d' -- "$DUALPIPE" -T record -e \
		'sendline "1+1"; expect /2/; interact; sendline "2+2"; expect /4/' -- bc -q
	status_is 0
	grep '^[<>]' record >lines
	[[ $(tr '\n' ' ' <lines) == *'> 6*7 < 42 > 2+2 < 4 '* ]] || fail "$(cat record)"
}

@test "a password that is typed meanwhile is not recorded" {
	in_terminal expect:'Password' idle send:'hunter2\r' \
		expect:'read' send:'\x1d' -- "$DUALPIPE" -T record -e 'interact' -p -- \
		sh -c 'stty -echo; printf "Password: "; read x; stty echo; echo; echo "read ${#x}"; read y'
	status_is 0
	run ! grep -q hunter2 record
	grep -q '^@ secret' record
}

@test "interact without a terminal is an error" {
	try "$DUALPIPE" -e 'interact' -- cat
	status_is 125
	says 'step 1:1:1' interact 'no terminal'
}

@test "interact at a terminal that nothing can be drawn on lets the keys of a pty pass" {
	# it said that there is no terminal
	in_terminal idle send:'6*7\r' expect:'42' send:'\x1d' -- \
		env TERM=dumb "$DUALPIPE" -p -e 'interact; sendline "2+2"; expect /4\n/; print "four"' -- bc -q
	status_is 0
	[[ $output == *four* ]] || fail "$output"
}

@test "interact where nobody edits the lines of a child on pipes is an error" {
	# with --no-edit the step was done without a word
	local options
	for options in --no-edit --quiet; do
		in_terminal -- env TERM=dumb "$DUALPIPE" $options -e 'interact; print "over"' -- cat
		status_is 125
		[[ $output == *'step 1:1:1: interact: '*'on pipes'* && $output != *over* ]] || fail "$output"
	done
}
