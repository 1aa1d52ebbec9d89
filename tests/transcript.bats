# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# What --transcript writes.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	record=record.txt
}

# The record is exactly the lines that are given.
record_is() {
	printf '%s\n' "$@" | diff - "$record"
}

# Reads a .jsonl or .cast record as $r, a list of what its lines hold, in a Python program.
python_record() {
	python3 -c '
import base64, json, sys
r = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8", newline="\n")]
def stream(mark):
    return b"".join(base64.b64decode(o["base64"]) if "base64" in o else o["data"].encode()
                    for o in r if o.get("dir") == mark)
'"$1" "$record" "${@:2}"
}

@test "a conversation is written as text, with the command, both directions and the status" {
	run --separate-stderr -0 "$DUALPIPE" --transcript "$record" -- tr a-z A-Z <<<$'one\n\n  two  '
	[ "$output" = $'ONE\n\n  TWO  ' ]
	[ -z "$stderr" ]
	record_is '# dualpipe transcript 1' "\$ tr a-z A-Z" '> one' '>' '>   two  ' '< ONE' '<' '<   TWO  ' '= 0'
}

@test "-T is --transcript" {
	run -0 "$DUALPIPE" -T "$record" -- true </dev/null
	record_is '# dualpipe transcript 1' '$ true' '= 0'
}

@test "the child's own status is recorded and given" {
	run -3 "$DUALPIPE" --transcript "$record" -- sh -c 'exit 3' </dev/null
	record_is '# dualpipe transcript 1' "\$ sh -c 'exit 3'" '= 3'
}

@test "the signal that ended the child is recorded by its name" {
	run -143 "$DUALPIPE" --transcript "$record" -- sh -c 'kill -TERM $$' </dev/null
	[ "$(tail -n 1 "$record")" = '= signal TERM' ]
	run -138 "$DUALPIPE" --transcript "$record" -- sh -c 'kill -USR1 $$' </dev/null
	[ "$(tail -n 1 "$record")" = '= signal USR1' ]
}

@test "the child's stderr is recorded apart, and still passed on" {
	run --separate-stderr -0 "$DUALPIPE" --transcript "$record" -- sh -c 'echo out; echo err >&2' </dev/null
	[ "$output" = out ]
	[ "$stderr" = err ]
	grep -qx '< out' "$record"
	grep -qx '! err' "$record"
}

@test "words of the command are quoted where a shell needs it" {
	run -0 "$DUALPIPE" --transcript "$record" -- true 'a b' "it's" '' '$x' $'tab\there' plain-1.0 <<<''
	[ "$(sed -n 2p "$record")" = "\$ true 'a b' 'it'\\''s' '' '\$x' \$'tab\\there' plain-1.0" ]
}

@test "the quoted words are what a shell reads" {
	run -0 "$DUALPIPE" --transcript "$record" -- true $'it\'s\n\\' $'\x01\xff' '~' '#' '*' '{a,b}' </dev/null
	eval "words=($(sed -n '2s/^\$ true//p' "$record"))"
	[ "${#words[@]}" = 6 ]
	[ "${words[0]}" = $'it\'s\n\\' ]
	[ "${words[1]}" = $'\x01\xff' ]
	[ "${words[*]:2}" = '~ # * {a,b}' ]
}

@test "control characters and bytes that are no UTF-8 are escapes, UTF-8 stands" {
	run -0 "$DUALPIPE" --transcript "$record" -- printf 'a\tb\033\a\b\r\n\\\0\x7f\xff\n\xc3\xa9\xe2\x82\xac\n\xc2\x9b\n' </dev/null
	grep -Fqx '< a\tb\e\a\b\r' "$record"
	grep -Fqx '< \\\0\x7f\xff' "$record"
	grep -Fqx '< é€' "$record"
	grep -Fqx '< \xc2\x9b' "$record"
}

@test "the text is the same whatever the locale" {
	for locale in C C.UTF-8; do
		LC_ALL=$locale run -0 "$DUALPIPE" --transcript "$locale" -- printf 'caf\303\251\n' </dev/null
		grep -Fqx '< café' "$locale"
	done
	cmp C C.UTF-8
}

