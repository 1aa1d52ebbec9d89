#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
#
# What is known of a program: how a profile is found, what it does, and the
# profiles that come with dualpipe against the real programs.

load helper

setup() {
	cd -- "$BATS_TEST_TMPDIR" || return
	started=()
	export HOME=$PWD XDG_CONFIG_HOME=$PWD/config
	mkdir -p config/dualpipe/profiles
}

# profile NAME: the one on stdin
profile() {
	cat >"config/dualpipe/profiles/$1"
}

# program NAME: a command of that name, a shell script on stdin
program() {
	{ echo '#!/bin/sh'; cat; } >"$1"
	chmod +x "$1"
}

# answers PROGRAM [TABLE]: it does what its table says
answers() {
	needs_proc
	command -v "$1" >/dev/null || skip "there is no $1"
	python3 "$TESTS_DIR/asked.py" "${2-$TESTS_DIR/profiles/$1}" >&2
}

# asker: says its arguments, then each line that it reads
asker() {
	program "$1" <<'END'
echo "arguments: $*"
printf '? '
while read -r line; do
	echo "$line $SETTING"
	printf '? '
done
END
}

@test "a profile is found by the command's base name" {
	asker greet
	profile greet <<-'END'
	# a comment, and an empty line

	environment SETTING=as set
	END
	try "$DUALPIPE" --ask hello -- ./greet
	is 0 "hello as set"
}

@test "a profile is found by the name that numbers stand behind" {
	asker greet3.11
	profile greet3 <<<"environment SETTING=three"
	profile greet <<<"environment SETTING=none"
	try "$DUALPIPE" --ask hello -- ./greet3.11
	is 0 "hello three"
	rm config/dualpipe/profiles/greet3
	try "$DUALPIPE" --ask hello -- ./greet3.11
	is 0 "hello none"
}

@test "a profile is found by its command line" {
	asker salute
	profile greet <<-'END'
	command hail salute
	environment SETTING=found
	END
	try "$DUALPIPE" --ask hello -- ./salute
	is 0 "hello found"
}

@test "a profile holds only where the arguments match" {
	asker greet
	profile greet <<<"environment SETTING=held"
	try "$DUALPIPE" --ask hello -- ./greet -v
	is 0 "hello held"
	try "$DUALPIPE" --ask hello -- ./greet file
	is 0 "hello "
	profile greet <<-'END'
	arguments ^(\S+ ){2}$
	environment SETTING=held
	END
	try "$DUALPIPE" --ask hello -- ./greet one two
	is 0 "hello held"
	try "$DUALPIPE" --ask hello -- ./greet one
	is 0 "hello "
}

@test "--profile names one whatever the command and its arguments are, --no-profile none" {
	asker greet
	profile other <<<"environment SETTING=other"
	profile greet <<<"environment SETTING=own"
	try "$DUALPIPE" --profile other --ask hello -- ./greet file
	is 0 "hello other"
	try "$DUALPIPE" --no-profile --ask hello -- ./greet
	is 0 "hello "
	try "$DUALPIPE" --profile nosuch --ask hello -- ./greet
	status_is 125
	says "no profile 'nosuch'" "$PWD/config/dualpipe/profiles and /"
	try "$DUALPIPE" --profile ../x --ask hello -- ./greet
	status_is 125
	says "'../x'"
}

@test "a mistake in a profile is 125, with file and line, and nothing runs" {
	local wrong
	program greet <<<'touch ran'
	for wrong in 'nosuch key' 'pty maybe' 'stderr nowhere' 'reply nosuch' 'error (' 'continuation (' 'arguments (' \
		'environment SETTING' 'request \q' 'status echo' 'status echo:x' 'status echo:(' 'quit \x1'; do
		profile greet <<<$'pty no\n'"$wrong"
		try "$DUALPIPE" --ask hello -- ./greet
		status_is 125
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "dualpipe: $PWD/config/dualpipe/profiles/greet:2:"* ]] || fail "$wrong: $stderr"
		[ ! -e ran ]
	done
}

@test "a profile that cannot be read is 125" {
	[ "$(id -u)" -ne 0 ] || skip "root reads everything"
	asker greet
	profile greet <<<"pty no"
	chmod 0 config/dualpipe/profiles/greet
	try "$DUALPIPE" --ask hello -- ./greet
	status_is 125
	says "cannot read profile" "Permission denied"
}

# It was an error, and whoever became another user by setpriv could ask nothing.
@test "a folder of profiles that one may not enter has none" {
	local as=()
	if [ "$(id -u)" -eq 0 ]; then
		command -v setpriv >/dev/null || skip "there is no setpriv"
		setpriv --reuid=65534 --regid=65534 --clear-groups "$DUALPIPE" --version >/dev/null 2>&1 ||
			skip "the program is where only root can go"
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	profile sh <<<"environment SETTING=known"
	chmod 0 config/dualpipe
	try "${as[@]}" "$DUALPIPE" --ask 'echo "<$SETTING>"' -- sh
	chmod 700 config/dualpipe
	is 0 "<>"
}

