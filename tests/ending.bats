# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2059,SC2086,SC2154
#
# How it ends, and that the status is true: of itself, by signals, limits of
# time, closed streams; and what of the child is left then.

load helper

# only_ours: what stands on stderr is ours, if anything
only_ours() {
	local line
	for line in "${stderr_lines[@]}"; do
		[[ $line == 'dualpipe: '* ]] || { fail "not ours: $line"; return 1; }
	done
}

# within MILLISECONDS: since $began
within() {
	local took=$(($(now) - began))
	[ "$took" -lt "$1" ] || { fail "took $took ms"; return 1; }
}

# ends_by SIGNAL: what start has started has ended by now
ends_by() {
	kill -"$1" "$pid" 2>/dev/null
	gone "$pid"
}

# group_of PID: its process group
group_of() {
	sed 's/.*) . [0-9]* \([0-9]*\) .*/\1/' "/proc/$1/stat"
}

@test "the child's status is ours, 0 to 255" {
	local n
	for ((n = 0; n < 256; n++)); do
		attempt "$DUALPIPE" -- "$peer" exit:$n </dev/null >out 2>err
		status_is $n
		empty out
		empty err
	done
}

@test "the status of a child on a pty is ours" {
	local n
	for n in 0 1 2 3 63 64 77 99 100 123 124 125 126 127 128 129 130 137 141 143 200 254 255; do
		attempt "$DUALPIPE" --pty -- "$peer" exit:$n </dev/null >out 2>err
		status_is $n
		empty out
		empty err
	done
}

