#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# The beginning of rogue: the fifth roll is a good one.

roll=$(cat rogue.roll 2>/dev/null || echo 0)
echo $((roll + 1)) >rogue.roll
set -- 16 12 16 9 18
shift $((roll % 5))
stty -icanon -echo
trap 'stty icanon echo' EXIT
printf '\033[H\033[2JLevel: 1  Gold: 0  Hp: 12(12)  Str: %s(16)  Arm: 4' "$1"
key() {
	dd bs=1 count=1 2>/dev/null
}
[ "$(key)" = Q ] || exit 1
printf 'really quit?'
[ "$(key)" = y ]