@test "what a profile gives, the command line overrides" {
	needs_proc
	program greet <<-'END'
	while read -r line; do
		[ -t 1 ] && echo "pty $SETTING $MORE" || echo "pipes $SETTING $MORE"
		echo err >&2
		echo "done"
	done
	END
	profile greet <<-'END'
	pty yes
	stderr merge
	environment SETTING=profile
	environment MORE=more
	error done
	END
	try "$DUALPIPE" --ask x -- ./greet
	is 1 $'pty profile more\nerr\ndone'
	try "$DUALPIPE" --no-pty --stderr discard --environment SETTING=line --error never --ask x -- ./greet
	is 0 $'pipes line more\ndone'
	try "$DUALPIPE" --profile greet --reply lines:1 --error never --ask x -- ./greet
	is 0 "pty profile more"
}

@test "a framing that does not wait for the child takes no profile by itself" {
	needs_proc
	program greet <<<'while read -r line; do echo "$line $SETTING"; done'
	profile greet <<<"environment SETTING=known"
	try "$DUALPIPE" --reply line --ask hello -- ./greet
	is 0 "hello "
	try "$DUALPIPE" --reply ready --ask hello -- ./greet
	is 0 "hello known"
}

@test "a profile's arguments stand behind the command's name" {
	needs_proc
	program greet <<-'END'
	while read -r line; do printf '<%s>' "$@"; echo; done
	END
	profile greet <<-'END'
	argument -one
	argument two words
	END
	try "$DUALPIPE" --ask x -- ./greet -three
	is 0 "<-one><two words><-three>"
}

@test "a profile's requests are asked once at the start, and nothing of them is seen" {
	asker greet
	profile greet <<-'END'
	request first\tone
	request two\nlines
	END
	try "$DUALPIPE" -T record --ask a --ask b -- ./greet
	is 0 $'a \nb '
	[ "$(grep -c '^>' record)" -eq 5 ]
	grep -qxF '> first\tone' record
}

@test "a child that ends at a profile's request was not asked" {
	program greet <<<'read -r line; echo "$line"'
	profile greet <<<"request first"
	try "$DUALPIPE" --ask hello -- ./greet
	is 1 "" $'dualpipe: \'./greet\' has ended before it was asked; what it said:\ndualpipe: | first'
}

@test "a profile's quit is sent in place of end-of-file" {
	needs_proc
	program greet <<-'END'
	while read -r line; do
		[ "$line" != bye ] || { echo bye >>said; exit; }
		echo "$line"
	done
	echo eof >>said
	END
	profile greet <<<'quit b\x79e'
	try "$DUALPIPE" --ask hello -- ./greet
	is 0 hello
	[ "$(cat said)" = bye ]
	try "$DUALPIPE" -e 'ask "hello"' -e 'print "$reply"' -- ./greet
	is 0 hello
	[ "$(cat said)" = $'bye\nbye' ]
}

@test "a child that does not mind its quit is ended after --kill-after" {
	needs_proc
	program greet <<<'while read -r line; do echo "$line"; done; exec sleep 60'
	profile greet <<<'quit bye'
	try "$DUALPIPE" --kill-after 100ms --ask hello -- ./greet
	is 0 hello
}

@test "a prompt that asks for more is no reply" {
	program greet <<-'END'
	printf '? '
	while read -r line; do
		case $line in
		*\\) printf '... ' ;;
		*) echo "<$line>"; printf '? ' ;;
		esac
	done
	END
	profile greet <<<'continuation ^\.\.\. $'
	try "$DUALPIPE" --ask $'one\\\\\ntwo' --ask 'three\\' --ask four -- ./greet
	status_is 1
	[ "$output" = "<two>" ]
	says "asks for more of the same request"
	try "$DUALPIPE" --json --ask 'three\\' -- ./greet
	status_is 1
	[[ $output == *'"state":"continuation"'* ]]
}

@test "--status is what the request itself ended with" {
	needs_proc
	program greet <<-'END'
	last=0
	while read -r line; do
		case $line in
		status) echo "it was $last" ;;
		*) echo "<$line>"; last=$line ;;
		esac
	done
	END
	profile greet <<<'status status:was (\d+)'
	try "$DUALPIPE" --status --ask 0 --ask 7 --ask 3 -- ./greet
	is 7 $'<0>\n<7>\n<3>'
	try "$DUALPIPE" --status --json --ask 0 --ask 7 -- ./greet
	status_is 7
	[[ ${lines[0]} == *'"reply":"<0>"'*'"status":0}' ]]
	[[ ${lines[1]} == *'"reply":"<7>"'*'"status":7}' ]]
}

@test "--status of a program that says something else is 125, and the reply is printed" {
	needs_proc
	program greet <<<'while read -r line; do echo "<$line>"; done'
	profile greet <<<'status status:was (\d+)'
	try "$DUALPIPE" --status --ask hello -- ./greet
	status_is 125
	[ "$output" = "<hello>" ]
	says "did not tell what the request ended with"
}

