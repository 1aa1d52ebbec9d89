# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # $ is the child's shell's; helper.bash sets and reads some of these

# Requests and their replies: --ask, and the ask of a dialogue.

load helper

# what the programs that are asked keep of their own
export HOME=$BATS_TEST_TMPDIR
waiter=$HELPERS/waiter

# ask WORD ...: tries dualpipe with what stands there
ask() {
	try "$DUALPIPE" "$@" </dev/null
}

needs() {
	command -v "$1" >/dev/null || skip "there is no $1"
}

# state WORD ...: each line of the JSON has these as state, reason, status
states() {
	local want
	want=$(printf '%s\n' "$@")
	[ "$(sed -E 's/.*"state":"([a-z]*)","reason":"([a-z]*)","ms":[0-9]+,"status":([0-9]+)\}$/\1 \2 \3/' <<<"$output")" = "$want" ] ||
		fail "came: $output" "wanted: $want"
}

# Requests in turn.

@test "requests go in turn to one child, which keeps its state" {
	needs_proc
	ask --ask '2^100' --ask x=5 --ask 'x*2' -- bc
	is 0 $'1267650600228229401496703205376\n10'
}

# What the child said was just what it had been asked, and was taken for an echo.
@test "a reply that is like its request is a reply" {
	needs_proc
	ask --ask hi --ask there -- cat
	is 0 $'hi\nthere'
	ask --pty --ask hi --ask there -- cat
	is 0 $'hi\nthere'
}

@test "an empty request is an empty line" {
	needs_proc
	ask --ask '' --ask x -- "$peer" line line
	is 0 $'<>\n<x>'
}

@test "a request that is - is stdin, less its last newline" {
	printf 'a\nb\n\n' >request
	attempt "$DUALPIPE" --reply lines:3 --ask - -- cat <request >out
	[ "$status" -eq 0 ]
	same request out
}

@test "stdin is left alone by requests" {
	printf 'one\n' >input
	{
		attempt "$DUALPIPE" --reply line --ask x -- cat >out
		read -r rest
	} <input
	[ "$rest" = one ]
	[ "$(cat out)" = x ]
}

@test "several lines go one by one, and what stands between the replies is taken off" {
	needs_proc
	ask --pty --environment PS1='$ ' --ask $'for i in 1 2\ndo echo $i\ndone' --ask 'echo $i' -- dash
	is 0 $'1\n2\n2'
}

# The last one was not sent, and the next request met a child that wanted more.
@test "an empty last line of a request is sent" {
	needs_proc
	needs python3
	ask --pty --ask $'def f(x):\n    return x*2\n' --ask 'f(4)' -- python3 -q
	is 0 8
}

@test "a large request and a large reply arrive whole" {
	needs_proc
	head -c 300000 /dev/urandom | base64 -w 0 >large
	echo >>large
	attempt "$DUALPIPE" --ask - -- cat <large >out 2>err
	[ "$status" -eq 0 ]
	same large out
	empty err
	attempt "$DUALPIPE" --ask 'head -c 10000000 /dev/zero | tr "\0" x; echo' -- sh </dev/null >out
	[ "$status" -eq 0 ]
	[ "$(wc -c <out)" -eq 10000001 ]
}

# Framings.

@test "line and lines:N count lines, and keep what is more for the next" {
	ask --reply line --ask 'a b' --ask c -- cat
	is 0 $'a b\nc'
	ask --reply lines:2 --ask $'a\nb' --ask $'c\nd' -- cat
	is 0 $'a\nb\nc\nd'
}

@test "prompt:RE ends a reply at its end alone, and is taken off" {
	needs_proc
	ask --pty --environment PS1='now> ' --reply 'prompt:now> ' --ask 'printf "now> "; sleep 0.1; echo x' --ask 'echo y' -- dash
	is 0 $'now> x\ny'
}

# The second one waited for a prompt that the first had taken.
@test "prompt:RE: a second request is sent where nothing has come since the first" {
	ask --pty --environment PS1='$ ' --reply 'prompt:\$ $' --ask 'echo a' --ask $'echo b\necho c' -- dash
	is 0 $'a\nb\nc'
}

@test "prompt:RE: a prompt with colours is one" {
	ask --pty --environment PS1=$'\e[1m$ \e[0m' --reply 'prompt:\$ $' --ask 'echo a' --ask 'echo b' -- dash
	is 0 $'a\nb'
}