@test "a last line without a newline ends with a backslash" {
	run -0 "$DUALPIPE" --transcript "$record" -- printf 'whole\nhalf' </dev/null
	record_is '# dualpipe transcript 1' "\$ printf 'whole\\nhalf'" '< whole' '< half\' '= 0'
}

@test "a backslash at the end of a line is two, and three where no newline was" {
	run -0 "$DUALPIPE" --transcript "$record" -- printf '\\\n\\' </dev/null
	grep -Fqx '< \\' "$record"
	grep -Fqx '< \\\' "$record"
}

@test "a line that the other direction cuts in two is two half lines" {
	run -0 "$DUALPIPE" --transcript "$record" -- sh -c 'printf "name? "; read -r name; echo "hello $name"' <<<joe
	# Which of the two comes first is not ours to say: the child may be slow to ask.
	grep -Fqx '> joe' "$record"
	[ "$(grep '^<' "$record" | sed 's/^< //; s/\\$//' | tr -d '\n')" = 'name? hello joe' ]
}

@test "a whole line is in the file before the child has ended" {
	mkfifo gate
	"$DUALPIPE" --transcript "$record" -- sh -c 'echo first; read -r x <gate; echo second' </dev/null >out 3>&- &
	wait_until 5 grep -qx '< first' "$record"
	echo >gate
	wait $! # alone, bats' own clock would be waited for too
	[ "$(tail -n 2 "$record")" = $'< second\n= 0' ]
}

@test "a binary stream comes back from its record" {
	head -c 300000 /dev/urandom >data
	"$DUALPIPE" --transcript "$record" -- cat <data >out
	cmp data out
	python3 - "$record" >back <<-'END'
		import re, sys
		short = {b"t": b"\t", b"r": b"\r", b"e": b"\033", b"a": b"\a", b"b": b"\b", b"0": b"\0", b"\\": b"\\"}
		def byte(m):
		    return bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else short[m[1]]
		for line in open(sys.argv[1], "rb").read().split(b"\n"):
		    if line[:1] == b"<":
		        text = line[2:]
		        half = len(re.search(rb"\\*$", text)[0]) % 2
		        text = re.sub(rb"\\(x[0-9a-f]{2}|[treab0\\])", byte, text[:-1] if half else text, flags=re.S)
		        sys.stdout.buffer.write(text if half else text + b"\n")
	END
	cmp data back
	run -1 grep -P '[\x00-\x08\x0b-\x1f\x7f]' "$record"
	iconv -f UTF-8 -t UTF-8 "$record" | cmp - "$record"
}

@test "a line of any length is recorded whole" {
	head -c 5000000 /dev/zero | tr '\0' x >data
	run -0 "$DUALPIPE" --transcript "$record" -- sh -c 'cat >/dev/null' <data
	[ "$(sed -n 's/\\$//; s/^> //p' "$record" | tr -d '\n' | wc -c)" = 5000000 ]
}

@test "64 MiB each way are recorded whole, no answer before its request, behind the record that is there" {
	run -0 "$DUALPIPE" --transcript "$record" -- true </dev/null
	seq -f '%0255.0f' 262144 >data
	"$DUALPIPE" --append --transcript "$record" -- cat <data | cmp data -
	python3 - "$record" data <<-'END'
		import sys
		data = open(sys.argv[2], "rb").read()
		got = {b"<": bytearray(), b">": bytearray()}
		rest = []
		for line in open(sys.argv[1], "rb"):
		    if line[:1] not in got:
		        rest.append(line)
		        continue
		    text = line[2:] or b"\n" # an empty line is the mark alone
		    got[line[:1]] += text[:-2] if text.endswith(b"\\\n") else text
		    assert len(got[b"<"]) <= len(got[b">"]), "an answer stands before its request"
		assert got[b"<"] == data and got[b">"] == data
		head = b"# dualpipe transcript 1\n"
		assert rest == [head, b"$ true\n", b"= 0\n", head, b"$ cat\n", b"= 0\n"], rest
	END
}

@test "much that has passed is in the file before the child has ended" {
	mkfifo gate
	"$DUALPIPE" --transcript "$record" -- sh -c 'seq 500000; read -r x <gate' </dev/null >out 3>&- &
	wait_until 10 eval '[ "$(tail -n 1 "$record")" = "< 500000" ]'
	kill -KILL $!
	wait $! || status=$?
	[ "$status" = 137 ]
	sed -n 's/^< //p' "$record" | cmp - out
	echo 1<>gate # who may still read it, or not
}

