# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

@test "output, prompt and line are where they belong on the screen, whatever happens" {
	run -0 "$HELPERS/screen"
	[[ $output != *"not ok"* ]]
}

@test "the same on a real terminal, which tmux is" {
	command -v tmux >/dev/null || skip "no tmux"
	run -0 "$HELPERS/screen" --tmux --runs 3 --steps 30
	[[ $output != *"not ok"* ]]
}
