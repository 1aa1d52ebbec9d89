# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2059,SC2086,SC2154
#
# What goes in comes out, whole, both ways, on pipes and on a pty, however slow
# one side is.

load helper

setup_file() {
	# 1 MB of random bytes, each run another
	head -c 1000000 /dev/urandom >"$BATS_FILE_TMPDIR/random"
}

# through FILE OPTION ... -- COMMAND ...: FILE comes out of it as it was
through() {
	local file=$1
	shift
	attempt "$DUALPIPE" "$@" <"$file" >out 2>err
	empty err
	status_is 0
	same "$file" out
}

@test "random bytes come out as they went in" {
	through "$BATS_FILE_TMPDIR/random" -- cat
	for _ in 1 2 3 4 5 6 7 8; do cat "$BATS_FILE_TMPDIR/random"; done >more
	through more -- cat
}

@test "random bytes come out of a pty as they went in" {
	through "$BATS_FILE_TMPDIR/random" --pty -- cat
}

@test "random bytes pass a child that reads and writes one at a time" {
	head -c 20000 "$BATS_FILE_TMPDIR/random" >in
	through in -- "$peer" dribble
	through in --pty -- "$peer" dribble
}

@test "bytes that come one at a time pass" {
	set -o pipefail
	local way
	"$peer" generate:20000 >wanted
	for way in --no-pty --pty; do
		"$peer" dribble:20000 | "$DUALPIPE" $way -- "$peer" echo >out 2>err
		same wanted out
		empty err
	done
}

@test "every byte value passes, alone, doubled and at the start and end of a line" {
	local i byte way
	for ((i = 0; i < 256; i++)); do
		printf -v byte '\\x%02x' "$i"
		printf "$byte$byte$byte\n$byte\na$byte\n${byte}b\n$byte"
	done >in
	for way in --no-pty --pty; do
		through in $way -- cat
	done
}

@test "each control byte passes when it is all there is" {
	local i way
	for way in --no-pty --pty; do
		for i in 00 01 03 04 08 0a 0d 11 13 15 16 17 1a 1b 1c 7f 80 ff; do
			printf "\\x$i" >in
			through in $way -- cat
		done
	done
}

@test "a lone 04 or 16 neither ends the input nor quotes what follows" {
	local way text
	for way in --no-pty --pty; do
		for text in '\4' '\26' 'a\4' '\4\4' '\4\4\4b\4' 'a\4\n' '\26\4' '\26\26' '\4\26\n\4' 'a\26\nb'; do
			printf "$text" >in
			through in $way -- cat
		done
	done
}

@test "NUL bytes pass" {
	local way
	head -c 300000 /dev/zero >in
	printf 'a\0b\n\0\0\nc\0' >>in
	for way in --no-pty --pty; do
		through in $way -- cat
	done
}

@test "half lines, empty lines and no bytes at all come out as they went in" {
	local way text
	for way in --no-pty --pty; do
		for text in '' '\n' 'hello' 'hello\n' '\nhello' 'a\n\n\nb' 'a\r\nb\rc\n' '\r' 'a\n\r'; do
			printf "$text" >in
			through in $way -- cat
		done
	done
}

@test "lines of a megabyte pass" {
	local way
	head -c 1000000 /dev/zero | tr '\0' x >in
	printf '\n' >>in
	head -c 1000000 /dev/zero | tr '\0' '\4' >>in
	printf '\nshort\n' >>in
	head -c 1000000 /dev/zero | tr '\0' z >>in
	for way in --no-pty --pty; do
		through in $way -- cat
	done
}

@test "lines as long as a terminal takes, one less and one more, pass a pty" {
	local n
	for n in 254 255 256 257 999 1000 1001 1023 1024 1025 1999 2000 2001 4094 4095 4096 4097 8190 8191 8192; do
		printf "%${n}s" x
		printf '\n'
	done >in
	through in --pty -- cat
	for n in 999 1000 1001 2000 4095 4096; do
		printf "%${n}s" x >in
		through in --pty -- cat
	done
}

