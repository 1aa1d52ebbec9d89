# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2059,SC2086,SC2154
#
# The command line: what each option does, and what is said of a wrong one.

load helper

# refused WORD ARGUMENT ...: one line that names WORD, 125, and no child has run
refused() {
	local word=$1
	shift
	try "$DUALPIPE" "$@" </dev/null
	status_is 125 || { fail "arguments: $*"; return 1; }
	[ -z "$output" ] || { fail "arguments: $*" "stdout: $output"; return 1; }
	says "$word" || { fail "arguments: $*"; return 1; }
	[ ! -e ran ] || { fail "arguments: $*" "the child has run"; return 1; }
}

# What stands where

@test "the first word decides: any that is no option, verb or -- is shown how to run it" {
	try "$DUALPIPE" bc </dev/null
	is 125 '' "dualpipe: unknown command 'bc'; to run it: dualpipe -- bc"
	try "$DUALPIPE" touch ran </dev/null
	status_is 125
	says "'touch'" 'dualpipe -- touch'
	[ ! -e ran ]
	refused "''" ''
	refused "'-'" -
}

@test "a word before -- that is no option is shown the order" {
	refused "'touch'" --pty touch ran
	refused "'touch'" --pty touch -- touch ran
	refused "'word'" --timeout 5 word -- touch ran
	refused -- --pty touch ran
}

@test "an option that is misspelt or cut short is shown the right one" {
	local pair
	for pair in ptty:pty transcirpt=x:transcript trans:transcript env:environment no-edti:no-edit kill-aftr:kill-after; do
		refused "unknown option '--${pair%%[=:]*}'; did you mean '--${pair#*:}'?" "--${pair%:*}" -- touch ran
	done
	for pair in --zzzzzz --x -x; do
		refused "unknown option '$pair'; see dualpipe --help" $pair -- touch ran
	done
}

@test "a word of -c before -- is an argument, and is shown the order" {
	refused 'dualpipe [option ...] -c STRING -- word' -c 'touch ran' word
}

@test "an option before a verb is shown the order" {
	local verb
	for verb in check pool start ask send sendline key expect read play attach status signal wait stop list; do
		refused "$verb" --pty $verb name
	done
}

@test "no command is one line of usage, and 125" {
	local words
	for words in '' '--' '--pty' '--pty --' '-t 5' '-t 5 --'; do
		try "$DUALPIPE" $words </dev/null
		status_is 125
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ ${stderr,,} == *usage*dualpipe* || ${stderr,,} == *dualpipe*usage* ]]
	done
}

@test "what stands behind -- is the child's, whatever it looks like" {
	try "$DUALPIPE" -- printf '[%s]' --pty -t -- --help '' '$x' 'a b' '*' ';' </dev/null
	is 0 '[--pty][-t][--][--help][][$x][a b][*][;]'
	try "$DUALPIPE" -- "$peer" print:-v </dev/null
	is 0 -v
}

@test "--help fits a terminal" {
	local option line
	for option in --help -h; do
		try "$DUALPIPE" $option </dev/null
		status_is 0
		[ -z "$stderr" ]
		[ "${#lines[@]}" -le 24 ]
		[[ $output != *$'\t'* ]]
		for line in "${lines[@]}"; do
			[ "${#line}" -le 80 ]
		done
		[[ $output == *dualpipe*--pty*--timeout* ]]
	done
}

@test "--help to a full disk is 125" {
	attempt bash -c '"$DUALPIPE" --help >/dev/full' 2>err
	status_is 125
	holds err 'No space left on device'
}

@test "--version" {
	local option
	for option in --version -V; do
		try "$DUALPIPE" $option </dev/null
		status_is 0
		[ -z "$stderr" ]
		[[ ${lines[0]} =~ ^dualpipe\ [0-9]+\.[0-9] ]]
		[ -z "${VERSION-}" ] || [[ ${lines[0]} == *" $VERSION"* ]]
	done
}

@test "--help and --version run nothing" {
	try "$DUALPIPE" --help -- touch ran </dev/null
	status_is 0
	try "$DUALPIPE" --version -- touch ran </dev/null
	status_is 0
	[ ! -e ran ]
}

