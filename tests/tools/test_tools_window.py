# SPDX-License-Identifier: MIT
"""tcpbuf-window: each table in each form, measured vectors, the running kernel, refusals."""
import csv
import io
import json
import socket
import unittest

import tool
from tool import run

TOOL = "tcpbuf-window"

# Measured on 6.18.44 with tcp_rmem "4096 131072 33554432": SO_RCVBUF, SYN, scale, SYN-ACK, third ACK, then the client.
FIRST = [
    (None, 64240, 10, 65160, 63 << 10, 131072, 64088, 64088, 14480, 64512),
    (1, 1152, 0, 1152, 1152, 2304, 1152, 1152, 1152, 1152),
    (2304, 1460, 0, 1448, 1460, 4608, 2304, 1460, 1460, 1460),
    (8192, 7300, 0, 7240, 7300, 16384, 6744, 6744, 6744, 7300),
    (65535, 64240, 0, 65160, 64240, 131070, 64087, 64087, 14480, 64240),
    (65536, 64240, 1, 65160, 32120 << 1, 131072, 64088, 64088, 14480, 64240),
    (131072, 65535, 2, 65535, 32485 << 2, 262144, 129624, 129624, 14480, 129940),
    (1048576, 65535, 5, 65535, 32759 << 5, 2097152, 1047128, 1047128, 14480, 1048288),
]
FIRST_KEYS = ["so_rcvbuf_bytes", "syn_window_bytes", "wscale", "synack_window_bytes", "ack_window_bytes", "rcvbuf_bytes",
              "clamp_bytes", "rcv_ssthresh_bytes", "rcv_space_bytes", "rcv_wnd_bytes"]
LEGACY = {-3: 16384, -2: 32768, -1: 65536, 0: 131072, 1: 65536, 2: 98304, 3: 114688, 4: 122880}


def rows(*words):
    done = run(TOOL, "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


class Tables(unittest.TestCase):
    def test_first_windows_are_the_measured_ones(self):
        values = [str(row[0] or 0) for row in FIRST]
        got = rows("--kernel", "6.18.44", "--rmem", "4096 131072 33554432", "first", *values)
        for want, row in zip(FIRST, got, strict=True):
            self.assertEqual(row, {key: cell for key, cell in zip(FIRST_KEYS, want) if cell is not None})

    def test_the_taught_table_is_dead_since_6_6(self):
        for kernel, dead in (("debian-5.10.223", False), ("6.1", False), ("6.6", True), ("debian-7.3.4", True)):
            got = rows("scale", "-k", kernel)
            self.assertEqual({row["tcp_adv_win_scale"]: row["window_until_6_5_bytes"] for row in got}, LEGACY)
            self.assertEqual({row["effect"] for row in got}, {"dead since 6.6" if dead else "in force"})
            if dead:
                self.assertEqual(len({row["window_bytes"] for row in got}), 1)
            else:
                self.assertEqual({row["tcp_adv_win_scale"]: row["window_bytes"] for row in got}, LEGACY)

    def test_buffer_and_window_lead_back(self):
        for settings in (["-k", "6.12"], ["-k", "6.6"], ["-k", "6.12", "-R", "229"], ["-k", "5.10", "-s", "-2"]):
            for row in rows("buffer", *settings):
                back, = rows("window", str(row["window_bytes"]), *settings)
                self.assertLessEqual(back["buffer_bytes"], row["buffer_bytes"])
                again, = rows("buffer", str(back["buffer_bytes"]), *settings)
                self.assertGreaterEqual(again["window_bytes"], row["window_bytes"])

    def test_options_in_each_state(self):
        row, = rows("option", "SO_RCVBUF", "8192", "-k", "debian-7.3.4", "--state", "established")
        self.assertEqual((row["return"], row["rcvbuf_bytes"]), ("0", 16384))
        row, = rows("option", "SO_RCVBUFFORCE", "8192", "-k", "6.1", "--user")
        self.assertEqual((row["return"], row["rcvbuf_bytes"]), ("EPERM", 131072))
        row, = rows("option", "TCP_WINDOW_CLAMP", "8192", "-k", "6.1", "--state", "udp")
        self.assertEqual(row["return"], "ENOPROTOOPT")
        self.assertNotIn("clamp_bytes", row)
        row, = rows("option", "SO_RCVBUF", "-k", "6.1", "--", "-1")
        self.assertEqual(row["rcvbuf_bytes"], 425984)

    def test_csv_says_what_json_says(self):
        for words in (["buffer"], ["window"], ["first"], ["option", "SO_RCVLOWAT"], ["scale"]):
            done = run(TOOL, "-k", "6.12.117", "--csv", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            for line, row in zip(csv.DictReader(io.StringIO(done.stdout)), rows("-k", "6.12.117", *words), strict=True):
                self.assertEqual({key: cell for key, cell in line.items() if cell},
                                 {key: str(cell) for key, cell in row.items()})

    def test_the_rule_is_named(self):
        for kernel, words in (("debian-6.1.176", ["tcp_adv_win_scale", "recorded"]), ("6.6", ["65/256", "not verified"])):
            text, rule = run(TOOL, "-k", kernel).stdout, json.loads(run(TOOL, "-j", "-k", kernel).stdout)["rule"]
            self.assertEqual(text.splitlines()[0], rule)
            for word in words:
                self.assertIn(word, rule)


class Machine(unittest.TestCase):
    def test_the_running_kernel_gives_what_is_predicted(self):
        for value in (1, 3000, 65536, 1 << 20):
            with socket.socket() as real:
                real.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, value)
                row, = rows("option", "SO_RCVBUF", str(value))
                self.assertEqual(row["rcvbuf_bytes"], real.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
        with socket.socket() as real:
            row, = rows("option", "SO_SNDBUF", "8192", "--netns", "self")
            self.assertEqual(row["rcvbuf_bytes"], real.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))

    def test_a_probe_is_asked_for(self):
        done = run(TOOL, "--probe", "scale")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("(seen", done.stdout.splitlines()[0])


class Refusals(unittest.TestCase):
    def test_usage(self):
        for words in (["-k", "2.6"], ["nonsense"], ["option"], ["option", "SO_KEEPALIVE"], ["buffer", "0"], ["buffer", "1x"],
                      ["--ratio", "0"], ["--ratio", "256"], ["-s", "32"], ["-m", "67"], ["-S", "closed"], ["--rmem", "1 2"],
                      ["--nonsense"], ["buffer", "2147483648"], ["first", "-6", "-m", "1000", "-k", "6.1"]):
            done = run(TOOL, *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertNotEqual(done.stderr, "", words)

    def test_a_missing_namespace_is_the_kernels_word(self):
        self.assertEqual(run(TOOL, "--netns", "/nonexistent").returncode, 2)

    def test_help_and_version(self):
        self.assertIn("Usage: tcpbuf-window", run(TOOL, "--help").stdout)
        self.assertTrue(run(TOOL, "-V").stdout.startswith("tcpbuf-window "))


if __name__ == "__main__":
    tool.main()
