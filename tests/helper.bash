# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets and reads some of these
#
# What every file of tests starts with: the program and the helpers, a fixed
# locale and terminal, and words to say what a test is about.

bats_require_minimum_version 1.5.0

: "${TESTS_DIR:=$BATS_TEST_DIRNAME}"
: "${DUALPIPE:=$TESTS_DIR/../src/dualpipe}"
: "${HELPERS:=$TESTS_DIR}"
: "${PRELOAD:=$HELPERS/.libs/preload.so}"
: "${BATS_TEST_TIMEOUT:=60}"
peer=$HELPERS/peer
inpty=$HELPERS/inpty

export LC_ALL=C.UTF-8 TERM=xterm DUALPIPE BATS_TEST_TIMEOUT
# what would change what the programs that we run do
unset BASH_ENV COLUMNS ENV LESS LINES PS1 DUALPIPE_DIR DUALPIPE_SESSION
# the outer one's sanitizer is no part of what the child sees
unset LD_PRELOAD

# Each test is in a folder of its own, and has no profiles but those that come
# with dualpipe.
setup() {
	cd -- "$BATS_TEST_TMPDIR" || return
	export XDG_CONFIG_HOME=$PWD/config
	started=()
}

teardown() {
	local one
	# sessions of ours, so nothing of them is left whatever went wrong
	for one in "${started[@]}"; do
		kill -KILL -- "-$one" 2>/dev/null || kill -KILL "$one" 2>/dev/null || true
		wait "$one" 2>/dev/null || true
	done
}

# fail TEXT: why the test did not pass
fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# wait_until SECONDS COMMAND ...: until it says so
wait_until() {
	local limit=$(($(now) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(now)" -lt "$limit" ] || { fail "waited in vain for: $*"; return 1; }
		sleep 0.02
	done
}

# now: milliseconds
now() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# fresh COMMAND ...: with no signal ignored and no descriptor above 2 open,
# whatever started the tests
fresh() {
	"$peer" default:all close-from:3 exec "$@"
}

# start COMMAND ...: in the background, in a session of its own (so without a
# terminal), signals as at a terminal. Sets pid.
start() {
	"$peer" setsid default:all close-from:3 exec "$@" <&0 3>&- &
	pid=$!
	started+=("$pid")
}

# finish [PID]: waits for what start has started; sets status
finish() {
	status=0
	wait "${1:-$pid}" || status=$?
}

# converse COMMAND ...: start, with the descriptor $to to its stdin, $from from
# its stdout, and stderr in err
converse() {
	rm -f to from
	mkfifo to from
	start sh -c 'exec "$@" <to >from 2>err' - "$@"
	exec {to}>to {from}<from
}

# attempt COMMAND ...: fresh; sets status, 137 where it takes too long
attempt() {
	status=0
	fresh timeout --foreground -s KILL 20 "$@" || status=$?
}

# try COMMAND ...: attempt, with output, lines, stderr and stderr_lines. What
# run does; but one that hangs does not keep bats, and files are not waited for
# by what is left behind.
try() {
	attempt "$@" >try.out 2>try.err
	output=$(tr -d '\0' <try.out)
	stderr=$(tr -d '\0' <try.err)
	mapfile -t lines <<<"$output"
	mapfile -t stderr_lines <try.err
}

# gone PID: no such process, or nobody has asked for its status yet
gone() {
	local state
	state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 0
	[ -z "$state" ] || [ "$state" = Z ]
}

# holds FILE TEXT: it is in it
holds() {
	[ -e "$1" ] && grep -qF -- "$2" "$1"
}

# naps PID: its state, S while it sleeps, and how often it went to sleep
naps() {
	awk '/^State/ { state = $2 } /ctxt_switches/ { n += $2 } END { print state n }' "/proc/$1/status"
}

# stopped PID
stopped() {
	[[ $(naps "$1") == T* ]]
}

# settled PID COMMAND ...: it prints one number above 0 as long as PID sleeps
settled() {
	local naps before after pid=$1
	shift
	naps=$(naps "$pid")
	before=$("$@")
	after=$("$@")
	[[ $naps == S* ]] && [ "$(naps "$pid")" = "$naps" ] && [ "${after:-0}" -gt 0 ] && [ "$after" -eq "$before" ]
}

# peak PID: the most memory that it had, in KiB
peak() {
	awk '/^VmHWM/ { print $2 }' "/proc/$1/status"
}

# nonblocking FD: whether our own descriptor is
nonblocking() {
	local flags
	flags=$(awk '/^flags/ { print $2 }' "/proc/$BASHPID/fdinfo/$1")
	[ $((8#$flags & 8#4000)) -ne 0 ]
}

# says WORD ...: stderr is one line of ours that holds each WORD
says() {
	local word
	[ "${#stderr_lines[@]}" -eq 1 ] || { fail "not one line on stderr:" "$stderr"; return 1; }
	[[ $stderr == "dualpipe: "* ]] || { fail "no message of ours: $stderr"; return 1; }
	for word; do
		[[ $stderr == *"$word"* ]] || { fail "no '$word' in: $stderr"; return 1; }
	done
}

# is STATUS OUTPUT [STDERR]: what the last try or run gave, stderr empty by default
is() {
	[ "$status" -eq "$1" ] || { fail "status $status, not $1" "stdout: $output" "stderr: $stderr"; return 1; }
	[ "$output" = "$2" ] || { fail "stdout: $output" "wanted: $2" "stderr: $stderr"; return 1; }
	[ "$stderr" = "${3-}" ] || { fail "stderr: $stderr"; return 1; }
}

# status_is STATUS
status_is() {
	[ "$status" -eq "$1" ] || { fail "status $status, not $1" "stdout: ${output-}" "stderr: ${stderr-}"; return 1; }
}

# empty FILE: and it is there
empty() {
	[ -e "$1" ] && [ ! -s "$1" ] || { fail "$1 holds: $(head -c 500 "$1")"; return 1; }
}

# same FILE FILE
same() {
	cmp -- "$1" "$2" >&2
}

# needs_proc: who waits for input, which nothing in POSIX tells
needs_proc() {
	[ -z "${PORTABLE-}" ] || skip "it is not known without /proc"
}

# in_terminal STEP ... -- COMMAND ...: try of inpty; output is without \r
in_terminal() {
	try "$inpty" -t 10 "$@" </dev/null
	output=${output//$'\r'/}
	mapfile -t lines <<<"$output"
}

# count TEXT: how often it stands in output
count() {
	grep -oF -- "$1" <<<"$output" | wc -l
}

# dialogue [ARGUMENT ...]: tries the one on stdin, which is a.dp
dialogue() {
	cat >a.dp
	try "$DUALPIPE" --script a.dp "$@" </dev/null
}

# wait_for_line TEXT: the next line of what converse has started
wait_for_line() {
	local line
	IFS= read -r -t 20 line <&"$from" && [ "$line" = "$1" ] ||
		fail "came: $line" "waited for: $1" "stderr: $(cat err)"
}
