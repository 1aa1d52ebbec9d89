# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# dualpipe check: a conversation that was recorded is held again.

load helper

# check [ARGUMENT ...]: tries it
check() {
	try "$DUALPIPE" check "$@" </dev/null
}

# there OPTION ... -- COMMAND ...: whether there is such a command
there() {
	until [ "$1" = -- ]; do
		shift
	done
	command -v "$2" >/dev/null 2>&1
}

# record FILE OPTION ... -- COMMAND ...: what stdin says to it
record() {
	local file=$1
	shift
	there "$@" || return 0
	fresh "$DUALPIPE" -T "$file" "$@" >/dev/null 2>&1 || true
}

# type_at FILE STEP ... -- OPTION ... -- COMMAND ...: the same in the editor, by a person at a terminal
type_at() {
	local file=$1 steps=()
	shift
	until [ "$1" = -- ]; do
		steps+=("$1")
		shift
	done
	shift
	there "$@" || return 0
	in_terminal "${steps[@]}" ended -- "$DUALPIPE" --no-history -T "$file" "$@"
	[ "$status" -ne 98 ] || fail "not typed: $stderr"
}

# holds_again FILE: it does, with nothing to say
holds_again() {
	check "$@"
	is 0 ''
}

# a conversation with all there is on pipes
sh_record() {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		# mine
		$ sh
		> echo one; echo two
		< one
		< two
		> echo err >&2
		! err
		> exit 3
		= 3
	END
}

# differs_by OLD NEW DIFF: where a.txt has line OLD, NEW ("" for none), it gives exactly that
differs_by() {
	sh_record
	if [ -n "$2" ]; then
		OLD=$1 NEW=$2 awk '$0 == ENVIRON["OLD"] && !done { $0 = ENVIRON["NEW"]; done = 1 } { print }' a.txt >b.txt
	else
		OLD=$1 awk '$0 != ENVIRON["OLD"]' a.txt >b.txt
	fi
	check b.txt
	is 1 "--- b.txt
+++ b.txt
$3"
	cp a.txt wanted
	check --update b.txt
	is 0 ''
	same b.txt wanted
}

@test "the transcripts that come with dualpipe hold" {
	local file command files=()
	for file in "$TESTS_DIR"/transcripts/*.txt; do
		command=$(sed -n 's/^\$ \(.* -- \)*\([^ ]*\).*/\2/p' "$file" | head -n 1)
		# without EXTPROC, echo that the child turns on is on
		[ -z "${PORTABLE-}" ] || [ "${file##*/}" != password.txt ] || continue
		! command -v "$command" >/dev/null 2>&1 || files+=("$file")
	done
	[ "${#files[@]}" -ge 3 ]
	W=hunter2 check -j 2 --secret env:W "${files[@]}"
	is 0 ''
}

@test "a changed answer, a missing line, one too many, a status and stderr give exactly their diff and 1" {
	differs_by '< two' '< three' '@@ -3,7 +3,7 @@
 $ sh
 > echo one; echo two
 < one
-< three
+< two
 > echo err >&2
 ! err
 > exit 3'
	differs_by '< one' '' '@@ -2,6 +2,7 @@
 # mine
 $ sh
 > echo one; echo two
+< one
 < two
 > echo err >&2
 ! err'
	differs_by '< two' $'< two\n< three' '@@ -4,7 +4,6 @@
 > echo one; echo two
 < one
 < two
-< three
 > echo err >&2
 ! err
 > exit 3'
	differs_by '= 3' '= 0' '@@ -7,4 +7,4 @@
 > echo err >&2
 ! err
 > exit 3
-= 0
+= 3'
	differs_by '= 3' '= signal KILL' '@@ -7,4 +7,4 @@
 > echo err >&2
 ! err
 > exit 3
-= signal KILL
+= 3'
	differs_by '! err' '! Err' '@@ -5,6 +5,6 @@
 < one
 < two
 > echo err >&2
-! Err
+! err
 > exit 3
 = 3'
	differs_by '! err' '< err' '@@ -5,6 +5,6 @@
 < one
 < two
 > echo err >&2
-< err
+! err
 > exit 3
 = 3'
}