# What they do

@test "short options are the long ones" {
	try "$DUALPIPE" -p -- "$peer" show:kinds </dev/null
	is 0 '0:terminal 1:terminal 2:terminal'
	try "$DUALPIPE" -t 0.2 -- "$peer" stall </dev/null
	status_is 124
	try "$DUALPIPE" -t0.2 -k0.1 -- "$peer" ignore:TERM stall </dev/null
	status_is 124
	try "$DUALPIPE" -pq -- "$peer" show:size </dev/null
	status_is 0
	try "$DUALPIPE" -c 'exit 3' </dev/null
	is 3 ''
}

@test "each switch has its no" {
	local option
	for option in pty quiet verbose; do
		try "$DUALPIPE" --$option --no-$option -- "$peer" show:kinds </dev/null
		status_is 0
		[[ $output == '0:pipe 1:pipe 2:'* ]]
		[ -z "$stderr" ]
	done
	try "$DUALPIPE" --no-edit -- true </dev/null
	is 0 ''
}

@test "the last of an option given twice holds" {
	try "$DUALPIPE" --timeout 0.1 --timeout 10 -- "$peer" sleep:0.3 exit:3 </dev/null
	is 3 ''
	try "$DUALPIPE" --pty --size 10x20 --size 30x40 -- "$peer" show:size </dev/null
	is 0 '30 40'
}

@test "times take the units of timeout(1), and ms" {
	local time
	for time in 20 20s 20000ms 1m 1h 20.5 20.5s 0.5m none; do
		try "$DUALPIPE" --timeout $time --idle-timeout $time --kill-after $time --linger $time -- \
			"$peer" exit:3 </dev/null
		is 3 ''
	done
	for time in 0.2 .2 200ms 0.2s 200.5ms; do
		began=$(now)
		try "$DUALPIPE" --timeout $time -- "$peer" stall </dev/null
		status_is 124
		[ $(($(now) - began)) -ge 190 ]
		[ $(($(now) - began)) -lt 2000 ]
	done
}

@test "-c gives a string to /bin/sh, and the words behind -- are its arguments" {
	try "$DUALPIPE" -c 'echo "$1-$2-$#"' -- a 'b c' </dev/null
	is 0 'a-b c-2'
	try "$DUALPIPE" -c 'cat; exit 7' < <(echo in)
	is 7 in
	try "$DUALPIPE" --command 'echo "$#$*"' </dev/null
	is 0 0
	try "$DUALPIPE" --command='echo "$1"' -- --pty </dev/null
	is 0 --pty
	try "$DUALPIPE" -c 'kill -TERM $$' </dev/null
	status_is 143
	try "$DUALPIPE" -p -c 'test -t 0 && exit 3' </dev/null
	is 3 ''
}

@test "--environment sets a variable, and may be given again" {
	ONE=out try "$DUALPIPE" --environment ONE=in --environment=TWO='a b=c' --environment THREE= -- \
		sh -c 'echo "$ONE,$TWO,${THREE-unset},${FOUR-unset}"' </dev/null
	is 0 'in,a b=c,,unset'
	try "$DUALPIPE" --environment A=1 --environment A=2 -- sh -c 'echo $A; env | grep -c ^A=' </dev/null
	is 0 $'2\n1'
}

@test "the child has our environment, and nothing of ours in it" {
	env -i A=1 B=2 "$DUALPIPE" -- "$(command -v env)" </dev/null | sort >out
	[ "$(grep -v '^_=' out)" = $'A=1\nB=2' ]
}

@test "--directory is where the child runs" {
	mkdir there
	try "$DUALPIPE" --directory there -- pwd -P </dev/null
	is 0 "$(cd there && pwd -P)"
	try "$DUALPIPE" --pty --directory "$PWD/there" -- pwd -P </dev/null
	is 0 "$(cd there && pwd -P)"
}

@test "--quiet says less: nothing of what is no error" {
	try "$DUALPIPE" -q --timeout 0.2 -- "$peer" stall </dev/null
	is 124 ''
	try "$DUALPIPE" --quiet --linger 0 -- "$peer" [ pid:holder stall ] exists:holder print:out exit:3 </dev/null
	kill -KILL "$(<holder)"
	is 3 out
}