@test "a signal that comes while much passes ends the run and its record" {
	"$DUALPIPE" --transcript "$record" -- \
		sh -c 'trap "kill \$!; exit 3" TERM; seq 100000000 & wait' </dev/null >out 3>&- &
	wait_until 10 eval '[ "$(stat -c %s "$record")" -gt 3000000 ]'
	kill -TERM $!
	wait $! || status=$?
	[ "$status" = 3 ]
	[ "$(tail -n 1 "$record")" = '= 3' ]
	python3 - "$record" >back <<-'END'
		import sys
		for line in open(sys.argv[1]):
		    if line[0] == "<":
		        text = line[2:] or "\n" # an empty line is the mark alone
		        print(text[:-2] if text.endswith("\\\n") else text, end="")
	END
	cmp back out
}

@test "a new record is for its owner's eyes" {
	umask 022
	run -0 "$DUALPIPE" --transcript "$record" -- true </dev/null
	[ "$(stat -c %a "$record")" = 600 ]
}

@test "a file that is there is overwritten and keeps its mode" {
	echo old >"$record"
	chmod 644 "$record"
	run -0 "$DUALPIPE" --transcript "$record" -- true </dev/null
	record_is '# dualpipe transcript 1' '$ true' '= 0'
	[ "$(stat -c %a "$record")" = 644 ]
}

@test "--append begins a record behind the one that is there" {
	run -0 "$DUALPIPE" --transcript "$record" -- true </dev/null
	run -1 "$DUALPIPE" --append --transcript "$record" -- false </dev/null
	record_is '# dualpipe transcript 1' '$ true' '= 0' '# dualpipe transcript 1' '$ false' '= 1'
}

@test "--append makes a file that is not there" {
	run -0 "$DUALPIPE" --append --transcript "$record" -- true </dev/null
	record_is '# dualpipe transcript 1' '$ true' '= 0'
	[ "$(stat -c %a "$record")" = 600 ]
}

@test "--append to an asciicast is an error before the child starts" {
	run --separate-stderr -125 "$DUALPIPE" --append --transcript r.cast -- touch ran </dev/null
	[ -z "$output" ]
	[[ $stderr == 'dualpipe: '*r.cast* ]]
	[ ! -e ran ]
	[ ! -e r.cast ]
}

@test "a file that cannot be opened is an error before the child starts" {
	run --separate-stderr -125 "$DUALPIPE" --transcript missing/record -- touch ran </dev/null
	[ -z "$output" ]
	[[ $stderr == 'dualpipe: '*missing/record*'No such file or directory' ]]
	[ "${#stderr_lines[@]}" = 1 ]
	[ ! -e ran ]
}

@test "a disk that is full is said once, the relay goes on, and the status is 125" {
	[ -w /dev/full ] || skip 'no /dev/full'
	seq 20000 >data
	status=0
	"$DUALPIPE" --transcript /dev/full -- cat <data >out 2>err || status=$?
	[ "$status" = 125 ]
	cmp data out
	[ "$(wc -l <err)" = 1 ]
	[[ $(cat err) == 'dualpipe: '*/dev/full*'No space left on device' ]]
}

# SIGXFSZ ended us, and the child with us
@test "a record that may grow no more is said once, the relay goes on, and the status is 125" {
	local last
	for last in 10000 1000000; do
		try bash -c 'ulimit -f 8; "$0" --transcript "$1" -- seq $2 </dev/null | tail -n 1; exit ${PIPESTATUS[0]}' \
			"$DUALPIPE" "$record" $last
		is 125 $last "dualpipe: cannot write transcript '$record': File too large"
	done
}

@test "a disk that is full is said when it is, not when the conversation is over" {
	[ -w /dev/full ] || skip 'no /dev/full'
	converse "$DUALPIPE" --transcript /dev/full -- cat
	echo line >&"$to"
	wait_until 10 holds err 'No space left on device'
	exec {to}>&-
	finish
	status_is 125
	[ "$(cat err)" = "dualpipe: cannot write transcript '/dev/full': No space left on device" ]
}

