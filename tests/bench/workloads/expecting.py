# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""The library's dualpipe_expect() beside read(2) and memmem(3), on pipes."""

from candidates import Candidate


def run(bench):
    bare = Candidate("read and memmem", lambda flags: ["-b", *flags])
    library = Candidate("dualpipe_expect", lambda flags: flags)
    eight = Candidate("dualpipe_expect, 8 patterns", lambda flags: ["-a", 8, *flags])
    size = bench.size(2**30)
    steps = bench.options.count or 10000

    def throughput(candidate, flags):
        found = bench.helper("expecting", *candidate.wrap([*flags, "-n", size]))
        notes = [f"cpu {found['cpu'] / size * 2**30:.2f} s/GiB, memory {found['memory'] / 1e6:.1f} MB"]
        return size / 2**20 / found["seconds"], notes

    def step(candidate):
        found = bench.helper("expecting", *candidate.wrap(["-s", steps]), "--", bench.who.helper("echo"))
        return found["seconds"] * 1e6 / steps, []

    for text, flags in (("lines", ["-l"]), ("no newline", [])):
        bench.table(
            f"a mark found in {size >> 20} MiB, {text}", "MiB/s", [bare, library, eight],
            ["read and memmem"], lambda c: throughput(c, flags), more=True,
        )
    bench.table(f"a line and its answer, mean of {steps}", "us", [bare, library], ["read and memmem"], step)
