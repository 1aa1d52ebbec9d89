# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""The same through a terminal: lines of text, below what its driver holds."""


def measure(bench, candidate, size):
    found = bench.helper("flow", "-t", "-n", size, "--", *candidate.wrap(["cat"]))
    notes = ["made each end of line \\r\\n"] if found["crlf"] else []
    if found["left"]:
        notes.append(f"left {found['left']} processes behind")
    return found["bytes"] / 2**20 / found["seconds"], notes


def run(bench):
    who = bench.who
    size = bench.size(2**24)
    bench.table(
        f"throughput around cat on a pty, {size >> 20} MiB, text", "MiB/s",
        [who.dualpipe("--pty"), who.pty_relay(), *who.pty_peers()],
        ["pty relay"], lambda c: measure(bench, c, size), more=True,
    )
