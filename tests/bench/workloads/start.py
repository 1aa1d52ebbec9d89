# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""Start and end: `true' with an input that stays open, `cat' with none."""

import subprocess


def status_of_3(candidate):
    """Not a part of the time: what becomes of the status of a child that fails."""
    command = candidate.wrap(["sh", "-c", "exit 3"])
    if "socat" in candidate.name:
        return []  # whose one word has no room for two; it says 0 always
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20).returncode
    except subprocess.TimeoutExpired:
        return ["hangs when the child fails"]
    return [] if status == 3 else [f"makes status 3 a {status}"]


def run(bench):
    who = bench.who
    each = max(1, (bench.options.count or 500) // bench.options.runs)
    pipes = [who.dualpipe(), who.poll_relay(), who.splice_relay(), *who.socats(), *who.coprocs(), who.nothing()]
    ptys = [who.dualpipe("--pty"), who.pty_relay(), *who.pty_peers()]

    def table(title, candidates, references, flags, child):
        def measure(candidate):
            found = bench.helper("starts", *flags, "-n", each, "--", *candidate.wrap(child))
            notes = [f"mean {found['mean_us']:.0f}, of 100 the slowest {found['p99_us']:.0f}"]
            if found["left"]:
                notes.append(f"left {found['left']} processes behind")
            return found["median_us"], notes

        bench.table(f"{title}, {each} in a run", "us", candidates, references, measure, after=status_of_3)

    table("start and end of true, input open", pipes, ["poll relay", "splice relay"], ["-o"], ["true"])
    table("start and end of cat, no input", pipes, ["poll relay", "splice relay"], [], ["cat"])
    table("start and end of true on a pty, input open", ptys, ["pty relay"], ["-o"], ["true"])
    table("start and end of cat on a pty, no input", ptys, ["pty relay"], [], ["cat"])
