# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2059,SC2086,SC2154
#
# A child at a terminal of its own, with a stream or with our terminal behind
# it: where its input ends, its size, and how our terminal is left.

load helper

# A limit of time that nothing here comes near; 124 tells that it struck.
limit=--timeout=15

@test "a child on a pty has a session and a controlling terminal of its own" {
	try "$DUALPIPE" --pty -- "$peer" show:group </dev/null
	status_is 0
	[[ $output =~ ^pid=([0-9]+)\ parent=[0-9]+\ group=([0-9]+)\ session=([0-9]+)\ foreground=([0-9]+)$ ]]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[3]}" ]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[4]}" ]
}

@test "what a child on a pty writes to /dev/tty is output as well" {
	try "$DUALPIPE" --pty -- sh -c 'echo one; echo two >/dev/tty; echo three' </dev/null
	is 0 $'one\ntwo\nthree'
}

@test "what a child on a pty writes right before its end is not lost" {
	# a read at that moment may tell of the end alone
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	export LD_PRELOAD=$PRELOAD EARLY_END=1
	try "$DUALPIPE" --pty -- sh -c 'echo last; exit 3' </dev/null
	is 3 last
	try "$DUALPIPE" --pty -e 'expect /.+/; print "$0"; expect eof' -- sh -c 'echo last' </dev/null
	is 0 last
}

@test "a pty is 24x80 where there is no terminal" {
	try "$peer" setsid exec "$DUALPIPE" --pty -- "$peer" show:size </dev/null
	is 0 '24 80'
}

@test "--size gives a pty its size" {
	try "$DUALPIPE" --pty --size 30x132 -- "$peer" show:size </dev/null
	is 0 '30 132'
	try "$DUALPIPE" --pty --size=1x1 -- stty size </dev/null
	is 0 '1 1'
}

@test "each reader on a pty gets the end of the input" {
	try "$DUALPIPE" --pty $limit -- sh -c 'cat; cat; cat; echo done' < <(printf 'a\nhello')
	is 0 $'a\nhellodone'
	try "$DUALPIPE" --pty $limit -- sh -c 'sleep 0.3; cat; sleep 0.3; cat; exit 3' </dev/null
	is 3 ''
}

@test "a pty's reader gets the end of the input however late it reads" {
	try "$DUALPIPE" --pty $limit -- "$peer" sleep:0.3 line sleep:0.3 line line exit:2 < <(printf 'a\nb')
	is 2 $'<a>\n<b>\n<eof>'
}

@test "nested shells fed from a pipe each get the end of the input" {
	try "$DUALPIPE" --pty $limit -- sh \
		< <(printf 'sh\necho inner-$((6 * 7))\nsh\necho third-$((6 * 8))\n(exit 5)\n')
	status_is 5
	[ "$(count inner-42)" -eq 1 ]
	[ "$(count third-48)" -eq 1 ]
}

@test "nested shells that edit lines each get the end of the input" {
	HOME=$PWD try "$DUALPIPE" --pty $limit -- bash --norc \
		< <(printf 'bash --norc\necho inner-$((6 * 7))\n(exit 5)\n')
	status_is 5
	[ "$(count inner-42)" -ge 1 ]
}

@test "less ends when its input has ended" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	command -v less >/dev/null || skip 'no less'
	seq 1000 >text
	try "$DUALPIPE" --pty $limit -- less text </dev/null
	[ "$status" -ne 124 ]
	[ -z "$stderr" ]
	[[ $output == *1* ]]
}

@test "vi ends when its input has ended" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	command -v vi >/dev/null || skip 'no vi'
	seq 1000 >text
	HOME=$PWD try "$DUALPIPE" --pty $limit -- vi -c 'set updatetime=300' text </dev/null
	[ "$status" -ne 124 ]
	[ -z "$stderr" ]
	[ -n "$output" ]
}