@test "until:RE ends a reply with a line that matches, which is taken off" {
	ask --reply 'until:^DONE$' --ask 'echo xDONE; echo DONE' --ask 'echo b; echo DONE' -- sh
	is 0 $'xDONE\nb'
}

@test "echo:REQUEST:RE sends its request behind each, and waits for the answer" {
	ask --reply 'echo:echo a:b:^a.b$' --ask 'echo x' -- sh
	is 0 x
	ask --reply 'echo:echo END:^END$' --ask 'sleep 0.1; echo a' --ask 'echo b' -- sh
	is 0 $'a\nb'
}

@test "quiet:TIME ends a reply when nothing has come for so long" {
	ask --reply quiet:150ms --ask 'echo a; sleep 0.05; echo b; sleep 0.4; echo c' -- sh
	is 0 $'a\nb'
}

@test "null and length carry any bytes, and nothing is added or cleaned" {
	printf 'a\r\n\e[1mb' >request
	attempt "$DUALPIPE" --reply null --ask - --ask x -- cat <request >out
	[ "$status" -eq 0 ]
	printf 'a\r\n\e[1mbx' | cmp - out
	head -c 100000 /dev/urandom >request
	attempt "$DUALPIPE" --reply length --ask - --ask '' -- cat <request >out
	[ "$status" -eq 0 ]
	same request out
}

@test "eof ends the input behind the request, and the reply with the output" {
	ask --reply eof --ask abc -- tr a-z A-Z
	is 0 ABC
	ask --reply eof --ask abc -- sh -c 'cat; exit 3'
	is 3 abc
	ask --reply eof --ask abc --ask def -- tr a-z A-Z
	status_is 1
	[ "$output" = ABC ]
	says "ended before it was asked request 2"
}

@test "a framing that is none is told before anything runs" {
	local framing
	for framing in nonsense lines:0 lines:x prompt: 'until:(' echo:x quiet:x 'echo:x:('; do
		ask --reply "$framing" --ask x -- touch ran
		status_is 125
		[ -z "$output" ]
		[[ $stderr == "dualpipe: "* ]]
	done
	[ ! -e ran ]
}

# When a child is ready.