@test "a pty adds no carriage return and no echo to a stream" {
	try "$DUALPIPE" --pty -- printf 'a\nb\n' </dev/null
	is 0 $'a\nb'
	printf 'once\n' >in
	through in --pty -- cat
}

@test "a pty ends behind the last of many lines" {
	seq 150000 | "$DUALPIPE" --pty -- cat >out 2>err
	empty err
	[ "$(tail -n 1 out)" = 150000 ]
	[ "$(wc -l <out)" -eq 150000 ]
}

@test "a pty ends behind half a line" {
	try bash -c 'printf hello | "$DUALPIPE" --pty -- cat'
	is 0 hello
}

@test "a child that writes 64 MiB before it reads the first of 64 MiB is no deadlock" {
	set -o pipefail
	"$peer" generate:64M |
		"$DUALPIPE" -- "$peer" generate:64M verify:64M eof 2>err |
		"$peer" verify:64M eof
	empty err
}

@test "a child that writes much before it reads much is no deadlock on a pty" {
	set -o pipefail
	"$peer" generate:2M |
		"$DUALPIPE" --pty -- "$peer" generate:2M verify:2M eof 2>err |
		"$peer" verify:2M eof
	empty err
}

@test "a child that reads and writes much at the same time passes all of it" {
	set -o pipefail
	local way
	for way in --no-pty --pty; do
		"$peer" generate:2M |
			"$DUALPIPE" $way -- "$peer" [ generate:2M ] verify:2M eof wait 2>err |
			"$peer" verify:2M eof
		empty err
	done
}

@test "a gigabyte passes" {
	set -o pipefail
	[ -n "${DUALPIPE_LONG_TESTS-}" ] || skip 'DUALPIPE_LONG_TESTS is not set'
	"$peer" generate:1G | "$DUALPIPE" -- "$peer" echo | "$peer" verify:1G eof
	"$peer" generate:64M | "$DUALPIPE" --pty -- "$peer" echo | "$peer" verify:64M eof
	"$peer" generate:1G | "$DUALPIPE" -- "$peer" generate:1G verify:1G eof | "$peer" verify:1G eof
}

@test "answers come before the input ends, turn by turn" {
	local way answer i
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" lines
		for i in 1 2 3 4 5; do
			echo "turn $i" >&$to
			read -r -t 5 answer <&$from
			[ "$answer" = "<turn $i>" ]
		done
		exec {to}>&-
		finish
		status_is 0
		exec {from}<&-
		empty err
	done
}

@test "half a line from the child is passed on at once" {
	local way answer
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" print:'password: ' line
		read -r -t 5 -N 10 answer <&$from
		[ "$answer" = 'password: ' ]
		exec {to}>&-
		finish
		status_is 0
		exec {from}<&-
	done
}

@test "output that comes after the end of the input arrives" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way -- "$peer" sink sleep:0.5 print:'late\n' sleep:0.3 print:later \
			< <(printf 'a\nb')
		is 0 $'late\nlater'
	done
}

@test "the last megabyte before the exit arrives, every time" {
	"$peer" generate:1M >wanted
	for _ in {1..40}; do
		attempt "$DUALPIPE" -- "$peer" generate:1M exit:7 </dev/null >out 2>err
		status_is 7
		same wanted out
		empty err
	done
}

@test "the last megabyte before the exit arrives from a pty, every time" {
	"$peer" generate:1M >wanted
	for _ in {1..20}; do
		attempt "$DUALPIPE" --pty -- "$peer" generate:1M exit:7 </dev/null >out 2>err
		status_is 7
		same wanted out
		empty err
	done
}

@test "what a child wrote before a signal ended it arrives" {
	local way
	"$peer" generate:300k >wanted
	for way in --no-pty --pty; do
		for _ in {1..10}; do
			attempt "$DUALPIPE" $way -- "$peer" generate:300k die:KILL </dev/null >out 2>err
			status_is 137
			same wanted out
		done
	done
}

@test "a child that ends does not wait for more input" {
	local way
	mkfifo never
	exec {never}<>never
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way -- "$peer" print:'bye\n' exit:4 <&$never
		is 4 bye
	done
}