@test "a child that turns its terminal raw gets what was sent ahead as it is" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	# the quotes of 04 and 16 came through, and a NUL behind each 4000 bytes of a line
	local lines
	for lines in 1 4; do
		{ seq $lines; seq -f $'\004 and \026 and %g' 2000; head -c 20000 /dev/zero | tr '\0' x; } >in
		attempt "$DUALPIPE" --pty $limit -- sh -c 'for i in $(seq $0); do read -r line; echo "$line"; done; stty raw; exec head -c $1' \
			$lines $(($(wc -c <in) - 2 * lines)) <in >out 2>err
		status_is 0
		same in out
		empty err
	done
}

@test "a child on a pty that looks for input without waiting gets all of it, and the end" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	command -v python3 >/dev/null || skip 'no python3'
	# nobody was seen to read, so that a long line waited for ever, and the end
	cat >child.py <<-'END'
		import os, select, time
		size = 0
		while True:
		    if not select.select([0], [], [], 0)[0]:
		        time.sleep(0.01)
		        continue
		    data = os.read(0, 65536)
		    if not data:
		        break
		    size += len(data)
		print(size)
	END
	try "$DUALPIPE" --pty $limit -- python3 child.py < <(head -c 9999 /dev/zero; echo)
	is 0 10000
}

@test "vi gets the keys that come before the end" {
	command -v vi >/dev/null || skip 'no vi'
	echo old >text
	HOME=$PWD try "$DUALPIPE" --pty $limit -- vi text \
		< <(sleep 0.7; printf 'ccnew\33:wq\r'; sleep 0.3)
	status_is 0
	[ "$(<text)" = new ]
}

@test "a child that reads its terminal raw gets 04, twice at most, then is hung up" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	try "$DUALPIPE" --pty $limit -- "$peer" raw hex:1 exit:3 </dev/null
	is 3 04
	try "$DUALPIPE" --pty $limit -- "$peer" raw hex:1 hex:1 hex:1 </dev/null
	status_is 129
	[ "$output" = $'04\n04' ] || [ "$output" = 04 ]
}

@test "a child that turns its terminal raw late gets 04, and not a NUL" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	try "$DUALPIPE" --pty $limit -- "$peer" sleep:0.3 raw hex:1 exit:3 </dev/null
	is 3 04
}

@test "a child on a pty that waits for a socket as well is not cut off" {
	try "$DUALPIPE" --pty $limit -- "$peer" raw socket:1.5 exit:3 </dev/null
	is 3 late
	try "$DUALPIPE" --pty $limit -- "$peer" socket:1.5 exit:3 </dev/null
	is 3 late
}

@test "a child on a pty that waits for a time as well is not cut off" {
	try "$DUALPIPE" --pty $limit -- "$peer" raw timer:1.5 exit:3 </dev/null
	is 3 late
}

@test "a child on a pty that has another thread is not cut off" {
	command -v python3 >/dev/null || skip 'no python3'
	cat >threads.py <<'END'
import os, sys, threading, time, tty
tty.setraw(0)
def late():
    time.sleep(1.5)
    os.write(1, b"late")
    os._exit(3)
threading.Thread(target=late).start()
while True:
    os.read(0, 1)
END
	try "$DUALPIPE" --pty $limit -- python3 threads.py </dev/null
	is 3 late
}

@test "a child on a pty that is busy when its input ends is not cut off" {
	try "$DUALPIPE" --pty $limit -- "$peer" raw sleep:1.5 print:late exit:3 </dev/null
	is 3 late
}

@test "what is typed ahead of a password prompt reaches it, and is not echoed" {
	try "$DUALPIPE" --pty $limit -- \
		sh -c 'stty -echo; printf "password: "; read x; stty echo; echo "got $x"' < <(echo secret)
	is 0 'password: got secret'
}

@test "a child may set its terminal as it likes" {
	# \r before \n and echo are there once it asks for them
	try "$DUALPIPE" --pty $limit -- sh -c 'stty opost onlcr; echo line' </dev/null
	is 0 $'line\r'
	try "$DUALPIPE" --pty $limit -- \
		"$peer" canonical print:ready line < <(sleep 0.3; echo typed)
	status_is 0
	[ "$(count typed)" -eq 2 ]
}

# In our terminal

