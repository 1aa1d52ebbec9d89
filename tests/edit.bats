# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2086,SC2154
#
# A person at a terminal: keys, history, passwords, questions at /dev/tty,
# children that take their terminal, and how ours is left.

load helper

setup() {
	cd -- "$BATS_TEST_TMPDIR" || return
	started=()
	export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	history=$XDG_STATE_HOME/dualpipe/history
	[ -x "$inpty" ] || skip "inpty is not built"
}

# at STEP ... -- ARGUMENT ...: dualpipe at a terminal, which is as it was
# afterwards; sets status, output
at() {
	local steps=()
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	run "$inpty" -m "${steps[@]}" -- "$DUALPIPE" "${@:2}"
}

# shows TEXT: it came to the terminal
shows() {
	[[ $output == *"$1"* ]] || fail "no '$1' in:" "$output"
}

# hides TEXT: it did not
hides() {
	[[ $output != *"$1"* ]] || fail "'$1' in:" "$output"
}

# has FILE LINE ...: these lines, and no others
has() {
	local file=$1
	shift
	[ "$(cat "$file")" = "$(printf '%s\n' "$@")" ] || fail "$file holds:" "$(cat "$file")"
}

@test "a line is edited, and the child gets it as it was in the end" {
	at raw 'send:1+2\x01(\x05)*X\x7f111\r' expect:333 eof -- -- bc -q
	status_is 0
}

# wait_go: what a shell does that is still busy while one types
wait_go='printf wait; until [ -e go ]; do sleep 0.01; done'

@test "on a pty, what was typed before we ran is edited, and ^D among it is end-of-file" {
	# the driver had made an end of ^D, which came as a NUL
	run "$inpty" -m expect:wait 'send:one\r\x04a\x16\x03b\rtw' expect:tw 'send:\x04thr' expect:thr 'run:touch go' \
	    'expect:<one>' 'expect:61 03 62 0a' expect:twthr 'send:ee\x01\x04\r' 'expect:<wthree>' -- sh -c \
	    "$wait_go; "'exec "$DUALPIPE" --pty -- "$0" line eof hex:4 line exit:3' "$peer"
	status_is 3
}

@test "on pipes, ^D that was typed before we ran is end-of-file behind the line before it" {
	run "$inpty" -m expect:wait 'send:one\r\x04' 'run:touch go' 'expect:<one>' -- sh -c \
	    "$wait_go; "'exec "$DUALPIPE" -- "$0" line eof exit:3' "$peer"
	status_is 3
}

@test "^D that was typed while we were stopped ends the child's input" {
	at raw expect:ready kill:TSTP stopped 'send:x\r\x04y\r' expect:y foreground 'expect:<x>' 'expect:<y>' -- \
	    --pty -- "$peer" 'print:ready\n' line eof line exit:3
	status_is 3
}

