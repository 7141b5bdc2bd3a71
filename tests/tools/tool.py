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
# What is recommended for Cassandra everywhere.
DATASTAX = """# Cassandra
net.core.rmem_max = 16777216
net.core.wmem_max = 16777216
net.core.rmem_default = 16777216
net.core.wmem_default = 16777216
net.core.optmem_max = 40960
net.ipv4.tcp_rmem = 4096 87380 16777216
net.ipv4.tcp_wmem = 4096 65536 16777216
"""


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


def fill(client):
    """Send until no more is taken, to who does not read."""
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        pass


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