@test "--no-edit in a terminal: lines go to the child, answers come back, ^D ends" {
	in_terminal -m expect:ready cooked send:'hello\r' expect:'<hello>' send:'again\r' expect:'<again>' eof -- \
		"$DUALPIPE" --no-edit -- "$peer" print:'ready\n' lines exit:3
	is 3 $'ready\nhello\n<hello>\nagain\n<again>'
}

@test "--no-edit in a terminal: its driver edits the line" {
	in_terminal -m expect:ready send:'wrong\x15righx\x7ft\r' expect:'<right>' eof -- \
		"$DUALPIPE" --no-edit -- "$peer" print:'ready\n' lines
	status_is 0
	[ "$(count '<right>')" -eq 1 ]
}

@test "--no-edit in a terminal: the end of the child is ours, though nothing was typed" {
	in_terminal -m -- "$DUALPIPE" --no-edit -- "$peer" print:'bye\n' sleep:0.2 exit:7
	is 7 bye
}

@test "--no-edit --pty in a terminal: each key goes to the child's terminal, which echoes and edits" {
	in_terminal -m expect:ready raw send:'wrong\x15hello\r' expect:'<hello>' eof -- \
		"$DUALPIPE" --no-edit --pty -- "$peer" print:'ready\n' lines exit:3
	status_is 3
	[[ $output == *$'<hello>' ]]
	[ "$(count hello)" -eq 2 ]
}

@test "--no-edit --pty in a terminal: keys come one by one where the child wants them so" {
	in_terminal -m expect:ready send:'a\x03\x04\x1a\x11\r\e' expect:'61 03 04 1a 11 0d 1b' -- \
		"$DUALPIPE" --no-edit --pty -- "$peer" raw print:'ready\n' hex:7
	status_is 0
}

@test "--no-edit --pty in a terminal: ^C interrupts the child" {
	in_terminal -m expect:ready send:'\x03' -- "$DUALPIPE" --no-edit --pty -- "$peer" print:'ready\n' stall
	status_is 130
	in_terminal -m expect:ready send:'\x1c' -- "$DUALPIPE" --no-edit --pty -- "$peer" print:'ready\n' stall
	status_is 131
}

@test "--no-edit --pty in a terminal: a password is not shown" {
	in_terminal -m expect:'password: ' send:'secret\r' expect:'[secret]' -- \
		"$DUALPIPE" --no-edit --pty -- sh -c \
		'stty -echo; printf "password: "; read x; stty echo; echo "[$x]"'
	status_is 0
	[ "$(count secret)" -eq 1 ]
}

@test "--no-edit --pty in a terminal: the child's terminal is set as ours" {
	in_terminal -s 31x97 -- sh -c 'stty -ixon erase ^H; stty -a'
	local plain=$output
	in_terminal -s 31x97 -- sh -c 'stty -ixon erase ^H; "$DUALPIPE" --no-edit --pty -- stty -a'
	is 0 "$plain"
}

@test "--no-edit --pty in a terminal: a shell looks as without us" {
	local keys=(expect:'% ' send:'echo one\x02X\r' expect:'onX' expect:'% '
		send:'cat\r' expect:'cat' idle send:'some text\r' expect:'text' expect:'text' eof expect:'% '
		send:'sleep 30\r' expect:'30' idle send:'\x03' expect:'^C' expect:'% ' send:'exit 4\r')
	HOME=$PWD PS1='% ' in_terminal -m "${keys[@]}" -- bash --norc --noprofile
	status_is 4
	local plain=$output
	HOME=$PWD PS1='% ' in_terminal -m "${keys[@]}" -- "$DUALPIPE" --no-edit --pty -- bash --norc --noprofile
	is 4 "$plain"
}

@test "a pty has the size of our terminal" {
	in_terminal -s 33x99 -- "$DUALPIPE" --no-edit --pty -- "$peer" show:size
	is 0 '33 99'
	in_terminal -s 33x99 -- sh -c ': | "$DUALPIPE" --pty -- "$0" show:size' "$peer"
	is 0 '33 99'
	in_terminal -s 33x99 -- "$DUALPIPE" --no-edit --pty --size 10x20 -- "$peer" show:size
	is 0 '10 20'
}

