# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""Many short transcripts checked, beside the same questions put by a test runner each."""

import os
import shutil
import subprocess
import time

from candidates import Candidate
from run import Problem

QUESTION = "{0}*3\n1/0\n{0}+1"
SAID = "Runtime error (func=(main), adr=3): Divide by zero"


def answers(number):
    return number * 3, number + 1


def write_transcript(path, number):
    product, sum_ = answers(number)
    with open(path, "w") as f:
        f.write(
            f"# dualpipe transcript 1\n$ bc -q\n> {number}*3\n< {product}\n> 1/0\n! {SAID}\n"
            f"> {number}+1\n< {sum_}\n= 0\n"
        )


def write_bats(path, numbers):
    with open(path, "w") as f:
        for number in numbers:
            product, sum_ = answers(number)
            question = QUESTION.format(number).replace("\n", "\\n")
            f.write(
                f"@test 'bc {number}' {{\n\trun bc -q < <(printf '{question}\\n')\n\t[ $status -eq 0 ]\n"
                f"\t[ \"$output\" = '{product}\n{SAID}\n{sum_}' ]\n}}\n"
            )


def write_cram(path, number):
    product, sum_ = answers(number)
    question = QUESTION.format(number).replace("\n", "\\n")
    with open(path, "w") as f:
        f.write(f"  $ printf '{question}\\n' | bc -q 2>&1\n  {product}\n  {SAID}\n  {sum_}\n")


def write(bench, count):
    folder = bench.path("checked")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for number in range(count):
        write_transcript(os.path.join(folder, f"{number}.txt"), number)
        write_cram(os.path.join(folder, f"{number}.t"), number)
    write_bats(os.path.join(folder, "all.bats"), range(count))
    return folder


def run(bench):
    count = bench.options.count or 1000
    folder = write(bench, count)
    cram = "cram3" if shutil.which("cram3") else "cram"
    transcripts = [f"{number}.txt" for number in range(count)]
    crams = [f"{number}.t" for number in range(count)]

    def check(*options):
        return Candidate(" ".join(["check", *options]), ([bench.who.dualpipe_path, "check", "--tap", *options, *transcripts], "ok "))

    def measure(candidate):
        words, mark = candidate.wrap
        start = time.monotonic()
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        spent = time.monotonic() - start
        passed = sum(line.startswith(mark) for line in done.stdout.splitlines()) if mark else count
        if done.returncode != 0 or passed != count:
            raise Problem(f"status {done.returncode}, {passed} of {count} {done.stderr[-80:]}".strip())
        return spent * 1e3 / count, [f"{spent:.2f} s in all"]

    bench.table(
        f"a short transcript checked, mean of {count}", "ms",
        [
            check(),
            check("-j", "2"),
            Candidate("bats", (["bats", "--tap", "all.bats"], "ok "), "bats"),
            Candidate("cram", ([cram, *crams], None), cram),
        ],
        ["bats"], measure,
    )
