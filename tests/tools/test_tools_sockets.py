# SPDX-License-Identifier: MIT
"""tcpbuf-sockets: every value that ss(8) prints of the same quiet sockets, filters, all namespaces, exit codes."""
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
import unittest

import tool
from tool import run

V4, V6 = socket.AF_INET, socket.AF_INET6


def listed(*words, code=0):
    done = run("tcpbuf-sockets", "--json", *words)
    if done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)["sockets"]


def cookies(socks):
    return sorted(sock["cookie"] for sock in socks)


def cookie_of(sock):
    return str(int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder))


def connect(test, host, family=V4, server_host=None, rcvbuf=0, client_family=None):
    """listener, client, server; closed with the test."""
    listener = socket.socket(family)
    if rcvbuf:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    if family == V6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind((server_host or host, 0))
    listener.listen(5)
    client = socket.socket(client_family or family)
    client.connect((host, listener.getsockname()[1]))
    server, _ = listener.accept()
    for sock in (listener, client, server):
        test.addCleanup(sock.close)
    return listener, client, server


# What ss calls a field of struct tcp_info, and how it prints it.
NUMBERS = {"backoff": "backoff", "mss": "snd_mss_bytes", "pmtu": "pmtu_bytes", "rcvmss": "rcv_mss_bytes",
           "advmss": "advmss_bytes", "cwnd": "snd_cwnd", "ssthresh": "snd_ssthresh", "bytes_sent": "bytes_sent",
           "bytes_retrans": "bytes_retrans", "bytes_acked": "bytes_acked", "bytes_received": "bytes_received",
           "segs_out": "segs_out", "segs_in": "segs_in", "data_segs_out": "data_segs_out",
           "data_segs_in": "data_segs_in", "delivered": "delivered", "delivered_ce": "delivered_ce",
           "unacked": "unacked", "lost": "lost", "sacked": "sacked", "dsack_dups": "dsack_dups",
           "fackets": "fackets", "reordering": "reordering", "reord_seen": "reord_seen",
           "rcv_space": "rcv_space_bytes", "rcv_ssthresh": "rcv_ssthresh_bytes", "notsent": "notsent_bytes",
           "rcv_ooopack": "rcv_ooopack", "snd_wnd": "snd_wnd_bytes", "rcv_wnd": "rcv_wnd_bytes", "rehash": "rehash",
           "ino": "inode", "uid": "uid"}
MILLISECONDS = {"rto": "rto_us", "ato": "ato_us", "rcv_rtt": "rcv_rtt_us", "minrtt": "min_rtt_us"}
OPTIONS = {"ts": 1, "sack": 2, "ecn": 8, "ecnseen": 16, "fastopen": 32}
# Times since, running timers, rates that ss computes, and what no field of ours is.
RUNNING = re.compile(r"\s(?:lastsnd|lastrcv|lastack|busy|rwnd_limited|sndbuf_limited):\S+|\stimer:\(\S+\)"
                     r"|\s(?:send|pacing_rate|delivery_rate) \S+|\s(?:qack|bidir|v6only|cgroup|tos|tclass)(?::\S+)?(?=\s|$)"
                     r"|\s<->|\s--->|\s<---")
SKMEM = ("rmem_alloc", "rcvbuf", "wmem_alloc", "sndbuf", "fwd_alloc", "wmem_queued", "optmem", "backlog")


def ss_sockets():
    """Cookie -> what ss prints of that socket, without what runs on."""
    text = subprocess.run(["ss", "-tnmieaOH"], capture_output=True, text=True, check=True).stdout
    lines = (RUNNING.sub("", line) for line in text.splitlines())
    return {str(int(re.search(r"\bsk:([0-9a-f]+)", line)[1], 16)): line for line in lines}


def ends(sock):
    """As ss prints them: a v4-mapped address in its IPv6 form."""
    both = []
    for side in ("local", "remote"):
        address = sock[f"{side}_address"]
        if sock["socket_family"] == "inet6":
            address = f"[::ffff:{address}]" if sock["family"] == "inet" else f"[{address}]"
        both.append(f"{address}:{sock[f'{side}_port'] or '*'}")
    return both