@test "a child that closes its input and lives on is no error" {
	try bash -c \
		'yes | "$DUALPIPE" -- "$1" close:0 sleep:0.3 print:"done\n" exit:3; echo "${PIPESTATUS[*]}"' - "$peer"
	# yes is ended as in any pipeline, or at the latest when we have gone
	is 0 $'done\n141 3'
}

@test "a child that ends without reading its input is no error" {
	local way
	for way in --no-pty --pty; do
		for _ in {1..10}; do
			try "$DUALPIPE" $way -- "$peer" exit:5 <"$BATS_FILE_TMPDIR/random"
			is 5 ''
		done
	done
}

@test "a child that closes its output and lives on still gets its input, and gives its status" {
	"$peer" generate:1M >in
	attempt "$DUALPIPE" -- "$peer" print:said close:1 verify:1M eof exit:6 <in >out 2>err
	status_is 6
	[ "$(<out)" = said ]
	empty err
}

@test "memory stays small while the child does not read" {
	[ -z "${SANITIZE-}" ] || skip 'sanitizers take memory'
	local way
	truncate -s 200M zeros
	for way in --no-pty --pty; do
		start "$DUALPIPE" $way -- "$peer" stall <zeros >out 2>err
		wait_until 10 settled "$pid" awk '/^pos/ { print $2 }' "/proc/$pid/fdinfo/0"
		[ "$(peak "$pid")" -lt 8192 ] || fail "$way: $(peak "$pid") KiB"
		kill -TERM "$pid"
		finish
		status_is 143
	done
}

@test "memory stays small while nobody reads what the child writes" {
	[ -z "${SANITIZE-}" ] || skip 'sanitizers take memory'
	local way
	mkfifo slow
	for way in --no-pty --pty; do
		exec {slow}<>slow
		start "$DUALPIPE" $way -- "$peer" pid:child generate </dev/null >slow 2>err
		wait_until 5 test -e child
		wait_until 10 settled "$pid" awk '/^wchar/ { print $2 }' "/proc/$(<child)/io"
		rm child
		[ "$(peak "$pid")" -lt 8192 ] || fail "$way: $(peak "$pid") KiB"
		kill -KILL "$pid"
		finish
		status_is 137
		exec {slow}>&-
	done
}

@test "memory stays small with both sides stalled" {
	[ -z "${SANITIZE-}" ] || skip 'sanitizers take memory'
	mkfifo slow
	exec {slow}<>slow
	truncate -s 200M zeros
	start "$DUALPIPE" -- "$peer" generate <zeros >slow 2>err
	wait_until 10 settled "$pid" awk '/^pos/ { print $2 }' "/proc/$pid/fdinfo/0"
	[ "$(peak "$pid")" -lt 8192 ] || fail "$(peak "$pid") KiB"
	kill -KILL "$pid"
	finish
}

@test "a child that does not read its input is heard all the same" {
	local way
	truncate -s 10M zeros
	for way in --no-pty --pty; do
		start "$DUALPIPE" $way -- "$peer" sleep:0.3 generate:100k print:END stall <zeros >out 2>err
		wait_until 5 holds out END
		kill -TERM "$pid"
		finish
		status_is 143
		empty err
	done
}

@test "a child is fed although nobody reads what it writes" {
	local way
	mkfifo slow
	for way in --no-pty --pty; do
		exec {slow}<>slow
		"$peer" generate:2M >in
		start "$DUALPIPE" $way -- "$peer" [ generate:4M ] verify:2M pid:read_all wait <in >slow 2>err
		wait_until 10 test -e read_all
		"$peer" verify:4M <&$slow
		finish
		status_is 0
		rm read_all
		exec {slow}>&-
	done
}

# spliced, each took a place in the pipe of its own, of which there are 16
@test "small pieces fill a pipe that nobody reads no sooner than without us" {
	local piece
	mkfifo in slow
	exec {slow}<>slow
	start sh -c 'exec "$0" -- cat <in >slow' "$DUALPIPE"
	exec {to}>in
	for piece in {1..40}; do
		echo "$piece" >&$to
		sleep 0.005 # so that each is one
	done
	exec {to}>&-
	finish
	status_is 0
	seq 40 | cmp - <(head -n 40 <&$slow)
}

