# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# libdualpipe as a C program uses it. Each test runs the subtests of api that
# are called so: `api NAME' by hand shows one alone.

load helper

: "${top_srcdir:=$TESTS_DIR/..}" "${top_builddir:=$TESTS_DIR/..}"

groups='spawn stderr descriptors signals write read readline wait signal resize
	expect seen loop fd idle close threads pty typed keys waits fork'

# subtests NAME ...: all is well with them; what cannot hold here is told
subtests() {
	run --separate-stderr fresh "$HELPERS/api" "$@" </dev/null
	grep '^ok .*# SKIP' <<<"$output" | sed 's/^/# /' >&3 || true
	[ "$status" -eq 0 ] || { fail "$output" "stderr: $stderr"; return 1; }
	[ -z "$stderr" ] || { fail "stderr: $stderr"; return 1; }
}

# no_errors PROGRAM [ARGUMENT ...]: under valgrind, which follows a fork and no exec
no_errors() {
	command -v valgrind >/dev/null || skip 'no valgrind'
	[ -z "${SANITIZE-}" ] || skip "valgrind does not go with -fsanitize=$SANITIZE"
	# it also tells of system calls that it does not know: not our errors
	run fresh valgrind -q --log-file=memcheck --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect --trace-children=no "$@" </dev/null
	[ "$status" -eq 0 ] || { fail "$output" "$(grep '^==' memcheck)"; return 1; }
}

@test "a function that answers in upper case, the smallest program" {
	run --separate-stderr fresh "$HELPERS/upper" </dev/null
	is 0 $'ONE LINE\nAND ANOTHER\nstatus 0'
}

@test "the smallest program needs the public header and the library alone" {
	run -0 grep '^#include' "$top_srcdir/tests/upper.c"
	[ "$(grep -c dualpipe <<<"$output")" -eq 1 ]
	[ "$(grep -c '"' <<<"$output")" -eq 0 ]
}

@test "spawn: a command runs, or errno says why it does not" {
	subtests spawn
}

@test "stderr: it goes where it is asked to" {
	subtests stderr
}

@test "descriptors: a child has its own three, and we lose none" {
	subtests descriptors
}

@test "signals: the child's are as asked for, the caller's as they were" {
	subtests signals
}

@test "write: nothing is lost, nothing hangs, nobody gets SIGPIPE" {
	subtests write
}

@test "read: what is there, as soon as something is" {
	subtests read
}

@test "readline: lines of any length" {
	subtests readline
}

@test "wait: the status, and output is kept meanwhile" {
	subtests wait
}

@test "signal: it goes to whom a terminal would send it" {
	subtests signal
}

@test "resize: the size of a pty" {
	subtests resize
}

@test "expect: patterns in what the child says" {
	subtests expect
}

@test "seen: what passes" {
	subtests seen
}

@test "pollfds, pollms and fd: an event loop of one's own" {
	subtests loop fd
}

@test "waiting costs no processor time" {
	subtests idle
}

@test "close: it ends every child, and never hangs" {
	subtests close
}

@test "handles in several threads" {
	subtests threads
}

@test "pty: every byte passes, and the end is found" {
	subtests pty
}

@test "a typed pty" {
	subtests typed
}

@test "keys: typed by a program, unechoed, as at a terminal" {
	subtests keys
}

@test "waits: whether the child sleeps for input is known" {
	subtests waits
}

@test "fork: a function as the child" {
	subtests fork
}

@test "no subtest is left out above" {
	local name group
	while read -r name; do
		group=${name%%-*}
		[[ " ${groups//[$'\n\t']/ } " == *" $group "* ]] || fail "$name is in no group"
	done < <("$HELPERS/api" --list)
	for group in $groups; do
		grep -Eq "^	subtests (.* )?$group( |\$)" "$BATS_TEST_FILENAME" || fail "$group is not run"
	done
}

@test "memcheck finds nothing in the smallest program" {
	no_errors "$HELPERS/upper"
}

@test "memcheck finds nothing where children start, or do not" {
	no_errors "$HELPERS/api" spawn-path spawn-environment spawn-missing spawn-directory fork stderr-pipe
}

@test "memcheck finds nothing where output is kept and lines are read" {
	no_errors "$HELPERS/api" readline wait write-part close-frees close-waits
}

@test "memcheck finds nothing where output is expected" {
	# PCRE2's compiled code looks at 16 bytes at a time, and minds only those that are there
	no_errors --undef-value-errors=no "$HELPERS/api" expect seen
}

@test "memcheck finds nothing on a pty" {
	no_errors "$HELPERS/api" loop-pty pty-ends pty-nested-ends pty-raw-end typed
}

@test "the library exports dualpipe_* and nothing else" {
	local library=$top_builddir/.libs/libdualpipe.so
	[ -e "$library" ] || skip 'no shared library'
	command -v nm >/dev/null || skip 'no nm'
	run -0 nm -D --defined-only "$library"
	[ -n "$output" ]
	awk '{ print $NF }' <<<"$output" >exported
	run -1 grep -v '^dualpipe_' exported
	# what the header declares is there, and what is there it declares
	grep -o '\bdualpipe_[a-z_]*(' "$top_srcdir/src/dualpipe.h" | tr -d '(' | sort -u >wanted
	sort -u exported | diff wanted -
}
