#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
#
# The installed header stands alone: nothing included before it, no config.h,
# none of our warnings. Prints TAP.

header=$top_srcdir/src/dualpipe.h
number=0

# compiles DESCRIPTION COMPILER [FLAG ...]
compiles() {
	number=$((number + 1))
	what=$1
	shift
	if [ -z "$1" ]; then
		echo "ok $number - $what # SKIP no compiler"
	elif said=$("$@" -fsyntax-only 2>&1); then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		echo "$said" | sed 's/^/# /'
	fi
}

echo 1..4
# CC and CXX may hold flags: they are words to be split.
strict='-Wall -Wextra -pedantic -Werror'
compiles 'the header compiles alone as C' ${CC:-} $strict -std=c11 -D_POSIX_C_SOURCE=200809L -x c \
	-include "$header" /dev/null
compiles 'the header compiles twice in one file' ${CC:-} $strict -x c \
	-include "$header" -include "$header" /dev/null
compiles 'the header compiles alone as C99' ${CC:-} $strict -std=c99 -D_POSIX_C_SOURCE=200809L -x c \
	-include "$header" /dev/null
compiles 'the header compiles alone as C++' ${CXX:-} $strict -x c++ -include "$header" /dev/null
