# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""
The most memory of the relay itself while one side stands still and more waits
than it should take. All that was sent has to arrive once the side moves on.
"""

import os


def run(bench):
    who = bench.who
    size = bench.size(2**30)
    gate = bench.path("gate")
    pipes = [who.dualpipe(), who.poll_relay(), who.splice_relay(), *who.socats()]
    # A terminal is slow, and what is queued in a relay shows with less.
    few = max(size >> 6, 2**20)
    ptys = [who.dualpipe("--pty"), who.pty_relay(), *who.pty_peers()]

    def table(title, candidates, references, size, flags, child):
        def measure(candidate):
            if os.path.exists(gate):
                os.unlink(gate)
            found = bench.helper("flow", *flags, "-s", gate, "-n", size, "--", *candidate.wrap(child))
            return float(found["peak_kib"]), [f"took in {found['held'] / 2**20:.1f} MiB at standstill"]

        bench.table(f"{title}, {size >> 20} MiB wait", "KiB", candidates, references, measure)

    echo = who.helper("echo")
    table("memory, nobody reads us", pipes, ["poll relay"], size, [], ["cat"])
    table("memory, the child does not read", pipes, ["poll relay"], size, [], [echo, gate])
    table("memory, nobody reads us, pty", ptys, ["pty relay"], few, ["-t"], ["cat"])
    table("memory, the child does not read, pty", ptys, ["pty relay"], few, ["-t"], [echo, gate])
