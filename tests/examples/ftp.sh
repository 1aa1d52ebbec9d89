#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# An ftp client with its server in one.

echo '220 here we are'
printf 'Name: '
read -r name
echo "331 password for $name"
printf 'Password:'
read -r word
[ "$word" = "${FTP_PASSWORD-}" ] || { echo '530 Login incorrect.'; exit 1; }
echo "230 welcome, $name"
while printf 'ftp> ' && read -r verb file; do
	case $verb in
	get) [ -e "$file" ] && echo "226 $(wc -c <"$file") bytes" || echo "550 $file: no such file" ;;
	bye) echo '221 goodbye'; exit ;;
	*) echo '500 what?' ;;
	esac
done