@test "--verbose says more, on stderr alone" {
	try "$DUALPIPE" --verbose -- "$peer" echo exit:3 < <(echo data)
	status_is 3
	[ "$output" = data ]
	for line in "${stderr_lines[@]}"; do
		[[ $line == 'dualpipe: '* ]]
	done
}

# --status-fd

# ended REASON CODE SIGNAL: what status tells at the end
ended() {
	local line
	line=$(tail -n 1 status)
	[[ $line == '{"event":"end",'*"\"reason\":\"$1\",\"code\":$2,\"signal\":$3,"*'}' ]] ||
		{ fail "status: $(<status)"; return 1; }
}

@test "--status-fd tells the start and the end, a line each" {
	local way
	for way in --no-pty --pty; do
		try bash -c 'printf "five\n" | "$DUALPIPE" $1 --status-fd 7 -- "$0" pid:child echo print:more exit:3 7>status' \
			"$peer" $way
		is 3 $'five\nmore'
		[ "$(wc -l <status)" -eq 2 ]
		[ "$(head -n 1 status)" = '{"event":"start","pid":'"$(<child)}" ]
		[[ $(tail -n 1 status) =~ ^'{"event":"end","pid":'$(<child)',"reason":"exited","code":3,"signal":null,"to_child":5,"from_child":9,"ms":'[0-9]+'}'$ ]]
	done
}

@test "--status-fd tells the start at once" {
	mkfifo said
	exec {said}<>said
	start bash -c 'exec "$DUALPIPE" --status-fd 7 -- "$0" stall </dev/null 7>said' "$peer"
	read -r -t 5 line <&$said
	[[ $line =~ ^'{"event":"start","pid":'([0-9]+)'}'$ ]]
	kill -USR1 "${BASH_REMATCH[1]}"
	read -r -t 5 line <&$said
	[[ $line == *'"signal":"USR1"'* ]]
	finish
	status_is 138
}

@test "--status-fd counts the stream's bytes, stderr aside" {
	head -c 2000000 /dev/zero >in
	attempt bash -c 'exec "$DUALPIPE" --stderr=pass --status-fd 7 -- "$0" generate-error:1000 sink generate:3M <in 7>status' \
		"$peer" >out 2>err
	status_is 0
	[[ $(tail -n 1 status) == *'"to_child":2000000,"from_child":3145728,'* ]]
}

@test "--status-fd tells how it ended" {
	try bash -c '"$DUALPIPE" --status-fd 7 -- "$0" die:SEGV 7>status </dev/null' "$peer"
	status_is 139
	ended signal null '"SEGV"'
	try bash -c '"$DUALPIPE" --status-fd 7 -- "$0" exit:255 7>status </dev/null' "$peer"
	status_is 255
	ended exited 255 null
	try bash -c '"$DUALPIPE" -q --timeout 0.2 --status-fd 7 -- "$0" stall 7>status </dev/null' "$peer"
	is 124 ''
	ended timeout null '"TERM"'
	try bash -c '"$DUALPIPE" -q --timeout 0.2 -k 0.1 --status-fd 7 -- "$0" ignore:TERM stall 7>status </dev/null' "$peer"
	is 124 ''
	ended timeout null '"KILL"'
	try bash -c '"$DUALPIPE" -q --idle-timeout 0.2 --status-fd 7 -- "$0" trap:TERM until:TERM exit:5 7>status </dev/null' "$peer"
	is 124 'got TERM'
	ended idle-timeout 5 null
}

@test "--status-fd tells what could not be started, without a start" {
	local way
	for way in --no-pty --pty; do
		try bash -c '"$DUALPIPE" $0 --status-fd 7 -- ./missing 7>status </dev/null' $way
		status_is 127
		[ "$(wc -l <status)" -eq 1 ]
		[[ $(<status) == '{"event":"end","pid":null,"reason":"failed","code":null,"signal":null,'* ]]
	done
}