@test "a signal that ends the child is 128 and its number" {
	local way signal
	for way in --no-pty --pty; do
		for signal in HUP:129 INT:130 QUIT:131 ILL:132 TRAP:133 ABRT:134 BUS:135 FPE:136 KILL:137 USR1:138 \
			SEGV:139 USR2:140 PIPE:141 ALRM:142 TERM:143 XCPU:152 XFSZ:153 VTALRM:154 PROF:155 SYS:159; do
			attempt "$DUALPIPE" $way -- "$peer" die:${signal%:*} </dev/null >out 2>err
			status_is ${signal#*:}
			empty out
		done
	done
}

@test "a command that is not there is 127" {
	local way name
	for way in --no-pty --pty; do
		for name in ./missing missing-command missing/command ''; do
			try "$DUALPIPE" $way -- "$name" argument </dev/null
			status_is 127
			[ -z "$output" ]
			says "'$name'" 'No such file or directory'
		done
	done
}

@test "a folder of PATH that may not be searched does not make a missing command 126" {
	# it was "Permission denied" for who has root's PATH behind su
	local bound=()
	if [ "$(id -u)" -eq 0 ]; then
		bound=(setpriv --bounding-set=-dac_override,-dac_read_search)
		"${bound[@]}" true || skip "nothing is shut to root here"
	fi
	mkdir shut
	chmod 0 shut
	try "${bound[@]}" env PATH="$PWD/shut:$PATH" "$DUALPIPE" -- missing-command </dev/null
	status_is 127
	[ -z "$output" ]
	says "'missing-command'" 'No such file or directory'
	try "${bound[@]}" "$DUALPIPE" -- shut/missing </dev/null
	status_is 126
	says "'shut/missing'" 'Permission denied'
}

@test "a command that cannot be executed is 126" {
	local way
	echo 'echo never' >script
	mkdir folder
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way -- ./script </dev/null
		status_is 126
		[ -z "$output" ]
		says "'./script'" 'Permission denied'
		try "$DUALPIPE" $way -- ./folder </dev/null
		status_is 126
		says "'./folder'"
		printf '#!/missing/interpreter\n' >broken
		chmod +x broken
		try "$DUALPIPE" $way -- ./broken </dev/null
		status_is 126
		says "'./broken'"
	done
}

@test "a command that cannot be started leaves the input to whoever comes next" {
	try bash -c 'seq 3 | { "$DUALPIPE" -- ./missing; echo "status $?"; cat; }'
	status_is 0
	[ "$output" = $'status 127\n1\n2\n3' ]
}

@test "a command is looked up in PATH" {
	mkdir bin
	ln -s "$peer" bin/one
	try env PATH="$PWD/bin" "$DUALPIPE" -- one exit:9 </dev/null
	is 9 ''
}

# Closed streams

@test "a closed stdin is the end of the input" {
	local way
	for way in --no-pty --pty; do
		try bash -c '"$DUALPIPE" $1 -- "$0" line show:fds exit:3 <&-' "$peer" $way
		is 3 $'<eof>\n0 1 2'
	done
}

@test "a closed stderr is no error" {
	local way
	for way in --no-pty --pty --stderr=pass --timeout=9; do
		try bash -c '"$DUALPIPE" $1 -- "$0" print:out exit:3 2>&- </dev/null' "$peer" $way
		is 3 out
	done
}

@test "all three closed, the child still runs and gives its status" {
	local way
	for way in --no-pty --pty; do
		attempt bash -c '"$DUALPIPE" $1 -- "$0" pid:ran exit:3 <&- >&- 2>&-' "$peer" $way
		status_is 3
		[ -e ran ]
		rm ran
	done
}

@test "a reader that goes ends the child as SIGPIPE would" {
	try bash -c '"$DUALPIPE" -- "$0" generate </dev/null | true; exit ${PIPESTATUS[0]}' "$peer"
	is 141 ''
	try bash -c 'yes | "$DUALPIPE" -- cat | head -n 1; echo "${PIPESTATUS[*]}"'
	is 0 $'y\n141 141 0'
}

@test "a reader that goes hangs up a child on a pty" {
	try bash -c \
		'"$DUALPIPE" --pty -- "$0" generate </dev/null | true; exit ${PIPESTATUS[0]}' "$peer"
	is 129 ''
}

@test "a child that takes a closed pipe itself gives its own status" {
	try bash -c \
		'"$DUALPIPE" -- "$0" ignore:PIPE generate </dev/null | true; exit ${PIPESTATUS[0]}' "$peer"
	is 91 '' 'peer: cannot write: Broken pipe'
}

@test "a reader that goes does not end a child that writes nothing" {
	local way
	for way in --no-pty --pty; do
		try bash -c \
			'"$DUALPIPE" $1 -- "$0" sleep:0.5 exit:3 </dev/null | true; exit ${PIPESTATUS[0]}' "$peer" $way
		is 3 ''
	done
}

@test "a full disk is said once, and is 125" {
	local way
	for way in --no-pty --pty; do
		try bash -c '"$DUALPIPE" $1 -- "$0" generate </dev/null >/dev/full' "$peer" $way
		status_is 125
		says 'No space left on device'
	done
	# though the child goes on as if nothing were
	try bash -c \
		'"$DUALPIPE" -- "$0" ignore:PIPE [ generate ] [ generate ] wait </dev/null >/dev/full 2>err' "$peer"
	status_is 125
	[ "$(grep -c '^dualpipe: ' err)" -eq 1 ]
}

@test "a disk that fills up in the middle has all up to there" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local way
	for way in --no-pty --pty; do
		: >out
		LD_PRELOAD=$PRELOAD FAIL_WRITE_AFTER=100001 attempt "$DUALPIPE" $way -- "$peer" generate:1M </dev/null >>out 2>err
		status_is 125
		[ "$(wc -l <err)" -eq 1 ]
		holds err 'No space left on device'
		"$peer" verify:100001 eof <out
	done
}

# SIGXFSZ ended us, and the child with us
@test "a file that may grow no more is said once, and is 125" {
	local way
	for way in --no-pty --pty; do
		try sh -c 'ulimit -f 8; exec "$DUALPIPE" $1 -- "$0" generate </dev/null >file' \
			"$peer" $way
		status_is 125
		says 'File too large'
		"$peer" verify:4k <file
	done
}

@test "a stdout that is closed from the start is 125, once something comes" {
	local way
	for way in --no-pty --pty; do
		try bash -c '"$DUALPIPE" $1 -- "$0" generate >&- </dev/null' "$peer" $way
		status_is 125
		says 'Bad file descriptor'
		try bash -c '"$DUALPIPE" $1 -- "$0" exit:4 >&- </dev/null' "$peer" $way
		is 4 ''
	done
}

@test "no process, no pipe, no pty: 125, and why" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local way
	for way in --no-pty --pty; do
		LD_PRELOAD=$PRELOAD FAIL_FORK=1 try "$DUALPIPE" $way -- "$peer" pid:ran </dev/null
		status_is 125
		says 'Resource temporarily unavailable'
		LD_PRELOAD=$PRELOAD FAIL_PIPE=1 try "$DUALPIPE" $way -- "$peer" pid:ran </dev/null
		status_is 125
		says 'Too many open files'
	done
	LD_PRELOAD=$PRELOAD FAIL_PTY=1 try "$DUALPIPE" --pty -- "$peer" pid:ran </dev/null
	status_is 125
	says 'No space left on device'
	[ ! -e ran ]
}

