# SPDX-License-Identifier: MIT
"""The C examples that look at this machine: they end well, and say what is there."""
import os
import re
import socket
import subprocess
import unittest

import tool


def run(example, *words, code=0):
    done = subprocess.run([os.path.join(tool.TOOLS, "..", example), *words], capture_output=True, text=True, timeout=60)
    if done.returncode != code:
        raise AssertionError(f"{example}: {done.returncode} {done.stderr}")
    return done.stderr if code else done.stdout


class Examples(unittest.TestCase):
    def test_who_holds(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            with socket.create_connection(listener.getsockname()) as client, listener.accept()[0]:
                tool.fill(client)
                inode = os.stat("/proc/self/ns/net").st_ino
                for _ in range(100):  # the ten that hold most are shown: others may come and go
                    shown = run("who_holds")
                    ours = re.search(rf"^ *(-?\d+) bytes in +(\d+) sockets  netns {inode}  pid ", shown, re.M)
                    if ours:
                        break
        self.assertRegex(shown, r"^node uses \d+ bytes: attributed \d+, ")
        held, sockets = ours.groups()
        self.assertGreater(int(held), 100000)
        self.assertEqual(int(sockets), 3)

    def test_my_cgroup(self):
        shown = run("my_cgroup", str(os.getpid()))
        self.assertEqual(shown, run("my_cgroup", "0" + str(os.getpid())))
        self.assertRegex(shown, r"^memory is on cgroup v[12]")
        self.assertRegex(shown, r"TCP is (not )?charged")
        self.assertIn("process 4194304: no such process (ESRCH)", run("my_cgroup", "4194304", code=2))

    def test_my_node(self):
        self.assertRegex(run("my_node"), r"TCP memory of the node: \d+ bytes")

    def test_walk_namespaces(self):
        self.assertIn(str(os.stat("/proc/self/ns/net").st_ino), run("walk_namespaces"))


if __name__ == "__main__":
    tool.main()
