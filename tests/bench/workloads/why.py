# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""
Where the time goes: system calls (strace) and instructions (callgrind) of the
relay alone, without its child, for one flow of bytes and for 1,000 round trips.
"""

import re
import shutil

from run import Problem

TRIPS = 1000


def syscalls(path):
    """{name: calls} of strace -c."""
    calls = {}
    with open(path) as f:
        for line in f:
            # time seconds usecs/call calls [errors] name
            words = line.split()
            if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3])
    return calls


def instructions(path):
    with open(path) as f:
        return int(re.search(r"^(?:totals|summary): (\d+)", f.read(), re.M).group(1))


class Counter:
    def __init__(self, bench):
        self.bench = bench

    def through(self, tool, flow, candidate):
        """Runs flow, (helper, its words, the child), with tool in front of the candidate."""
        helper, words, child = flow
        self.bench.helper(helper, *words, "--", *tool, *candidate.wrap(child))

    def calls(self, flow, candidate):
        # Without -f the child is not looked at.
        path = self.bench.path("strace")
        self.through(["strace", "-c", "-o", path], flow, candidate)
        return syscalls(path)

    def work(self, flow, candidate):
        path = self.bench.path("callgrind")
        tool = ["valgrind", "-q", "--tool=callgrind", "--trace-children=no", f"--callgrind-out-file={path}"]
        self.through(tool, flow, candidate)
        return {"(instructions)": instructions(path)}


def per(larger, smaller, units):
    """What one unit costs: the difference of a run with and one without them."""
    names = set(larger) | set(smaller)
    return {name: (larger.get(name, 0) - smaller.get(name, 0)) / units for name in names}


def count(count_one, candidate, size, flow, trips, echo):
    """The columns of a candidate: a start, a MiB, a round trip."""
    start = count_one(("starts", ["-n", 0], ["cat"]), candidate)
    flowed = count_one(("flow", [*flow, "-n", size], ["cat"]), candidate)
    # The helper's own first trips are in both.
    none = count_one(("trips", ["-n", 0], [echo]), candidate)
    tripped = count_one(("trips", ["-n", trips], [echo]), candidate)
    return [start, per(flowed, start, size / 2**20), per(tripped, none, trips)]


def show(title, names, columns, least=0.005):
    """names: the candidates; columns[i]: their three."""
    heads = ["start", "/MiB", "/trip"]
    print(f"\n{title}")
    print(" " * 18 + "".join(f"{name:>36}" for name in names))
    print(" " * 18 + "".join(f"{head:>12}" for _ in names for head in heads))
    rows = sorted({row for three in columns for column in three for row in column})
    for row in rows:
        cells = [column.get(row, 0) for three in columns for column in three]
        if any(abs(cell) >= least for cell in cells):
            print(f"{row:18}" + "".join(f"{cell:12.2f}" if abs(cell) >= least else " " * 11 + "." for cell in cells))
    sums = [sum(column.values()) for three in columns for column in three]
    if len(rows) > 1:
        print(f"{'all':18}" + "".join(f"{cell:12.2f}" for cell in sums), flush=True)


def run(bench):
    who = bench.who
    counter = Counter(bench)
    groups = [
        ("pipes, binary", [who.dualpipe(), who.poll_relay(), who.splice_relay()], bench.size(2**26), []),
        ("pty, text", [who.dualpipe("--pty"), who.pty_relay()], max(bench.size(2**26) >> 3, 2**20), ["-t"]),
    ]
    tools = [("strace", "system calls", counter.calls), ("valgrind", "instructions", counter.work)]
    for what, candidates, size, flow in groups:
        for tool, title, count_one in tools:
            if not shutil.which(tool):
                print(f"\n{title}: skipped, {tool} is not there")
                continue
            names, columns = [], []
            for candidate in candidates:
                problem = candidate.missing()
                try:
                    if not problem:
                        columns.append(count(count_one, candidate, size, flow, bench.options.count or TRIPS, who.helper("echo")))
                        names.append(candidate.name)
                except Problem as found:
                    problem = found
                if problem:
                    print(f"\n{title} of {candidate.name}: {problem}")
            show(f"{title} of the relay itself, {what}, {size >> 20} MiB", names, columns)
            bench.results.append({"title": f"{title}, {what}", "columns": dict(zip(names, columns))})