# Limits of time

@test "--timeout ends the child: 124, and what came until then" {
	local way
	for way in --no-pty --pty; do
		began=$(now)
		try "$DUALPIPE" $way --timeout 0.3 -- "$peer" print:before stall </dev/null
		within 3000
		status_is 124
		[ "$output" = before ]
		only_ours
	done
}

@test "--timeout does not strike a child that ends in time" {
	try "$DUALPIPE" --timeout 10 -- "$peer" print:out exit:3 </dev/null
	is 3 out
	try "$DUALPIPE" -t 10s -- "$peer" print:out exit:3 </dev/null
	is 3 out
}

@test "a limit of 0 or none is none" {
	local option
	for option in --timeout --idle-timeout; do
		try "$DUALPIPE" $option 0 -- "$peer" sleep:0.3 print:out exit:3 </dev/null
		is 3 out
		try "$DUALPIPE" $option none -- "$peer" sleep:0.1 exit:3 </dev/null
		is 3 ''
	done
}

@test "a child that takes the TERM of a limit: still 124, with its last words" {
	local way option
	for way in --no-pty --pty; do
		for option in --timeout --idle-timeout; do
			try "$DUALPIPE" $way $option 0.3 -- "$peer" trap:TERM until:TERM print:bye exit:3 </dev/null
			status_is 124
			[ "$output" = $'got TERM\nbye' ]
		done
	done
}

@test "a child that ignores the TERM of a limit is killed after --kill-after" {
	local way option
	for way in --no-pty --pty; do
		for option in --timeout --idle-timeout; do
			began=$(now)
			try "$DUALPIPE" $way $option 0.2 --kill-after 0.2 -- \
				"$peer" ignore:TERM ignore:HUP print:out stall </dev/null
			within 3000
			status_is 124
			[ "$output" = out ]
		done
	done
	began=$(now)
	try "$DUALPIPE" -t 0.2 -k 0 -- "$peer" ignore:TERM stall </dev/null
	within 2000
	status_is 124
}

@test "--idle-timeout lets a child live that says something, on stderr as well" {
	try "$DUALPIPE" --idle-timeout 1 -- \
		"$peer" sleep:0.5 print:1 sleep:0.5 print:2 sleep:0.5 print:3 exit:3 </dev/null
	is 3 123
	try "$DUALPIPE" --idle-timeout 1 -- \
		"$peer" sleep:0.5 error:1 sleep:0.5 error:2 sleep:0.5 error:3 exit:3 </dev/null
	is 3 '' 123
}

@test "--idle-timeout lets a child live that is told something" {
	try "$DUALPIPE" --idle-timeout 1 -- "$peer" sink exit:3 \
		< <("$peer" sleep:0.5 print:1 sleep:0.5 print:2 sleep:0.5 print:3)
	is 3 ''
}

@test "--idle-timeout ends a child that has fallen silent" {
	local way
	for way in --no-pty --pty; do
		began=$(now)
		try "$DUALPIPE" $way --idle-timeout 0.4 -- "$peer" print:1 sleep:0.2 print:2 stall </dev/null
		within 3000
		status_is 124
		[ "$output" = 12 ]
		only_ours
	done
}

@test "a limit reaches what the child has started" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --timeout 0.3 -- "$peer" [ pid:same stall ] stall </dev/null
		status_is 124
		wait_until 2 gone "$(<same)"
		try "$DUALPIPE" $way --timeout 0.3 -k 0.2 -- "$peer" ignore:TERM ignore:HUP [ pid:same stall ] stall </dev/null
		status_is 124
		wait_until 2 gone "$(<same)"
		rm same
	done
}

@test "a limit reaches what the child has started in another group or session" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who started whom'
	local way one
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --timeout 0.5 -- "$peer" [ group pid:group stall ] \
			[ setsid pid:session [ pid:deeper stall ] wait stall ] stall </dev/null
		status_is 124
		for one in group session deeper; do
			[ -e $one ]
			wait_until 2 gone "$(<$one)"
			rm $one
		done
	done
}

@test "a limit kills what the child has started in another session where that ignores TERM" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who started whom'
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --timeout 0.4 -k 0.2 -- "$peer" ignore:TERM ignore:HUP \
			[ setsid pid:session stall ] stall </dev/null
		status_is 124
		wait_until 2 gone "$(<session)"
		rm session
	done
}

