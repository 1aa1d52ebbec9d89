# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154 # a dialogue's $ is not the shell's; helper.bash sets and reads some of these

# What a dialogue types at the terminal of its child, and how that comes there.

load helper

# typed STEPS SIZE [PREPARE]: what a child that reads keys gets of them, in hex
typed() {
	printf 'expect "ready"\n%s\nexpect /<(.*)\\n/\nprint "$1"\n' "$1" >a.dp
	try "$DUALPIPE" -p --script a.dp -- "$peer" raw ${3:+"print:$3"} print:ready print:'<' hex:"$2"
}

@test "every key is sent in the form that a terminal sends it" {
	local key bytes
	while read -r key bytes; do
		typed "key $key" "$(wc -w <<<"$bytes")"
		[ "${output// /}" = "${bytes// /}" ] || fail "$key: $output, not $bytes" "$stderr"
		status_is 0
	done <<'END'
up 1b 5b 41
down 1b 5b 42
left 1b 5b 44
right 1b 5b 43
home 1b 5b 48
end 1b 5b 46
pageup 1b 5b 35 7e
pagedown 1b 5b 36 7e
enter 0d
tab 09
escape 1b
backspace 7f
delete 1b 5b 33 7e
f1 1b 4f 50
f4 1b 4f 53
f5 1b 5b 31 35 7e
f12 1b 5b 32 34 7e
ctrl-a 01
ctrl-c 03
ctrl-z 1a
ctrl-space 00
ctrl-[ 1b
ctrl-\ 1c
ctrl-] 1d
ctrl-^ 1e
ctrl-_ 1f
alt-x 1b 78
END
}

@test "in application mode the arrows have their other form, and back" {
	typed 'key up home' 6 '\e[?1h'
	is 0 "1b 4f 41 1b 4f 48"
	typed 'key up' 3 '\e[?1h\e[?1l'
	is 0 "1b 5b 41"
	typed 'key up' 3 '\e[?'
	is 0 "1b 5b 41"
}

@test "several keys go in their order, a variable may name one" {
	typed 'key up a' 7
	status_is 125
	typed $'set k "down"\nkey up "$k" enter' 7
	is 0 "1b 5b 41 1b 5b 42 0d"
	dialogue <<<$'spawn -p cat\nset k "nokey"\nkey "$k"'
	status_is 125
	says "there is no key 'nokey'"
}

@test "keys on pipes are bytes, Enter is a newline there" {
	try "$DUALPIPE" -e 'key up enter; expect /<(.*)\n/; print "$1"' -- "$peer" print:'<' hex:4
	is 0 "1b 5b 41 0a"
}

@test "sendline ends in what Enter is to the child" {
	typed 'sendline "x"' 2
	is 0 "78 0d"
	try "$DUALPIPE" -p -e 'sendline "x"; expect /<(.*)\n/; print "$1"' -- "$peer" print:'<' hex:2
	is 0 "78 0a"
}

@test "nothing is echoed, and \\r\\n comes as \\n; neither with --raw, and --echo" {
	try "$DUALPIPE" -p -e 'sendline "hello"; expect /got hello\n/; print "<$before>"' -- sh -c 'read -r x; echo "got $x"'
	is 0 '<>'
	try "$DUALPIPE" -p --raw -e 'sendline "hello"; expect /got hello\r\n/; print "ok"' -- sh -c 'read -r x; echo "got $x"'
	is 0 ok
	try "$DUALPIPE" -p --echo -e 'sendline "hello"; expect "hello"; expect "got hello"; print "ok"' -- sh -c 'read -r x; echo "got $x"'
	is 0 ok
}

@test "control characters mean what they mean when they are typed" {
	try "$DUALPIPE" -p -e 'expect "on"; send "\x03"; expect "caught"; expect eof' -- "$peer" trap:INT print:on until:INT print:caught exit:5
	is 5 ""
	try "$DUALPIPE" -p -e 'expect "on"; key ctrl-\; expect eof' -- "$peer" print:on stall
	[ "$status" -eq 131 ]
	try "$DUALPIPE" -p -e 'send "one two\x17three\x15last\x7ft\n"; expect /<.*>/; print "$0"' -- "$peer" line
	is 0 '<last>'
}

@test "sendeof is one end-of-file; behind half a line it takes two" {
	try "$DUALPIPE" -p -e 'send "one\n"; sendeof; expect eof; print "$before"' -- "$peer" count
	[[ $output == 4* ]]
	try "$DUALPIPE" -p -e 'send "half"; sendeof; sendeof; expect eof; print "$before"' -- "$peer" count
	[[ $output == 4* ]]
	try "$DUALPIPE" -p -k 50ms -e 'timeout 200ms; send "half"; sendeof; expect eof' -- "$peer" count
	status_is 124
	try "$DUALPIPE" -p -e 'sendeof; expect "again"; sendline "x"; expect "got x"; print "ok"' -- \
		sh -c 'read -r x || echo again; read -r x; echo "got $x"'
	is 0 ok
}

@test "a line longer than a terminal's line passes whole" {
	[ -z "$PORTABLE" ] || skip "a driver that cannot be kept from it cuts the line"
	cat >a.dp <<'END'
set x "0123456789abcdef"
for i in "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" { set x "$x$x" }
sendline "$x"
expect /got (\d+)/
print "$1"
END
	try "$DUALPIPE" -p --script a.dp -- python3 -c 'import sys; print("got", len(sys.stdin.readline()))'
	is 0 16385
}

@test "many lines to a slow reader on a pty lose nothing" {
	cat >a.dp <<'END'
repeat 2000 { sendline "0123456789" }
sendeof
expect /(\d+)/
print "$1"
expect eof
END
	try "$DUALPIPE" -p --script a.dp -- sh -c 'sleep 0.2; exec wc -c'
	is 0 22000
}

@test "resize changes the size, tells the child, and is an error without a terminal or with a size of none" {
	try "$DUALPIPE" -p -e 'expect "on"; resize 10 40; expect /(\d+) (\d+)/; print "$1x$2"' -- \
		"$peer" trap:WINCH print:on until:WINCH show:size
	is 0 10x40
	try "$DUALPIPE" -e 'resize 10 40' -- cat
	status_is 125
	says "resize: the child has pipes"
	try "$DUALPIPE" -p -e 'set r "0"; resize "$r" 40' -- cat
	status_is 125
	says "'0' is no size of a terminal"
	try "$DUALPIPE" -p -e 'expect eof; resize 10 40; exit 3' -- true
	is 3 ""
}

@test "steps to a terminal whose child has ended do no harm" {
	try "$DUALPIPE" -p -e 'expect eof; send "x"; sendline; key up; sendeof; signal INT; resize 2 2; expect eof' -- sh -c 'exit 4'
	is 4 ""
}

@test "close hangs a terminal up" {
	try "$DUALPIPE" -p -e 'expect "on"; close; wait; print "$status"' -- "$peer" print:on stall
	is 129 129
}

@test "a child that asks its terminal is answered, and its question is no output" {
	try "$DUALPIPE" -p -e 'expect /<(.*)\n/; print "<$before>$1"' -- "$peer" raw print:'\e[6n<' hex:6
	status_is 0
	[[ $output == "<>1b 5b "*" 52" ]]
}
