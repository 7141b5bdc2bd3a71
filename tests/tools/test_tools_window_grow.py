# SPDX-License-Identifier: MIT
"""tcpbuf-window --grow: the same transfer as table, CSV, JSON and picture."""
import csv
import json
import os
import subprocess
import tempfile
import unittest

from tool import TOOLS

KERNEL = ("--kernel", "debian-6.12.117")


def grow(*words, path=None):
    env = dict(os.environ, PATH=path) if path else None
    return subprocess.run([f"{TOOLS}/tcpbuf-window", "--grow", *words], capture_output=True, text=True, timeout=60, env=env)


class Grow(unittest.TestCase):
    def done(self, *words):
        done = grow(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def series(self, *words):
        return json.loads(self.done("--json", *words))["series"]

    def test_csv_and_json_are_the_same_numbers(self):
        answer = json.loads(self.done(*KERNEL, "--json"))
        rows = list(csv.DictReader(self.done(*KERNEL, "--csv").splitlines()))
        self.assertEqual([{name: int(value) for name, value in row.items()} for row in rows], answer["rows"])
        self.assertIn("scaling_ratio", answer["rule"])
        self.assertTrue(answer["series"][0]["verified"])
        self.assertGreater(len(rows), 100)

    def test_the_table_ends_with_the_limit(self):
        last = self.done(*KERNEL, "--rmem-most", "262144").splitlines()[-1]
        self.assertRegex(last, "^limit: tcp_rmem maximum; ")

    def test_series_side_by_side(self):
        series = self.series("--kernel", "5.10", "--kernel", "7.3", "--rmem-most", "262144", "--rmem-most", "33554432")
        self.assertEqual([s["limit"] for s in series], ["tcp_rmem maximum", "the path"] * 2)
        self.assertEqual(len({s["label"] for s in series}), 4)

    def test_settings_change_the_limit(self):
        for words, limit in ((("--fixed",), "tcp_moderate_rcvbuf = 0"), (("--rcvbuf", "65536"), "SO_RCVBUF"),
                             (("--wmem-most", "65536"), "tcp_wmem maximum"), (("--sndbuf", "32768"), "SO_SNDBUF"),
                             (("--slow", "10000"), "the reading program")):
            self.assertEqual(self.series(*KERNEL, *words)[0]["limit"], limit, words)

    def test_bad_words_are_usage(self):
        for words in (("--rtt", "0"), ("--rtt", "x"), ("--kernel", "bogus"), ("--mtu", "67"), ("extra",),
                      ("--plot", "picture.txt"), ("--rmem-most", "262144") * 9):
            done = grow(*words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertIn("tcpbuf-window: ", done.stderr)

    def test_without_gnuplot_a_picture_is_refused(self):
        with tempfile.TemporaryDirectory() as empty:
            done = grow(*KERNEL, "--plot", f"{empty}/a.svg", path=empty)
            self.assertEqual(done.returncode, 2)
            self.assertIn("gnuplot", done.stderr)
            self.assertEqual(os.listdir(empty), [])


if __name__ == "__main__":
    unittest.main()
