#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
#
# asked.py FILE: asks programs what FILE says, and compares their replies.
#
# $ COMMAND    a child, for the requests behind it; $? asks for the status of each
# > LINE       a request; lines that stand together are one, an empty line keeps them apart
# < LINE       its reply, the whole of it
# <N LINE      the same, N times
# = WORD ...   what it ended in, where that is not "ready 0": the state, and the status

import json
import os
import subprocess
import sys


class Request:
    def __init__(self, number):
        self.number = number
        self.lines = []
        self.reply = []
        self.state, self.status = "ready", 0


def read(path):
    """Commands, each with its requests."""
    commands = []
    before = ""
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        mark, _, rest = line.partition(" ")
        if mark in ("$", "$?"):
            commands.append((mark, rest, []))
        elif mark == ">":
            if before != ">":
                commands[-1][2].append(Request(number))
            commands[-1][2][-1].lines.append(rest)
        elif mark.startswith("<"):
            commands[-1][2][-1].reply += [rest] * int(mark[1:] or 1)
        elif mark == "=":
            state, status = rest.split()
            commands[-1][2][-1].state, commands[-1][2][-1].status = state, int(status)
        elif line and mark != "#":
            sys.exit(f"{path}:{number}: what is this?")
        before = mark
    return commands


def shorten(text):
    return text if len(text) < 600 else text[:300] + " ... " + text[-300:]


def compare(path, request, got):
    wanted = {"reply": "\n".join(request.reply), "state": request.state, "status": request.status}
    wrong = [f"{key}: {shorten(repr(got.get(key)))}\n  wanted {shorten(repr(value))}"
             for key, value in wanted.items() if got.get(key) != value]
    if wrong:
        print(f"{path}:{request.number}: {shorten(repr(chr(10).join(request.lines)))}", *wrong, sep="\n  ")
    return not wrong


def ask(path, mark, command, requests):
    words = [os.environ["DUALPIPE"], "--json", "--request-timeout=50s", "--quiet"]
    if mark == "$?":
        words.append("--status")
    for r in requests:
        words += ["--ask", "\n".join(r.lines)]
    done = subprocess.run(words + ["--"] + command.split(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    got = [json.loads(line) for line in done.stdout.decode().splitlines()]
    fine = [compare(path, r, g) for r, g in zip(requests, got)]
    if len(got) != len(requests):
        print(f"{path}: {len(got)} replies to {len(requests)} requests of {command}")
        fine.append(False)
    status = next((r.status for r in requests if r.status != 0), 0)
    if done.returncode != status:
        print(f"{path}: {command}: status {done.returncode}, wanted {status}")
        fine.append(False)
    said = done.stderr.decode()
    if (said != "") != any(r.state != "ready" for r in requests):
        print(f"{path}: {command}: stderr: {said}")
        fine.append(False)
    return all(fine)


if __name__ == "__main__":
    table = sys.argv[1]
    sys.exit(not all([ask(table, *command) for command in read(table)]))
