# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

# Patterns over a growing text, by a program that has nothing else of ours.

load helper

@test "patterns find the same however the text is cut" {
	run --separate-stderr fresh "$HELPERS/match" </dev/null
	[ "$status" -eq 0 ] || { fail "$output" "stderr: $stderr"; return 1; }
	[ -z "$stderr" ] || { fail "stderr: $stderr"; return 1; }
}
