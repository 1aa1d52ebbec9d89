# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # $ is the child's shell's; helper.bash sets and reads some of these

# Requests to what answers at the far end of a wire: the child waits for that as well.

load helper

needs() {
	local program
	for program; do
		PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || skip "there is no $program"
	done
}

# free_port: sets port, where nobody listened just now
free_port() {
	port=$((20000 + RANDOM % 20000))
	while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
}

listens() {
	(: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

# start_sshd: one of our own; sets ssh, the words to reach it
start_sshd() {
	needs ssh sshd ssh-keygen
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f user
	free_port
	start "$(PATH=$PATH:/usr/sbin command -v sshd)" -D -e -f /dev/null -p "$port" -o ListenAddress=127.0.0.1 -o HostKey="$PWD/host" \
		-o AuthorizedKeysFile="$PWD/user.pub" -o StrictModes=no -o PidFile=none -o UsePAM=no >sshd.log 2>&1
	wait_until 10 listens || skip "no sshd runs here"
	ssh=(ssh -F none -p "$port" -i "$PWD/user" -o UserKnownHostsFile="$PWD/known" -o StrictHostKeyChecking=no
		-o LogLevel=ERROR -o BatchMode=yes)
	timeout 20 "${ssh[@]}" 127.0.0.1 true </dev/null 2>/dev/null || skip "no way into the sshd here"
}

@test "ssh with a terminal: whole replies by the prompt that was learned, without their echo" {
	needs_proc # when ssh has a connection
	start_sshd
	timeout 20 "${ssh[@]}" -tt 127.0.0.1 true </dev/null >/dev/null 2>&1 || skip "sshd gives terminals to nobody here but as root"
	local channel
	for channel in --pty --no-pty; do
		try "$DUALPIPE" "$channel" -k 0 --json --ask 'echo a; sleep 0.5; echo b' --ask 'echo $((6*7))' \
			--ask $'for i in 1 2\ndo echo $i\ndone' -- "${ssh[@]}" -tt 127.0.0.1 "exec env PS1='there> ' dash" </dev/null
		[ "$(sed 's/,"state.*"reason"/,"reason"/; s/,"ms.*//' <<<"$output")" = \
			'{"reply":"a\nb","prompt":"there> ","reason":"prompt"
{"reply":"42","prompt":"there> ","reason":"prompt"
{"reply":"1\n2","prompt":"there> ","reason":"prompt"' ] || fail "$output" "$stderr"
		status_is 0
	done
}

@test "ssh without a terminal: silence tells, and it is said" {
	needs_proc # when ssh has a connection
	start_sshd
	try "$DUALPIPE" --ask 'echo a; echo b' --ask 'echo $((6*7))' -- "${ssh[@]}" 127.0.0.1 </dev/null
	is 0 $'a\nb\n42' "dualpipe: silence alone told that the reply is complete; see --reply"
	try "$DUALPIPE" --reply 'echo:echo END:^END$' --ask 'echo a; sleep 0.5; echo b' --ask 'echo $((6*7))' -- \
		"${ssh[@]}" 127.0.0.1 </dev/null
	is 0 $'a\nb\n42'
}

@test "nc to a server that answers late: whole replies by the prompt" {
	needs nc python3
	free_port
	cat >server.py <<'END'
import socket, sys, time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    peer = listener.accept()[0]
    try:
        peer.sendall(b"router 1\r\nr1# ")
        for line in peer.makefile():
            for word in line.split():
                time.sleep(float(word) / 1000)
                peer.sendall(word.encode() + b"\r\n")
            peer.sendall(b"r1# ")
    except OSError:
        pass
    peer.close()
END
	start python3 server.py "$port" >server.log 2>&1
	wait_until 20 listens
	try "$DUALPIPE" -k 100ms --json --ask '50 120' --ask '400 350' --ask '800' -- nc 127.0.0.1 "$port" </dev/null
	[ "$(sed 's/,"state.*"reason"/,"reason"/; s/,"ms.*//' <<<"$output")" = \
		'{"reply":"50\n120","prompt":"r1# ","reason":"prompt"
{"reply":"400\n350","prompt":"r1# ","reason":"prompt"
{"reply":"800","prompt":"r1# ","reason":"prompt"' ] || fail "$output" "$stderr"
	status_is 0
	[ -z "$stderr" ]
}