@test "what was piped into programs holds" {
	printf '6*7\n1/0\n' | record bc.txt -- bc -q
	printf 'create table t (a);\nselect 6*7;\nselect nope;\n' | record sqlite3.txt -- sqlite3
	printf 'x = 6\nprint(x * 7)\n1/0\n' | record python3.txt -- python3 -i
	printf 'echo hi; echo err >&2\nfalse\necho $?\nexit 3\n' | record bash.txt -- bash
	printf 'puts [expr 6*7]\nnope\n' | record tclsh.txt -- tclsh
	printf 'print 6*7\nnope\n' | record gdb.txt -- gdb -q -nx
	printf 'a 1\nb 2\n' | record awk.txt -- awk '{ print $2, $1 } END { print NR }'
	head -c 100000 /dev/urandom | record cat.txt -- cat
	seq 20000 | record much.txt -- cat
	holds_again ./*.txt
}

@test "what was piped into programs at a pty holds" {
	printf '6*7\n1/0\n' | record bc.txt --pty -- bc -q
	printf 'select 6*7;\nselect nope;\n' | record sqlite3.txt --pty -- sqlite3
	printf 'print(6 * 7)\n1/0\n' | record python3.txt --pty -- python3 -q
	printf 'echo hi; echo err >&2\nexit 3\n' | record bash.txt --pty -- bash --norc
	printf 'puts [expr 6*7]\nnope\n' | record tclsh.txt --pty -- tclsh
	printf 'print 6*7\nnope\n' | record gdb.txt --pty -- gdb -q -nx
	printf 'a\003\004b\n' | record cat.txt --pty -- cat
	printf 'a\n' | record echo.txt --pty --echo -- cat
	holds_again ./*.txt
}

@test "what was asked holds" {
	record bc.txt --ask '6*7' --ask '1/0' -- bc
	record python3.txt --ask '6*7' --ask $'for i in range(2):\n  print(i)\n' -- python3
	record bash.txt --ask 'echo a' --ask 'echo b >&2; false' -- bash
	record sqlite3.txt --ask 'select 1;' --ask 'select nope;' -- sqlite3
	record gdb.txt --ask 'print 6*7' --ask nope -- gdb -nx
	record tclsh.txt --ask 'expr 6*7' -- tclsh
	holds_again ./*.txt
}

@test "what a dialogue said holds" {
	record python3.txt -e 'expect ">>> "' -e 'sendline "6*7"' -e 'expect ">>> "' -e 'sendline "exit(5)"' -e wait \
		--pty -- python3 -q
	record bash.txt -e 'expect /\$ $/' -e 'sendline "stty size"' -e 'expect /\$ $/' -e 'resize 30 90' \
		-e 'sendline "stty size; cat"' -e 'expect "30 90"; expect ready' -e 'sendline "abc"' -e 'expect "abc"; expect ready' \
		-e sendeof -e 'expect /\$ $/' -e 'sendline "exit 4"' -e wait --pty --tame --environment 'PS1=$ ' -- bash --norc
	record interrupt.txt -e 'expect "> "' -e 'sendline "import sys; print(1); sys.stdin.read()"' -e 'expect "1\n"; expect ready' \
		-e 'signal INT' -e 'expect /> $/' -e 'sendline "exit(5)"' -e wait --pty --tame -- python3 -q
	record signal.txt -e 'expect "on"' -e 'signal TERM' -e wait -- \
		sh -c 'exec 2>/dev/null; trap "exit 9" TERM; echo on; while :; do sleep 0.05; done'
	record pipes.txt -e 'sendline "echo one"' -e 'expect "one"' -e 'sendline "exit 4"' -e wait -- bash
	record killed.txt -k 0.2 -e 'expect "on"' -- sh -c 'trap "" HUP; echo on; exec sleep 100'
	[ "$(tail -n 1 killed.txt)" = '= signal TERM' ]
	check -k 0.2 ./*.txt
	is 0 ''
}

@test "what was typed at programs on pipes holds" {
	type_at bc.txt idle 'send:6*7\r' expect:42 idle 'send:1/0\r' idle eof -- -- bc -q
	type_at sh.txt idle 'send:echo hi\r' expect:hi idle 'send:echo err >&2\r' expect:err idle 'send:exit 3\r' -- -- sh
	type_at sqlite3.txt idle 'send:select 6*7;\r' expect:42 idle 'send:.quit\r' -- --no-pty -- sqlite3
	type_at awk.txt idle 'send:a 1\r' idle 'send:b 2\r' idle eof -- -- awk '{ print $2, $1 }'
	holds_again ./*.txt
}

@test "what was typed at programs on a pty holds, by lines and by keys" {
	local edit
	for edit in --edit --no-edit; do
		type_at python3$edit.txt 'expect:>>> ' idle 'send:6*7\r' expect:42 idle 'send:exit(3)\r' -- --pty $edit -- python3 -q
		type_at bash$edit.txt 'expect:$ ' idle 'send:echo hi\r' expect:hi expect:hi idle 'send:cat\r' idle \
			'send:abc\r' expect:abc expect:abc idle 'send:\x04' idle 'send:exit 3\r' -- \
			--pty $edit --environment 'PS1=$ ' -- bash --norc
		type_at interrupt$edit.txt 'expect:>>> ' idle 'send:import time; time.sleep(100)\r' 'expect:)' idle 'send:\x03' \
			'expect:>>> ' idle 'send:exit(3)\r' -- --pty $edit -- python3 -q
		type_at sqlite3$edit.txt 'expect:sqlite> ' idle 'send:select 6*7;\r' expect:42 idle 'send:.quit\r' -- \
			--pty $edit -- sqlite3
		type_at gdb$edit.txt 'expect:(gdb) ' idle 'send:print 6*7\r' 'expect:= 42' idle 'send:quit\r' -- \
			--pty $edit -- gdb -q -nx
		type_at bc$edit.txt idle 'send:6*7\r' expect:42 idle 'send:\x04' -- --pty $edit -- bc -q
	done
	holds_again ./*.txt
}

@test "an answer that comes sooner holds, one that comes later does not" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'echo a; echo b; read -r x; echo c'
		< a
		> x
		< b
		< c
		= 0
	END
	holds_again a.txt
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'echo a; read -r x; echo b; echo c'
		< a
		< b
		> x
		< c
		= 0
	END
	check a.txt
	is 1 '--- a.txt
+++ a.txt
@@ -1,7 +1,7 @@
 # dualpipe transcript 1
 $ sh -c '\''echo a; read -r x; echo b; echo c'\''
 < a
-< b
 > x
+< b
 < c
 = 0'
}

@test "a child that is slow to answer is waited for, however it waits" {
	needs_proc
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'while read -r x; do sleep 0.5; echo "$x"; done'
		> a
		< a
		> b
		< b
		= 0
	END
	holds_again a.txt
	# a program that waits for more than us, as one at the far end of a wire
	printf '%s\n' '# dualpipe transcript 1' \
		"\$ python3 -uc $'import select, os, sys, time\\nr, w = os.pipe()\\nwhile True:\\n  select.select([0, r], [], [])\\n  x = os.read(0, 99)\\n  if not x: break\\n  time.sleep(0.5)\\n  os.write(1, x)'" \
		'> a' '< a' '> b' '< b' '= 0' >b.txt
	holds_again b.txt
}

@test "half lines are joined, and a prompt is not needed to tell what changed behind it" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'printf "na"; printf "me? "; read -r n; echo "hi $n"'
		< na\
		< me? \
		> joe
		< hi \
		< joe
		= 0
	END
	holds_again a.txt
	sed -i 's/^< joe/< jim/' a.txt
	check a.txt
	status_is 1
	[ "$(grep -c '^[-+][<>]' <<<"$output")" = 2 ]
	grep -qx -- '-< jim' <<<"$output"
	grep -qx -- '+< joe' <<<"$output"
}

@test "a pattern is of a whole line, and any lines may be none" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'date +%s; printf "a\nb\n"; echo "pid $$" >&2'
		<~ \d{9,}
		<*
		< b
		<*
		!~ pid \d+
		= 0
	END
	cp a.txt b.txt
	holds_again a.txt
	check --update a.txt
	is 0 ''
	same a.txt b.txt
	sed -i 's/^!~ pid/!~ PID/' a.txt
	check a.txt
	status_is 1
	grep -qx -- '-!~ PID \\d+' <<<"$output"
	grep -qxE -- '\+! pid [0-9]+' <<<"$output"
}

@test "--update keeps comments and patterns that still match, mode and link, and holds afterwards" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		# what it is for
		$ sh -c 'echo one; echo two; echo three; exit 4'

		<~ o.e
		# in the middle
		< 2
		<~ 3
		= 0
		# and the end
	END
	chmod 640 a.txt
	ln -s a.txt link.txt
	check --update link.txt
	is 0 ''
	[ -h link.txt ]
	[ "$(stat -c %a a.txt)" = 640 ]
	diff - a.txt <<-'END'
		# dualpipe transcript 1
		# what it is for
		$ sh -c 'echo one; echo two; echo three; exit 4'

		<~ o.e
		# in the middle
		< two
		< three
		= 4
		# and the end
	END
	holds_again a.txt
	[ "$(find . -type f | wc -l)" = 3 ] # no other is left behind; try keeps two
}

# Both lines were sent at once from then on, and sh read the second one for the first.
@test "--update keeps lines apart that had an answer between them, where it is gone" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh
		> read v; echo "[$v]"
		< old
		# leave
		> exit 3
		< [exit 3]
		= 0
	END
	check --update a.txt
	is 0 ''
	diff - a.txt <<-'END'
		# dualpipe transcript 1
		$ sh
		> read v; echo "[$v]"
		# leave

		> exit 3
		< [exit 3]
		= 0
	END
	check a.txt
	is 0 ''
}

@test "--update leaves a transcript that holds alone, byte for byte" {
	sh_record
	touch -d '2001-01-01' a.txt
	before=$(stat -c '%i %Y' a.txt)
	check --update a.txt
	is 0 ''
	[ "$(stat -c '%i %Y' a.txt)" = "$before" ]
}

@test "--update leaves the file alone where there was no whole conversation" {
	sh_record
	mv a.txt sh.txt
	printf '%s\n' '# dualpipe transcript 1' '$ ./missing' '< x' '= 0' >a.txt
	printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'echo y; sleep 100'" '< x' '= 0' >b.txt
	cp a.txt a.old
	cp b.txt b.old
	check --update a.txt
	is 127 '' "dualpipe: a.txt: cannot start './missing': No such file or directory"
	same a.txt a.old
	check --update -t 0.5 b.txt
	status_is 124
	same b.txt b.old
	# the second of two records has no end: the first was written, with 0
	sed 's/^< two/< three/' sh.txt >c.txt
	printf '%s\n' '# dualpipe transcript 1' '$ yes' '< y' '= signal PIPE' >>c.txt
	cp c.txt c.old
	check --update c.txt
	status_is 1
	grep -qx -- '+< two' <<<"$output"
	[ "$stderr" = "dualpipe: c.txt: 'yes' says far more than was recorded, and is ended" ]
	same c.txt c.old
}

@test "an update that cannot be written is 125, and the file is as it was" {
	[ "$(id -u)" -ne 0 ] || skip 'root may write anywhere'
	mkdir there
	sh_record
	sed 's/^< two/< three/' a.txt >there/a.txt
	cp there/a.txt old
	chmod 555 there
	check --update there/a.txt
	chmod 755 there
	is 125 '' 'dualpipe: there/a.txt: cannot update the transcript: Permission denied'
	same there/a.txt old
}

@test "--update leaves alone what somebody has written meanwhile" {
	printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'echo y; echo \"# mine\" >>a.txt'" '< x' '= 0' >a.txt
	cp a.txt wanted
	echo '# mine' >>wanted
	check --update a.txt
	is 125 '' 'dualpipe: a.txt: cannot update the transcript: it has changed meanwhile'
	same a.txt wanted
}

@test "several records in one file are all checked" {
	record a.txt -- sh -c 'echo one' </dev/null
	record a.txt --append -- sh -c 'echo two; exit 2' </dev/null
	holds_again a.txt
	sed -i 's/^< \(one\|two\)$/< x/' a.txt
	check a.txt
	is 1 "--- a.txt
+++ a.txt
@@ -1,8 +1,8 @@
 # dualpipe transcript 1
 \$ sh -c 'echo one'
-< x
+< one
 = 0
 # dualpipe transcript 1
 \$ sh -c 'echo two; exit 2'
-< x
+< two
 = 2"
}

@test "--tap prints a plan and a line a file, and what differs as remarks" {
	sh_record
	sed 's/^< two/< three/' a.txt >'b #1.txt'
	check --tap a.txt 'b #1.txt'
	status_is 1
	[ -z "$stderr" ]
	[ "${lines[0]}" = '1..2' ]
	[ "${lines[1]}" = 'ok 1 - a.txt' ]
	[ "${lines[2]}" = 'not ok 2 - b \#1.txt' ]
	[ "${lines[3]}" = '# --- b #1.txt' ]
	run -1 grep -v -e '^#' -e '^\(not \)\{0,1\}ok ' -e '^1\.\.2$' <<<"$output"
}

@test "files are checked side by side, and told in their order" {
	local i
	for i in 1 2 3; do
		printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'touch $i; until [ -e 1 ] && [ -e 2 ] && [ -e 3 ]; do sleep 0.05; done; echo $i'" \
			'< x' '= 0' >$i.txt
	done
	check -j 3 1.txt 2.txt 3.txt
	status_is 1
	[ "$(grep '^+<' <<<"$output")" = $'+< 1\n+< 2\n+< 3' ]
}

@test "the highest status counts" {
	printf '%s\n' '# dualpipe transcript 1' '$ false' '= 0' >a.txt
	printf '%s\n' '# dualpipe transcript 1' '$ ./missing' '= 0' >b.txt
	printf '%s\n' '# dualpipe transcript 1' '$ /dev/null' '= 0' >c.txt
	printf '%s\n' '# dualpipe transcript 1' '$ true' '= 0' >d.txt
	check d.txt
	is 0 ''
	check a.txt d.txt
	status_is 1
	check c.txt a.txt
	status_is 126
	check b.txt c.txt d.txt
	status_is 127
}

@test "one bad file, and no child runs" {
	printf '%s\n' '# dualpipe transcript 1' '$ touch ran' '= 0' >good.txt
	printf '%s\n' '# dualpipe transcript 1' '$ cat' '> x' >bad.txt
	check good.txt bad.txt nowhere.txt
	is 125 '' "dualpipe: bad.txt:3: the record has no status (=) at its end: it is cut off
dualpipe: cannot read transcript 'nowhere.txt': No such file or directory"
	[ ! -e ran ]
}

@test "a head that cannot be is an error with its line, before anything starts" {
	local options
	while read -r options; do
		printf '%s\n' '# dualpipe transcript 1' '# x' "\$ $options -- touch ran" '= 0' >a.txt
		check a.txt
		status_is 125
		[[ $stderr == 'dualpipe: a.txt:3: '* ]] || fail "$stderr"
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e ran ]
	done <<-'END'
		--nope
		--pty --size 0x0
		--timeout 3
		--stderr=
		--environment x
		--directory /nowhere
		-z
		--pty word
	END
}

@test "an option that no head has is looked for where heads are told of" {
	# --help has it, for a run
	printf '%s\n' '# dualpipe transcript 1' '$ --script x -- cat' '= 0' >a.txt
	check a.txt
	is 125 '' "dualpipe: a.txt:2: unknown option '--script'; see dualpipe-transcript(5)"
}

@test "what cannot be done with such a child is an error with its line, before anything starts" {
	local line
	while IFS= read -r line; do
		printf '%b' "# dualpipe transcript 1\n\$ touch ran\n$line\n= 0\n" >a.txt
		check a.txt
		status_is 125
		[[ $stderr == 'dualpipe: a.txt:'[34]': '* ]] || fail "$stderr"
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e ran ]
	done <<-'END'
		@ resize 24 80
		@ eof\n> x
		@ secret
	END
}

@test "the options in the head make the child what it was" {
	mkdir there
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ --stderr=merge --directory there --environment A=1 --environment 'B=x y' -- sh -c 'echo "$A $B" >&2; basename "$PWD"'
		< 1 x y
		< there
		= 0

		# dualpipe transcript 1
		$ --tame --pty --size 30x90 -- sh -c 'stty size; echo "$TERM $PAGER"'
		< 30 90
		< dumb cat
		= 0
	END
	holds_again a.txt
}

@test "another command, its directory and its environment can be given" {
	mkdir there
	printf '%s\n' '# dualpipe transcript 1' '$ --environment A=1 -- ./missing x' '< 2 there y' '= 0' >a.txt
	check --environment A=2 --directory there a.txt -- sh -c 'echo "$A $(basename "$PWD") $1"' sh y
	is 0 ''
}

@test "a child that does not answer is 124 with the line, and what it had said" {
	printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'read -r x; echo a; sleep 100'" '> x' '< a' '< b' '> y' '< c' '= 0' >a.txt
	check -t 1 a.txt
	is 124 '--- a.txt
+++ a.txt
@@ -2,7 +2,6 @@
 $ sh -c '\''read -r x; echo a; sleep 100'\''
 > x
 < a
-< b
 > y
 < c
 = 0' "dualpipe: a.txt: --timeout ran out, 'sh' is ended"
}

@test "a secret is had before anything starts, and sent where it is asked for" {
	export W=hunter2
	record a.txt --pty --tame -e 'expect "Password: "' -e 'secret env:W' -e 'expect "letters"' -e wait -- \
		sh -c 'stty -echo; printf "Password: "; read -r p; echo "${#p} letters"' </dev/null
	check --secret env:W a.txt
	is 0 ''
	echo hunter3 >f
	check --secret file:f a.txt
	is 0 ''
	check --secret 'command:echo hunter4' a.txt
	is 0 ''
	check --secret env:NOT_SET a.txt
	is 125 '' 'dualpipe: cannot get the secret of --secret env:NOT_SET: NOT_SET: no such variable is set'
	check a.txt
	is 125 '' "dualpipe: a.txt:4: a secret is wanted; --secret says where it is to be had"
}

@test "several secrets go in turn, and the last one for all behind it" {
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ cat
		@ secret
		< a
		@ secret
		< bb
		@ secret
		< bb
		= 0
	END
	A=a B=bb check --secret env:A --secret env:B a.txt
	is 0 ''
}

@test "--reply says in another way when an answer is complete" {
	needs_proc
	# the answer comes from somebody that the child does not wait for
	cat >a.txt <<-'END'
		# dualpipe transcript 1
		$ sh -c 'while read -r x; do (sleep 0.5; echo "$x") & done; wait'
		> a
		< a
		> b
		< b
		= 0
	END
	check a.txt
	status_is 1
	check --reply line a.txt
	is 0 ''
	check --reply nope a.txt
	status_is 125
	says --reply nope
	check --reply 'echo:x:y' a.txt
	status_is 125
	says echo
}

@test "stdin is left to whoever comes next" {
	sh_record
	run --separate-stderr -0 bash -c '"$1" check a.txt && cat' - "$DUALPIPE" <<<line
	[ "$output" = line ]
}

@test "a child that never stops talking is ended, and told" {
	printf '%s\n' '# dualpipe transcript 1' '$ yes' '< y' '= signal PIPE' >a.txt
	check a.txt
	is 1 '' "dualpipe: a.txt: 'yes' says far more than was recorded, and is ended"
}

@test "a signal ends the checks and their children" {
	printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'echo \$\$ >pid; exec sleep 100'" '= 0' >a.txt
	start "$DUALPIPE" check -k 0.2 a.txt </dev/null
	wait_until 10 test -s pid
	kill -INT "$pid"
	finish
	status_is 130
	gone "$(cat pid)"
}

@test "a reader who takes nothing holds neither the next check nor a signal up" {
	printf '%s\n' '# dualpipe transcript 1' '$ seq 100000' '= 0' >a.txt
	printf '%s\n' '# dualpipe transcript 1' '$ touch there' '= 0' >b.txt
	converse "$DUALPIPE" check a.txt b.txt
	wait_until 10 test -e there
	kill -TERM "$pid"
	finish
	status_is 143
	[ ! -s err ]
}

@test "the child has no terminal of ours, and the checks none of theirs" {
	printf '%s\n' '# dualpipe transcript 1' "\$ sh -c 'if (: </dev/tty) 2>/dev/null; then echo one; else echo none; fi'" '< none' '= 0' >a.txt
	in_terminal ended -- "$DUALPIPE" check a.txt
	is 0 ''
}

@test "a diff is in colours at a terminal, unless NO_COLOR says otherwise" {
	printf '%s\n' '# dualpipe transcript 1' '$ echo a' '< b' '= 0' >a.txt
	in_terminal ended -- "$DUALPIPE" check a.txt
	status_is 1
	[[ $output == *$'\033[31m-< b\033[m\n\033[32m+< a\033[m'* ]]
	in_terminal ended -- env NO_COLOR=1 "$DUALPIPE" check a.txt
	status_is 1
	[[ $output != *$'\033'* ]]
	[[ $output == *$'\n-< b\n+< a\n'* ]]
}

@test "mistakes on the command line are told" {
	sh_record
	check
	is 125 '' 'dualpipe: no transcript; usage: dualpipe check [option ...] FILE ... [-- command [argument ...]]'
	check -- sh
	status_is 125
	says 'no transcript'
	check a.txt --update
	is 125 '' "dualpipe: the option '--update' stands behind a file; the order is: dualpipe check [option ...] FILE ..."
	check a.txt --
	is 125 '' "dualpipe: there is no command behind '--'"
	check --nope a.txt
	is 125 '' "dualpipe: unknown option '--nope'; see dualpipe check --help"
	check -j 0 a.txt
	status_is 125
	says 0 --jobs
	check --secret nope a.txt
	status_is 125
	says --secret env:NAME
}

@test "check has a help of its own, and it fits the screen" {
	check --help
	status_is 0
	[ "${#lines[@]}" -le 24 ]
	[ "$(awk '{ print length }' <<<"$output" | sort -n | tail -n 1)" -le 80 ]
}
