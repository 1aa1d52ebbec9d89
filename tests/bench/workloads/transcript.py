# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""What a record of all bytes costs: text around cat, beside tee and script."""

import base64
import json
import os
import shlex

from candidates import Candidate
from run import Problem


def count_text(path):
    """
    Bytes of each direction. A line of the record is a mark, a space unless
    nothing follows, and a line of the child's with each backslash doubled; a
    single one at its end says that the line goes on.
    """
    sizes = {b">": 0, b"<": 0}
    with open(path, "rb") as f:
        for line in f:
            if line[:1] in sizes:
                plain = line[1:].removeprefix(b" ").replace(b"\\\\", b"/")
                sizes[line[:1]] += len(plain) - (2 if plain.endswith(b"\\\n") else 0)
    return sizes[b">"], sizes[b"<"]


def count_jsonl(path):
    sizes = {">": 0, "<": 0}
    with open(path, "rb") as f:
        for line in f:
            piece = json.loads(line)
            if piece.get("dir") in sizes:
                data = piece.get("data")
                sizes[piece["dir"]] += len(base64.b64decode(piece["base64"]) if data is None else data)
    return sizes[">"], sizes["<"]


def check(path, count, sent):
    sizes = count(path)
    os.unlink(path)
    if sizes != (sent, sent):
        raise Problem(f"the record has {sizes[0]} and {sizes[1]} bytes of {sent}")
    return ["record checked"]


def run(bench):
    who = bench.who
    size = bench.size(2**28)
    sent = {}
    text, jsonl, plain = bench.path("record"), bench.path("record.jsonl"), bench.path("plain")
    records = {"dualpipe, text": (text, count_text), "dualpipe, jsonl": (jsonl, count_jsonl)}
    tee = 'tee "$0.in" | "$@" | tee "$0.out"'

    def measure(candidate):
        for path in (text, jsonl, plain, f"{plain}.in", f"{plain}.out"):
            if os.path.exists(path):
                os.unlink(path)
        found = bench.helper("flow", "-t", "-n", size, "--", *candidate.wrap(["cat"]))
        sent["bytes"] = found["bytes"]
        notes = ["made each end of line \\r\\n"] if found["crlf"] else []
        return found["bytes"] / 2**20 / found["seconds"], notes

    def after(candidate):
        return check(*records[candidate.name], sent["bytes"]) if candidate.name in records else []

    bench.table(
        f"throughput with a record of it, {size >> 20} MiB, text", "MiB/s",
        [
            who.dualpipe("--transcript", text, name="dualpipe, text"),
            who.dualpipe("--transcript", jsonl, name="dualpipe, jsonl"),
            who.dualpipe(name="dualpipe, none"),
            who.poll_relay(),
            Candidate("tee both ways", lambda c: ["sh", "-c", tee, plain, *c], "tee"),
            Candidate("script", lambda c: ["script", "-qe", "-E", "never", "-c", shlex.join(c), "-B", plain], "script"),
        ],
        ["poll relay"], measure, more=True, after=after,
    )