# It was told before the descriptor was heeded.
@test "--status-fd tells that the directory cannot be entered, or stderr not be written" {
	local way option
	for way in '' '-e wait' '--ask x'; do
		for option in --directory=./missing --stderr=./missing/file; do
			# shellcheck disable=SC2086 # words
			try "$DUALPIPE" $option --status-fd 1 $way -- "$peer" pid:ran </dev/null
			status_is 125
			says ./missing 'No such file or directory'
			[[ $output == '{"event":"end","pid":null,"reason":"failed","code":null,"signal":null,'* ]]
			[ "${#lines[@]}" -eq 1 ]
		done
	done
	[ ! -e ran ]
}

@test "--status-fd tells how long it took" {
	try bash -c '"$DUALPIPE" --status-fd 7 -- "$0" sleep:0.4 7>status </dev/null' "$peer"
	status_is 0
	[[ $(<status) =~ '"ms":'([0-9]+)'}' ]]
	[ "${BASH_REMATCH[1]}" -ge 390 ]
	[ "${BASH_REMATCH[1]}" -lt 3000 ]
}

@test "--status-fd may be stderr" {
	try "$DUALPIPE" --status-fd 2 -- "$peer" exit:3 </dev/null
	status_is 3
	[ "${#stderr_lines[@]}" -eq 2 ]
	[[ ${stderr_lines[1]} == '{"event":"end",'* ]]
}

@test "a reader of --status-fd that has gone does not end us" {
	try bash -c '"$DUALPIPE" --status-fd 7 -- "$0" sleep:0.2 print:out exit:3 </dev/null 7> >(:)' "$peer"
	is 3 out
}

# SIGPIPE ended us before there was anything that a child could be started by.
@test "a reader of --status-fd that has gone does not end us where nothing can be started" {
	local words
	mkfifo gone
	for words in "--stderr=./missing/file -- true" "--stderr=./missing/file -e wait -- true" \
		"--directory=./missing --ask x -- true" "--script ./missing"; do
		# shellcheck disable=SC2086 # words
		try bash -c 'exec 7<>gone 8>gone 7>&-; exec "$DUALPIPE" --status-fd 8 "$@"' - $words </dev/null
		status_is 125
		says ''
	done
}