@test "keys of vi are there where ~/.editrc asks for them" {
	echo 'bind -v' >.editrc
	at raw 'send:two words\e0dwA more\r' 'expect:<words more>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "edit off in ~/.editrc is as --no-edit" {
	# no key had a meaning then, not even ^D
	local line
	for line in 'edit off' 'dualpipe:edit off'; do
		echo "$line" >.editrc
		at cooked 'send:ab\x7fc\r' 'expect:<ac>' eof -- -- sed -u 's/.*/<&>/'
		status_is 0
	done
	printf '%s\n' 'edit off' 'edit on' 'other:edit off' >.editrc
	at raw 'send:ab\x01c\r' 'expect:<cab>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "characters of any width are deleted and sent whole" {
	at raw 'send:\xe6\xbc\xa2x\xe5\xad\x97\xf0\x9f\x98\x80\x7f\x7f\x7fy\r' $'expect:<\xe6\xbc\xa2y>' eof \
	    -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "^V takes the next key as it is" {
	at raw 'send:a\x16\x03b\r' 'expect:61 03 62 0a' eof -- -- sh -c 'head -n 1 | od -An -tx1; cat'
	status_is 0
}

# The end of what they send became a part of the line.
@test "keys that mean nothing to the editor leave the line alone" {
	local mode
	for mode in -e -v; do
		echo "bind $mode" >.editrc
		at raw 'send:ab\e[5~\e[6~\e[2~\eOP\e[15~\e[24~\e[Z\e[I\e[O\e[1;2A\e[1;6D\e[5;5~\r' 'expect:<ab>' eof -- -- sed -u 's/.*/<&>/'
		status_is 0
	done
}

# All that looked like an end of line was taken off, not only Enter's.
@test "a carriage return behind ^V is sent at the end of a line, too" {
	at raw 'send:a\x16\r\r' 'expect:61 0d 0a' eof -- -- sh -c 'head -n 1 | od -An -tx1; cat'
	status_is 0
}

@test "what the child printed last, on stderr too, is the prompt" {
	at 'expect:name? ' raw 'send:Ann\r' 'expect:hello Ann' -- -- sh -c 'printf "name? " >&2; read n; echo "hello $n"'
	status_is 0
}

@test "a line that is typed comes back below output that arrives meanwhile" {
	mkfifo go
	at raw 'send:ab' expect:ab 'run:echo x >go' expect:noise expect:ab 'send:c\r' 'expect:<abc>' \
	    -- -- sh -c 'read x <go; echo noise; read l; echo "<$l>"'
	status_is 0
}

@test "^C interrupts the child's group, and the transcript tells" {
	at raw expect:ready 'send:half\x03' -- --transcript t -- sh -c 'echo ready; exec sleep 100'
	status_is 130
	has t '# dualpipe transcript 1' "\$ sh -c 'echo ready; exec sleep 100'" '< ready' '@ signal INT' '= signal INT'
}

@test "a child that goes on after ^C can be talked to as before" {
	at raw expect:ready 'send:\x03' expect:caught 'send:x\r' 'expect:<x>' \
	    -- -- sh -c 'trap "echo caught" INT; echo ready; read a || read a; echo "<$a>"'
	status_is 0
}

@test "^\\ quits the child" {
	at raw expect:ready 'send:\x1c' -- -- sh -c 'ulimit -c 0; echo ready; exec sleep 100'
	status_is 131
}

@test "^D on an empty line is end-of-file, and deletes a character in another" {
	at raw 'send:abc\x02\x04\r' 'expect:<ab>' 'send:\x04' -- --transcript t -- sed -u 's/.*/<&>/'
	status_is 0
	has t '# dualpipe transcript 1' "\$ sed -u 's/.*/<&>/'" '> ab' '< <ab>' '@ eof' '= 0'
}

# They were taken, and nobody got them.
@test "what is typed behind the end-of-file is for who has the terminal next, and not recorded" {
	mkfifo go
	run "$inpty" -m expect:ready 'send:\x04' cooked expect:over 'send:x\r' 'run:echo x >go' 'expect:<x>' -- sh -c \
	    '"$DUALPIPE" --transcript t -- sh -c "echo ready; cat; echo over; read x <go"; read -r l; echo "<$l>"'
	status_is 0
	has t '# dualpipe transcript 1' "\$ sh -c 'echo ready; cat; echo over; read x <go'" '< ready' '@ eof' '< over' '= 0'
}

@test "behind the end-of-file keys still signal, and what is asked at /dev/tty is answered" {
	at raw 'send:\x04' expect:word: raw idle 'send:hunter2\r' 'expect:got 7' expect:sure? idle 'send:nox\x7f\r' \
	    'expect:<no>' expect:on cooked 'send:\x1a' stopped modes foreground \
	    'until:grep -q "^State:.S" /proc/$INPTY_PID/status' 'send:\x03' -- --transcript t -- bash -c 'cat
	    read -rsp word: p </dev/tty; echo "got ${#p}"; printf sure? >/dev/tty; read -r a </dev/tty; echo "<$a>"; exec "$0" print:on stall' "$peer"
	status_is 130
	hides hunter2
	run ! grep -q hunter2 t
	holds t '@ signal INT'
}

@test "a line typed ahead of a question behind the end-of-file answers it" {
	mkfifo go
	at raw 'send:\x04' cooked 'send:yes\r' 'run:echo x >go' 'expect:<yes>' -- -- sh -c 'cat; read x <go; read a </dev/tty; echo "<$a>"'
	status_is 0
}

@test "^Z stops the child and us, and fg brings line and child back" {
	at raw expect:ready 'send:ab\x1a' stopped modes foreground raw expect:ab 'send:c\r' 'expect:<abc>' \
	    -- -- sh -c 'echo ready; read l; echo "<$l>"'
	status_is 0
}

@test "the child is stopped while we are" {
	at raw expect:ready 'send:\x1a' stopped \
	    'until:grep -q "^State:.T" /proc/$(cat pid)/status' foreground raw 'send:x\r' \
	    -- -- sh -c 'echo $$ >pid; echo ready; read l'
	status_is 0
}

@test "output in the background comes, and keys are not read there" {
	mkfifo go
	at raw expect:ready 'send:ab\x1a' stopped background 'run:echo x >go' expect:later modes foreground raw 'send:c\r' \
	    'expect:<abc>' -- -- sh -c 'echo ready; read x <go; echo later; read l; echo "<$l>"'
	status_is 0
}

@test "a signal to us alone stops and continues as the key does" {
	at raw expect:ready kill:TSTP stopped modes foreground raw 'send:x\r' 'expect:<x>' \
	    -- -- sh -c 'echo ready; read l; echo "<$l>"'
	status_is 0
}

# Neither was what we had drawn known to be gone, nor our hold of the terminal.
@test "after a STOP that came from outside the line is there again below what a shell wrote" {
	at raw expect:ready 'send:ab' expect:ab kill:STOP stopped foreground raw 'expect:\r\e[J' expect:ab 'send:c\r' 'expect:<abc>' \
	    -- -- sh -c 'echo ready; read l; echo "<$l>"'
	status_is 0
}

@test "after a STOP that came from outside nothing is taken off the screen in the background" {
	mkfifo go
	at raw expect:ready 'send:ab' expect:ab kill:STOP stopped background 'run:echo x >go' expect:later foreground raw 'expect:\r\e[J' \
	    expect:ab 'send:c\r' 'expect:<abc>' -- -- sh -c 'echo ready; read x <go; echo later; read l; echo "<$l>"'
	status_is 0
	[[ ${output%later*} != *$'\e[J'* ]] || fail "$output"
}

@test "every fatal signal puts the terminal back" {
	local signal
	for signal in HUP INT QUIT TERM USR1 USR2; do
		run "$inpty" raw expect:ready kill:$signal ended modes -- "$DUALPIPE" -- sh -c 'ulimit -c 0; echo ready; exec sleep 100'
		[ "$status" -gt 128 ] || fail "$signal: $status"
		shows $'\e[?2004l'
	done
}

@test "a child that is killed leaves the terminal as it was" {
	at raw expect:ready 'send:half' 'run:kill -9 $(cat pid)' -- -- sh -c 'echo $$ >pid; echo ready; exec sleep 100'
	status_is 137
}

@test "when the terminal goes, so does the child" {
	run "$inpty" raw expect:ready hangup -- "$DUALPIPE" -- sh -c 'echo $$ >pid; echo ready; exec sleep 100'
	wait_until 5 gone "$(cat pid)"
}

@test "when a terminal goes that sends us no signal, a question at /dev/tty is over too" {
	run "$inpty" expect:word: hangup -- setsid -w "$DUALPIPE" -- \
	    sh -c 'trap "" HUP; echo $$ >pid; printf word: >/dev/tty; read a </dev/tty; exec 0<&- ; echo over >over'
	wait_until 5 gone "$(cat pid)"
	has over over
}

@test "when we are killed, so is the child" {
	run "$inpty" raw expect:ready kill:KILL -- "$DUALPIPE" -- sh -c 'echo $$ >pid; echo ready; exec sleep 100'
	status_is 137
	wait_until 5 gone "$(cat pid)"
}

@test "a half line that the child leaves stays on the screen" {
	at -- -- printf 'no end'
	status_is 0
	shows 'no end'
}

@test "messages of ours do not tear the line apart" {
	at raw expect:ready 'send:ab' expect:ab expect:--timeout -- --timeout 0.5 -- sh -c 'echo ready; sleep 100'
	status_is 124
	[ "$(tail -c 1 <<<"$output")" = "" ]
}

@test "history is kept a command, a line at once, for us alone" {
	at raw 'send:111*3\r' expect:333 'run:grep -qxF "111*3" state/dualpipe/history/bc' 'send:111*5\r' expect:555 eof -- -- bc -q
	status_is 0
	has "$history/bc" '111*3' '111*5'
	[ "$(stat -c %a "$history/bc")" = 600 ]
}

@test "a line that somebody adds to a history of more than 4 MiB while its older half is dropped stays" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	# what came behind the read was not in the new file
	seq -f 'line %g of many' 300000 >mine
	LD_PRELOAD=$PRELOAD BEFORE_RENAME='echo "from elsewhere" >>mine' run "$inpty" -m raw 'send:111*3\r' expect:333 eof -- \
		"$DUALPIPE" --history mine -- bc -q
	status_is 0
	[ "$(tail -n 3 mine)" = $'line 300000 of many\nfrom elsewhere\n111*3' ] || fail "$(tail -n 3 mine)"
	[ "$(stat -c %s mine)" -lt 2200000 ]
}