@test "the reader may be slow at any time" {
	set -o pipefail
	local way
	for way in --no-pty --pty; do
		"$DUALPIPE" $way -- "$peer" generate:500k </dev/null |
			"$peer" verify:1 sleep:0.3 exec "$peer" count >out
		[ "$(<out)" -eq $((500 * 1024 - 1)) ]
	done
}

@test "descriptors that the caller made non-blocking are written whole" {
	set -o pipefail
	local way
	for way in --no-pty --pty; do
		"$peer" generate:1M sleep:0.1 |
			"$peer" nonblock:0 nonblock:1 exec "$DUALPIPE" $way -- "$peer" echo 2>err |
			"$peer" sleep:0.2 verify:1M eof
		empty err
	done
}

@test "the caller's pipes are never made non-blocking" {
	local way fd
	mkfifo to from said
	for way in --no-pty --pty; do
		exec {to}<>to {from}<>from {said}<>said
		start "$DUALPIPE" $way --stderr=pass -- "$peer" print:'here\n' error:'here\n' echo <&$to >&$from 2>&$said
		read -r -t 5 answer <&$from
		read -r -t 5 answer <&$said
		for fd in $to $from $said; do
			! nonblocking $fd || fail "$way: descriptor $fd was made non-blocking"
		done
		kill -TERM "$pid"
		finish
		status_is 143
		for fd in $to $from $said; do
			! nonblocking $fd || fail "$way: descriptor $fd was left non-blocking"
		done
		exec {to}>&- {from}>&- {said}>&-
	done
}

@test "the caller's files are never made non-blocking, and each goes on where it was" {
	local way fd
	printf 'one\ntwo\n' >in
	for way in --no-pty --pty; do
		exec {in}<in {out}>out {err}>err
		echo before >&$out
		"$DUALPIPE" $way --stderr=pass -- "$peer" error:'said\n' echo <&$in >&$out 2>&$err
		echo after >&$out
		for fd in $in $out $err; do
			! nonblocking $fd || fail "$way: descriptor $fd was left non-blocking"
		done
		exec {in}<&- {out}>&- {err}>&-
		[ "$(<out)" = $'before\none\ntwo\nafter' ]
		[ "$(<err)" = said ]
	done
}

@test "a file opened for appending is appended to" {
	echo first >log
	"$DUALPIPE" -- "$peer" generate:100k >>log </dev/null
	[ "$(head -n 1 log)" = first ]
	tail -c +7 log | "$peer" verify:100k eof
}

@test "a socket is a stream like any other" {
	command -v python3 >/dev/null || skip 'no python3'
	cat >run.py <<'END'
import os, socket, subprocess, sys, threading
ours, theirs = socket.socketpair()
process = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs)
theirs.close()
data = os.urandom(1000000)
def feed():
    ours.sendall(data)
    ours.shutdown(socket.SHUT_WR)
threading.Thread(target=feed).start()
got = b""
while True:
    piece = ours.recv(65536)
    if not piece:
        break
    got += piece
print(process.wait(), got == data)
END
	try python3 run.py "$DUALPIPE" -- cat
	is 0 '0 True'
	try python3 run.py "$DUALPIPE" --pty -- cat
	is 0 '0 True'
}

@test "a child has its signals as they were when we started" {
	local way
	for way in --no-pty --pty --stderr=pass --timeout=9; do
		try "$DUALPIPE" $way -- "$peer" show:signals </dev/null
		is 0 $'ignored:\nblocked:'
	done
}

@test "what was ignored when we started stays ignored for the child" {
	local way
	for way in --no-pty --pty; do
		try "$peer" ignore:HUP ignore:INT ignore:PIPE ignore:CHLD exec \
			"$DUALPIPE" $way -- "$peer" show:signals exit:3 </dev/null
		is 3 $'ignored: HUP INT PIPE CHLD\nblocked:'
	done
}

@test "a child has no descriptors of ours" {
	local way
	for way in --no-pty --pty --stderr=pass --stderr=merge --stderr=discard --stderr=file --timeout=9 \
		--idle-timeout=9; do
		try "$DUALPIPE" $way -- "$peer" show:fds </dev/null
		is 0 '0 1 2'
	done
}