@test "a disk that fills up while much passes is said once, the relay goes on, and the status is 125" {
	[ -e "$PRELOAD" ] || skip 'no preload library'
	seq 1000000 >data
	status=0
	LD_PRELOAD=$PRELOAD FAIL_FD=9 FAIL_WRITE_AFTER=1000000 \
		"$DUALPIPE" --transcript "$record" -- cat <data >out 2>err 9>"$record" || status=$?
	[ "$status" = 125 ]
	cmp data out
	[ "$(cat err)" = "dualpipe: cannot write transcript '$record': No space left on device" ]
	[ "$(stat -c %s "$record")" = 1000000 ]
}

@test "a command that is not there is 127, and its record has no status" {
	run -127 "$DUALPIPE" --transcript "$record" -- ./missing </dev/null
	record_is '# dualpipe transcript 1' '$ ./missing'
}

@test "the options that change a conversation stand on the command's line" {
	run -0 "$DUALPIPE" --environment A=1 --environment 'B=x y' --stderr=merge --transcript "$record" -- true </dev/null
	line=$(sed -n 2p "$record")
	[[ $line == "\$ --"*" -- true" ]]
	[[ $line == *' --environment A=1 '* ]]
	[[ $line == *" --environment 'B=x y' "* ]]
	[[ $line == *' --stderr'[=\ ]'merge '* ]]
}

@test "a pty is told with its size and TERM" {
	run -0 env TERM=vt100 "$DUALPIPE" --pty --size 30x90 --transcript "$record" -- true </dev/null
	line=$(sed -n 2p "$record")
	[[ $line == '$ --pty --size 30x90 --environment TERM=vt100 -- true' ]]
	# ours stood there, too, ahead of the one that the child gets
	run -0 env TERM=vt100 "$DUALPIPE" --pty --environment TERM=dumb --transcript "$record" -- true </dev/null
	[ "$(sed -n 2p "$record")" = '$ --pty --size 24x80 --environment TERM=dumb -- true' ]
}

@test "a pty that is typed at without a terminal is told from that of a stream" {
	run -0 "$DUALPIPE" --pty --size 30x90 --no-tame --transcript "$record" --ask x -- cat </dev/null
	[[ $(sed -n 2p "$record") == '$ --pty --keys --size 30x90 --environment TERM='*' -- cat' ]]
	run -0 "$DUALPIPE" --pty --size 30x90 --transcript "$record" --step wait -- true </dev/null
	[[ $(sed -n 2p "$record") == '$ --pty --keys --size 30x90 '*' -- true' ]]
	run -0 "$DUALPIPE" --pty --raw --transcript "$record" --step wait -- true </dev/null
	[[ $(sed -n 2p "$record") == '$ --pty --echo --size '*' -- true' ]]
	run -0 "$DUALPIPE" --pty --transcript r.dp --step wait -- true </dev/null
	run -1 grep -e --keys r.dp
}

@test "options that say nothing about the conversation are not recorded" {
	run -0 "$DUALPIPE" --timeout 10s --quiet --kill-after 1s --transcript "$record" -- true </dev/null
	[ "$(sed -n 2p "$record")" = '$ true' ]
}