class AgainstSs(unittest.TestCase):
    def check_bbr(self, sock, text, line):
        """Not the bandwidth, which ss rounds."""
        found = dict(part.split(":") for part in text.strip("()").split(","))
        self.assertEqual(found["mrtt"], f"{sock['bbr_min_rtt_us'] / 1000:g}", line)
        for name in ("pacing_gain", "cwnd_gain"):
            self.assertEqual(found.get(name, "0"), f"{sock[f'bbr_{name}'] / 256:g}", line)

    def check_token(self, sock, token, line):
        name, _, value = token.partition(":")
        if name in NUMBERS:
            self.assertEqual(sock[NUMBERS[name]], int(value), f"{name} in {line}")
        elif name in MILLISECONDS:
            self.assertEqual(f"{sock[MILLISECONDS[name]] / 1000:g}", value, f"{name} in {line}")
        elif name == "bbr" and value:
            self.check_bbr(sock, value, line)
        elif name == "rtt":
            self.assertEqual(f"{sock['rtt_us'] / 1000:g}/{sock['rttvar_us'] / 1000:g}", value, line)
        elif name == "wscale":
            self.assertEqual(f"{sock['snd_wscale']},{sock['rcv_wscale']}", value, line)
        elif name == "retrans":
            self.assertEqual(f"{sock['retrans']}/{sock['total_retrans']}", value, line)
        elif name == "sk":
            self.assertEqual(sock["cookie"], str(int(value, 16)))
        elif name == "skmem":
            numbers = list(map(int, re.findall(r"-?\d+", value)))
            self.assertEqual([sock[f"{field}_bytes"] for field in SKMEM] + [sock["drops"]], numbers, line)
        elif token in OPTIONS:
            self.assertTrue(sock["options"] & OPTIONS[token], line)
        elif token == "app_limited":
            self.assertEqual(sock["app_limited"], 1)
        else:
            self.assertEqual(token, sock["cong_name"], f"{token} is not compared in {line}")

    def check(self, sock, line):
        state, received, sent, local, remote, *tokens = line.split()
        self.assertEqual(sock["state"], state)
        self.assertEqual(ends(sock), [local.replace("*:", "[::]:"), remote.replace("*:", "[::]:")])
        names = ("accept_queue", "accept_queue_limit") if state == "LISTEN" else ("recv_q_bytes", "send_q_bytes")
        self.assertEqual([sock[name] for name in names], [int(received), int(sent)], line)
        self.assertGreater(len(tokens), 3 if state == "LISTEN" else 20, line)
        for token in tokens:
            # Of a listener ss prints a window that nobody has set.
            if state != "LISTEN" or token.split(":")[0] in ("skmem", "ino", "uid", "sk", sock["cong_name"]):
                self.check_token(sock, token, line)

    def make_sockets(self):
        for host, family in (("127.0.0.1", V4), ("::1", V6)):
            connect(self, host, family)[1].sendall(b"x" * 30000)
        connect(self, "127.0.0.1", V6, server_host="::", client_family=V4)[2].sendall(b"x" * 1000)
        connect(self, "127.0.0.1", rcvbuf=20000)[1].sendall(b"x" * 5000)
        _, writer, reader = connect(self, "127.0.0.1")
        for _ in range(50):
            writer.sendall(b"x" * 40000)
            reader.recv(40000, socket.MSG_WAITALL)
        full = connect(self, "127.0.0.1", rcvbuf=1)[1]
        full.setblocking(False)
        while select.select([], [full], [], 0.3)[1]:
            full.send(b"x" * 65536)

    def test_every_value_that_ss_prints(self):
        self.make_sockets()
        for _ in range(100):
            before = ss_sockets()
            shown = listed()
            if ss_sockets() == before:
                break
            time.sleep(0.05)
        else:
            self.fail("the sockets never became quiet")
        self.assertEqual(cookies(shown), sorted(before))
        self.assertEqual(len(shown), 18)
        for sock in shown:
            self.check(sock, before[sock["cookie"]])
        # ss does not tell a closed window from none.
        self.assertIn(0, [sock.get("snd_wnd_bytes") for sock in shown])


