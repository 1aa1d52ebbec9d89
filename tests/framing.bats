# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "when a reply is complete, and what it is cleaned of, is what the headers say" {
	run --separate-stderr fresh "$HELPERS/framing" </dev/null
	[ "$status" -eq 0 ] || { fail "$(grep -B 3 '^not ok' <<<"$output")" "stderr: $stderr"; return 1; }
	[ -z "$stderr" ] || { fail "stderr: $stderr"; return 1; }
	[[ $output == *$'\n1..'* ]]
}