@test "a reply ends when the child waits again, however it waits and whatever it did" {
	needs_proc
	local way channel works=(none compute sleep child burst early) i
	local requests=() wanted=''
	for i in {1..24}; do
		requests+=(--ask "${works[i % 6]} $((i % 5)) reply $i")
		wanted+="reply $i"$'\n'
	done
	for way in read stdio poll ppoll select pselect epoll; do
		for channel in --no-pty --pty; do
			ask "$channel" --json "${requests[@]}" -- "$waiter" "$way" '> '
			status_is 0
			[ -z "$stderr" ]
			[ "$(grep -c '"prompt":"> ","state":"ready","reason":"ready"' <<<"$output")" -eq 24 ]
			[ "$(sed 's/{"reply":"\(.*\)","prompt.*/\1/' <<<"$output")" = "${wanted%?}" ]
		done
	done
}

# random_replies CHANNEL: five hundred of them end when the child waits, and never before
random_replies() {
	local way prompt seed=0 i requests wanted
	for way in read stdio poll ppoll select pselect epoll; do
		for prompt in '' '> '; do
			requests=() wanted=
			for i in {1..36}; do
				requests+=(--ask "mix $((++seed)) reply $seed")
				wanted+="reply $seed"$'\n'
			done
			ask "$1" --json "${requests[@]}" -- "$waiter" "$way" "$prompt"
			status_is 0
			[ -z "$stderr" ]
			[ "$(grep -c '"prompt":"'"$prompt"'","state":"ready","reason":"ready"' <<<"$output")" -eq 36 ] ||
				fail "$way: $output"
			[ "$(sed 's/{"reply":"\(.*\)","prompt.*/\1/' <<<"$output")" = "${wanted%?}" ] || fail "$way: $output"
		done
	done
}

@test "replies on pipes to work at random end when the child waits, and never before" {
	needs_proc
	random_replies --no-pty
}

@test "replies on a pty to work at random end when the child waits, and never before" {
	needs_proc
	random_replies --pty
}

@test "a reply ends with its prompt where something else may answer, too" {
	local way
	for way in relay thread; do
		ask --json --ask 'sleep 50 one' --ask 'burst 20 two' --ask 'sleep 400 three' -- "$waiter" "$way" '> '
		states 'ready prompt 0' 'ready prompt 0' 'ready prompt 0'
		[[ ${lines[0]} == '{"reply":"one","prompt":"> "'* ]]
		[[ ${lines[1]} == '{"reply":"two","prompt":"> "'* ]]
		[[ ${lines[2]} == '{"reply":"three","prompt":"> "'* ]]
		[ -z "$stderr" ]
	done
}

@test "a reply ends with its prompt where the child waits for more than we look at, too" {
	# what was not looked at was taken for nothing, and the child for busy, for ever
	local channel
	for channel in --no-pty --pty; do
		ask "$channel" --request-timeout 10s --json --ask 'sleep 50 one' -- "$waiter" crowd '> '
		states 'ready prompt 0'
		[ -z "$stderr" ]
	done
}

@test "where silence alone decides, stderr says so once, and which rule it was with --verbose" {
	ask --ask 'sleep 50 one' --ask 'sleep 50 two' -- "$waiter" relay
	is 0 $'one\ntwo' "dualpipe: silence alone told that the reply is complete; see --reply"
	ask --verbose --ask 'sleep 50 one' -- "$waiter" relay
	[[ $stderr == *"request 1: ready, by silence"* ]]
}

@test "the first of a pipeline is no sign that the reply is complete" {
	needs_proc
	ask --ask x -c 'sed -u s/x/y/ | while read -r l; do sleep 0.2; echo "$l"; done'
	status_is 0
	[ "$output" = y ]
}

@test "what is asked of a child of the child is answered" {
	needs_proc
	ask --ask 'sleep 5 x' -c "true; '$waiter' read; true"
	is 0 x
	ask --request-timeout 15s --pty --ask 'sleep 5 x' --ask 'sleep 5 y' --ask 'none 0 z' -c "true; '$waiter' read; true"
	is 0 $'x\ny\nz'
	ask --pty --ask 'exec bash --norc' --ask 'echo $0' --environment PS1='$ ' -- dash
	is 0 bash
}

# Who reads was looked for among all processes, and not found a second time so soon.
@test "on a pty, too, a child of the child may read a part of the request" {
	needs_proc
	ask --request-timeout 15s --pty --ask x -c 'head -c 1 >/dev/null; echo got; exit 6'
	is 6 got
}

@test "stderr goes to stderr, and is there before the reply ends" {
	needs_proc
	ask --ask 'error 0 oops' --ask 'none 0 x' -- "$waiter" read
	is 0 x oops
}

# The gate.

@test "a request waits for the child, and what it said before is no part of the reply" {
	needs_proc
	ask --ask 'none 0 x' -c "echo banner; sleep 0.2; echo more; exec '$waiter' read '> '"
	is 0 x
}

@test "what comes unasked is no part of a reply, but on stderr with --verbose" {
	needs_proc
	cat >a.dp <<'END'
ask "(until [ -e go ]; do sleep 0.01; done; echo late; touch gone) & echo one"
print "$reply"
ask "touch go; until [ -e gone ]; do sleep 0.01; done"
ask "echo two"
print "$reply"
END
	try "$DUALPIPE" --no-profile --script a.dp -- bash </dev/null
	status_is 0
	[ "${lines[0]}" = one ]
	[ "${lines[-1]}" = two ]
}

@test "what comes unasked between two requests is on stderr with --verbose" {
	needs_proc
	local way work='(until [ -e go ]; do sleep 0.01; done; echo late; touch gone) & echo one'
	for way in --no-pty --pty; do
		rm -f go gone
		converse "$DUALPIPE" --verbose --no-profile "$way" --environment PS1= --ask "$work" --ask - -- sh
		wait_for_line one
		touch go
		wait_until 10 test -e gone
		echo 'echo two' >&"$to"
		exec {to}>&-
		wait_for_line two
		finish
		[ "$status" -eq 0 ]
		grep -qxF 'dualpipe: unasked: late\n' err || fail "$(cat err)"
	done
}

# The second one was sent while the first was at work, and had its reply.
@test "a request behind one that was late waits for its reply, and drops it" {
	needs_proc
	local framing way prompt='> '
	cat >a.dp <<'END'
reply "$arg1"
on timeout { timeout 10s; ask "none 0 two"; print "$reply"; exit 3 }
ask "none 0 zero"
timeout 100ms
ask "sleep 600 one"
END
	for framing in ready 'prompt:> $' line; do
		[ "$framing" != line ] || prompt=
		for way in read relay; do
			try "$DUALPIPE" --script a.dp "$framing" -- "$waiter" "$way" "$prompt" </dev/null
			is 3 two
		done
	done
}

@test "a request whose time runs out before the late reply came was not sent, and says why" {
	needs_proc
	dialogue -- "$waiter" read <<'END'
on timeout { timeout 50ms; ask "none 0 two"; exit }
ask "none 0 zero"
timeout 50ms
ask "sleep 2000 one"
END
	is 124 "" "dualpipe: a.dp:1:28: ask: still busy with: sleep 2000 one; the child is busy"
}

# ssh says when one was there last, and the shell at its far end takes a while.
@test "where it is not sure, a banner is waited longer behind than a prompt" {
	needs_proc
	ask --json --ask a -c 'sed -u s/a/b/ | { echo banner; sleep 0.6; printf "> "; while read -r l; do echo "$l"; printf "> "; done; }'
	states 'ready prompt 0'
	[[ $output == '{"reply":"b","prompt":"> "'* ]] || fail "$output"
	[ -z "$stderr" ]
}

@test "a child that wants a secret is sent nothing, and its question is on stderr" {
	needs_proc
	ask --pty --ask x --ask y -c 'stty -echo; printf "\rPassword: "; read -r x && touch got'
	status_is 1
	[ -z "$output" ]
	says secret 'not sent: Password: '
	[ ! -e got ]
	ask --pty --json --ask x -c 'stty -echo; printf "Password: "; read -r x'
	status_is 1
	states 'secret ready 1'
}

@test "a reply that ends in the question for a secret is printed, and the rest not sent" {
	needs_proc
	ask --pty --ask x --ask y -c 'read -r x; echo "$x"; stty -echo; printf "Password: "; read -r x && touch got'
	status_is 1
	[ "$output" = $'x\nPassword:' ] || [ "$output" = $'x\nPassword: ' ]
	says secret
	[ ! -e got ]
}

# sudo(8) may not be looked at by who is asked: the reply never ended.
@test "who asks for a secret in a way that is not sure has the reply end, too" {
	needs python3
	needs_proc
	local framing
	cat >asks.py <<'END'
import os, select, socket, sys, termios
other = socket.socketpair()
print("> ", end="", flush=True)
print(sys.stdin.readline(), end="", flush=True)
mode = termios.tcgetattr(0)
mode[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSANOW, mode)
print("Password for you: ", end="", flush=True)
select.select([0, other[0]], [], [])
if os.read(0, 100):
    open("got", "w")
END
	for framing in ready 'prompt:> '; do
		ask --pty --json --reply "$framing" --timeout 20 --ask x --ask y -- python3 asks.py
		status_is 1
		[[ $output == '{"reply":"x\nPassword for you:'*'"state":"secret","reason":"prompt"'* ]] || fail "$output"
		says secret
		[ ! -e got ]
	done
}

# Ends.

@test "a child that ends in its reply ends the reply, and the status is its own" {
	ask --ask x -c 'read -r x; echo half; exit 3'
	is 3 half
	ask --ask x -c 'read -r x; printf half'
	is 0 half
	ask --ask x -c 'read -r x; echo half; kill -KILL $$'
	is 137 half
}

@test "a child that ends with 0 where more was wanted is 1" {
	local framing
	for framing in line lines:2 until:x echo:x:y null length; do
		ask --reply "$framing" --ask a -c 'head -c 1 >one; printf ab'
		status_is 1
		says "in the middle of its reply"
		[ "$output" = ab ]
	done
}

@test "a child that ends before it is asked is told" {
	ask --ask x -- true
	is 1 "" "dualpipe: 'true' has ended before it was asked"
	ask --ask x -c 'exit 3'
	is 3 ""
	ask --ask x --ask y -- "$peer" line
	status_is 1
	[ "$output" = '<x>' ]
	says "ended before it was asked request 2"
}

# It was taken for a banner, and a database that is not there for nothing at all.
@test "what a child said that has ended before it was asked is on stderr" {
	needs_proc
	local why=$'dualpipe: \'sh\' has ended before it was asked; what it said:\ndualpipe: | no such\ndualpipe: | \\tdatabase'
	ask --pty --ask x -- sh -c 'printf "no such\n\t\033[1mdatabase\n"; exit 2'
	is 2 "" "$why"
	ask --json --ask x -- sh -c 'printf "no such\n\t\033[1mdatabase\n"; exit 2'
	is 2 '{"reply":"no such\n\tdatabase","prompt":"","state":"exited","reason":"end","ms":'"$(sed 's/.*"ms":\([0-9]*\).*/\1/' <<<"$output")"',"status":2}' "$why"
	ask --pty --ask x -- sh -c 'printf no'
	is 1 "" $'dualpipe: \'sh\' has ended before it was asked; what it said:\ndualpipe: | no'
	dialogue <<<$'spawn -p sh -c "echo no such db; exit 2"\nask "x"'
	status_is 1
	[[ $stderr == *"a.dp:2:1: ask: the output has ended before the reply was complete after "*$'; what came:\ndualpipe: | no such db' ]] ||
		fail "$stderr"
}

@test "a child that closes its output and lives on ends the reply when it ends" {
	ask --ask x -c 'read -r x; echo one; exec >&- 2>&-; sleep 0.3; exit 4'
	is 4 one
}

@test "a child that reads a part of the request and ends is its status" {
	head -c 1000000 /dev/zero | tr '\0' x >request
	attempt "$DUALPIPE" --ask - -- "$peer" hex:3 exit:5 <request >out 2>err
	[ "$status" -eq 5 ]
	[ "$(cat out)" = "78 78 78" ]
	empty err
}

@test "a child that buffers its output is asked for all of it at the end" {
	needs_proc
	ask --ask abc --ask def -- tr a-z A-Z
	is 0 $'ABC\nDEF' "dualpipe: 'tr' kept its output until the end of its input; with --pty it need not"
}

# Limits of time.

@test "a reply that takes too long is cut off: what there is of it, 124, and no more requests" {
	needs_proc
	ask -k 0 --request-timeout 300ms --ask 'echo part; sleep 10' --ask 'touch ran' -- sh
	is 124 part "dualpipe: time is out before the reply of 'sh' was complete"
	[ ! -e ran ]
	ask -k 0 --request-timeout 100ms --ask x -- sleep 10
	status_is 124
	[ -z "$output" ]
}

@test "a request that does not come is waited for as long as the run may last, or the child does" {
	# stdin was read to its end before anything else was looked at
	mkfifo to
	exec {to}<>to
	attempt "$DUALPIPE" --timeout 300ms --ask - -- cat <to >out 2>err
	status_is 124
	empty out
	[ "$(cat err)" = "dualpipe: --timeout ran out, 'cat' is ended" ] || fail "$(cat err)"
	attempt "$DUALPIPE" --ask - -- sh -c 'exit 3' <to >out 2>err
	status_is 3
	empty out
	empty err
	attempt "$DUALPIPE" --ask - -- true <to >out 2>err
	status_is 1
	empty out
	[ "$(cat err)" = "dualpipe: 'true' has ended before it was asked" ] || fail "$(cat err)"
	start "$DUALPIPE" --ask - -- sh -c 'touch there; exec sleep 60' <to >out 2>err
	wait_until 10 test -e there
	kill -TERM "$pid"
	finish
	status_is 143
	empty out
	empty err
}

@test "each request has its own time" {
	needs_proc
	ask --request-timeout 2s --ask 'sleep 300 a' --ask 'sleep 300 b' -- "$waiter" read
	is 0 $'a\nb'
}

@test "a child that has said nothing on a pipe may buffer: that is told" {
	ask -k 0 --request-timeout 100ms --reply line --ask x -- tr a-z A-Z
	status_is 124
	says "buffer" "--pty"
}

@test "--timeout prints what there is of the reply" {
	needs_proc
	ask --timeout 300ms --ask 'echo part; sleep 10' -- sh
	status_is 124
	[ "$output" = part ]
}

# Dialogues.

@test "an ask of a dialogue sets a variable, by the framing of reply" {
	dialogue -- cat <<'END'
reply line
ask "one"
ask "two" second
reply "lines:2"
ask "three\nfour" rest
print "$reply $second $rest"
END
	is 0 $'one two three\nfour'
}

@test "an ask of a dialogue that is late, or meets the end, ends it and tells what came" {
	# neither how long it had waited nor what came was told
	dialogue -- cat <<<$'timeout 100ms\nreply lines:2\nask "x"\nprint "never"'
	status_is 124
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: a.dp:3:1: ask: the reply was not complete after 0."*" s; the child "*"; what came:" ]]
	[ "${stderr_lines[1]}" = "dualpipe: | x" ]
	dialogue -- "$peer" line <<<$'reply lines:2\nask "x"\nprint "never"'
	status_is 1
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dualpipe: a.dp:2:1: ask: the output has ended before the reply was complete after "*" s; the child has exited 0; what came:" ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "an on takes what comes in the middle of a reply, which keeps what came before it" {
	dialogue -- sh -c 'read -r x; echo one; printf "go on?"; read -r y; echo "$y two"' <<'END'
on "go on?" { sendline "yes" }
reply lines:2
ask "x"
print "$reply"
END
	is 0 $'one\nyes two'
}

# What a reply is cleaned of.

@test "a reply comes without escapes, carriage returns and prompt, and ends in a newline" {
	needs_proc
	ask --pty --environment PS1='$ ' --ask 'printf "\033[1mbold\033[0m\r\nx\033]0;title\007y"' -- dash
	is 0 $'bold\nxy'
	ask --ask 'printf "a\033[31mb"' -- sh
	is 0 ab
}

@test "--raw keeps all as it came" {
	needs_proc
	attempt "$DUALPIPE" --no-profile --raw --ask 'printf "a\033[31mb\r\n"' -- sh </dev/null >out
	[ "$status" -eq 0 ]
	printf 'a\033[31mb\r\n' | cmp - out
}

@test "--json has each reply as an object, and U+FFFD where it is no UTF-8" {
	needs_proc
	ask --no-profile --json --ask 'echo "a\"b"; echo c' --ask 'printf "\377x"' --ask : -- bash
	status_is 0
	states 'ready ready 0' 'ready ready 0' 'ready ready 0'
	[[ ${lines[0]} == '{"reply":"a\"b\nc","prompt":"",'* ]]
	[[ ${lines[1]} == '{"reply":"�x","prompt":"",'* ]]
	[[ ${lines[2]} == '{"reply":"","prompt":"",'* ]]
	ask -k 0 --json --request-timeout 200ms --ask 'echo part; sleep 10' -- sh
	states 'timeout timeout 124'
	ask --json --ask x -c 'read -r x; exit 3'
	states 'exited end 3'
	ask --json --reply line --ask x -- cat
	states 'ready count 0'
	ask --json --reply until:x --ask x -- cat
	states 'ready pattern 0'
}

@test "--error looks at each line of a reply: 1, and it is printed" {
	needs_proc
	ask --error '^err' --ask 'echo fine; echo error' --ask 'echo next' -- sh
	is 1 $'fine\nerror\nnext'
	ask --error '^err' --ask 'echo no error' -- sh
	is 0 'no error'
}

@test "--error with a pattern that backtracks without end is 125, behind the reply" {
	# it was taken for one that does not match
	local line
	line=$(printf 'a%.0s' {1..40})b
	ask --error '(a+)+$' --reply line --ask "$line" --ask next -- cat
	is 125 "$line" 'dualpipe: --error: its pattern backtracks without end'
	ask --json --error '(a+)+$' --reply line --ask b --ask "$line" --ask next -- cat
	status_is 125
	states 'ready count 0' 'ready count 125'
	[ "$stderr" = 'dualpipe: --error: its pattern backtracks without end' ]
}

# What stood around a question to the terminal was lost.
@test "where memory is out for a moment a reply is whole, or we say so" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local n held=0
	for n in {1..32}; do
		LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n ask --pty --reply until:three --request-timeout 3s --ask x -- \
			sh -c 'while read x; do printf "one \033[5ntwo\nthree\n"; done'
		if [ "$status" -eq 125 ]; then
			says 'Cannot allocate memory'
			continue
		fi
		is 0 'one two'
		held=$((held + 1))
	done
	[ "$held" -gt 8 ]
}

# Stdout.

@test "a reader who has gone ends us as SIGPIPE would; a full disk is 125" {
	needs_proc
	[ -e /dev/full ] || skip "there is no /dev/full"
	attempt "$DUALPIPE" --ask 'echo x' --ask 'echo y' -- sh </dev/null >/dev/full 2>err
	[ "$status" -eq 125 ]
	[ "$(cat err)" = "dualpipe: cannot write to stdout: No space left on device" ]
	attempt "$DUALPIPE" --ask 'echo x' -- sh </dev/null >&- 2>err
	[ "$status" -eq 125 ]
	mkfifo fifo
	: <fifo &
	{ wait $!; attempt "$DUALPIPE" --ask 'echo x' -- sh </dev/null; } >fifo 2>err
	[ "$status" -eq 141 ]
}

# The child's world.

@test "the world of a child that is asked is tame, unless it is not to be" {
	needs_proc
	ask --ask 'echo $TERM $NO_COLOR $PAGER' -- sh
	is 0 'dumb 1 cat'
	ask --no-tame --ask 'echo $TERM' -- sh
	is 0 xterm
	ask --pty --ask 'stty size' -- dash
	is 0 '1000 10000'
	ask --pty --size 30x90 --ask 'stty size' -- dash
	is 0 '30 90'
}

@test "a transcript has the requests and the replies" {
	needs_proc
	ask --no-profile -T record --ask 1+1 --ask 2+2 -- bc
	is 0 $'2\n4'
	[ "$(cat record)" = $'# dualpipe transcript 1\n$ --tame -- bc\n> 1+1\n< 2\n> 2+2\n< 4\n= 0' ]
}

@test "a program that asks its terminal something is answered before it is asked" {
	needs_proc
	ask --pty --ask x -c 'stty -icanon; printf "\033[6"; printf "n"; head -c 6 >got; stty icanon; read -r x; echo "$x $(tail -c 3 got)"'
	is 0 'x ;1R'
}

@test "a signal goes on to the child, whose reply it ends" {
	start "$DUALPIPE" --no-profile --ask 'touch there; sleep 60' -- sh >out
	wait_until 10 test -e there
	kill -TERM "$pid"
	finish
	[ "$status" -eq 143 ]
	empty out
}

# Real programs, as they are.

@test "shells and interpreters answer on a pty, with no word about their prompts" {
	needs_proc
	local program
	for program in 'bash --norc' dash 'python3 -q' sqlite3 tclsh lua5.4; do
		command -v "${program%% *}" >/dev/null || continue
		local first='echo 42' second='echo 43'
		case $program in
		python*) first='6*7' second='43' ;;
		sqlite3) first='select 6*7;' second='select 43;' ;;
		tclsh) first='expr 6*7' second='expr 43' ;;
		lua*) first='6*7' second='43' ;;
		esac
		# shellcheck disable=SC2086 # words
		ask --pty --ask "$first" --ask "$second" -- $program
		is 0 $'42\n43'
	done
}

# They draw their line anew with each word, which stayed in the reply; fish did
# not say that it wanted more of a request, and was waited for in vain.
@test "fish answers on a pty, and what it drew is no part of the reply" {
	needs_proc
	needs fish
	ask --pty --ask 'echo 4(echo 2)' --ask 'printf hi' --ask $'for i in 1 2\necho "<$i>"\nend' --ask true \
		--ask 'echo ä; sleep 0.5; echo b' -- fish
	is 0 $'42\nhi\n<1>\n<2>\nä\nb'
	ask --pty --json --ask 'echo x' --environment USER=u -- fish
	states 'ready prompt 0'
	[[ $output == '{"reply":"x","prompt":"'*[\#\>]' ",'* && $output != *'\r'* ]] || fail "$output"
}

@test "irb answers on a pty, and what it drew is no part of the reply" {
	needs_proc
	needs irb
	ask --no-profile --pty --ask '6*7' --ask $'def f(x)\nx*2\nend' --ask 'f(4)' --ask 'print "hi"' --ask '"ä"' -- irb
	is 0 $'=> 42\n=> :f\n=> 8\nhi=> nil\n=> "ä"'
}
