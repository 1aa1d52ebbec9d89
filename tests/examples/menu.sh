#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# A menu of four entries: arrows move, Enter takes.

at=1
stty -icanon -echo
trap 'stty icanon echo' EXIT
while :; do
	n=0
	printf '\033[H\033[2J'
	for entry in Open Print Settings Quit; do
		n=$((n + 1))
		[ $n -eq $at ] && { chosen=$entry; printf '\033[7m%s\033[0m\n' "$entry"; } || echo "$entry"
	done
	key=$(dd bs=8 count=1 2>/dev/null | od -An -tx1 | tr -d ' ')
	case $key in
	1b5b41 | 1b4f41) [ $at -gt 1 ] && at=$((at - 1)) ;;
	1b5b42 | 1b4f42) [ $at -lt 4 ] && at=$((at + 1)) ;;
	0a | 0d) echo "chose $chosen"; exit ;;
	esac
done
