#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# A modem whose other end is busy twice.

calls=0
while read -r command; do
	case $command in
	ATZ) echo OK ;;
	ATDT0) echo 'NO CARRIER' ;;
	ATDT*)
		calls=$((calls + 1))
		[ $calls -gt 2 ] && echo 'CONNECT 9600' || echo BUSY
		;;
	'') printf 'login:' ;;
	*) echo ERROR ;;
	esac
done
