# SPDX-License-Identifier: MIT
"""The contracts of tcpbuf-sysctl, in a scratch namespace, against /proc."""
import json
import os
import unittest

import tool
from tool import run


class Sysctl(unittest.TestCase):
    def test_get_prints_what_the_kernel_prints(self):
        with open("/proc/sys/net/ipv4/tcp_rmem") as file:
            self.assertEqual(run("tcpbuf-sysctl", "get", "net.ipv4.tcp_rmem").stdout, file.read())

    def test_set_and_refusal(self):
        self.assertEqual(run("tcpbuf-sysctl", "set", "net.ipv4.tcp_rmem", "4096 65536 1048576").returncode, 0)
        refused = run("tcpbuf-sysctl", "set", "net.ipv4.tcp_rmem", "4096 65536 1000")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("max 1000 is below default 65536", refused.stderr)
        with open("/proc/sys/net/ipv4/tcp_rmem") as file:
            self.assertEqual(file.read(), "4096\t65536\t1048576\n")

    def test_check_writes_nothing(self):
        before = run("tcpbuf-sysctl", "get", "net.ipv4.tcp_wmem").stdout
        self.assertEqual(run("tcpbuf-sysctl", "check", "net.ipv4.tcp_wmem", "4096 20000 70000").returncode, 0)
        self.assertEqual(run("tcpbuf-sysctl", "get", "net.ipv4.tcp_wmem").stdout, before)

    def test_list_tells_access(self):
        listed = json.loads(run("tcpbuf-sysctl", "list", "--json").stdout)
        self.assertEqual(listed["netns_inode"], os.stat("/proc/self/ns/net").st_ino)
        keys = {key["key"]: key for key in listed["keys"]}
        self.assertEqual(keys["net.ipv4.tcp_mem"]["access"], "absent")
        self.assertEqual(keys["net.ipv4.tcp_mem"]["scope"], "node")
        self.assertNotIn("value", keys["net.ipv4.tcp_mem"])
        self.assertEqual(keys["net.ipv4.tcp_rmem"]["access"], "rw")

    def test_explain_knows_what_is_dead(self):
        text = run("tcpbuf-sysctl", "explain", "net.ipv4.tcp_adv_win_scale").stdout
        self.assertIn("6.6", text)

    def test_list_tells_defaults(self):
        keys = {key["key"]: key for key in json.loads(run("tcpbuf-sysctl", "list", "--json").stdout)["keys"]}
        self.assertEqual(keys["net.ipv4.tcp_app_win"]["default"], "31")
        self.assertEqual(keys["net.core.rmem_max"]["scope"], "node")

    def test_exit_codes(self):
        self.assertEqual(run("tcpbuf-sysctl").returncode, 1)
        self.assertEqual(run("tcpbuf-sysctl", "get", "net.ipv4.no_such").returncode, 1)
        self.assertEqual(run("tcpbuf-sysctl", "--bad").returncode, 1)
        self.assertEqual(run("tcpbuf-sysctl", "get", "net.ipv4.tcp_mem").returncode, 2)
        self.assertEqual(run("tcpbuf-sysctl", "--netns", "no-such-name", "list").returncode, 2)
        for name in ("tcpbuf-sysctl", "tcpbuf-sockets"):
            for word in ("--help", "--version"):
                self.assertEqual(run(name, word).returncode, 0)


if __name__ == "__main__":
    tool.main()
