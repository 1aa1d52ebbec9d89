# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2034,SC2154 # helper.bash sets and reads some of these

# The manual and the README say what the program does: their examples are taken
# out of them and run, their lists compared with the program's.

load helper

setup() {
	cd -- "$BATS_TEST_TMPDIR" || return
	top=$(cd -- "${top_srcdir:-$TESTS_DIR/..}" && pwd)
	page=$top/man/dualpipe.1
	library_page=$top/man/dualpipe.3
	dialogue_page=$top/man/dualpipe-dialogue.5
	transcript_page=$top/man/dualpipe-transcript.5
	started=()
	mkdir bin
	ln -s -- "$DUALPIPE" bin/dualpipe
	PATH=$PWD/bin:$PATH
}

# blocks FILE: the examples of a page, or of the README, into block.1, block.2 ...
blocks() {
	rm -f block.*
	case $1 in
	*/README)
		# indented; a "$ " behind an empty line begins another one
		awk '
			/^    / {
				line = substr($0, 5)
				if (!inside || (blank && line ~ /^\$ /))
					n++
				else if (blank)
					print "" >("block." n)
				print line >("block." n)
				inside = 1
				blank = 0
				next
			}
			/^$/ { blank = 1; next }
			{ inside = blank = 0 }
		' "$1"
		;;
	*)
		awk '
			/^\.Bd -literal/ { inside = 1; n++; next }
			/^\.Ed/ { inside = 0 }
			inside {
				gsub(/\\\(aq/, "\047")
				gsub(/\\\(ha/, "^")
				gsub(/\\\(ti/, "~")
				gsub(/\\\(ga/, "`")
				gsub(/\\&/, "")
				gsub(/\\e/, "\\")
				print >("block." n)
			}
		' "$1"
		;;
	esac
	[ -e block.1 ] || fail "no examples in $1"
}

# Whether a block is a session: commands behind "$ ", and what they print.
is_session() {
	head -n 1 "$1" | grep -q '^\$ '
}

# rehearse BLOCK: runs its commands in one shell, and compares all they say. A
# "$ " in a transcript, which has it in its second line, is no command; what
# stands up to END is a part of one.
rehearse() {
	awk '
		/^\$ / && before != "# dualpipe transcript 1" {
			command = substr($0, 3)
			if (command ~ /<<.END.$/)
				while ($0 != "END" && (getline) > 0)
					command = command "\n" $0
			quoted = command
			gsub(/\047/, "\047\\\047\047", quoted)
			print "prompt \047" quoted "\047"
			print command
		}
		{ before = $0 }
	' "$1" >script
	[ -s script ] || { fail "no command in $1"; return 1; }
	bash -c 'prompt() { local s=$?; printf "$ %s\n" "$1"; return $s; }; . ./script' \
		</dev/null >said 2>&1 3>&- || true
	# without /proc a prompt or silence tells that a child waits, and that is said
	[ -z "$PORTABLE" ] || sed -i '/^dualpipe: silence alone told /d; s/"reason":"prompt"/"reason":"ready"/' said
	# a process has another number each time
	sed -E 's/child [0-9]+/child N/' "$1" >wanted
	sed -E 's/child [0-9]+/child N/' said | diff -u wanted - >&2
}

needs() {
	command -v "$1" >/dev/null 2>&1 || skip "there is no $1"
}

# section NAME [PAGE]: the lines of .Sh or .Ss NAME, of dualpipe(1) without a page
section() {
	awk -v name="$1" '
		/^\.S[hs] / { inside = substr($0, 5) == name; next }
		inside
	' "${2:-$page}"
}

# reads DIALOGUE: what stands there, a spawn before it, is one
reads() {
	printf 'spawn cat\n%s\n' "$1" >a.dp
	"$HELPERS/parse" a.dp >said || fail "$(cat said)"
}

# The steps that the parser knows.
steps_of_parser() {
	sed -nE 's/^\t\{ "([a-z]+)", DIALOGUE_.*/\1/p' "$top/src/parse.c"
}

# The lines that name an option.
option_lines() {
	section Options | grep '^\.It Fl'
}

# Their options, a line each, with what stands for the value: "-t time"
manual_options() {
	option_lines | awk '
		{
			value = ""
			for (i = 2; i <= NF; i++)
				if ($i == "Ar") {
					value = " " $(i + 1)
					break
				}
			for (i = 2; i <= NF; i++) {
				if ($i != "Fl")
					continue
				if ($(i + 1) == "Fl")
					print "--" $(i += 2) value
				else
					print "-" $(++i) value
			}
		}
	'
}

help_options() {
	"$DUALPIPE" --help | grep -oE -- '(^| )--?[A-Za-z][A-Za-z-]*' | tr -d ' ' | sort -u
}

# value_for NAME: something that an option with such a value takes
value_for() {
	case $1 in
	time) echo 20s ;;
	rows) echo 24x80 ;;
	way) echo merge ;;
	string) echo true ;;
	name) echo NAME=value ;;
	dir) echo / ;;
	file) echo record ;;
	format) echo text ;;
	n) echo 2 ;;
	key) echo '^]' ;;
	dialogue) echo 'wait' >talk.dp && echo talk.dp ;;
	step) echo wait ;;
	size) echo 64k ;;
	request) echo x ;;
	framing) echo line ;;
	pattern) echo wrong ;;
	*) fail "what is a '$1'?" ;;
	esac
}

