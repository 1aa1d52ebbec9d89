# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "what the program is made of does what its headers say" {
	run --separate-stderr fresh "$HELPERS/unit" </dev/null
	[ "$status" -eq 0 ] || { fail "$(grep -A 5 '^not ok' <<<"$output")" "stderr: $stderr"; return 1; }
	[ -z "$stderr" ] || { fail "stderr: $stderr"; return 1; }
	[[ $output == *$'\n1..'* ]]
}