@test "an end-of-file that is typed where lines are read is recorded as one, behind what was typed before it" {
	# with --no-edit it stood as \x04 in front of what was typed next, and behind the answer to it
	in_terminal idle 'send:one\r' expect:one expect:one idle 'send:two\x04' expect:twotwo idle 'send:\x04' ended -- \
		"$DUALPIPE" --pty --no-edit --transcript "$record" -- cat
	status_is 0
	sed -n '/^> two/,$p' "$record" | diff - <(printf '%s\n' '> two\' '@ eof' '< twotwo\' '@ eof' '= 0')
	[ "$(grep -c '^>' "$record")" = 2 ]
}

@test "a key that the terminal makes a signal of is recorded as one" {
	# with --no-edit it stood as \x03 in front of what was typed next, and behind what it had led to
	in_terminal 'expect:on' idle 'send:\x03' expect:int idle 'send:x\r' ended -- \
		"$DUALPIPE" --pty --no-edit --transcript "$record" -- sh -c 'trap "echo int" INT; echo on; read -r a || read -r a; exit 3'
	status_is 3
	[ "$(grep -c '^@ signal INT$' "$record")" = 1 ]
	[ "$(grep '^>' "$record")" = '> x' ]
}

@test "a stream over a pty is recorded as data, without echo and carriage returns" {
	run -0 "$DUALPIPE" --pty --transcript "$record" -- cat <<<hello
	[ "$(grep -c '^< hello$' "$record")" = 1 ]
	[ "$(grep -c '^> hello$' "$record")" = 1 ]
	run -1 grep -F '\r' "$record"
}

@test "the end of our stdin goes without saying" {
	run -0 "$DUALPIPE" --transcript "$record" -- cat <<<x
	run -1 grep '^@' "$record"
}

@test "JSON lines: the command, each chunk with its time and direction, the status" {
	record=r.jsonl
	run -3 "$DUALPIPE" --transcript "$record" -- sh -c 'cat; echo "\"é\"" >&2; exit 3' <<<hello
	python_record '
assert list(r[0]) == ["dualpipe", "command", "channel", "start"], r[0]
assert r[0]["dualpipe"] == 1 and r[0]["command"][:2] == ["sh", "-c"] and r[0]["channel"] == "pipes"
import datetime, time
start = datetime.datetime.strptime(r[0]["start"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
assert abs(time.time() - start.timestamp()) < 60
times = [o["time"] for o in r[1:]]
assert times == sorted(times) and 0 <= times[0] and times[-1] < 60, times
assert stream(">") == b"hello\n" and stream("<") == b"hello\n" and stream("!") == "\"é\"\n".encode()
assert list(r[-1]) == ["time", "dir", "status"] and r[-1]["dir"] == "=" and r[-1]["status"] == 3, r[-1]
assert {o["dir"] for o in r[1:]} == set("><!=")
'
}

@test "JSON lines: a signal by its name" {
	record=r.jsonl
	run -137 "$DUALPIPE" --transcript "$record" -- sh -c 'kill -KILL $$' </dev/null
	python_record 'assert r[-1]["signal"] == "KILL" and "status" not in r[-1], r[-1]'
}

@test "JSON lines: bytes that are no UTF-8 are base64, and nothing is lost" {
	record=r.jsonl
	head -c 300000 /dev/urandom >data
	"$DUALPIPE" --transcript "$record" -- cat <data >out
	cmp data out
	python_record '
data = open(sys.argv[2], "rb").read()
assert stream(">") == data and stream("<") == data
assert any("base64" in o for o in r)
' data
}

@test "JSON lines: a character that falls between two chunks stays text" {
	record=r.jsonl
	python3 -c 'print("x" + "€" * 100000)' >data
	"$DUALPIPE" --transcript "$record" -- cat <data >out
	cmp data out
	python_record '
assert not any("base64" in o for o in r)
assert stream("<") == open(sys.argv[2], "rb").read()
' data
}

@test "JSON lines: the channel of a pty" {
	record=r.jsonl
	run -0 "$DUALPIPE" --pty --transcript "$record" -- true </dev/null
	python_record 'assert r[0]["channel"] == "pty"'
}

@test "an asciicast has a head, and events that a player shows right" {
	record=r.cast
	run -0 "$DUALPIPE" --transcript "$record" -- sh -c 'cat; printf "b\377\n" >&2' <<<a
	python_record '
import time
h = r[0]
assert h["version"] == 2 and h["width"] > 0 and h["height"] > 0 and abs(time.time() - h["timestamp"]) < 60
assert h["command"].startswith("sh -c ") and isinstance(h["env"], dict), h
events = r[1:]
assert all(len(e) == 3 for e in events)
times = [e[0] for e in events]
assert times == sorted(times)
def data(kind):
    return "".join(e[2] for e in events if e[1] == kind)
assert data("i") == "a\n", data("i")
assert data("o") == "a\r\nb\ufffd\r\n", data("o")
'
}

# What a person had typed on pipes was input alone: answers to nothing.
@test "an asciicast shows what was typed on pipes as it was seen, but for a password" {
	local option
	[ -x "$inpty" ] || skip "inpty is not built"
	record=r.cast
	for option in --no-history --no-edit; do
		in_terminal 'expect:name? ' 'send:Ann\r' expect:word: idle 'send:hunter2\r' 'expect:hello Ann' -- "$DUALPIPE" $option \
			--transcript "$record" -- bash -c 'printf "name? "; read -r n; read -rsp word: p </dev/tty; echo "hello $n"'
		[ "$status" -eq 0 ]
		python_record '
def data(kind):
    return "".join(e[2] for e in r[1:] if e[1] == kind)
assert data("i") == "Ann\n", data("i")
assert data("o").startswith("name? Ann\r\n") and "hello Ann\r\n" in data("o") and "hunter2" not in data("o"), data("o")
'
	done
}

@test "an asciicast tells the TERM that the command has" {
	# it told ours, whatever --environment said
	record=r.cast
	run -0 env TERM=vt100 "$DUALPIPE" --pty --environment TERM=dumb --environment TERM=vt220 \
		--transcript "$record" -- true </dev/null
	python_record 'assert r[0]["env"] == {"TERM": "vt220"}, r[0]'
	run -0 env TERM=vt100 "$DUALPIPE" --pty --environment TERMINAL=dumb --transcript "$record" -- true </dev/null
	python_record 'assert r[0]["env"] == {"TERM": "vt100"}, r[0]'
	run -0 env -u TERM "$DUALPIPE" --pty --transcript "$record" -- true </dev/null
	python_record 'assert r[0]["env"] == {}, r[0]'
}

@test "an asciicast of a pty has its size and its bytes as they are" {
	record=r.cast
	run -0 "$DUALPIPE" --pty --size 30x90 --transcript "$record" -- sh -c 'stty opost onlcr; echo x' </dev/null
	python_record '
assert r[0]["width"] == 90 and r[0]["height"] == 30
assert "x\r\n" in "".join(e[2] for e in r[1:] if e[1] == "o") and not any("\r\r" in e[2] for e in r[1:])
'
}

@test "an asciicast of a stream on a pty, and of a stderr apart, has the newlines of a terminal" {
	# a player showed stairs: the terminal of a stream puts no carriage return before a newline
	record=r.cast
	run -0 "$DUALPIPE" --pty --stderr pass --transcript "$record" -- sh -c 'cat; printf "c\r\nd\n"; echo e >&2' <<<$'a\nb'
	python_record '
def data(*lines):
    return [x for x in "".join(e[2] for e in r[1:] if e[1] == "o").splitlines(keepends=True) if x[0] in lines]
assert data("a", "b", "c", "d") == ["a\r\n", "b\r\n", "c\r\n", "d\r\n"], r
assert data("e") == ["e\r\n"], r
'
	run -0 "$DUALPIPE" --pty --echo --stderr pass --transcript "$record" -- sh -c 'echo a; echo e >&2' </dev/null
	python_record 'assert sorted("".join(e[2] for e in r[1:] if e[1] == "o").splitlines(keepends=True)) == ["a\r\n", "e\r\n"], r'
}

# replay FILE: its conversation again, with the options that it names, recorded in again.txt
replay() {
	eval "words=($(sed -n '1s/^# run with: dualpipe \(.*\) --script .*/\1/p' "$1"))"
	try "$DUALPIPE" "${words[@]}" --transcript again.txt --script "$1"
}

# in_turns COMMAND ...: it is asked for a name and an age, and leaves with 3; the words before
# it are for dualpipe
in_turns() {
	converse "$DUALPIPE" "$@" -- sh -c 'printf "name? "; read -r n; echo "hi \"$n\""; echo odd >&2; echo "age?"; read -r a; exit $a'
	IFS= read -r -d '?' -u "$from" _
	echo 'Jo $x' >&"$to"
	IFS= read -r -d '?' -u "$from" _
	echo 3 >&"$to"
	exec {to}>&-
	finish
	exec {from}<&-
}

@test "a dialogue holds a stream's conversation again" {
	in_turns --transcript r.dp
	[ "$status" = 3 ]
	[ "$(stat -c %a r.dp)" = 600 ]
	grep -v '^#' r.dp | tail -n +2 | diff - <(printf '%s\n' 'expect "name? "' 'sendline "Jo \$x"' 'expect "age?\n"' \
		'sendline "3"' 'sendeof' 'wait')
	[ "$(grep '^#' r.dp)" = '# ! odd' ]
	in_turns --transcript "$record"
	replay r.dp
	is 3 '' odd
	diff <(grep -v '^!' "$record") <(grep -v '^[!@]' again.txt)
}

@test "a dialogue is recorded from a dialogue, and is the same again" {
	cat >first.dp <<-'END'
		spawn -p sh -c 'printf "go? "; stty -icanon; head -c 1 >/dev/null; stty icanon; printf "name? "; read -r n; cat; exit 4'
		expect "go? "
		resize 30 90
		send "y"
		expect "name? "
		sendline "joe"
		send "half"
		sendeof
		expect "half"
		sendline "\e\x0e"
		expect "\x0e\n"
		sendeof
		wait
	END
	try "$DUALPIPE" --transcript r.dp --script first.dp
	is 4 ''
	grep -Fx -e 'resize 30 90' -e 'send "y"' -e 'sendline "joe"' -e 'send "half"' r.dp | [ "$(wc -l)" = 4 ]
	try "$DUALPIPE" --size 24x80 --transcript "$record" --script first.dp
	replay r.dp
	is 4 ''
	diff <(tail -n +3 "$record") <(tail -n +3 again.txt)
	try "$DUALPIPE" --transcript again.dp --script r.dp
	is 4 ''
	diff <(grep -v '^#' r.dp) <(grep -v '^#' again.dp)
}

# stream MARK FILE: what went one way, half lines joined
stream() {
	sed -n "s/^$1 \{0,1\}//p" "$2" | sed -e ':a' -e '/\\$/{N; s/\\\n//; ta' -e '}'
}

@test "what was typed at a terminal is typed again" {
	for edit in --edit --no-edit; do
		for form in "$record" r.dp; do
			in_terminal 'expect:name? ' idle 'send:joe\r' 'expect:hi joe' 'expect:age? ' idle 'send:4\r' ended -- \
				"$DUALPIPE" --pty "$edit" --no-history --transcript "$form" -- \
				sh -c 'printf "name? "; read -r n; echo "hi $n"; printf "age? "; read -r a; exit "$a"'
			status_is 4
		done
		grep -Fqx '# run with: dualpipe --echo --size 24x80 --environment TERM=xterm --script r.dp' r.dp
		replay r.dp
		is 4 ''
		for mark in '<' '>'; do
			diff <(stream "$mark" "$record") <(stream "$mark" again.txt)
		done
		[ "$(tail -n 1 again.txt)" = '= 4' ]
	done
}

@test "keys that a full-screen program takes one by one are pressed one by one" {
	in_terminal expect:1 idle send:a expect:2 idle send:b ended -- \
		"$DUALPIPE" --pty --no-edit --transcript r.dp -- \
		sh -c 'stty -icanon -echo; echo 1; head -c 1; echo 2; head -c 1; exit 5'
	status_is 5
	grep -v '^#' r.dp | tail -n +2 | head -n 4 |
		diff - <(printf '%s\n' 'expect "1\r\n"' 'send "a"' 'expect "a2\r\n"' 'send "b"')
	replay r.dp
	is 5 ''
	[ "$(stream '<' again.txt)" = $'1\\r\na2\\r\nb\\' ]
}

@test "bytes and words of all kinds come back from a dialogue" {
	python3 -c '
import sys
sys.stdout.buffer.write(bytes(range(256)) * 2 + "é€\n\n$x ${y} \\ \" {;}# \\n\r\n".encode() + b"\xe2\x82\n\xffend")' >data
	head -c 100000 /dev/urandom >>data
	words=('' ' a  b ' $'\t\n\e\x01\xff' '$x' "it's" '"' '{' '}' ';' '#' '\' 'é' '-p' "plain")
	try "$DUALPIPE" --transcript r.dp -- sh -c 'cat >got; printf "%s\0" "$@" >gotwords' sh "${words[@]}" <data
	is 0 ''
	cmp data got
	printf '%s\0' "${words[@]}" | cmp - gotwords
	mv gotwords wanted
	rm got
	replay r.dp
	is 0 ''
	cmp data got
	cmp wanted gotwords
	iconv -f UTF-8 -t UTF-8 r.dp | cmp - r.dp
}

@test "output of all kinds is expected before the next line is sent" {
	printf 'a\0\b\xff"$x\\\xc3\xa9\t' >said
	in_said() {
		converse "$DUALPIPE" --transcript "$1" -- sh -c 'cat said; read -r x; cat said; exit "$x"'
		head -c "$(wc -c <said)" <&"$from" | cmp - said
		echo 6 >&"$to"
		exec {to}>&-
		finish
		exec {from}<&-
	}
	in_said r.dp
	[ "$status" = 6 ]
	grep -Fqx 'expect "a\0\x08\xff\"\$x\\é\t"' r.dp
	in_said "$record"
	replay r.dp
	is 6 ''
	diff "$record" <(grep -v '^@' again.txt)
}

@test "a secret is no part of a dialogue, and can be given to it" {
	cat >first.dp <<-'END'
		spawn -p sh -c 'stty -echo; printf "Password: "; read -r p; echo "${#p} letters"; exit 7'
		expect "Password: "
		secret env:WORD
		expect "letters"
		wait
	END
	export WORD=hunter2
	try "$DUALPIPE" --transcript r.dp --script first.dp
	is 7 ''
	[ "$(grep -A 2 -Fx 'expect "Password: "' r.dp | tail -n 1)" = 'secret tty' ]
	run -1 grep hunter2 r.dp
	sed -i 's/^secret tty$/secret env:WORD/' r.dp
	replay r.dp
	is 7 ''
	grep -qx '< 7 letters' again.txt
}

@test "a signal is sent again" {
	converse "$DUALPIPE" --transcript r.dp -- sh -c 'exec 2>/dev/null; trap "exit 9" TERM; echo on; while :; do sleep 0.05; done'
	IFS= read -r -u "$from" _
	kill -TERM "$pid"
	finish
	[ "$status" = 9 ]
	grep -A 1 -Fx 'expect "on\n"' r.dp | diff - <(printf '%s\n' 'expect "on\n"' 'signal TERM')
	replay r.dp
	is 9 ''
}

@test "a dialogue names the options that its conversation needs" {
	mkdir there
	run -0 "$DUALPIPE" --environment 'A=x y' --stderr=merge --directory there --transcript r.dp -- \
		sh -c 'echo "$A" >&2; read -r x; pwd' <<<1
	[ "$(head -n 1 r.dp)" = "# run with: dualpipe --stderr=merge --directory there --environment 'A=x y' --script r.dp" ]
	replay r.dp
	is 0 ''
	[ "$(stream '<' again.txt)" = $'x y\n'"$PWD/there" ]
}

@test "a child that answered late gets time to do so again" {
	run -0 "$DUALPIPE" --transcript r.dp -- sh -c 'sleep 2.6' </dev/null
	[[ $(tail -n 2 r.dp) == 'timeout 11s'$'\n''wait' ]]
}

@test "--append to a dialogue is an error before the child starts" {
	run --separate-stderr -125 "$DUALPIPE" --append --transcript r.dp -- touch ran </dev/null
	[ -z "$output" ]
	[[ $stderr == 'dualpipe: '*r.dp*'a dialogue holds one record' ]]
	[ ! -e ran ]
	[ ! -e r.dp ]
}

@test "--transcript-format is stronger than the file's ending" {
	run -0 "$DUALPIPE" --transcript-format jsonl --transcript "$record" -- true </dev/null
	python_record 'assert r[0]["dualpipe"] == 1'
	run -0 "$DUALPIPE" --transcript-format text --transcript r.jsonl -- true </dev/null
	[ "$(head -n 1 r.jsonl)" = '# dualpipe transcript 1' ]
	run -0 "$DUALPIPE" --transcript-format cast --transcript "$record" -- true </dev/null
	python_record 'assert r[0]["version"] == 2'
	run -0 "$DUALPIPE" --transcript-format dp --transcript "$record" -- true </dev/null
	record_is 'spawn true' sendeof wait
}

@test "a format that is none is an error before the child starts" {
	run --separate-stderr -125 "$DUALPIPE" --transcript-format xml --transcript "$record" -- touch ran </dev/null
	[[ $stderr == 'dualpipe: '*xml* ]]
	[ ! -e ran ]
}