@test "a limit ends a pty's jobs in the background" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who is in a session'
	try "$DUALPIPE" --pty --timeout 0.5 -- \
		bash --norc -c 'set -m; "$0" ignore:HUP pid:job stall & "$0" stall' "$peer" </dev/null
	status_is 124
	wait_until 2 gone "$(<job)"
}

@test "a limit strikes though nobody reads our output" {
	local way
	mkfifo slow
	for way in --no-pty --pty; do
		exec {slow}<>slow
		start "$DUALPIPE" $way --timeout 0.4 -- "$peer" pid:child generate </dev/null >slow 2>err
		wait_until 2 test -e child
		wait_until 3 gone "$(<child)"
		# what came until then is passed on, once somebody reads
		"$peer" verify:16k <&$slow
		cat <&$slow >/dev/null 3>&- & reader=$!
		finish
		status_is 124
		kill $reader
		wait $reader || true
		exec {slow}>&-
		rm child
	done
}

# the line that tells it waited for room, and nobody was ended
@test "a limit strikes though nobody reads our stderr, or --status-fd" {
	local way
	mkfifo slow
	for way in --timeout --idle-timeout; do
		exec {slow}<>slow
		head -c 65536 /dev/zero >&$slow
		start sh -c 'exec "$@" 2>slow 9>slow' - "$DUALPIPE" --status-fd 9 $way 0.3 -- sleep 60 </dev/null
		finish
		status_is 124
		exec {slow}>&-
	done
}

@test "what we have to say on a stderr that is full is said once somebody reads" {
	mkfifo slow
	exec {slow}<>slow
	head -c 65536 /dev/zero >&$slow
	start sh -c 'exec "$@" 2>slow 9>slow' - "$DUALPIPE" --verbose --status-fd 9 -- "$peer" pid:child exit:3 </dev/null
	wait_until 5 test -e child
	wait_until 5 gone "$(<child)"
	head -c 65536 <&$slow >/dev/null
	finish
	status_is 3
	timeout 0.2 cat <&$slow >told || true
	[ "$(grep -c '^{"event":' told)" -eq 2 ]
	grep -q "^dualpipe: .* is over, status 3$" told
}

@test "a signal ends us with the child's status where nobody reads what we have to say" {
	mkfifo slow
	exec {slow}<>slow
	head -c 65536 /dev/zero >&$slow
	start sh -c 'exec "$@" 9>slow' - "$DUALPIPE" --status-fd 9 -- "$peer" pid:child exit:3 </dev/null
	wait_until 5 test -e child
	wait_until 5 test ! -e "/proc/$(<child)"
	# as often as it takes to come when it waits
	wait_until 5 ends_by TERM
	finish
	status_is 3
}

@test "a limit strikes though the child does not read its input" {
	truncate -s 10M zeros
	began=$(now)
	try "$DUALPIPE" --timeout 0.3 -- "$peer" stall <zeros
	within 3000
	status_is 124
}

# Signals to us

@test "INT, TERM, HUP and QUIT are passed on, and the child's status told" {
	local way signal
	for way in --no-pty --pty; do
		for signal in INT TERM HUP QUIT; do
			converse "$DUALPIPE" $way -- "$peer" trap:$signal print:'ready\n' until:$signal print:bye exit:7
			read -r -t 5 answer <&$from
			kill -$signal "$pid"
			finish
			status_is 7
			[ "$(cat <&$from)" = $'got '$signal$'\nbye' ]
			empty err
			exec {to}>&- {from}<&-
		done
	done
}

