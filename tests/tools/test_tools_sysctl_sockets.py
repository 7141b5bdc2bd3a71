# SPDX-License-Identifier: MIT
"""The contracts of tcpbuf-sysctl and tcpbuf-sockets, in a scratch namespace, against ss(8) and /proc."""
import json
import os
import re
import socket
import subprocess
import time
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


def ss_sockets():
    text = subprocess.run(["ss", "-tmiaenOH"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        cookie = re.search(r"\bsk:([0-9a-f]+)", line)
        if cookie:
            found[str(int(cookie[1], 16))] = line
    return found


SKMEM = ("rmem_alloc", "rcvbuf", "wmem_alloc", "sndbuf", "fwd_alloc", "wmem_queued", "optmem", "backlog")
INFO = {"mss": "snd_mss_bytes", "pmtu": "pmtu_bytes", "rcvmss": "rcv_mss_bytes", "advmss": "advmss_bytes",
        "cwnd": "snd_cwnd", "bytes_sent": "bytes_sent", "bytes_acked": "bytes_acked",
        "bytes_received": "bytes_received", "segs_out": "segs_out", "segs_in": "segs_in",
        "data_segs_out": "data_segs_out", "data_segs_in": "data_segs_in", "rcv_space": "rcv_space_bytes",
        "rcv_ssthresh": "rcv_ssthresh_bytes", "snd_wnd": "snd_wnd_bytes", "delivered": "delivered"}


class Sockets(unittest.TestCase):
    def compare(self, sock, line):
        words = line.split()
        self.assertEqual(sock["state"], words[0])
        if sock["state"] != "LISTEN":
            self.assertEqual(sock["recv_q_bytes"], int(words[1]))
            self.assertEqual(sock["send_q_bytes"], int(words[2]))
        skmem = re.search(r"skmem:\(r(\d+),rb(\d+),t(\d+),tb(\d+),f(\d+),w(\d+),o(\d+),bl(\d+),d(\d+)\)", line)
        for index, name in enumerate(SKMEM):
            self.assertEqual(sock[f"{name}_bytes"], int(skmem[index + 1]))
        self.assertEqual(sock["drops"], int(skmem[9]))
        self.assertEqual(sock["inode"], int(re.search(r"ino:(\d+)", line)[1]))
        if sock["state"] == "LISTEN":
            return
        scales = re.search(r"wscale:(\d+),(\d+)", line)
        self.assertEqual([sock["snd_wscale"], sock["rcv_wscale"]], [int(scales[1]), int(scales[2])])
        for name, key in INFO.items():
            value = re.search(rf"(?<!\S){name}:(\d+)", line)
            if value:
                self.assertEqual(sock[key], int(value[1]), f"{name} in {line}")

    def test_equals_ss(self):
        for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
            listener = socket.create_server((host, 0), family=family)
            client = socket.create_connection(listener.getsockname()[:2])
            server, _ = listener.accept()
            client.sendall(b"x" * 30000)
            self.addCleanup(lambda *all: [one.close() for one in all], listener, client, server)
        for _ in range(20):
            before = ss_sockets()
            shown = json.loads(run("tcpbuf-sockets", "--json").stdout)["sockets"]
            if ss_sockets() == before:
                break
            time.sleep(0.1)
        self.assertEqual(sorted(sock["cookie"] for sock in shown), sorted(before))
        self.assertEqual(len(shown), 6)
        for sock in shown:
            self.compare(sock, before[sock["cookie"]])


if __name__ == "__main__":
    tool.main()