@test "descriptors that were open when we started go on to the child" {
	local way
	for way in --no-pty --pty; do
		try "$peer" close-from:3 exec bash -c \
			'echo hello >seven; exec 7<seven "$DUALPIPE" "$1" -- sh -c "head -c 5 <&7; echo; $2 show:fds"' - \
			$way "$peer" </dev/null
		status_is 0
		[ "${lines[0]}" = hello ]
		[ "${lines[1]}" = '0 1 2 7' ]
	done
}

@test "the descriptor of --status-fd does not go on to the child" {
	try "$peer" close-from:3 exec bash -c \
		'exec 6>status 8>other; exec "$DUALPIPE" --status-fd 6 -- "$1" show:fds' - "$peer" </dev/null
	is 0 '0 1 2 8'
	[ -s status ]
}

@test "a child's standard descriptors block" {
	local way
	for way in --no-pty --pty --stderr=pass; do
		try "$DUALPIPE" $way -- "$peer" show:flags </dev/null
		is 0 '0:- 1:- 2:-'
	done
}

@test "a child has pipes, or with --pty a terminal" {
	try "$DUALPIPE" -- "$peer" show:kinds </dev/null
	status_is 0
	[[ $output == '0:pipe 1:pipe 2:'* ]]
	try "$DUALPIPE" --pty -- "$peer" show:kinds </dev/null
	is 0 '0:terminal 1:terminal 2:terminal'
	try "$DUALPIPE" --pty --no-pty -- "$peer" show:kinds </dev/null
	status_is 0
	[[ $output == '0:pipe 1:pipe 2:'* ]]
}

@test "the child's stderr is ours" {
	local way
	for way in '' --stderr=inherit; do
		"$DUALPIPE" $way -- sh -c 'echo out; echo err >&2; [ /dev/fd/2 -ef "$0" ]' err </dev/null >out 2>err
		[ "$(<out)" = out ]
		[ "$(<err)" = err ]
	done
}

@test "--stderr=inherit gives a child on a pty our stderr" {
	try "$DUALPIPE" --pty --stderr=inherit -- "$peer" print:out error:err show:kinds </dev/null
	status_is 0
	[[ $output == 'out0:terminal 1:terminal 2:'* ]]
	[[ $output != *2:terminal ]]
	[ "$stderr" = err ]
}

@test "--stderr=pass passes it on to our stderr by a pipe" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --stderr=pass -- "$peer" print:out error:err show:kinds exit:2 </dev/null
		status_is 2
		[[ $output == 'out0:'*' 2:pipe' ]]
		[ "$stderr" = err ]
	done
}

@test "--stderr=pass loses nothing, however much it is and however late" {
	set -o pipefail
	local way
	for way in --no-pty --pty; do
		"$DUALPIPE" $way --stderr=pass -- "$peer" [ generate-error:4M ] generate:2M wait close:1 sleep:0.2 error:END \
			</dev/null 2>err | "$peer" verify:2M eof
		head -c 4M err | "$peer" verify:4M eof
		[ "$(tail -c +$((4 * 1024 * 1024 + 1)) err)" = END ]
	done
}

@test "--stderr=pass: one that nobody reads stops neither stdout nor stdin" {
	mkfifo slow
	exec {slow}<>slow
	"$peer" generate:1M >in
	start "$DUALPIPE" --stderr=pass -- "$peer" [ generate-error:1M ] verify:1M generate:1M pid:all wait <in >out 2>slow
	wait_until 5 test -e all
	"$peer" verify:1M <&$slow
	finish
	status_is 0
	"$peer" verify:1M eof <out
}

@test "--stderr=merge puts it into stdout, in order" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --stderr=merge -- \
			"$peer" print:'1\n' error:'2\n' print:'3\n' error:4 </dev/null
		is 0 $'1\n2\n3\n4'
	done
}

@test "a pty has stderr and stdout in one" {
	try "$DUALPIPE" --pty -- "$peer" print:'1\n' error:'2\n' print:'3\n' </dev/null
	is 0 $'1\n2\n3'
}