@test "a child that takes no care of a signal to us is ended by it" {
	local way signal
	for way in --no-pty --pty; do
		for signal in INT:130 TERM:143 HUP:129 QUIT:131; do
			converse "$DUALPIPE" $way -- "$peer" print:'ready\n' stall
			read -r -t 5 answer <&$from
			kill -${signal%:*} "$pid"
			finish
			status_is ${signal#*:}
			exec {to}>&- {from}<&-
		done
	done
}

@test "each signal is passed on, as often as it comes" {
	local way
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" trap:TERM trap:INT print:'ready\n' stall
		for answer in ready 'got TERM' 'got TERM' 'got INT' 'got TERM'; do
			read -r -t 5 line <&$from
			[ "$line" = "$answer" ]
			kill -TERM "$pid"
			[ "$answer" != 'got TERM' ] || kill -0 "$pid"
			[ "$answer" = ready ] && continue
			break
		done
		read -r -t 5 line <&$from
		[ "$line" = 'got TERM' ]
		kill -INT "$pid"
		read -r -t 5 line <&$from
		[ "$line" = 'got INT' ]
		kill -KILL "$pid"
		finish
		exec {to}>&- {from}<&-
	done
}

@test "a signal to us reaches what the child has started" {
	local way
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- sh -c '"$0" pid:inner print:"ready\n" stall; echo not ended' "$peer"
		read -r -t 5 answer <&$from
		kill -TERM "$pid"
		finish
		status_is 143
		[ "$(cat <&$from)" = '' ]
		wait_until 2 gone "$(<inner)"
		exec {to}>&- {from}<&-
		rm inner
	done
}

@test "a signal to us reaches the job in the foreground of a shell on a pty" {
	converse "$DUALPIPE" --pty -- bash --norc -c \
		'set -m; "$0" trap:INT print:"ready\n" until:INT exit:0; echo "shell lives"; exit 4' "$peer"
	read -r -t 5 answer <&$from
	kill -INT "$pid"
	finish
	status_is 4
	[ "$(cat <&$from)" = $'got INT\nshell lives' ]
}

@test "a signal to us is passed on though nobody reads our output" {
	local way
	mkfifo slow
	for way in --no-pty --pty; do
		exec {slow}<>slow
		start "$DUALPIPE" $way -- "$peer" pid:child generate </dev/null >slow 2>err
		wait_until 2 test -e child
		wait_until 5 settled "$pid" awk '/^wchar/ { print $2 }' "/proc/$(<child)/io"
		kill -TERM "$pid"
		wait_until 2 gone "$(<child)"
		"$peer" verify:16k <&$slow
		cat <&$slow >/dev/null 3>&- & reader=$!
		finish
		status_is 143
		kill $reader
		wait $reader || true
		exec {slow}>&-
		rm child
	done
}

@test "without a terminal the child has a process group of its own" {
	converse "$DUALPIPE" -- "$peer" pid:child print:'ready\n' line
	read -r -t 5 answer <&$from
	[ "$(group_of "$(<child)")" = "$(<child)" ]
	exec {to}>&-
	finish
	status_is 0
}

@test "what was ignored when we started is no end of us (nohup)" {
	local way signal
	for way in --no-pty --pty; do
		for signal in HUP INT QUIT; do
			converse "$peer" ignore:$signal exec "$DUALPIPE" $way -- "$peer" print:'ready\n' lines exit:3
			read -r -t 5 answer <&$from
			kill -$signal "$pid"
			echo on >&$to
			read -r -t 5 answer <&$from
			[ "$answer" = '<on>' ]
			exec {to}>&-
			finish
			status_is 3
			exec {from}<&-
		done
	done
}

@test "nohup, really" {
	converse nohup "$DUALPIPE" -- "$peer" print:'ready\n' line exit:3
	read -r -t 5 answer <&$from
	kill -HUP "$pid"
	echo on >&$to
	finish
	status_is 3
	[ "$(cat <&$from)" = '<on>' ]
}

@test "when we are killed the child goes too" {
	[ -z "${PORTABLE-}" ] || skip 'no such thing in POSIX'
	local way
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" ignore:TERM ignore:HUP ignore:INT pid:child print:'ready\n' stall
		read -r -t 5 answer <&$from
		kill -KILL "$pid"
		finish
		status_is 137
		wait_until 3 gone "$(<child)"
		exec {to}>&- {from}<&-
		rm child
	done
}

@test "when we are killed the rest sees its channel close" {
	local way
	for way in --no-pty --pty; do
		converse "$DUALPIPE" $way -- "$peer" [ setsid ignore:HUP pid:reader sink ] [ setsid ignore:HUP pid:writer generate ] \
			print:'ready\n' stall
		head -c 6 <&$from >/dev/null
		wait_until 2 test -e reader
		wait_until 2 test -e writer
		kill -KILL "$pid"
		finish
		exec {to}>&- {from}<&-
		wait_until 3 gone "$(<reader)"
		wait_until 3 gone "$(<writer)"
		rm reader writer
	done
}

@test "nothing is left of a child that ended" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way -- "$peer" pid:child exit:0 </dev/null
		is 0 ''
		# not even a zombie
		[ ! -e "/proc/$(<child)" ]
	done
}