@test "a pty is never without size" {
	in_terminal -s 0x0 -- "$DUALPIPE" --no-edit --pty -- "$peer" show:size
	is 0 '24 80'
}

@test "a pty follows the size of our terminal" {
	in_terminal expect:'24 80' resize:30x100 expect:'30 100' -- \
		"$DUALPIPE" --no-edit --pty -- "$peer" trap:WINCH show:size until:WINCH show:size
	is 0 $'24 80\ngot WINCH\n30 100'
	in_terminal expect:'24 80' resize:30x100 expect:'30 100' -- \
		sh -c 'mkfifo never; exec 3<>never; exec "$DUALPIPE" --pty -- "$0" trap:WINCH show:size until:WINCH show:size <&3' \
		"$peer"
	is 0 $'24 80\ngot WINCH\n30 100'
}

@test "--size is not followed by our terminal's" {
	in_terminal expect:'10 20' resize:30x100 idle send:'x\r' expect:'<x>' -- \
		"$DUALPIPE" --no-edit --pty --size 10x20 -- "$peer" trap:WINCH show:size line show:size
	status_is 0
	[ "$(count '10 20')" -eq 2 ]
	[ "$(count WINCH)" -eq 0 ]
}

@test "the terminal's flags are as they were while we run" {
	local way
	for way in --no-pty --pty; do
		in_terminal -m expect:ready idle run:'! grep -q "^flags:.*[4-7]...$" /proc/$INPTY_PID/fdinfo/0' \
			send:'x\r' expect:'<x>' -- "$DUALPIPE" --no-edit $way -- "$peer" print:'ready\n' line
		status_is 0
	done
}