@test "--stderr=discard throws it away" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --stderr=discard -- "$peer" generate-error:1M print:out exit:8 </dev/null
		is 8 out
	done
}

@test "--stderr=FILE puts it there" {
	local way
	for way in --no-pty --pty; do
		rm -f said
		try "$DUALPIPE" $way --stderr=said -- "$peer" error:err print:out </dev/null
		is 0 out
		[ "$(<said)" = err ]
	done
	try "$DUALPIPE" --stderr=./pass -- "$peer" error:err </dev/null
	is 0 ''
	[ "$(<pass)" = err ]
}

@test "reads and writes of one byte lose nothing" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local way
	"$peer" generate:20000 >in
	for way in --no-pty --pty '--pty --stderr=pass'; do
		LD_PRELOAD=$PRELOAD SHORT_IO=1 attempt "$DUALPIPE" $way -- "$peer" echo exit:3 <in >out 2>err
		empty err
		status_is 3
		same in out
	done
}

@test "interrupted system calls lose nothing" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local way every
	"$peer" generate:300k >in
	for way in --no-pty --pty; do
		for every in 2 3 5 7; do
			LD_PRELOAD=$PRELOAD EINTR_EVERY=$every attempt "$DUALPIPE" $way -- "$peer" echo exit:3 <in >out 2>err
			empty err
			status_is 3
			same in out
			# close(2) said it to a pipe, and so did we: "cannot write to stdout"
			{
				LD_PRELOAD=$PRELOAD EINTR_EVERY=$every attempt "$DUALPIPE" $way -- "$peer" echo exit:3 <in 2>err
				exit "$status"
			} | same in -
			status=${PIPESTATUS[0]}
			empty err
			status_is 3
		done
	done
}

# On a pty it was taken for a child that reads no more, and what pushes a long line on was dropped.
@test "where memory is out for a moment nothing is lost, or we say so" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local way n held=0
	"$peer" generate:30000 >in
	for way in --no-pty --pty '--pty --stderr=pass'; do
		for n in {1..16}; do
			LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n attempt "$DUALPIPE" $way -- "$peer" echo exit:3 <in >out 2>err
			if [ "$status" -eq 125 ]; then
				holds err 'Cannot allocate memory'
				continue
			fi
			empty err
			status_is 3
			same in out
			held=$((held + 1))
		done
	done
	[ "$held" -gt 16 ]
}

@test "another reader of our input does not keep us" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	# it took what poll(2) had told, and the read waited for more, past every limit
	local way
	mkfifo never
	exec {never}<>never
	for way in '--no-pty --transcript=record' --pty; do
		LD_PRELOAD=$PRELOAD OTHER_READER=1 try "$DUALPIPE" $way --timeout 0.3 -- "$peer" stall <&$never
		status_is 124
	done
	command -v python3 >/dev/null || skip 'no python3'
	cat >run.py <<'END'
import os, socket, sys
ours, theirs = socket.socketpair()
os.dup2(theirs.fileno(), 0)
os.execvp(sys.argv[1], sys.argv[1:])
END
	LD_PRELOAD=$PRELOAD OTHER_READER=1 try python3 run.py "$DUALPIPE" --pty --timeout 0.3 -- "$peer" stall
	status_is 124
}

@test "stopped in the middle and continued, nothing is lost" {
	local way reader i
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" echo
		"$peer" close:$to verify:1M pid:at1 exists:go1 verify:1M pid:at2 exists:go2 verify:1M pid:at3 exists:go3 \
			verify:1M eof <&$from 3>&- &
		reader=$!
		"$peer" close:$from generate:1M generate:1M generate:1M generate:1M >&$to 3>&- &
		exec {to}>&- {from}<&-
		for i in 1 2 3; do
			wait_until 10 test -e at$i
			kill -STOP "$pid"
			wait_until 5 stopped "$pid"
			# its reader goes on, and waits for it
			touch go$i
			kill -CONT "$pid"
		done
		finish
		status_is 0
		wait "$reader"
		empty err
		rm at? go?
	done
}
