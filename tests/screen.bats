# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

load helper

# conversations [OPTION ...]: random ones, each as it is to be seen
conversations() {
	run --separate-stderr -0 "$HELPERS/screen" "$@"
	[[ $output != "1..0 # SKIP "* ]] || skip "${output#*SKIP }"
	[[ $output == *$'\n1..'* && $output != *"not ok"* ]] || fail "$output"
	[ -z "$stderr" ] || fail "stderr: $stderr"
}

@test "output, prompt and line are where they belong on the screen, whatever happens" {
	conversations
}

@test "the same on a real terminal, which tmux is" {
	command -v tmux >/dev/null || skip "no tmux"
	conversations --tmux --runs 3 --steps 30
}
