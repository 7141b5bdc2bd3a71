# SPDX-License-Identifier: MIT
"""What the tool tests share: run a tool, a scratch namespace of one's own, skip by name."""
import ctypes
import os
import re
import subprocess
import sys
import unittest

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
TOOLS = sys.argv.pop()
ROOT = os.geteuid() == 0


def skip_all(why):
    print(f"SKIP: {why}")
    sys.exit(1 if os.environ.get("TCPBUF_TEST_REQUIRE") else 77)


def enter_scratch():
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNET if ROOT else CLONE_NEWUSER | CLONE_NEWNET) != 0:
        skip_all("needs root or unprivileged user namespaces")
    if not ROOT:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def run(tool, *words):
    return subprocess.run([f"{TOOLS}/{tool}", *words], capture_output=True, text=True, timeout=60)


def readme_blocks():
    """The indented blocks of README.md, as lists of lines."""
    with open(os.path.join(os.environ["TCPBUF_SOURCE_DIR"], "README.md")) as file:
        text = file.read()
    for block in re.findall(r"(?:^(?:    .*)?\n)+", text, re.MULTILINE):
        lines = [line[4:].rstrip() for line in block.strip("\n").split("\n")]
        if any(lines):
            yield lines


def shape(line):
    """A pattern for the same line with other numbers."""
    return "^" + re.sub(r"\d+", r"-?\\d+", re.escape(line)) + "$"


def main():
    enter_scratch()
    unittest.main()
