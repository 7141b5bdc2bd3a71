# SPDX-License-Identifier: MIT
"""What README.md shows of the tools is what they print: plans, line by line, and the census, but for its numbers."""
import os
import re
import shlex
import subprocess
import tempfile
import unittest

import tool

# The namespace that the plans of README.md are for: the defaults of Linux 6.18 and of most distributions.
SETTINGS = {"tcp_congestion_control": "reno", "tcp_rmem": "4096 131072 33554432", "tcp_wmem": "4096 16384 4194304"}
LEFT_OUT = "..."


def command_and_output(lines):
    count = 1
    while lines[count - 1].endswith("\\"):
        count += 1
    return shlex.split(" ".join(line.rstrip("\\") for line in lines[:count])[2:]), lines[count:]


class Readme(unittest.TestCase):
    def agree(self, shown, printed):
        """Line for line; "..." stands for any number of lines, and the end may be missing."""
        at = 0
        for number, line in enumerate(shown):
            if line == LEFT_OUT:
                continue
            ahead = len(printed) if number and shown[number - 1] == LEFT_OUT else at + 1
            self.assertIn(line, printed[at:ahead])
            at = printed.index(line, at) + 1

    def test_blocks_are_what_the_tools_print(self):
        shown = [command_and_output(lines) for lines in tool.readme_blocks() if lines[0].startswith("$ tcpbuf-plan")]
        self.assertGreaterEqual(len(shown), 3)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "datastax.conf"), "w") as file:
                file.write(tool.DATASTAX)
            for command, lines in shown:
                with self.subTest(command=command):
                    done = subprocess.run([f"{tool.TOOLS}/{command[0]}", *command[1:]], capture_output=True, text=True,
                                          timeout=60, cwd=folder)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.agree(lines, [line.rstrip() for line in done.stdout.split("\n")])

    def test_the_census_has_the_shape_that_is_shown(self):
        [shown] = [lines for lines in tool.readme_blocks() if lines[0].startswith("node: ")]
        done = tool.run("tcpbuf-top", "--once")
        self.assertIn(done.returncode, (0, 3), done.stderr)
        printed = done.stdout.split("\n")
        if " of " not in printed[0]:
            shown[0] = re.sub(" of .* above [0-9]+", "", shown[0])
        # In pressure or not, and with what dumps missed or without.
        shown = [tool.shape(line).replace(r"not\ under", r"(not\ )?under").replace(r",\ \+\-", r"(\ -\ uncounted\ \d+)?,\ \+\-")
                 for line in shown]
        for line, pattern in zip(printed, shown):
            self.assertRegex(line, pattern)


def setUpModule():
    for name, value in SETTINGS.items():
        with open(f"/proc/sys/net/ipv4/{name}", "w") as file:
            file.write(value)


if __name__ == "__main__":
    tool.main()