# Its lines were lost, and nothing told of it.
@test "--status-fd that cannot be written is told once, and 125" {
	[ -w /dev/full ] || skip 'no /dev/full'
	local words way
	for words in '--|echo|out' '--pty|--|echo|out' '-e|wait|-e|print "out"|--|true' '--ask|out|--reply|line|--|cat'; do
		IFS='|' read -ra way <<<"$words"
		try bash -c 'exec "$DUALPIPE" --status-fd 7 "$@" 7>/dev/full' - "${way[@]}" </dev/null
		is 125 out "dualpipe: cannot write to descriptor 7 of --status-fd: No space left on device"
	done
	try bash -c 'exec "$DUALPIPE" --status-fd 7 -- ./missing 7>/dev/full' </dev/null
	status_is 125
	[ "${stderr_lines[0]}" = "dualpipe: cannot start './missing': No such file or directory" ]
	[ "${stderr_lines[1]}" = "dualpipe: cannot write to descriptor 7 of --status-fd: No space left on device" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

# The start is there, the end has no room.
@test "--status-fd that fills up before the end is told, and 125" {
	local way
	: >status
	for way in '' '-e wait'; do
		# shellcheck disable=SC2086 # words
		try bash -c 'ulimit -f 1; head -c 1000 /dev/zero >status; exec "$DUALPIPE" --status-fd 7 "$@" 7>>status' - $way -- "$peer" exit:3 </dev/null
		is 125 '' "dualpipe: cannot write to descriptor 7 of --status-fd: File too large"
		grep -aq '"event":"start"' status
	done
}

# Wrong ones

@test "an option that there is not is refused" {
	refused --wrong --wrong -- touch ran
	refused Z -Z -- touch ran
	refused --no-timeout --no-timeout -- touch ran
	refused --wrong --pty --wrong=x -- touch ran
}

@test "a value where there is none to be is refused" {
	refused pty --pty=yes -- touch ran
	refused quiet --quiet=1 -- touch ran
	refused help --help=x -- touch ran
}

@test "an option of requests or dialogues is told what it needs, where there is none" {
	local option
	for option in --show --raw; do
		refused "$option needs --ask REQUEST, or a dialogue: --script FILE or --step STEP" $option -- touch ran
	done
	refused "--match-buffer needs a dialogue" --match-buffer 64k --ask x -- touch ran
	try "$DUALPIPE" --no-profile --show --ask 'echo $((6 * 7))' -- sh
	status_is 0
	[ "$output" = 42 ]
	[ "$stderr" = $'echo $((6 * 7))\n42' ] || [[ -n $PORTABLE && $stderr == $'echo $((6 * 7))\n42\n'*silence* ]]
}

@test "a command line in quotes is told to be one word" {
	try "$DUALPIPE" -- 'touch ran' </dev/null
	status_is 127
	says "'touch ran'" 'one word' 'sh -c'
	[ ! -e ran ]
	try "$DUALPIPE" -e 'spawn "touch ran"'
	status_is 127
	says 'one word'
}

@test "an option without its value is refused" {
	local option
	for option in --timeout --kill-after --idle-timeout --linger --size --stderr --status-fd --environment --directory \
		--command; do
		refused "${option#--}" $option
	done
	for option in t k c; do
		refused "$option" -$option
	done
}

@test "a wrong time is refused, as it was typed" {
	local option time
	for option in --timeout --kill-after --idle-timeout --linger; do
		for time in x 1x 1.2.3 -1 1S 5sec '1 s' ' ' s ms . 1ms2 noneX NONE 99999999999999999999999 1,5; do
			refused "$time" $option="$time" -- touch ran
		done
		refused '' $option= -- touch ran
	done
	refused 5q -t 5q -- touch ran
	refused 5q -k 5q -- touch ran
}

@test "a wrong size is refused, as it was typed" {
	local size
	for size in 24 x 24x x80 24x80x3 0x0 0x80 24x0 -1x80 24x-1 axb 24X80 24x80k 99999x80 24x99999 \
		99999999999999999999x1 '24 x 80' +1x2; do
		refused "$size" --pty --size="$size" -- touch ran
	done
	refused '' --pty --size= -- touch ran
}

@test "a wrong descriptor is refused, as it was typed" {
	local fd
	for fd in x -1 1x 1.5 99999999999999999999 ' 2'; do
		refused "$fd" --status-fd="$fd" -- touch ran
	done
	refused 77 --status-fd 77 -- touch ran
	attempt bash -c 'exec "$DUALPIPE" --status-fd 7 -- touch ran 7</dev/null' 2>err
	status_is 125
	[ ! -e ran ]
}

@test "a variable without a name or a value is refused" {
	refused WORD --environment WORD -- touch ran
	refused '=x' --environment '=x' -- touch ran
	refused '' --environment= -- touch ran
}

@test "a directory that is none is refused" {
	echo >file
	refused "'missing'" --directory missing -- touch ran
	[[ $stderr == *'No such file or directory' ]]
	refused "'file'" --directory file -- touch ran
	[[ $stderr == *'Not a directory' ]]
	refused '' --directory= -- touch ran
}

@test "a file for stderr that cannot be written is refused" {
	refused "'missing/file'" --stderr=missing/file -- touch ran
	[[ $stderr == *'No such file or directory' ]]
	mkdir folder
	refused "'folder'" --stderr=folder -- touch ran
	[[ $stderr == *'Is a directory' ]]
	refused '' --stderr= -- touch ran
}

@test "what goes wrong is one line, however odd the word" {
	refused 'unknown command' $'a\nb'
	refused 'unknown command' $'\e[31m'
	[[ $stderr != *$'\e'* ]]
	refused wrong --$'wrong\nword' -- touch ran
}

@test "a string for the shell may look like an option" {
	try "$DUALPIPE" -c '-x' </dev/null
	status_is 127
	[ -z "$output" ]
}

@test "the end of the options is no option's value" {
	refused '--stderr' --stderr -- touch ran
	refused '--transcript' -T -- touch ran
}