class Filters(unittest.TestCase):
    def setUp(self):
        self.v4 = connect(self, "127.1.2.3")
        self.v6 = connect(self, "::1", V6)
        self.mapped = connect(self, "127.0.0.1", V6, server_host="::", client_family=V4)

    def expect(self, words, socks):
        self.assertEqual(cookies(listed(*words)), sorted(map(cookie_of, socks)), words)

    def test_state(self):
        listeners = [self.v4[0], self.v6[0], self.mapped[0]]
        self.expect(["--state", "listen"], listeners)
        self.expect(["--state", "LISTEN,ESTAB"], self.v4 + self.v6 + self.mapped)
        self.expect(["--state", "SYN-SENT"], [])

    def test_port(self):
        port = self.v4[0].getsockname()[1]
        self.expect(["--local-port", str(port)], [self.v4[0], self.v4[2]])
        self.expect(["--remote-port", str(port)], [self.v4[1]])
        self.expect(["--local-port", "1-65535", "--remote-port", f"{port}-{port}"], [self.v4[1]])

    def test_address(self):
        self.expect(["--remote", "127.1.0.0/16"], [self.v4[1]])
        self.expect(["--local", "::1"], self.v6)
        self.expect(["--local", "127.0.0.1", "--state", "ESTAB"],
                    [self.v4[1], *self.mapped[1:]] if self.v4[1].getsockname()[0] == "127.0.0.1" else self.mapped[1:])
        self.expect(["--local", "0.0.0.0/0", "--state", "ESTAB"], [*self.v4[1:], *self.mapped[1:]])
        self.expect(["--local", "::/0"], [*self.v6, self.mapped[0]])

    def test_mark(self):
        self.v4[1].setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x105)
        self.expect(["--mark", "0x5/0xf"], [self.v4[1]])
        self.expect(["--mark", "261"], [self.v4[1]])
        self.expect(["--mark", "6/7"], [])

    def test_cgroup(self):
        group = next(sock["cgroup_id"] for sock in listed("--state", "LISTEN"))
        self.expect(["--cgroup", group, "--state", "LISTEN"], [self.v4[0], self.v6[0], self.mapped[0]])
        self.expect(["--cgroup", str(int(group) + 1)], [])

    def test_process(self):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE,
                                 pass_fds=[self.v6[1].fileno()])
        self.addCleanup(child.communicate)
        self.expect(["--pid", str(child.pid)], [self.v6[1]])
        self.expect(["--pid", str(os.getpid())], self.v4 + self.v6 + self.mapped)
        self.expect(["--pid", str(os.getpid()), "--netns", "self", "--state", "ESTAB", "--local", "::1"], self.v6[1:])

    def test_all_namespaces(self):
        script = ("import ctypes, socket, sys; ctypes.CDLL(None).unshare(0x40000000); "
                  "s = socket.create_server(('0.0.0.0', 4242)); "
                  "print(int.from_bytes(s.getsockopt(1, 57, 8), sys.byteorder), flush=True); sys.stdin.read()")
        child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.communicate)
        other = child.stdout.readline().strip()
        done = run("tcpbuf-sockets", "--netns", "all", "--state", "LISTEN", "--json")
        self.assertIn(done.returncode, (0, 3), done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer.get("partial", False), done.returncode == 3)
        seen = {sock["cookie"]: sock["netns_inode"] for sock in answer["sockets"]}
        self.assertEqual(len(seen), len(answer["sockets"]), "a socket is listed twice")
        self.assertEqual(seen[other], os.stat(f"/proc/{child.pid}/ns/net").st_ino)
        for sock in (self.v4[0], self.v6[0], self.mapped[0]):
            self.assertEqual(seen[cookie_of(sock)], os.stat("/proc/self/ns/net").st_ino)

    def test_table(self):
        lines = run("tcpbuf-sockets", "--state", "LISTEN").stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[0].split()[:5], ["NETNS", "STATE", "LOCAL", "REMOTE", "HELD"])
        self.assertIn(f"127.1.2.3:{self.v4[0].getsockname()[1]}", "".join(lines))


class Words(unittest.TestCase):
    def test_what_is_wrong_is_named(self):
        for words in (["--state", "open"], ["--state", ""], ["--local-port", "80-"], ["--local-port", "9-3"],
                      ["--remote-port", "65536"], ["--local-port", "0"], ["--local", "1.2.3"],
                      ["--remote", "1.2.3.4/33"], ["--local", "::1/129"], ["--mark", "x"], ["--mark", "1/"],
                      ["--cgroup", "/proc"], ["--cgroup", "0"], ["--pid", "0"], ["--pid", "-1"], ["extra"]):
            done = run("tcpbuf-sockets", *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(words[-1], done.stderr)
        self.assertEqual(run("tcpbuf-sockets", "--local", "::1", "--remote", "1.2.3.4").returncode, 1)
        self.assertEqual(run("tcpbuf-sockets", "--bad").returncode, 1)
        self.assertEqual(run("tcpbuf-sockets", "--netns", "no-such-name").returncode, 2)
        self.assertEqual(run("tcpbuf-sockets", "--pid", "4194304").returncode, 2)


if __name__ == "__main__":
    tool.main()
