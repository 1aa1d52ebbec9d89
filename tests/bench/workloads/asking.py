# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""Requests and their replies: to a child that gives lines back, and to a shell on a pty."""

import os
import subprocess
import time

from candidates import Candidate, python_with_pexpect
from run import Problem


def run(bench):
    who = bench.who
    count = bench.options.count or 1000
    echo = who.helper("echo")
    environment = {**os.environ, "PS1": "$ "}

    def asking(request, options, child):
        requests = [word for number in range(count) for word in ("--ask", request.format(number))]
        wanted = "".join(f"{number}\n" for number in range(count))
        return Candidate("ask " + " ".join(options), (([who.dualpipe_path, *options, *requests, "--", *child]), wanted))

    def peer(name, words):
        return Candidate(name, (words, ""), words[0])

    def measure(candidate):
        words, wanted = candidate.wrap
        start = time.monotonic()
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment,
                timeout=10 * bench.options.patience,
            )
        except subprocess.TimeoutExpired:
            raise Problem("hung") from None
        if done.returncode != 0 or done.stdout != wanted:
            raise Problem(f"status {done.returncode} {done.stderr[-80:]}".strip())
        return (time.monotonic() - start) * 1e6 / count, []

    bench.table(
        f"a request and its reply, mean of {count}, start included", "us",
        [
            asking("{}", ["--reply", "line"], [echo]),
            asking("{}", ["--reply", "ready"], [echo]),
            peer("bash coproc", [who.peer("steps-coproc"), str(count), echo]),
        ],
        ["bash coproc"], measure,
    )
    bench.table(
        f"a request to a shell on a pty, mean of {count}", "us",
        [
            asking("echo {}", ["--pty", "--reply", "ready"], ["dash"]),
            asking("echo {}", ["--pty", "--reply", r"prompt:\$ "], ["dash"]),
            peer("expect", ["expect", "-f", who.peer("asks.exp"), str(count), "dash"]),
            peer("REPLWrapper", [python_with_pexpect(), who.peer("asks-pexpect"), str(count), "dash"]),
        ],
        ["expect"], measure,
    )
