#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# As fsck(8) asks.

ask() {
	printf '%s? ' "$1"
	read -r answer
	echo "$answer" >>fsck.answers
}

echo '** /dev/rz0a'
ask 'UNREF FILE I=1291 OWNER=root
RECONNECT'
ask 'BAD/DUP FILE I=6 OWNER=joe
CLEAR'
ask 'SUMMARY INFORMATION BAD
SALVAGE'
ask 'DIRECTORY CORRUPTED I=9
REMOVE'
echo '***** FILE SYSTEM WAS MODIFIED *****'
exit 1
