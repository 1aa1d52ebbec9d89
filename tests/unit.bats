# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "what the program is made of does what its headers say" {
	run -0 "$HELPERS/unit"
	[[ $output != *"not ok"* ]]
}