# What the child has started outlives it

@test "what holds the pipe after the child's end is waited for, for --linger, and told" {
	began=$(now)
	try "$DUALPIPE" -- "$peer" [ pid:holder stall ] exists:holder print:out exit:3 </dev/null
	within 3000
	status_is 3
	[ "$output" = out ]
	says
	kill -KILL "$(<holder)"
}

@test "what holds the pty after the child's end is waited for, for --linger" {
	began=$(now)
	try "$DUALPIPE" --pty -- "$peer" [ setsid ignore:HUP pid:holder stall ] exists:holder print:out exit:3 </dev/null
	within 3000
	status_is 3
	[ "$output" = out ]
	says
	kill -KILL "$(<holder)"
}

@test "what comes within --linger arrives, counted from the last byte" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --linger 1 -- "$peer" \
			[ setsid ignore:HUP pid:holder sleep:0.5 print:1 sleep:0.5 print:2 sleep:0.5 print:3 ] \
			exists:holder exit:3 </dev/null
		is 3 123
		rm holder
	done
}

@test "what holds the pipe and keeps talking is heard" {
	try "$DUALPIPE" --linger 0.6 -- \
		"$peer" [ pid:holder sleep:0.3 print:1 sleep:0.3 print:2 sleep:0.3 print:3 stall ] exists:holder exit:3 </dev/null
	kill -KILL "$(<holder)"
	status_is 3
	[ "$output" = 123 ]
	says
}

@test "--linger none waits until the pipe is let go" {
	local way
	for way in --no-pty --pty; do
		try "$DUALPIPE" $way --linger none -- \
			"$peer" [ setsid ignore:HUP pid:holder sleep:1 print:late ] exists:holder exit:3 </dev/null
		is 3 late
		rm holder
	done
}

@test "--linger 0 does not wait" {
	began=$(now)
	try "$DUALPIPE" --linger 0 -- "$peer" [ sleep:1 print:late ] print:out exit:3 </dev/null
	within 900
	status_is 3
	[ "$output" = out ]
}

@test "what has let go of the channel is not waited for" {
	local way
	for way in --no-pty --pty; do
		began=$(now)
		try "$DUALPIPE" $way --linger none -- \
			"$peer" [ setsid close-from:0 pid:away sleep:3 ] exists:away print:out exit:3 </dev/null
		within 2500
		is 3 out
		rm away
	done
}

@test "while we linger a signal goes to what is left, and the status is the child's" {
	converse "$DUALPIPE" --linger none -- "$peer" [ trap:TERM pid:holder print:'ready\n' until:TERM ] exit:3
	read -r -t 5 answer <&$from
	wait_until 2 test -e holder
	wait_until 2 group_is_left
	kill -TERM "$pid"
	finish
	status_is 3
	[ "$(cat <&$from)" = 'got TERM' ]
}

# group_is_left: the child has ended, what it has started has not
group_is_left() {
	[ "$(sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$(<holder)/stat")" != "$pid" ] &&
		! grep -q . "/proc/$pid/task/$pid/children"
}

@test "while we linger a second signal ends us with the child's status" {
	converse "$DUALPIPE" --linger none -- "$peer" [ trap:TERM pid:holder print:'ready\n' stall ] exit:3
	read -r -t 5 answer <&$from
	wait_until 2 test -e holder
	wait_until 2 group_is_left
	kill -TERM "$pid"
	read -r -t 5 answer <&$from
	[ "$answer" = 'got TERM' ]
	kill -TERM "$pid"
	finish
	status_is 3
	kill -KILL "$(<holder)"
}

@test "--timeout bounds the lingering as well" {
	began=$(now)
	try "$DUALPIPE" --linger none --timeout 0.5 -- "$peer" [ pid:holder stall ] exists:holder exit:3 </dev/null
	within 3000
	status_is 124
	wait_until 2 gone "$(<holder)"
}

# ^C at a shell whose script runs us

# interrupted FILE: what the shell in a terminal that runs FILE shows, after ^C
interrupted() {
	in_terminal -m expect:ready idle send:'\x03' -- sh "$1"
	status_is 0
	[ "$(count 'got INT')" -eq 1 ]
	[ "$(count 'status 5')" -eq 1 ]
}

@test "^C at a script that runs us with the terminal: the child is told once, the script goes on" {
	cat >script <<-'END'
		trap 'echo the script is told' INT
		"$DUALPIPE" --no-edit -- "$HELPERS/peer" trap:INT print:'ready\n' until:INT sleep:0.3 exit:5
		echo "status $?"
	END
	HELPERS=$HELPERS interrupted script
	[ "$(count 'the script is told')" -eq 1 ]
}