@test "--status where no profile tells how is 125 before the start" {
	program greet <<<'touch ran'
	try "$DUALPIPE" --status --ask hello -- ./greet
	status_is 125
	says --status ./greet --profile
	[ ! -e ran ]
}

@test "a dialogue that asks has the profile, one that does not has none" {
	asker greet
	profile greet <<-'END'
	environment SETTING=known
	request first
	END
	try "$DUALPIPE" -e 'spawn ./greet' -e 'ask "hello"' -e 'print "$reply"'
	is 0 "hello known"
	try "$DUALPIPE" -e 'ask "hello"' -e 'print "$reply"' -- ./greet
	is 0 "hello known"
	try "$DUALPIPE" -e 'spawn ./greet' -e 'sendline "hello"' -e 'expect /hello.*/' -e 'print "<$0>"'
	is 0 "<hello >"
	try "$DUALPIPE" -T record.dp --no-profile -e 'ask "hello"' -e 'print "$reply"' -- ./greet
	is 0 "hello "
}

@test "a relay has no profile" {
	asker greet
	profile greet <<<"environment SETTING=known"
	try "$DUALPIPE" -- ./greet <<<hello
	is 0 $'arguments: \n? hello \n? '
}

@test "a transcript has what a profile did as options" {
	asker greet
	profile greet <<-'END'
	stderr merge
	environment SETTING=known
	argument -x
	END
	try "$DUALPIPE" -T record --ask hello -- ./greet
	is 0 "hello known"
	[ "$(sed -n 2p record)" = "$ --tame --stderr=merge --environment SETTING=known -- ./greet -x" ]
}

@test "in the editor a profile gives the channel, and nothing else" {
	program greet <<<'[ -t 1 ] && echo pty $SETTING || echo pipes $SETTING'
	profile greet <<-'END'
	pty yes
	environment SETTING=known
	END
	in_terminal -- "$DUALPIPE" -- ./greet
	[[ $output == *pty* && $output != *known* ]] || fail "$output"
	in_terminal -- "$DUALPIPE" --no-pty -- ./greet
	[[ $output == *pipes* && $output != *known* ]] || fail "$output"
	in_terminal -- "$DUALPIPE" --no-profile -- ./greet
	[[ $output == *pipes* && $output != *known* ]] || fail "$output"
}

@test "every profile that comes with dualpipe can be read" {
	local file
	for file in "$TESTS_DIR"/../profiles/*; do
		ln -sf "$file" config/dualpipe/profiles/
		try "$DUALPIPE" --profile "${file##*/}" --no-pty --ask x -- ./nonexistent
		status_is 127
	done
}

@test "bash answers as its profile has it" { answers bash; }
@test "bc answers as its profile has it" { answers bc; }
@test "dash answers as its profile has it" { answers dash; }
@test "dc answers as its profile has it" { answers dc; }
@test "gdb answers as its profile has it" { answers gdb; }
@test "ghci answers as its profile has it" { answers ghci; }
@test "guile answers as its profile has it" { answers guile; }
@test "jshell answers as its profile has it" { answers jshell; }
@test "ksh answers as its profile has it" { answers ksh; }
@test "lua answers as its profile has it" { answers lua; }
@test "node answers as its profile has it" { answers node; }
@test "octave answers as its profile has it" { answers octave; }
@test "perl -de answers as its profile has it" { answers perl; }
@test "python3 answers as its profile has it" { answers python3; }
@test "R answers as its profile has it" { answers R; }
@test "irb answers as its profile has it" { answers irb "$TESTS_DIR/profiles/ruby"; }
@test "sh answers as its profile has it" { answers sh; }
@test "sqlite3 answers as its profile has it" { answers sqlite3; }
@test "tclsh answers as its profile has it" { answers tclsh; }
@test "zsh answers as its profile has it" { answers zsh; }

@test "redis-cli answers as its profile has it" {
	command -v redis-server >/dev/null || skip "there is no redis-server"
	start redis-server --port 0 --unixsocket "$PWD/socket" --save '' >/dev/null 2>&1
	wait_until 10 test -S socket
	sed "s|SOCKET|$PWD/socket|" "$TESTS_DIR/profiles/redis-cli" >table
	answers redis-cli table
}

# PostgreSQL does not run as root.
server=()
[ "$(id -u)" -ne 0 ] || server=(setpriv --reuid=postgres --regid=postgres --clear-groups)

@test "psql answers as its profile has it" {
	local bin data
	bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
	[ -x "$bin/initdb" ] || skip "there is no PostgreSQL server"
	data=$("${server[@]}" mktemp -d)
	"${server[@]}" "$bin/initdb" -A trust -U postgres --no-sync --locale=C.UTF-8 -D "$data/db" >/dev/null
	start "${server[@]}" "$bin/postgres" -D "$data/db" -k "$data" -c listen_addresses= -F >log 2>&1
	wait_until 20 holds log "ready to accept connections"
	export PGHOST=$data PGUSER=postgres
	answers psql
	rm -rf "$data"
}
