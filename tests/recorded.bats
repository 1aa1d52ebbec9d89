# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "transcripts are read back, and compared, as their headers say" {
	run --separate-stderr fresh "$HELPERS/recorded" </dev/null
	[ "$status" -eq 0 ] || { fail "$(grep -B 5 '^not ok' <<<"$output")" "stderr: $stderr"; return 1; }
	[ -z "$stderr" ] || { fail "stderr: $stderr"; return 1; }
	[[ $output == *$'\n1..'* ]]
}
