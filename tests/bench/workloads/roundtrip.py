# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""One line to a child that gives it back, and the next one when it is back."""


def run(bench):
    who = bench.who
    count = bench.options.count or 20000

    def measure(candidate):
        found = bench.helper("trips", "-n", count, "--", *candidate.wrap([who.helper("echo")]))
        notes = [f"median {found['median_us']:.1f}, of 100 the slowest {found['p99_us']:.0f}"]
        if found["left"]:
            notes.append(f"left {found['left']} processes behind")
        return found["mean_us"], notes

    bench.table(
        f"round trip of a line, mean of {count}", "us",
        [who.dualpipe(), who.poll_relay(), who.splice_relay(), *who.socats(), *who.coprocs(), who.nothing()],
        ["poll relay", "splice relay"], measure,
    )
    bench.table(
        f"round trip of a line on a pty, mean of {count}", "us",
        [who.dualpipe("--pty"), who.pty_relay(), *who.pty_peers()],
        ["pty relay"], measure,
    )
