# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154 # helper.bash sets and reads some of these

# The dialogues in examples/, each against the program it is for, or one that
# plays its part.

load helper

examples=$TESTS_DIR/examples

# example NAME [ARGUMENT ...]: tries it
example() {
	local name=$1
	shift
	try "$DUALPIPE" --kill-after 100ms --script "$examples/$name.dp" "$@" </dev/null
}

needs() {
	command -v "$1" >/dev/null 2>&1 || skip "there is no $1"
}

@test "each example is a dialogue, and run by a test" {
	local file n=0
	for file in "$examples"/*.dp; do
		"$HELPERS/parse" "$file" >said || fail "$(cat said)"
		file=${file##*/}
		grep -qE "^	example ${file%.dp}( |$)" "$TESTS_DIR/examples.bats" || fail "no test of $file"
		n=$((n + 1))
	done
	[ "$n" -ge 10 ]
}

@test "passwd: a password is changed" {
	export OLD=ancient NEW=brand-new PASSWD_OLD=ancient PEER=$peer
	example passwd "$examples/passwd.sh"
	is 0 changed
	[ "$(cat passwd.new)" = brand-new ]
}

@test "passwd: what is refused is told" {
	export OLD=wrong NEW=brand-new PASSWD_OLD=ancient PEER=$peer
	example passwd "$examples/passwd.sh"
	status_is 1
	says "not taken: Authentication failure"
	export OLD=ancient NEW=short
	example passwd "$examples/passwd.sh"
	status_is 1
	says "not taken: BAD"
	[ ! -e passwd.new ]
}

@test "menu: the entry is found by its keys" {
	local entry
	for entry in Open Settings Quit; do
		example menu "$examples/menu.sh" "$entry"
		is 0 "$entry"
	done
	example menu "$examples/menu.sh" Nowhere
	status_is 1
	says "there is no entry 'Nowhere'"
}

@test "gdb: sums, and a command that is none" {
	needs gdb
	example gdb
	is 0 $'6*7 is 42\n1 << 10 is 1024\ngdb knows no frobnicate'
}

@test "install: licence, question, and a folder that is refused" {
	example install "$examples/install.sh" /nowhere
	is 0 $'refused: /nowhere cannot be written\ninstalled to /opt/thing'
}

@test "repl: the answers decide what is asked" {
	needs python3
	example repl
	is 6 "stops at 3"
}

@test "ftp: a file is there, a password is wrong" {
	export PASSWORD=guest FTP_PASSWORD=guest
	printf hello >file
	example ftp "$examples/ftp.sh" anonymous file
	is 0 $'file has 5 bytes\ngoodbye'
	example ftp "$examples/ftp.sh" anonymous nowhere
	status_is 1
	says "the server says: nowhere: no such file"
	export PASSWORD=wrong
	example ftp "$examples/ftp.sh" anonymous file
	status_is 1
	says "the server says: Login incorrect."
}

@test "dialback: busy, busy, connected" {
	example dialback "$examples/modem.sh" 5551234
	is 0 $'busy\nbusy\nconnected at 9600'
	example dialback "$examples/modem.sh" 0
	status_is 1
	says "nobody is there"
}

@test "fsck: yes to what loses nothing" {
	example fsck "$examples/fsck.sh"
	is 1 $'answered ynyn\nmodified'
	[ "$(tr -d '\n' <fsck.answers)" = ynyn ]
}

@test "rogue: rolls until it is a good one" {
	example rogue "$examples/rogue.sh"
	is 0 "rolled 16 12 16 9 18"
}

# An sshd of our own on a port of the loopback, and a key with a passphrase.
start_sshd() {
	local sshd dir=$PWD
	sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || skip "there is no sshd"
	needs ssh
	needs ssh-keygen
	needs python3
	ssh-keygen -q -t ed25519 -N '' -f host 3>&-
	ssh-keygen -q -t ed25519 -N 'open sesame' -f key 3>&-
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >sshd_config <<END
ListenAddress 127.0.0.1:$port
HostKey $dir/host
AuthorizedKeysFile $dir/key.pub
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
UsePAM no
PidFile none
END
	cat >ssh_config <<END
Host there
	HostName 127.0.0.1
	Port $port
	User $(id -un)
	IdentityFile $dir/key
	IdentitiesOnly yes
	IdentityAgent none
	UserKnownHostsFile $dir/known
	GlobalKnownHostsFile none
	StrictHostKeyChecking ask
	LogLevel ERROR
END
	[ "$(id -u)" -ne 0 ] || [ -d /run/sshd ] || skip "sshd has no /run/sshd to be separate in"
	# a terminal is to be of the group tty, and where /dev/pts has another one only root may change it
	[ "$(id -u)" -eq 0 ] ||
		python3 -c 'import grp, os; os.fstat(os.openpty()[1]).st_gid == grp.getgrnam("tty").gr_gid or exit(1)' ||
		skip "sshd gives terminals to nobody here but as root"
	"$sshd" -t -f sshd_config 2>err || skip "sshd does not start: $(head -n 1 err)"
	start "$sshd" -D -e -f "$dir/sshd_config" >log 2>&1
	wait_until 10 holds log "Server listening"
}

@test "ssh: an unknown host, a passphrase, a command on the other side" {
	unset SSH_AUTH_SOCK SSH_ASKPASS DISPLAY
	start_sshd
	export PASSPHRASE="open sesame"
	example ssh there ssh_config
	is 3 "it runs $(uname -s)"
	holds known "[127.0.0.1]:$port"
	example ssh there ssh_config
	is 3 "it runs $(uname -s)"
	export PASSPHRASE="close sesame"
	example ssh there ssh_config
	status_is 1
	[[ $stderr == *"Permission denied"* ]]
	[[ $stderr != *sesame* ]]
}
