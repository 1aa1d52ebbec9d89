# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""Both ways at once around cat, on pipes: binary, then lines of text."""


def measure(bench, candidate, flags, size):
    found = bench.helper("flow", *flags, "-n", size, "--", *candidate.wrap(["cat"]))
    gib = found["bytes"] / 2**30
    notes = [f"cpu {found['cpu'] / gib:.2f} s/GiB"]
    if found["crlf"]:
        notes.append("made each end of line \\r\\n")
    if found["left"]:
        notes.append(f"left {found['left']} processes behind")
    return found["bytes"] / 2**20 / found["seconds"], notes


def run(bench):
    who = bench.who
    peers = [*who.socats(), *who.coprocs(), *who.pty_peers()[:2], who.nothing()]
    candidates = [who.dualpipe(), who.poll_relay(), who.splice_relay(), *peers]
    size = bench.size(2**30)
    for payload, flags in (("binary", []), ("text", ["-t"])):
        bench.table(
            f"throughput around cat, {size >> 20} MiB, {payload}", "MiB/s", candidates,
            ["poll relay", "splice relay"], lambda c: measure(bench, c, flags, size), more=True,
        )
