# SPDX-License-Identifier: MIT
"""tcpbuf-window --grow --plot: pictures by gnuplot."""
import shutil
import tempfile
import unittest
from pathlib import Path

import tool
from test_tools_window_grow import KERNEL, grow


class Plot(unittest.TestCase):
    def test_pictures(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG")):
                done = grow(*KERNEL, "--rmem-most", "262144", "--rmem-most", "6291456", "--plot", f"{folder}/{name}")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(Path(folder, name).read_bytes().startswith(start))
            text = Path(folder, "a.svg").read_text()
            for word in ("MiB", "Mbit/s", "seconds", "tcp_rmem max 0.25 MiB", "limit: tcp_rmem maximum", "limit: the path"):
                self.assertIn(word, text)

    def test_a_picture_that_cannot_be_written(self):
        done = grow(*KERNEL, "--plot", "/nonexistent/a.svg")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    shutil.which("gnuplot") or tool.skip_all("gnuplot is not installed")
    unittest.main()
