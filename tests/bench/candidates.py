# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors

"""Who is measured: how each of them runs a child between our two pipes."""

import os
import shlex
import shutil
import subprocess
import sys


class Candidate:
    """wrap(child) is the command line that runs the words of child."""

    def __init__(self, name, wrap, needs=None):
        self.name = name
        self.wrap = wrap
        self.needs = needs

    def missing(self):
        """Why it cannot be run, or None."""
        if self.needs and not shutil.which(self.needs):
            return f"{os.path.basename(self.needs)} is not there"
        return None


def prefix(name, *words):
    return Candidate(name, lambda child: [*words, *child], words[0])


def socat(name, options="", *words):
    """socat takes the child as one word and splits it at spaces."""
    return Candidate(
        name, lambda child: ["socat", *words, "-", f"EXEC:{' '.join(child)}{options}"], "socat"
    )


class Candidates:
    """Made by method, since most of them are where the driver was told or has built them."""

    def __init__(self, dualpipe, build, peers):
        self.dualpipe_path = dualpipe
        self.build = build
        self.peers_path = peers

    def dualpipe(self, *options, name=None):
        return prefix(" ".join([name or "dualpipe", *([] if name else options)]), self.dualpipe_path, *options, "--")

    def peer(self, name):
        return os.path.join(self.peers_path, name)

    def helper(self, name):
        return os.path.join(self.build, name)

    def poll_relay(self):
        return prefix("poll relay", self.helper("poll-relay"))

    def splice_relay(self):
        return prefix("splice relay", self.helper("splice-relay"))

    def pty_relay(self):
        return prefix("pty relay", self.helper("pty-relay"))

    def nothing(self):
        return Candidate("nothing between", lambda child: child)

    def socats(self):
        return [
            socat("socat"),
            socat("socat -b 1M", "", "-b", "1048576"),
            socat("socat pipes", ",pipes"),
        ]

    def coprocs(self):
        return [
            Candidate("bash coproc", lambda c: ["bash", os.path.join(self.peers_path, "bash-coproc"), *c], "bash"),
            Candidate("ksh coproc", lambda c: ["ksh", os.path.join(self.peers_path, "ksh-coproc"), *c], "ksh"),
        ]

    def pty_peers(self):
        return [
            Candidate("script", lambda c: ["script", "-qe", "-E", "never", "-c", shlex.join(c), "/dev/null"], "script"),
            prefix("unbuffer -p", "unbuffer", "-p"),
            socat("socat pty", ",pty,setsid,ctty,echo=0,opost=0"),
        ]


def python_with_pexpect():
    for python in ("python3", "/usr/bin/python3", sys.executable):
        path = shutil.which(python)
        if path and subprocess.run([path, "-c", "import pexpect"], capture_output=True).returncode == 0:
            return path
    return "pexpect"  # which is not there
