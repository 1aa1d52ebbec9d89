# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "every step of a dialogue is read, and every mistake in one is told with its place" {
	run -0 "$HELPERS/parse"
	[[ $output != *"not ok"* ]]
}