@test "^C at a script that runs us in a pipeline: the child is told once, the script goes on" {
	cat >script <<-'END'
		trap 'echo the script is told' INT
		echo input | "$DUALPIPE" -- "$HELPERS/peer" trap:INT print:'ready\n' until:INT sleep:0.3 exit:5
		echo "status $?"
	END
	HELPERS=$HELPERS interrupted script
	[ "$(count 'the script is told')" -eq 1 ]
}

@test "^C at a script that runs us with --pty in a pipeline: the child is told once, the script goes on" {
	cat >script <<-'END'
		trap 'echo the script is told' INT
		echo input | "$DUALPIPE" --pty -- "$HELPERS/peer" trap:INT print:'ready\n' until:INT sleep:0.3 exit:5
		echo "status $?"
	END
	HELPERS=$HELPERS interrupted script
	[ "$(count 'the script is told')" -eq 1 ]
}

@test "^C at a script that runs us with --pty and the terminal is for the child alone" {
	cat >script <<-'END'
		trap 'echo the script is told' INT
		"$DUALPIPE" --no-edit --pty -- "$HELPERS/peer" trap:INT print:'ready\n' until:INT sleep:0.3 exit:5
		echo "status $?"
	END
	HELPERS=$HELPERS interrupted script
	[ "$(count 'the script is told')" -eq 0 ]
}

@test "^\\ in a pipeline in a terminal is told once as well" {
	cat >script <<-'END'
		trap : QUIT
		echo input | "$DUALPIPE" -- "$HELPERS/peer" trap:QUIT print:'ready\n' until:QUIT sleep:0.3 exit:5
		echo "status $?"
	END
	HELPERS=$HELPERS in_terminal -m expect:ready idle send:'\x1c' -- sh script
	status_is 0
	[ "$(count 'got QUIT')" -eq 1 ]
	[ "$(count 'status 5')" -eq 1 ]
}

@test "in a pipeline in a terminal what the child asks at /dev/tty is answered there" {
	in_terminal -m expect:'name: ' send:'joe\r' expect:'[joe]' -- sh -c \
		'echo input | "$DUALPIPE" -- sh -c "cat; printf \"name: \" >/dev/tty; read x </dev/tty; echo \"[\$x]\""'
	status_is 0
	[[ $output == *input* ]]
}

@test "in a pipeline in a terminal a signal to us is for the child and its own, not for the script" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who started whom'
	cat >script <<-'END'
		trap 'echo the script was told; exit 9' TERM
		echo input | "$DUALPIPE" -- sh -c '"$HELPERS/peer" pid:inner stall; echo not ended'
		echo "status $?"
	END
	HELPERS=$HELPERS in_terminal -m until:'test -e inner' idle \
		run:'kill -TERM $(pgrep -f "^$DUALPIPE -- sh -c" | head -n 1)' expect:'status 143' -- sh script
	is 0 'status 143'
	wait_until 2 gone "$(<inner)"
}

@test "^Z in a pipeline in a terminal stops all of it, and it goes on" {
	in_terminal -m expect:ready until:'test -e child' send:'\x1a' stopped \
		until:'grep -q "^State:.*stopped" /proc/$(cat child)/status' foreground expect:late -- \
		sh -c 'sleep 0.2 | "$DUALPIPE" -- "$0" pid:child print:"ready\n" sleep:0.2 print:"late\n"' "$peer"
	status_is 0
}

# What went wrong once

@test "a pipe that is full and all there is holds nothing up" {
	# 64 KiB of a splice that ends with nothing left was taken for a reader that is slow
	began=$(now)
	try "$DUALPIPE" -- sh -c 'head -c 65536 /dev/zero; sleep 60 >&1 2>/dev/null & echo $! >holder' </dev/null
	kill "$(<holder)"
	within 5000
	status_is 0
	says "'sh'" --linger
}

# passed MS: since began
passed() {
	[ $(($(now) - began)) -ge "$1" ]
}

