#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# An installer as they are: a licence in pages, a question, a folder.

for page in 1 2 3; do
	printf 'Licence, page %s of 3: all rights are yours.\n--More--' "$page"
	read -r key
done
printf 'Do you accept it? [y/N] '
read -r answer
[ "$answer" = y ] || { echo 'Cancelled.'; exit 1; }
while :; do
	printf 'Install to [/opt/thing]: '
	read -r folder || exit 2
	[ "${folder:-/opt/thing}" = /opt/thing ] && break
	echo "Error: $folder cannot be written"
done
echo "Installed to /opt/thing"
