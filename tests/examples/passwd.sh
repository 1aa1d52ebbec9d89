#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# As passwd(1): echo off, what was typed too early is thrown away, a prompt.

ask() {
	"${PEER:-:}" flush
	printf '%s password: ' "$1"
	read -r word
	echo
}

stty -echo
trap 'stty echo' EXIT
ask Current
[ "$word" = "${PASSWD_OLD-}" ] || { echo 'Authentication failure'; exit 10; }
ask New
new=$word
[ "${#new}" -gt 5 ] || { echo 'BAD PASSWORD: it is too short'; exit 11; }
ask 'Retype new'
[ "$word" = "$new" ] || { echo 'Sorry, passwords do not match.'; exit 12; }
printf '%s\n' "$new" >passwd.new
echo 'passwd: password updated successfully'