@test "the terminal is put back when the child ends, however that is" {
	local way how
	for way in --no-pty --pty; do
		for how in 'exit:0 0' 'exit:3 3' 'die:TERM 143' 'die:KILL 137'; do
			in_terminal -m -- "$DUALPIPE" --no-edit $way -- "$peer" sleep:0.1 ${how% *}
			status_is ${how##* }
		done
	done
	for how in 'raw die:KILL 137' 'raw exit:4 4' 'noecho exit:1 1'; do
		in_terminal -m -- "$DUALPIPE" --no-edit --pty -- "$peer" ${how% *}
		status_is ${how##* }
	done
}

@test "the terminal is put back when a signal ends us" {
	local way signal
	for way in --no-pty --pty; do
		for signal in TERM:143 HUP:129 INT:130 QUIT:131; do
			in_terminal -m expect:ready kill:${signal%:*} -- \
				"$DUALPIPE" --no-edit $way -- "$peer" print:'ready\n' stall
			status_is ${signal#*:}
		done
	done
}

@test "the terminal is put back when a limit of time strikes" {
	local way
	for way in --no-pty --pty; do
		for option in --timeout --idle-timeout; do
			in_terminal -m -- "$DUALPIPE" --no-edit $way $option 0.3 -- "$peer" print:ready stall
			status_is 124
			in_terminal -m -- "$DUALPIPE" --no-edit $way $option 0.3 -k 0.2 -- "$peer" ignore:TERM print:ready stall
			status_is 124
		done
	done
}

@test "the terminal is put back when the command cannot be started" {
	local way
	for way in --no-pty --pty; do
		in_terminal -m -- "$DUALPIPE" --no-edit $way -- ./missing
		status_is 127
	done
}

@test "a message of ours in a terminal starts at the left margin" {
	in_terminal -m -- "$DUALPIPE" --no-edit --pty --linger 0.1 -- sh -c 'trap "" HUP; sleep 3 & printf "ready\n"'
	status_is 0
	[ "${lines[0]}" = ready ]
	[[ ${lines[1]} == 'dualpipe: '* ]]
}

@test "stopped and continued, the terminal is as the shell and as the child left it" {
	in_terminal -m expect:ready raw kill:TSTP stopped modes foreground raw send:'x\r' expect:'<x>' -- \
		"$DUALPIPE" --no-edit --pty -- "$peer" print:'ready\n' line
	status_is 0
}

@test "in a terminal, a child that is stopped stops us, and goes on with us" {
	# nobody saw it, and the terminal was dead
	local way
	for way in '--no-edit --pty' --pty --no-edit; do
		in_terminal -m expect:ready idle run:'kill -STOP $(cat child)' stopped modes resize:30x100 foreground \
			send:'x\r' expect:'<x>' expect:'30 100' -- \
			"$DUALPIPE" $way -- "$peer" pid:child print:'ready\n' line exec stty -F /dev/tty size
		status_is 0
	done
}

@test "in a terminal, a child that stops itself stops us, and goes on with us" {
	local way
	for way in '--no-edit --pty' --pty --no-edit; do
		in_terminal -m stopped modes foreground expect:on -- "$DUALPIPE" $way -- sh -c 'kill -STOP $$; echo on; exit 3'
		status_is 3
	done
}

@test "a stopped child behind a stream is ended when a limit of time strikes" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --timeout 0.3 -- sh -c 'kill -STOP $$; echo on' </dev/null
		status_is 124
	done
}

@test "where no shell looks after us, a child that stops itself goes on" {
	in_terminal -m expect:on -- sh -c '"$0" setsid exec "$DUALPIPE" --no-edit --pty -- sh -c "kill -STOP \$\$; echo on; exit 3"' "$peer"
	status_is 3
}

@test "^Z in a terminal stops us, and we go on in the foreground" {
	in_terminal -m expect:ready send:'\x1a' stopped modes foreground send:'x\r' expect:'<x>' -- \
		"$DUALPIPE" --no-edit -- "$peer" print:'ready\n' line
	status_is 0
}

@test "--no-edit --pty in a terminal: what was typed before we ran reaches the child" {
	# the driver had made an end of ^D, which came as a NUL or not at all
	in_terminal -m expect:wait send:'one\r\x04a\x16\x03b\rtw' expect:tw send:'\x04thr' expect:thr run:'touch go' \
		expect:'<one>' expect:'61 03 62 0a' expect:'74 77' send:'ee\r' expect:'<three>' -- sh -c \
		'printf wait; until [ -e go ]; do sleep 0.01; done; exec "$DUALPIPE" --no-edit --pty -- "$0" line eof hex:4 hex:2 line exit:3' \
		"$peer"
	status_is 3
}

@test "--no-edit --pty in a terminal: ^D that was typed while we were stopped ends the child's input" {
	in_terminal -m expect:ready raw kill:TSTP stopped send:'x\r\x04y\r' expect:y foreground expect:'<x>' expect:'<y>' -- \
		"$DUALPIPE" --no-edit --pty -- "$peer" print:'ready\n' line eof line exit:3
	status_is 3
}

@test "in the background we relay, and leave the terminal alone" {
	local way
	for way in --no-pty --pty; do
		in_terminal -m expect:'status 3' -- bash --norc -c \
			'set -m; "$DUALPIPE" --no-edit $1 -- "$0" print:"hello\n" exit:3 & wait $!; echo "status $?"' "$peer" $way
		status_is 0
		[[ $output == $'hello\n'* ]]
	done
}

@test "--no-edit --pty in the background: the child's terminal is not as a shell's that edits a line" {
	HOME=$PWD PS1='% ' in_terminal expect:'% ' send:'{ until [ -e go ]; do sleep 0.01; done; "$DUALPIPE" --no-edit --pty -- sh -c "stty -a >out"; } & echo started\r' \
		expect:$'\nstarted' expect:'% ' raw run:'touch go' until:'test -s out' send:'exit\r' -- bash --norc --noprofile
	local word
	for word in icanon isig iexten echo icrnl ixon opost onlcr 'intr = ^C;' 'eof = ^D;' 'susp = ^Z;' 'lnext = ^V;'; do
		grep -qE -- "(^| )${word//^/\\^}(\$| |;)" out || fail "no '$word': $(<out)"
	done
}

@test "in the background we read the terminal once we are in the foreground" {
	in_terminal -m stopped background expect:started run:'sleep 0.2' foreground send:'x\r' expect:'<x>' -- \
		sh -c 'kill -STOP $$; exec "$DUALPIPE" --no-edit -- "$0" print:"started\n" line' "$peer"
	status_is 0
}

@test "our stdin a terminal, our stdout a pipe: keys go in, output goes on" {
	local way
	for way in --no-pty --pty; do
		in_terminal -m expect:'[ready]' send:'x\r' expect:'[<x>]' -- bash -o pipefail -c \
			'"$DUALPIPE" $1 -- "$0" print:"ready\n" line exit:4 | while IFS=$'"'\r\n'"' read -r a; do echo "[$a]"; done' \
			"$peer" $way
		status_is 4
	done
}

@test "when the terminal goes away we and the child end" {
	local way
	for way in --no-pty --pty; do
		in_terminal until:'test -e child' idle hangup -- "$DUALPIPE" --no-edit $way -- "$peer" pid:child stall
		status_is 129
		wait_until 3 gone "$(<child)"
		rm child
	done
}

@test "a stream behind a pty in a terminal leaves the terminal alone" {
	in_terminal -m expect:ready cooked -- sh -c 'printf "a\nb" | "$DUALPIPE" --pty -- "$0" print:"ready\n" lines exit:6' \
		"$peer"
	status_is 6
	[[ $output == *'<a>'*'<b>'* ]]
}

@test "a reader that has left the terminal's session gets the end, too" {
	try bash -c 'echo hi | "$DUALPIPE" --pty $0 -- setsid -w cat' "$limit"
	is 0 hi
}

@test "a long line for a reader that has left the terminal's session does not wait for others" {
	# nobody was looked for outside of the session, and it went when five seconds had passed
	needs_proc
	try bash -c 'printf "%05000d\n" 7 | "$DUALPIPE" --timeout 4s --pty -- setsid -w cat | wc -c; echo "${PIPESTATUS[1]}"'
	is 0 $'5001\n0'
}

@test "a child of 32 bits gets the end" {
	# read(2) has another number there, so that it seemed to do something else
	[ "$(uname -m)" = x86_64 ] || skip 'not x86_64'
	cat >count.s <<'END'
.globl _start
_start:
	.ifdef THREAD
	mov $120, %eax		# clone(VM FS FILES SIGHAND THREAD, stack)
	mov $0x10f00, %ebx
	mov $stack, %ecx
	int $0x80
	test %eax, %eax
	jnz count
pause:	mov $29, %eax		# pause()
	int $0x80
	jmp pause
	.endif
count:	mov $3, %eax		# read(0, buffer, 100)
	xor %ebx, %ebx
	mov $buffer, %ecx
	mov $100, %edx
	int $0x80
	add %eax, total
	test %eax, %eax
	jg count
	mov total, %ebx
	mov $252, %eax		# exit_group(total)
	int $0x80
	.bss
total:	.skip 4
buffer:	.skip 100
	.skip 4096
stack:
END
	local way
	for way in '' '--defsym THREAD=1'; do
		{ as --32 $way -o count.o count.s && ld -m elf_i386 -o count count.o; } 2>/dev/null ||
			skip 'no assembler for 32 bits'
		./count </dev/null 2>/dev/null || skip 'the system runs nothing of 32 bits'
		try "$DUALPIPE" --pty $limit -- ./count < <(printf 'hello\nyou')
		is 9 ''
	done
}

@test "a child that was stopped and goes on gets the end" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	# its call is told as another one from then on
	cat >child.py <<-'END'
		import os, select
		p = select.poll()
		p.register(0, select.POLLIN)
		open("child", "w").write(str(os.getpid()))
		while True:
		    p.poll()
		    if not os.read(0, 100):
		        break
	END
	mkfifo never
	exec {never}<>never
	start bash -c 'cat never | "$DUALPIPE" --pty $0 -- python3 child.py' "$limit" >out 2>err
	wait_until 5 test -s child
	kill -STOP "$(<child)"
	kill -CONT "$(<child)"
	echo >never
	exec {never}>&-
	finish
	status_is 0
	empty err
}
