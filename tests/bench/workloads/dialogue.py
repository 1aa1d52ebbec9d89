# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""A dialogue: marks found in much text, and lines with their answers, each beside C and the peers."""

import subprocess
import time

from candidates import Candidate, python_with_pexpect
from run import Problem

BLOCK, MARK_AT, MARK = 640 * 1024, 300000, 12  # as in expecting.c


def timed(words, patience):
    """Runs words: (seconds, the lines that it printed)."""
    start = time.monotonic()
    run = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = run.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        run.kill()
        raise Problem("hung") from None
    if run.returncode != 0:
        raise Problem(f"status {run.returncode} {err.splitlines()[-1] if err else ''}".strip())
    return time.monotonic() - start, out.splitlines()


def marks(bench):
    who = bench.who
    size = bench.size(2**30)
    due = (size + BLOCK - MARK_AT - MARK) // BLOCK
    bare = Candidate("read and memmem", None)
    one = Candidate("dialogue", lambda child: [who.dualpipe_path, "--script", who.peer("marks.dp"), "--", *child])
    eight = Candidate("dialogue, 8 patterns", lambda child: [who.dualpipe_path, "--script", who.peer("marks8.dp"), "--", *child])

    def measure(candidate, kind):
        if not candidate.wrap:
            found = bench.helper("expecting", "-b", *(["-l"] if kind == "lines" else []), "-n", size)
            return size / 2**20 / found["seconds"], [f"memory {found['memory'] / 1e6:.1f} MB"]
        child = ["sh", "-c", '"$@"; grep VmHWM "/proc/$PPID/status"', "-", who.helper("expecting"), str(size), kind]
        seconds, said = timed(candidate.wrap(child), 10 * bench.options.patience)
        if len(said) != due + 1:
            raise Problem(f"found {len(said) - 1} marks of {due}")
        return size / 2**20 / seconds, [f"memory {int(said[-1].split()[1]) * 1024 / 1e6:.1f} MB"]

    for kind, title in (("lines", "lines"), ("none", "no newline")):
        bench.table(
            f"a dialogue finds marks in {size >> 20} MiB, {title}", "MiB/s", [bare, one, eight],
            ["read and memmem"], lambda c: measure(c, kind), more=True,
        )


def steps(bench):
    who = bench.who
    count = str(bench.options.count or 10000)
    echo = who.helper("echo")
    python = python_with_pexpect()

    def dialogue(*options):
        return [who.dualpipe_path, *options, "--script", who.peer("steps.dp"), count, "--", echo]

    def candidate(name, words, needs=None):
        return Candidate(name, words, needs or words[0])

    def measure(candidate):
        if not candidate.wrap:
            return bench.helper("expecting", "-b", "-s", count, "--", echo)["seconds"] * 1e6 / int(count), []
        return timed(candidate.wrap, 10 * bench.options.patience)[0] * 1e6 / int(count), []

    bench.table(
        f"a step of a dialogue, a line and its answer, mean of {count}, start included", "us",
        [
            Candidate("write and read", None),
            candidate("dialogue", dialogue()),
            candidate("bash coproc", [who.peer("steps-coproc"), count, echo], "bash"),
            candidate("pexpect", [python, who.peer("steps-pexpect"), count, echo]),
        ],
        ["write and read"], measure,
    )
    bench.table(
        f"the same on a pty, mean of {count}", "us",
        [
            candidate("dialogue --pty", dialogue("--pty")),
            candidate("expect", ["expect", "-f", who.peer("steps.exp"), count, echo]),
            candidate("pexpect", [python, who.peer("steps-pexpect"), "-p", count, echo]),
        ],
        ["expect"], measure,
    )


def run(bench):
    marks(bench)
    steps(bench)