@test "silence while we were stopped is nobody's" {
	# the time that was over came before what the child had said meanwhile
	start "$DUALPIPE" --idle-timeout 1 -- "$peer" print:'1\n' sleep:0.4 print:'2\n' sleep:0.4 print:'3\n' sleep:0.4 \
		print:'4\n' sleep:0.4 print:'5\n' exit:3 </dev/null >out 2>err
	wait_until 5 grep -q 1 out
	kill -STOP "$pid"
	began=$(now)
	wait_until 5 passed 1500
	kill -CONT "$pid"
	finish
	status_is 3
	empty err
}

@test "a run that cannot begin has its last line on --status-fd" {
	try bash -c '"$DUALPIPE" --status-fd 3 -T ./missing/file -- true 3>report'
	status_is 125
	[[ $(<report) == '{"event":"end","pid":null,"reason":"failed","code":null,"signal":null,'* ]]
}

@test "--status-fd may be stdout, and loses no line" {
	local i
	for i in {1..20}; do
		try "$DUALPIPE" --status-fd 1 -- true </dev/null
		status_is 0
		[ "${#lines[@]}" -eq 2 ]
	done
}

@test "an error of stdin is told, and no end" {
	try bash -c '"$DUALPIPE" -- cat <"/proc/$$/mem"; exit $?'
	status_is 125
	says stdin 'Input/output error'
}

@test "a transcript whose reader goes, when nothing could be started, does not change the status" {
	# SIGPIPE ended us then, with 141
	mkfifo record
	exec {both}<>record
	dd if=/dev/zero bs=4096 oflag=nonblock >&$both 2>full || true
	start "$DUALPIPE" --transcript record -- ./missing </dev/null >out 2>err
	wait_until 5 holds err "cannot start './missing'"
	exec {both}>&-
	finish
	status_is 127
	empty out
	[ "$(wc -l <err)" -eq 1 ]
}

@test "a transcript that nobody reads stops nothing" {
	mkfifo record
	try "$DUALPIPE" -T record -- true </dev/null
	status_is 125
	says "'record'"
	exec {hold}<>record
	began=$(now)
	try "$DUALPIPE" -T record -- head -c 2000000 /dev/zero </dev/null
	within 8000
	status_is 125
	says "'record'"
	[ "${#output}" -eq 0 ]
	exec {hold}<&-
}

@test "a pty that ends in a hang-up loses nothing that was said before" {
	[ -z "${PORTABLE-}" ] || skip 'POSIX does not tell who reads a terminal'
	# the terminal was closed with output unread, or its end never read
	cat >child.py <<-'END'
		import os, signal, tty
		tty.setraw(0)
		signal.signal(signal.SIGHUP, lambda *a: None)
		os.write(1, b"r" * 74000)
		try:
		    while os.read(0, 100):
		        pass
		except OSError:
		    pass
	END
	try bash -c 'echo x | "$DUALPIPE" --pty --linger none -- python3 child.py | { sleep 1; wc -c; }; exit ${PIPESTATUS[1]}'
	status_is 0
	[ "$output" -ge 74000 ]
}

@test "a child on a pty that has stopped ends by a signal to us" {
	start "$DUALPIPE" --pty -- sh -c 'echo $$ >child; kill -STOP $$' </dev/null >out 2>err
	wait_until 5 test -s child
	stopped() { [[ $(<"/proc/$(<child)/stat") == *") T "* ]]; }
	wait_until 5 stopped
	kill -TERM "$pid"
	finish
	status_is 143
	empty err
}

@test "as process 1 we leave no zombies, and give the child's own status" {
	unshare -rpf --mount-proc true 2>/dev/null || skip 'no process is 1 here'
	local way
	for way in --no-pty --pty; do
		# each shell leaves one behind, which ends when we are its parent
		try unshare -rpf --mount-proc "$DUALPIPE" $way --timeout 10 -- sh -c '
			for i in 1 2 3 4 5; do sh -c "$0 exists:go exit:9 &" "$0"; done
			touch go
			until ! grep -qs peer /proc/[0-9]*/comm; do sleep 0.01; done
			exit 3' "$peer" </dev/null
		is 3 ''
		rm go
	done
}

# nobody was found to be ended: the numbers in that /proc were not ours
@test "a limit strikes in a pid namespace that sees the /proc of another" {
	unshare -rpf true 2>/dev/null || skip 'no pid namespace to be had'
	local way
	for way in --no-pty --pty; do
		try unshare -rpf sh -c 'while /bin/true & [ -e /proc/$(($! + 1)) ]; do :; done; wait; exec "$@"' - \
			"$DUALPIPE" -q $way --timeout 0.3 -- sleep 60 </dev/null
		is 124 ''
	done
}