# dialogue_for OPTION: what makes it one of a dialogue, where it is nothing else's
dialogue_for() {
	case $1 in
	--show | --raw | --match-buffer) echo --step=wait ;;
	-r | --reply | --error | --json | --request-timeout) echo --ask=x ;;
	--status) echo --ask=: ;;
	esac
}

# child_for OPTION: one that answers, or just ends
child_for() {
	case $1 in
	-a | --ask | -r | --reply | --error | --json | --request-timeout) echo cat ;;
	--status) echo sh ;;
	*) echo true ;;
	esac
}

# The calls that dualpipe.h declares.
calls_of_header() {
	grep -oE '\bdualpipe_[a-z_]+\(' "$top/src/dualpipe.h" | tr -d '(' | sort -u
}

# What a C example needs: a compiler, and the library that was built.
prepare_compiler() {
	local real
	[ -n "${CC-}" ] || skip "no compiler is given in CC"
	[ -n "${top_srcdir:+${top_builddir-}}" ] ||
		skip "top_srcdir and top_builddir do not tell where the library is"
	compgen -G "$top_builddir/.libs/libdualpipe.*" >/dev/null || skip "the library is not built"
	real=$(command -v pkg-config) || skip "there is no pkg-config"
	# as it will be installed, but for the folders
	cat >bin/pkg-config <<-END
		#!/bin/sh
		for word; do
			shift
			[ "\$word" != dualpipe ] || word='$top_builddir/src/dualpipe.pc'
			set -- "\$@" "\$word"
		done
		exec '$real' --define-variable=libdir='$top_builddir/.libs' \\
			--define-variable=includedir='$top_srcdir/src' "\$@"
	END
	cat >bin/cc <<-END
		#!/bin/sh
		exec $CC ${SANITIZE:+-fsanitize=$SANITIZE} -Wall -Wextra -Werror "\$@"
	END
	chmod +x bin/pkg-config bin/cc
	export LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# compile_and_run FILE: its C example, by the commands that stand behind it
compile_and_run() {
	local block source= done=
	blocks "$1"
	for block in $(compgen -G 'block.*' | sort -t . -k 2n); do
		if grep -q '^#include' "$block"; then
			[ -z "$source" ] || break
			source=$block
		elif [ -n "$source" ] && grep -q '^\$ cc ' "$block"; then
			cp "$source" "$(grep -oE '[a-z]+\.c\b' "$block" | head -n 1)"
			rehearse "$block" || return
			source=
			done=yes
		fi
	done
	[ -n "$done" ] || fail "no C example in $1"
	[ -z "$source" ] || fail "$1 does not say what comes of:" "$(cat "$source")"
}

@test "the examples of dualpipe(1) print what the page says" {
	local block n=0
	needs bc
	blocks "$page"
	for block in block.*; do
		is_session "$block" || continue
		# a limit that is shorter than the silence which tells of a reader without /proc
		[ -z "$PORTABLE" ] || ! grep -q '^\$ .*--request-timeout 0' "$block" || continue
		n=$((n + 1))
		rehearse "$block"
	done
	[ "$n" -gt 4 ]
}

# A transcript is taken out of the page before it is shown there.
@test "the sessions of dualpipe-transcript(5) print what the page says" {
	local block n=0
	blocks "$transcript_page"
	for block in block.*; do
		is_session "$block" || continue
		sed -n '/^# dualpipe transcript/,/^=/p' "$block" >clock.txt
		n=$((n + 1))
		rehearse "$block"
	done
	[ "$n" -eq 2 ]
}

# recipe WORD: the block of the page that has it.
recipe() {
	cat "$(grep -l -- "$1" block.*)"
}

@test "the recipes of dualpipe-transcript(5) run, and fail where an answer has changed" {
	local automake=
	needs bc
	blocks "$transcript_page"
	mkdir tests
	printf '#!/bin/sh\nexec bc -q\n' >calculator
	chmod +x calculator
	printf '%s\n' '# dualpipe transcript 1' '$ bc -q' '> 6*7' '< 42' '= 0' >tests/sums.txt
	sed 's/42/43/' tests/sums.txt >wrong.txt
	recipe '^check: calculator' >Makefile
	recipe '^@test' >sums.bats
	# once for the files that hold, then with an answer that does not
	env -u MAKEFLAGS make check
	bats sums.bats
	cp tests/sums.txt tests/errors.txt
	if command -v automake >/dev/null && [ -e "$top/build-aux/tap-driver.sh" ]; then
		automake=yes
		mkdir auto auto/build-aux
		cp -r tests auto
		cp "$top/build-aux/tap-driver.sh" auto/build-aux
		recipe '^TESTS =' >auto/Makefile.am
		printf '%s\n' 'AC_INIT([sums], [1])' 'AC_CONFIG_AUX_DIR([build-aux])' 'AM_INIT_AUTOMAKE([foreign])' \
			'AC_PROG_AWK' 'AC_CONFIG_FILES([Makefile])' 'AC_OUTPUT' >auto/configure.ac
		(cd auto && autoreconf -i && ./configure && env -u MAKEFLAGS make check)
		grep -q '^# PASS:  2$' auto/test-suite.log
	fi
	cp wrong.txt tests/sums.txt
	run env -u MAKEFLAGS make check
	status_is 2
	[[ $output == *'-< 43'* ]]
	run bats sums.bats
	status_is 1
	[[ $output == *'-< 43'* ]]
	[ -n "$automake" ] || return 0
	cp wrong.txt auto/tests/sums.txt
	run env -u MAKEFLAGS make -C auto check
	status_is 2
	grep -q '^# FAIL:  1$' auto/test-suite.log
}

@test "the manual has every option of check --help, and that every one of the manual" {
	"$DUALPIPE" check --help | grep -oE -- '(^| )--?[A-Za-z][A-Za-z-]*' | tr -d ' ' | sort -u >helped
	section Checks | grep '^\.It Fl' | grep -oE '(Fl )?Fl [A-Za-z-]+' | sed 's/^Fl Fl /--/; s/^Fl /-/' | sort -u |
		diff -u helped - >&2
}

@test "the sessions of the README print what it says" {
	local block n=0
	needs bc
	blocks "$top/README"
	for block in block.*; do
		is_session "$block" || continue
		# built, installed or compiled there: other tests
		grep -qE '^\$ (\./bootstrap|cc) ' "$block" && continue
		n=$((n + 1))
		rehearse "$block"
	done
	[ "$n" -gt 0 ]
}

@test "the session of the README that begins with the build is what one sees at a terminal" {
	local shown i steps=()
	needs bc
	[ -x "$inpty" ] || skip "inpty is not built"
	blocks "$top/README"
	mapfile -t shown <"$(grep -l '^\$ ./bootstrap && src' block.*)"
	[ "${shown[0]}" = "\$ ./bootstrap && src/dualpipe -- bc" ]
	[ "${shown[-1]}" = "\$ ./bootstrap && make check" ]
	[ -x "$top/bootstrap" ]
	shown=("${shown[@]:1:${#shown[@]}-2}")
	# a line that is typed, its answer, and so on; the last one has none
	for ((i = 0; i < ${#shown[@]}; i += 2)); do
		steps+=("send:${shown[i]}\r")
		[ -z "${shown[i + 1]-}" ] || steps+=("expect:\n${shown[i + 1]}\r\n")
	done
	in_terminal raw "${steps[@]}" -- "$DUALPIPE" --no-history -- bc
	[ "$status" -ne 77 ] || skip "there are no terminals"
	# without what draws it: colours, erasing, the blank below the cursor
	output=$(sed $'s/\e\\[[?0-9;]*[A-Za-z]//g; s/ \b//g; s/\r//g' <<<"$output")
	is 0 "$(printf '%s\n' "${shown[@]}")"
}

@test "the examples of dualpipe(3) compile, and print what the page says" {
	needs bc
	prepare_compiler
	compile_and_run "$library_page"
}

@test "the library's example in the README compiles, and prints what it says" {
	needs bc
	prepare_compiler
	compile_and_run "$top/README"
	[ "$(grep -c . ask.c)" -le 15 ]
}

@test "the manual has every option of --help, and --help every one of the manual" {
	help_options >helped
	manual_options | cut -d ' ' -f 1 | sort >described
	diff -u helped described >&2
}

@test "the manual has every option that the program knows" {
	sed -n '/opts_option table/,/^};/p' "$top/src/runopts.c" | sed -nE 's/^\t\{ "([a-z-]+)", .*OPTS_.*/--\1/p' | sed 's/^--edit$/--no-edit/' | sort >known
	[ "$(wc -l <known)" -gt 30 ]
	manual_options | cut -d ' ' -f 1 | grep '^--' | sort | diff -u known - >&2
}

@test "the manual gives a short option to the long one that --help gives it" {
	local pair
	"$DUALPIPE" --help | grep -oE -- '-[A-Za-z], --[a-z-]+' >pairs
	[ -s pairs ]
	while read -r pair; do
		[[ $pair =~ ^-(.),\ --(.*)$ ]]
		option_lines | grep -qE "^\.It Fl ${BASH_REMATCH[1]} , Fl Fl ${BASH_REMATCH[2]}( |\$)" ||
			fail "not in the manual: $pair"
	done <pairs
}

@test "the program takes every option of the manual" {
	local option name value n=0
	while read -r option name; do
		value=
		[ -z "$name" ] || value=$(value_for "$name")
		run --separate-stderr "$DUALPIPE" -T record $(dialogue_for "$option") "$option" ${name:+"$value"} -- "$(child_for "$option")" </dev/null
		[ "$status" -eq 0 ] || fail "$option $value: $status" "$stderr"
		n=$((n + 1))
	done < <(manual_options)
	[ "$n" -gt 25 ]
}

@test "each switch of the manual has its --no- form, and nothing else has" {
	local option name
	section Options | sed -n '/^The switches/,/form,/p' | grep '^\.Fl' >switches
	grep '^\.Fl' switches | grep -oE 'Fl Fl [a-z-]+' | sed 's/Fl Fl //' | sort >named
	# what has no value, but for the two that end the program, and the one that a value can be given to
	manual_options | awk 'NF == 1 && /^--/ { print substr($1, 3) }' |
		grep -vxE 'help|version|no-history|no-profile' | sed 's/^no-//' | sort | diff -u named - >&2
	while read -r name; do
		run -0 "$DUALPIPE" -T record $(dialogue_for "--$name") "--$name" "--no-$name" -- "$(child_for "--$name")" </dev/null
	done <named
	for option in $(manual_options | awk 'NF == 2 && /^--/ { print substr($1, 3) }') help version; do
		[[ $option != @(history|profile) ]] || continue
		run --separate-stderr "$DUALPIPE" "--no-$option" -- true </dev/null
		status_is 125
		says "--no-$option"
	done
}

@test "every way of --stderr that the manual lists is one" {
	local way
	section Options | awk '/^\.It .*Fl stderr/ { inside = 1 } /^\.El/ { inside = 0 } inside && /^\.It Cm/ { print $3 }' >ways
	[ "$(tr '\n' ' ' <ways)" = "inherit pass merge discard " ]
	while read -r way; do
		run -0 "$DUALPIPE" --stderr "$way" -- true </dev/null
		[ ! -e "$way" ] || fail "$way was taken for a file"
	done <ways
}

@test "every unit of time that the manual lists is one" {
	local unit
	for unit in '' ms s m h d; do
		[ -z "$unit" ] || section Options | sed -n '/^is a decimal/,/seconds\.$/p' |
			grep -qE "^\.Cm (.* )?$unit( |\$)" || fail "the manual does not have $unit"
		run --separate-stderr -0 "$DUALPIPE" --timeout "20000$unit" -- true </dev/null
	done
	run --separate-stderr -0 "$DUALPIPE" --timeout none -- true </dev/null
}

@test "every exit status of the manual comes about as it says" {
	section "EXIT STATUS" | sed -n 's/^\.It //p' >statuses
	printf '%s\n' 'Ar n' '128+ Ns Ar n' 0 1 124 125 126 127 | diff -u - statuses >&2
	: >no-program
	run -3 "$DUALPIPE" -- sh -c 'exit 3' </dev/null
	run -143 "$DUALPIPE" -- sh -c 'kill -TERM $$' </dev/null
	run -0 "$DUALPIPE" --ask x -- sh -c 'cat; exit 3' </dev/null
	run -1 "$DUALPIPE" --reply line --error x --ask x -- cat </dev/null
	run -1 "$DUALPIPE" --reply line --ask x -- true </dev/null
	run -1 "$DUALPIPE" -e 'fail "no"' </dev/null
	run -124 "$DUALPIPE" --request-timeout 0.1 --reply line --ask x -k 0 -- sleep 60 </dev/null
	run -124 "$DUALPIPE" --timeout 0.1 -- sleep 60 </dev/null
	run -124 "$DUALPIPE" --idle-timeout 0.1 -- sleep 60 </dev/null
	run -125 "$DUALPIPE" --no-such-option -- true </dev/null
	run -125 "$DUALPIPE" --transcript no/such/folder -- true </dev/null
	run -126 "$DUALPIPE" -- ./no-program </dev/null
	run -127 "$DUALPIPE" -- ./nothing </dev/null
}

@test "the status lines are those of the manual" {
	local block
	needs bc
	blocks "$page"
	block=$(grep -l '^{"event":"start"' block.*)
	echo '6*7' | "$DUALPIPE" --status-fd 3 -- bc 3>lines >/dev/null
	sed -E 's/"(pid|ms)":[0-9]+/"\1":N/g' "$block" >wanted
	sed -E 's/"(pid|ms)":[0-9]+/"\1":N/g' lines | diff -u wanted - >&2
	# each member has its paragraph
	grep -oE '"[a-z_]+":' lines | tr -d '":' | sort -u >members
	section "Status lines" | sed -n 's/^\.It //p' | tr ' ' '\n' | grep -E '^[a-z_]+$' | sort -u |
		diff -u members - >&2
}

@test "dualpipe(3) has every call of the header, and no other" {
	calls_of_header >declared
	sed -n 's/^\.Fn \(dualpipe_[a-z_]*\) ".*/\1/p' "$library_page" | sort >described
	diff -u declared described >&2
	sed -n 's/^\.Nm \(dualpipe_[a-z_]*\).*/\1/p' "$library_page" | sort | diff -u declared - >&2
}

@test "dualpipe(3) has every field and every name of the header" {
	local name
	{
		grep -oE '\bDUALPIPE_[A-Z_]+' "$top/src/dualpipe.h" | grep -vx DUALPIPE_H
		sed -n '/^struct dualpipe_opts {/,/^};/p' "$top/src/dualpipe.h" |
			sed -nE 's/^[^*]*[ *]([a-z_]+);.*/\1/p'
	} | sort -u >names
	[ "$(wc -l <names)" -gt 20 ]
	while read -r name; do
		grep -qw -- "$name" "$library_page" || fail "not in dualpipe(3): $name"
	done <names
}

@test "the examples of dualpipe-dialogue(5) are dialogues, and say what comes of them" {
	local block n=0
	blocks "$dialogue_page"
	for block in block.*; do
		is_session "$block" && continue
		grep -q '^dialogue  = ' "$block" && continue
		n=$((n + 1))
		"$HELPERS/parse" "$block" >said || fail "$(cat "$block" said)"
		# but for the one that needs a host, and one that has nothing to say
		grep -qE '^# (prints .|exits with [0-9])' "$block" || grep -qE '^(spawn -p ssh|sleep)' "$block" ||
			fail "what does it print?" "$(cat "$block")"
	done
	[ "$n" -gt 25 ]
}

@test "the examples of dualpipe-dialogue(5) do what they say" {
	local block wanted n=0
	command -v bc >/dev/null || skip "there is no bc"
	blocks "$dialogue_page"
	for block in block.*; do
		is_session "$block" && continue
		grep -qE '^dialogue  = |^spawn -p ssh' "$block" && continue
		grep -qE '(^|[;{] *)ask ' "$block" && continue
		wanted=$(sed -n 's/^# exits with //p' "$block")
		try "$DUALPIPE" --script "$block"
		[ "$status" -eq "${wanted:-0}" ] || fail "status $status of:" "$(cat "$block")" "$stderr"
		[ "$output" = "$(sed -n 's/^# prints //p' "$block")" ] || fail "printed $output:" "$(cat "$block")"
		n=$((n + 1))
	done
	[ "$n" -gt 20 ]
}

@test "the sessions of dualpipe-dialogue(5) print what the page says" {
	local block n=0
	needs bc
	blocks "$dialogue_page"
	for block in block.*; do
		is_session "$block" || continue
		n=$((n + 1))
		rehearse "$block"
	done
	[ "$n" -gt 1 ]
}

@test "dualpipe-dialogue(5) has every step that there is, each with an example, and no other" {
	local step
	steps_of_parser | sort >known
	[ "$(wc -l <known)" -gt 20 ]
	sed -nE 's/^\.It Ic ([a-z]+).*/\1/p; /^\.It Xo/ { n; s/^\.Ic ([a-z]+).*/\1/p }' "$dialogue_page" |
		sort -u | diff -u known - >&2
	blocks "$dialogue_page"
	cat block.* >examples
	while read -r step; do
		[ "$step" != interact ] || continue # it needs somebody to type
		grep -qE "(^|[;{] *)$step( |\$)" examples || fail "no example of $step"
	done <known
}

@test "the escapes, keys, framings and secrets of dualpipe-dialogue(5) are what dialogues take" {
	local word n=0
	for word in $(section Strings "$dialogue_page" | sed -n 's/^\.It Li //p' |
		sed 's/ Ns Ar HHHH/00e9/; s/ Ns Ar HH/41/; s/\\(dq/"/; s/\\e/\\/g' | tr -d ' '); do
		reads "print \"$word\""
		n=$((n + 1))
	done
	[ "$n" -eq 11 ]
	for word in $(awk '/^\.It Ic key/ { inside = 1 } /^\.Bd/ { inside = 0 } inside && /^\.Cm/' "$dialogue_page" |
		sed 's/^\.Cm //' | tr -d ','); do
		case $word in
		*-) word=${word}x ;;
		esac
		reads "key $word"
		n=$((n + 1))
	done
	[ "$n" -gt 29 ]
	for word in $(awk '/^\.It Ic reply/ { inside = 1 } /^\.Bd/ { inside = 0 } inside && /^\.It Cm/' "$dialogue_page" |
		sed 's/^\.It Cm //; s/ Ns Ar duration/2s/; s/ Ns Ar [a-z]*/1/g; s/ : */:/g; s/ , / /'); do
		reads "reply $word"
		n=$((n + 1))
	done
	[ "$n" -gt 39 ]
	for word in $(awk '/^\.It Ic secret/ { inside = 1 } /^\.Bd/ { inside = 0 } inside && /^\.Cm/' "$dialogue_page" |
		sed 's/^\.Cm //; s/ Ns Ar [a-z]*/1/g; s/ : */:/g; s/ [,;]$//'); do
		reads "secret $word"
		n=$((n + 1))
	done
	[ "$n" -gt 43 ]
}

@test "the library's page has the library's name, too" {
	same "$top/man/libdualpipe.3" "$library_page"
	grep -q '^dist_man_MANS = .*man/libdualpipe\.3' "$top/Makefile.am"
}

@test "mandoc finds nothing to warn of in the manual" {
	local file
	needs mandoc
	for file in "$top"/man/*.[0-9]; do
		run mandoc -T lint -W warning "$file"
		is 0 ""
	done
}

@test "--help fits a screen of 24 lines of 80 columns" {
	run --separate-stderr -0 "$DUALPIPE" --help
	[ -z "$stderr" ]
	[ "${#lines[@]}" -le 24 ]
	[ "$("$DUALPIPE" --help | wc -l)" -le 24 ]
	! grep -E '.{81}' <<<"$output" >&2 || fail "a line is too long"
}