@test "history survives a kill of ours" {
	run "$inpty" raw 'send:111*3\r' expect:333 kill:KILL -- "$DUALPIPE" -- bc -q
	has "$history/bc" '111*3'
}

@test "a second instance loses no line of the first" {
	at raw 'send:111*3\r' expect:333 \
	    "run:'$inpty' raw 'send:111*5\\r' expect:555 eof -- '$DUALPIPE' -- bc -q >/dev/null" \
	    'send:111*7\r' expect:777 eof -- -- bc -q
	status_is 0
	has "$history/bc" '111*3' '111*5' '111*7'
}

@test "lines of earlier runs come back with the arrow and with ^R" {
	mkdir -p "$history"
	printf '%s\n' first second >"$history/sed"
	at raw 'send:\e[A\e[A\r' 'expect:<first>' 'send:\x12eco\e\r' 'expect:<second>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

# The arrow's last two keys became a part of the line, and ^N only beeped.
@test "from a line that was found, Up and Down go on, and back to what was typed" {
	mkdir -p "$history"
	printf '%s\n' one two three four >"$history/sed"
	at raw 'send:mine\x12wo\e[B\r' 'expect:<three>' 'send:\x12tw\x10\r' 'expect:<one>' \
	    'send:mine\x12wo\e[B\e[B\e[B\e[B\e[B\r' 'expect:<mine>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
	echo 'bind -v' >.editrc
	printf '%s\n' one two three four >"$history/sed"
	at raw 'send:mine\e/wo\rj\r' 'expect:<three>' 'send:mine\e/wo\rk\r' 'expect:<one>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

# All behind its first 1023 characters became NULs, or what was changed was lost.
@test "a search that is given up leaves the line as it was, however long" {
	local long keys
	long=$(printf '%02000d' 0)
	mkdir -p "$history"
	printf '%s\n' one two >"$history/sed"
	for keys in '\x12on\x07' '\x12no\x07' '\x12no\e' '\x12on\x13\x13\e' '\ep\en'; do
		at raw "send:$long$keys\x05x\r" "expect:${long: -500}x>" eof -- --no-history -- sed -u 's/.*/<&>/'
		status_is 0
		at raw "send:\e[A$long\x12on\x07x\r" "expect:${long: -500}x>" eof -- -- sed -u 's/.*/<&>/'
		status_is 0
	done
}

@test "a leading blank keeps a line out of the history" {
	at raw 'send: 111*3\r' expect:333 eof -- -- bc -q
	status_is 0
	empty "$history/bc"
}

@test "--history names the file, --no-history keeps none" {
	at raw 'send:111*3\r' expect:333 eof -- --history mine -- bc -q
	has mine '111*3'
	at raw 'send:111*5\r' expect:555 eof -- --no-history -- bc -q
	has mine '111*3'
	[ ! -e "$history" ]
}

@test "a history that cannot be written is an error when it was asked for" {
	at -- --history /dev/null/x -- bc -q
	status_is 125
	shows "cannot write history '/dev/null/x'"
}

@test "a long line can be left for the history and edited on" {
	local long
	long=$(printf '%02000d' 0)
	mkdir -p "$history"
	echo old >"$history/sed"
	at raw "send:$long\e[A\e[Bx\r" "expect:${long: -500}x>" eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

# Up was counted though nothing was further up: Down then led back to the line
# without our knowing, and the next Up kept a thousand characters of it.
@test "a long line survives the history, however often Up was pressed before" {
	local long
	long=$(printf '%02000d' 0)
	mkdir -p "$history"
	echo old >"$history/sed"
	at raw "send:\e[A\e[A\e[B$long\e[A\e[Bx\r" "expect:${long: -500}x>" eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "TAB completes words of the conversation, then names of files" {
	mkdir folder
	touch folder/unique-name
	at expect:wonderful raw 'send:wond\t\r' 'expect:<wonderful>' 'send:folder/un\t\r' 'expect:<folder/unique-name>' eof \
	    -- -- sh -c 'echo such a wonderful day.; exec sed -u "s/.*/<&>/"'
	status_is 0
}

@test "TAB completes a word that was printed in colour" {
	at expect:wonderful raw 'send:wond\t\r' 'expect:<wonderful>' eof \
	    -- -- sh -c 'printf "such a \\033[1mwonderful\\033[m day.\\n"; exec sed -u "s/.*/<&>/"'
	status_is 0
}

@test "TAB lists what a word may become, above the line" {
	at expect:alpine raw 'send:alp\t' expect:alpha expect:alpine expect:alp 'send:h\t\r' 'expect:<alpha>' eof \
	    -- -- sh -c 'echo alpha alpine; exec sed -u "s/.*/<&>/"'
	status_is 0
}

@test "what TAB lists stands in columns, however wide its characters are" {
	at expect:alp3 raw 'send:alp\t' 'expect:alp3    alpé11  alp日2' 'send:3\r' 'expect:<alp3>' eof \
	    -- -- sh -c 'echo alpé11 alp日2 alp3; exec sed -u "s/.*/<&>/"'
	status_is 0
}

# Each was compared with all before it, which took half a minute.
@test "TAB is soon done with as many words as there may be" {
	run "$inpty" -m -t 5 raw expect:ready 'send:1\t' expect:100199 expect:... 'send:x\r' 'expect:<1x>' -- \
	    "$DUALPIPE" -- sh -c 'seq 100000 170000; echo ready; read l; echo "<$l>"'
	status_is 0
}

@test "TAB offers no name of a file that a terminal would obey" {
	mkdir folder
	touch folder/$'uni\e[2Jone' folder/$'uni\ntwo' folder/$'uni\xc2\x9b2Jthree' folder/unicorn
	at raw 'send:folder/un\t\r' 'expect:<folder/unicorn>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "pasted text is taken as it is, line by line, the last one to be edited" {
	at raw 'send:\e[200~a\tb\r\nc\x7f\rd\e[201~!\r' 'expect:done' -- -- sh -c 'head -n 3 | od -An -c; echo done'
	status_is 0
	shows '  a  \t   b  \n   c 177  \n   d   !  \n'
}

# The engine's text is a string, which a NUL ended.
@test "a NUL in what is pasted takes nothing else away" {
	at raw 'send:\e[200~a\x00b\e[201~c\r' 'expect:<abc>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "a paste of a megabyte arrives whole, in brackets or not" {
	local text bracket i
	seq -f '%03.0f and some more words to make it a line of its own' 900 >part
	text=$(tr '\n' '\r' <part)
	local parts=()
	for i in {1..20}; do
		cat part
		parts+=("send:$text")
	done >want
	for bracket in '' 1; do
		at raw ${bracket:+'send:\e[200~'} "${parts[@]}" ${bracket:+'send:\e[201~'} 'send:\x04' \
		    -- --no-history -- sh -c 'cat >got'
		status_is 0
		cmp want got
	done
}

@test "a line of 60000 characters can be edited" {
	local long
	long=$(printf '%060000d' 0)
	at raw "send:$long\x01A\x05Z\r" expect:60002 -- -- sh -c 'read l; echo "$l" | { IFS= read -r x; case $x in A*Z) echo ${#x};; esac; }'
	status_is 0
}

@test "a password on a pty is not shown, kept or recorded" {
	at expect:word: idle 'send:hunter2\r' 'expect:got 7' idle 'send:x\r' -- --pty --transcript t -- \
	    bash -c 'printf word:; stty -echo; read -r p; stty echo; echo "got ${#p}"; read -r x'
	status_is 0
	hides hunter2
	run ! grep -rq hunter2 t state
	holds t '@ secret'
}

# The queue of the keys and that of the relay kept it.
@test "a password is not left in what is allocated" {
	local ask='printf word:; stty -echo; read -r p; stty echo; echo "got ${#p}"; read -r x'
	command -v python3 >/dev/null || skip "no python3"
	cat >scan <<'END'
import os, sys # the stack may have what stood in a register, which is nobody's to wipe
for line in open("/proc/%s/maps" % os.environ["INPTY_PID"]):
    begin, end = (int(x, 16) for x in line.split()[0].split("-"))
    if line.split()[1][1] == "w" and "[stack]" not in line and end - begin < 1 << 26:
        with open("/proc/%s/mem" % os.environ["INPTY_PID"], "rb", 0) as memory:
            memory.seek(begin)
            if b"hunter2" in memory.read(end - begin):
                sys.exit("in " + line)
END
	at expect:word: idle 'run:python3 scan || touch hidden' 'send:hunter2\r' 'expect:got 7' idle 'run:python3 scan' 'send:x\r' -- \
	    --pty -- bash -c "$ask"
	[ ! -e hidden ] || skip "memory is not to be seen"
	status_is 0
	at expect:word: idle 'send:hunter2\r' 'expect:got 7' idle 'run:python3 scan' 'send:x\r' -- -- \
	    bash -c "exec 3<&0 </dev/tty >/dev/tty; ${ask% *} x <&3"
	status_is 0
}

@test "without the editor, too, a password on a pty is not recorded" {
	local option
	for option in --no-edit '--no-edit --escape ^]'; do
		at raw expect:word: idle 'send:hunter2\r' 'expect:got 7' idle 'send:seen\r' 'expect:<seen>' -- $option --pty --transcript t -- \
		    bash -c 'stty -echo; printf word:; read -r p; stty echo; echo "got ${#p}"; read -r x; echo "<$x>"'
		status_is 0
		hides hunter2
		run ! grep -q hunter2 t
		holds t '@ secret'
		holds t '> seen'
	done
}

@test "a question at /dev/tty is answered with the next line, which stdin does not get" {
	at raw 'send:one\r' 'expect:sure? ' idle 'send:yes\r' 'expect:<one yes>' 'send:two\r' 'expect:sure? ' idle \
	    'send:no\r' 'expect:<two no>' eof -- -- \
	    sh -c 'while read l; do printf "sure? " >/dev/tty; read a </dev/tty; echo "<$l $a>"; done'
	status_is 0
}

@test "a password that is asked for at /dev/tty is not shown, kept or recorded" {
	at expect:word: idle 'send:hunter2\r' 'expect:got 7' 'send:x\r' 'expect:<x>' -- --transcript t -- \
	    sh -c 'stty -echo </dev/tty; printf word: >/dev/tty; read p </dev/tty; stty echo </dev/tty; echo "got ${#p}"; read x; echo "<$x>"'
	status_is 0
	hides hunter2
	run ! grep -rq hunter2 t state
	holds t '@ secret'
}

@test "^Z in the middle of a question, then fg: it is asked and answered all the same" {
	at expect:word: idle 'send:hun\x1a' stopped modes foreground expect:word: idle 'send:hunter2\r' 'expect:got 7' -- -- \
	    sh -c 'stty -echo </dev/tty; printf word: >/dev/tty; read p </dev/tty; stty echo </dev/tty; echo "got ${#p}"'
	status_is 0
	hides hun
}

@test "a line that a password came in between of is there again behind it" {
	mkfifo go
	at raw 'send:half' expect:half 'run:echo x >go' expect:word: idle 'send:pw\r' expect:half 'send:er\r' 'expect:<pw halfer>' -- -- \
	    sh -c 'read x <go; stty -echo </dev/tty; printf word: >/dev/tty; read p </dev/tty; stty echo </dev/tty; read x; echo "<$p $x>"'
	status_is 0
}

@test "a program that takes /dev/tty raw gets every key, unrecorded, and the line is there again behind it" {
	mkfifo go
	at raw 'send:half' expect:half 'run:echo x >go' expect:keys idle 'send:q\x03' 'expect:71 03' expect:half 'send:er\r' \
	    'expect:<halfer>' -- --transcript t -- sh -c 'read x <go; stty raw -echo </dev/tty; echo keys >/dev/tty
	    dd bs=1 count=2 </dev/tty 2>/dev/null | od -An -tx1; stty sane </dev/tty; read l; echo "<$l>"'
	status_is 0
	[ "$(grep '^>' t)" = '> halfer' ] || fail "$(cat t)"
}

# Its driver made a signal of the key that does nothing to a group without a shell.
@test "^Z at a program that takes keys at /dev/tty, and leaves signals to it, stops both" {
	local option
	for option in '' --no-edit; do
		at expect:keys raw idle 'send:a\x1a' stopped modes 'until:grep -q "^State:.T" /proc/$(cat pid)/status' foreground raw idle 'send:b' \
		    'expect:61 62' -- $option -- sh -c 'echo $$ >pid; stty -icanon -echo </dev/tty; echo keys >/dev/tty
		    dd bs=1 count=2 </dev/tty 2>/dev/null | od -An -tx1'
		status_is 0
	done
}

@test "without the editor /dev/tty is answered, too, and echo follows it" {
	at 'expect:sure? ' idle 'send:yes\r' expect:word: noecho 'send:hunter2\r' 'expect:got 7' cooked 'send:x\r' 'expect:<yes x>' \
	    -- --no-edit --transcript t -- \
	    sh -c 'printf "sure? " >/dev/tty; read a </dev/tty; stty -echo </dev/tty; printf word: >/dev/tty; read p </dev/tty; stty echo </dev/tty; echo "got ${#p}"; read x; echo "<$a $x>"'
	status_is 0
	hides hunter2
	run ! grep -q hunter2 t
}

@test "without the editor, too, a program that takes /dev/tty raw gets every key, unrecorded" {
	at cooked 'send:one\r' 'expect:<one>' raw idle 'send:q\x03' 'expect:71 03' 'expect:word:' noecho 'send:pw\r' 'expect:got 2' cooked \
	    'send:two\r' 'expect:<two>' -- --no-edit --transcript t -- sh -c 'read l; echo "<$l>"; stty raw -echo </dev/tty; echo keys >/dev/tty
	    dd bs=1 count=2 </dev/tty 2>/dev/null | od -An -tx1 >/dev/tty; stty sane -echo </dev/tty; printf word: >/dev/tty; read p </dev/tty
	    stty echo </dev/tty; echo "got ${#p}"; read l; echo "<$l>"'
	status_is 0
	[ "$(grep '^>' t)" = $'> one\n> two' ] || fail "$(cat t)"
}

@test "what a program drew at /dev/tty stands before what is said elsewhere behind it" {
	# one that leaves its own screen took its answer away with it
	local option steps draw='stty -icanon -echo </dev/tty; for i in {1..50}; do printf "a$i" >/dev/tty; echo "b$i"; sleep 0.01; done; stty sane </dev/tty; cat'
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	for option in --edit --no-edit; do
		[ "$option" = --edit ] && steps=(idle) || steps=(cooked)
		LD_PRELOAD=$PRELOAD LATE_PTY=1 at expect:b50 "${steps[@]}" eof -- "$option" -- bash -c "$draw"
		status_is 0
		# several may come together
		[ "$(grep -o '[ab][0-9]*' <<<"$output" | awk '/a/ { a = substr($0, 2) + 0 } /b/ && substr($0, 2) + 0 <= a { n++ } END { print n }')" = 50 ] || fail "$output"
	done
}

@test "a question at /dev/tty stands behind what was said before it" {
	# it stood before that, and was no prompt any more
	local option i steps=()
	for i in {1..20}; do
		steps+=("expect:q$i? " idle "send:y$i\\r")
	done
	for option in --edit --no-edit; do
		at "${steps[@]}" 'expect:<y20>' idle eof -- "$option" --transcript t -- \
		    bash -c 'for i in {1..20}; do echo "a$i"; printf "q$i? " >/dev/tty; read -r x </dev/tty; echo "<$x>"; done; cat'
		status_is 0
		[ "$(grep -c '^! q' t)" = 20 ] || fail "$(cat t)"
		[ "$(sed -n 's/^[!<>] //p' t)" = "$(for i in {1..20}; do printf '%s\n' "a$i" "q$i? \\" "y$i" "<y$i>"; done)" ] || fail "$(cat t)"
	done
}

@test "the line of a password has ended before what is said elsewhere behind it" {
	local option
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	for option in --edit --no-edit; do
		LD_PRELOAD=$PRELOAD LATE_PTY=1 at expect:word: idle 'send:hunter2\r' 'expect:got 7' idle eof -- "$option" --transcript t -- bash -c '
		    stty -echo </dev/tty; printf word: >/dev/tty; read -r p </dev/tty; stty echo </dev/tty; echo >/dev/tty; echo "got ${#p}"; cat'
		status_is 0
		[[ $output =~ word:.*$'\n'.*'got 7' ]] || fail "$output"
		[ "$(grep "^[!<]" t)" = $'! word:\\\n! \\r\n< got 7' ] || fail "$(cat t)"
	done
}

@test "without the editor, too, what is said behind a drawing begins at the left" {
	at expect:key raw 'send:q' 'expect:<q>' cooked 'expect:more' eof -- --no-edit -- \
	    bash -c 'stty -icanon -echo </dev/tty; printf key >/dev/tty; read -rn 1 k </dev/tty; stty icanon echo </dev/tty; echo "<$k>"; sleep 0.5; echo more; cat'
	status_is 0
	shows $'<q>\r\n'
}

@test "without the editor, too, /dev/tty is followed when the question comes on stderr" {
	# it was cooked still: the password was shown, and the key wanted an Enter
	at expect:key raw 'send:y' 'expect:<y>' expect:word: noecho 'send:hunter2\r' 'expect:got 7' cooked eof -- --no-edit -- \
	    bash -c 'sleep 0.4; read -rn 1 -p key k </dev/tty; echo "<$k>"; sleep 0.4; read -rsp word: p </dev/tty; echo "got ${#p}"; cat'
	status_is 0
	hides hunter2
}

@test "what somebody else has read at the terminal is not waited for" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	LD_PRELOAD=$PRELOAD OTHER_READER=1 run "$inpty" -- "$DUALPIPE" --timeout 0.3 -- "$peer" stall
	status_is 124
	LD_PRELOAD=$PRELOAD OTHER_READER=1 run "$inpty" -- "$DUALPIPE" --pty --timeout 0.3 -- "$peer" stall
	status_is 124
}

@test "without the editor, too, a terminal that ^S has stopped keeps no signal from the child" {
	# what was said at /dev/tty was written there, however long that took
	run "$inpty" expect:ready idle 'send:\x13' run:'touch go' until:'[ -e said ]' idle kill:TERM ended -- "$DUALPIPE" --no-edit -- \
	    sh -c 'echo ready; until [ -e go ]; do sleep 0.01; done; echo word: >/dev/tty; touch said; exec sleep 100'
	status_is 143
}

@test "what is said last at /dev/tty is shown, though the terminal is stopped when the command ends" {
	# all was lost that there had been no room for
	local way
	for way in '' --no-edit; do
		rm -f go said
		run "$inpty" expect:ready idle 'send:\x13' run:'touch go' until:'[ -e said ]' 'send:\x11' expect:LAST ended -- \
		    "$DUALPIPE" $way -- sh -c 'echo ready; until [ -e go ]; do sleep 0.01; done
		    head -c 39000 /dev/zero | tr "\0" x >/dev/tty; echo LAST >/dev/tty; touch said'
		status_is 0
	done
}

@test "without the editor the terminal is raw no longer than we have it" {
	at cooked expect:keys raw kill:TSTP stopped modes foreground raw 'send:x' 'expect:<x>' cooked eof \
	    -- --no-edit -- bash -c 'stty -icanon -echo </dev/tty; echo keys >/dev/tty; IFS= read -rn 1 k </dev/tty; stty sane </dev/tty; echo "<$k>"; exec cat'
	status_is 0
	run "$inpty" expect:keys raw kill:TERM ended modes -- "$DUALPIPE" --no-edit -- sh -c 'stty raw </dev/tty; echo keys >/dev/tty; exec sleep 100'
	status_is 143
}

@test "a question at /dev/tty is no part of what goes to a file" {
	run "$inpty" -m 'expect:sure? ' idle 'send:yes\r' -- sh -c '"$0" -- sh -c "$1" >out' "$DUALPIPE" \
	    'printf "sure? " >/dev/tty; read a </dev/tty; echo "<$a>"'
	status_is 0
	has out '<yes>'
}

@test "on a pty a line is echoed once, by the child's terminal" {
	at raw 'send:hello\r' 'expect:<hello>' eof -- --pty -- sed -u 's/.*/<&>/'
	status_is 0
}

@test "on a pty ^C goes to the foreground job, and the shell goes on" {
	command -v dash >/dev/null || skip "no dash"
	at 'expect:# ' raw 'send:sleep 100\r' idle 'send:\x03' 'send:echo a-$?\r' expect:a-130 'send:exit 3\r' \
	    -- --pty --environment 'PS1=# ' -- dash -i
	status_is 3
}

@test "a child that takes its terminal raw gets every key, and editing goes on behind it" {
	at expect:keys raw idle 'send:q\x03' 'expect:71 03' 'expect:line? ' 'send:ab\x02X\r' 'expect:<aXb>' -- --pty -- \
	    sh -c 'stty raw -echo; echo keys; dd bs=1 count=2 2>/dev/null | od -An -tx1; stty sane; printf "line? "; read l; echo "<$l>"'
	status_is 0
}

@test "who fills the screen on pipes is told of --pty" {
	# vim did, and nothing named it
	at -- -- printf '\033[?1049hx\033[?1049l'
	status_is 0
	shows "dualpipe: 'printf' draws on a whole screen; with --pty it can"
	at -- --pty -- printf '\033[?1049hx\033[?1049l'
	status_is 0
	hides dualpipe:
}

@test "what a program reads from a terminal that it made raw is recorded" {
	# a password of a far host, too, as the manual says
	at expect:word: raw 'send:hunter2\r' 'expect:got 8' -- --no-edit --pty --transcript t -- \
	    sh -c 'stty raw -echo; printf word:; dd bs=1 count=8 of=got 2>dd; echo got 8'
	status_is 0
	hides hunter2
	holds t '> hunter2'
}

@test "a long line is not cut on a pty" {
	local long
	long=$(printf '%09000d' 0)
	at raw "send:$long\r" expect:length-9000 -- --pty -- bash -c 'read -r l; echo "length-${#l}"'
	status_is 0
}

@test "the escape key ends the child, stops us, or is sent" {
	at expect:ready idle 'send:\x1d.' -- --pty --escape '^]' --kill-after 0.2 -- sh -c 'trap "" HUP; stty raw; echo ready; exec sleep 100'
	status_is 143
	at expect:ready 'send:\x1d\x1a' stopped modes foreground 'send:\x1d\x1d' 'expect:1d' -- --pty --escape '^]' -- \
	    sh -c 'stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null | od -An -tx1'
	status_is 0
}

# End-of-file was begun, and reached the child when something else happened.
@test "the escape key and a dot are end-of-file for a child that reads lines" {
	at raw 'send:hello\r' 'expect:hello\r\nhello\r\n' idle 'send:\x1d.' -- --pty --escape '^]' --kill-after none -- cat
	status_is 0
}

# What followed the escape key overtook the keys before it.
@test "an escape key that is sent keeps its place among the other keys" {
	at expect:ready 'send:a\x1d\x1db' 'expect:61 1d 62' -- --pty --escape '^]' -- \
	    sh -c 'stty raw -echo; echo ready; dd bs=1 count=3 2>/dev/null | od -An -tx1'
	status_is 0
}

# It overtook the secret, and was recorded.
@test "an escape key in a password is a part of it, and not recorded" {
	at expect:word: idle 'send:ab\x1dxy\r' 'expect:61 62 1d 78 79 0a' -- --pty --transcript t --escape '^]' -- \
	    sh -c 'stty -echo; printf word:; head -n 1 | od -An -tx1'
	status_is 0
	run -1 grep '^>' t
	holds t '@ secret'
}

@test "--no-edit, a dumb terminal, or stdout elsewhere: the terminal edits, as without us" {
	at cooked 'send:ab\x7fc\r' 'expect:<ac>' eof -- --no-edit -- sed -u 's/.*/<&>/'
	status_is 0
	TERM=dumb at cooked 'send:ab\x7fc\r' 'expect:<ac>' eof -- -- sed -u 's/.*/<&>/'
	status_is 0
	run "$inpty" -m cooked 'send:x\r' 'until:test -s out' eof -- sh -c '"$0" -- cat >out' "$DUALPIPE"
	[ "$(cat out)" = x ]
}

@test "each line of a flood appears once, whole and in order, while keys are typed" {
	run "$inpty" -m raw 'send:abc\x7f\x7fdef\x12b\e' 'send:gh\x01i' expect:END 'send:\x15' eof -- "$DUALPIPE" -- \
	    sh -c 'i=0; while [ $i -lt 3000 ]; do echo "line $i."; i=$((i + 1)); done; echo END; cat'
	status_is 0
	[ "$(grep -o 'line [0-9]*\.' <<<"$output" | tr -d '\r')" = "$(seq -f 'line %g.' 0 2999)" ]
}

# A piece of it was lost.
@test "where memory is out for a moment the terminal shows all, or we say so" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	[ -z "${SANITIZE-}" ] || skip 'not ahead of the sanitizers'
	local n held=0
	for n in {1..40}; do
		LD_PRELOAD=$PRELOAD FAIL_MEMORY=$n run "$inpty" -- "$DUALPIPE" --no-history -- \
			sh -c 'seq -s" " 1 2000; echo; printf "what? "; exit 3'
		if [ "$status" -eq 125 ]; then
			shows 'Cannot allocate memory'
			continue
		fi
		status_is 3
		shows "1 2 3 4 "
		shows " 1999 2000"
		shows "what? "
		held=$((held + 1))
	done
	[ "$held" -gt 20 ]
}
