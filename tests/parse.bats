# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "every step of a dialogue is read, and every mistake in one is told with its place" {
	run --separate-stderr -0 "$HELPERS/parse"
	[[ $output == *$'\n1..'* && $output != *"not ok"* ]] || fail "$output"
	[ -z "$stderr" ] || fail "stderr: $stderr"
}
