# SPDX-License-Identifier: MIT
"""The contracts of tcpbuf-top: a namespace with queued bytes by every axis, growth, recordings, rights, names."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

import tool
from tool import TOOLS

NODE = {"tcp_mem_bytes", "used_bytes", "attributed_bytes", "unaccepted_bytes", "orphaned_bytes", "unreachable_bytes",
        "unreachable_sockets", "error_bar_bytes", "pressure"}
SUMS = {"sockets", "held_bytes", "rmem_alloc_bytes", "wmem_queued_bytes", "fwd_alloc_bytes"}
NAME = 'ev"il\\\x01\xff'

# A namespace with a connection that holds little.
SMALL = """
import ctypes, os, socket, subprocess, sys
if ctypes.CDLL(None).unshare(0x40000000):
    sys.exit("no namespace")
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
client.sendall(b"little")
print(os.stat("/proc/self/ns/net").st_ino, flush=True)
sys.stdin.read()
"""


def run(*words):
    return tool.run("tcpbuf-top", *words)


def held_by_sockets():
    shown = json.loads(tool.run("tcpbuf-sockets", "--json").stdout)
    return sum(sock.get("held_bytes", 0) for sock in shown["sockets"])


def report(*words):
    done = run("--once", "--json", *words)
    if done.returncode not in (0, 3):
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def next_report(stream):
    """The next of several, as soon as it is whole."""
    text = ""
    for line in stream:
        text += line
        try:
            return json.loads(text)
        except ValueError:
            pass
    raise AssertionError(f"no whole report: {text}")


class Top(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open("/proc/self/comm", "wb") as file:
            file.write(NAME.encode("latin-1"))
        cls.netns = os.stat("/proc/self/ns/net").st_ino
        cls.listener = socket.create_server(("127.0.0.1", 0))
        cls.client = socket.create_connection(cls.listener.getsockname())
        cls.server, _ = cls.listener.accept()
        tool.fill(cls.client)

    def ours(self, holders):
        found = [h for h in holders if h.get("netns_inode") == self.netns]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_the_node_has_its_words_and_adds_up(self):
        for _ in range(200):  # until others' memory does not move in between
            shown = report()
            node = shown["node"]
            self.assertLessEqual(NODE, set(node))
            self.assertEqual(sum(h["held_bytes"] for h in shown["holders"]),
                             sum(node[f"{part}_bytes"] for part in ("attributed", "unaccepted", "orphaned")))
            if node["uncounted_bytes"] == 0:
                break
        self.assertEqual(node["uncounted_bytes"], 0)
        parts = sum(node[f"{part}_bytes"] for part in ("attributed", "unaccepted", "orphaned", "unreachable"))
        self.assertLessEqual(abs(node["used_bytes"] - parts), node["error_bar_bytes"])

    def test_every_axis_has_its_key(self):
        self.assertGreater(self.ours(report("--by", "netns")["holders"])["held_bytes"], 100000)
        process = self.ours(report("--by=process")["holders"])
        self.assertEqual(process["pid"], os.getpid())
        self.assertEqual(process["comm"], NAME.encode("latin-1").decode("latin-1").replace("\\", "\\x5c")
                         .replace("\x01", "\\x01").replace("\xff", "\\xff"))
        for holder in report("-b", "cgroup")["holders"]:
            self.assertTrue(holder["cgroup"].startswith("/"))
        for holder in report("-b", "pod")["holders"]:
            self.assertTrue(holder["pod_uid"])
        sockets = [h for h in report("-b", "socket", "--top", "100000")["holders"] if h["netns_inode"] == self.netns]
        self.assertEqual(len(sockets), 3)
        self.assertTrue(all(isinstance(h["cookie"], str) for h in sockets))
        for holder in sockets + [process]:
            self.assertLessEqual(SUMS, set(holder))
            self.assertEqual(holder["held_bytes"],
                             holder["rmem_alloc_bytes"] + holder["wmem_queued_bytes"] + holder["fwd_alloc_bytes"])

    def test_holders_are_ranked_and_bounded(self):
        """Ours holds what its sockets do, and stands before a namespace that holds less."""
        with subprocess.Popen([sys.executable, "-c", SMALL], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as small:
            inode = int(small.stdout.readline())
            for _ in range(200):  # until acknowledgements no longer move memory about
                before, holders, after = held_by_sockets(), report("--by", "netns")["holders"], held_by_sockets()
                if before == after == self.ours(holders)["held_bytes"]:
                    break
            process = self.ours(report("--by", "process")["holders"])
            small.communicate()
        held = [h["held_bytes"] for h in holders]
        self.assertEqual(held, sorted(held, reverse=True))
        self.assertEqual(self.ours(holders)["held_bytes"], after)
        self.assertEqual(process["held_bytes"], after)
        order = [h["netns_inode"] for h in holders]
        self.assertLess(order.index(self.netns), order.index(inode))
        self.assertEqual(len(report("--top", "1")["holders"]), 1)

    def test_table_shows_names_escaped(self):
        done = run("--once", "--by", "process", "--top", "0")
        self.assertIn("PROCESS", done.stdout)
        self.assertIn('ev"il\\x5c\\x01\\xff', done.stdout)
        self.assertIn("= attributed ", done.stdout)
        self.assertNotIn("\x01", done.stdout)
        self.assertNotIn("GROWTH", done.stdout)

    def test_growth_comes_with_the_second_report(self):
        with subprocess.Popen([f"{TOOLS}/tcpbuf-top", "--json", "--count", "60", "--interval", "1", "--sort", "growth",
                               "-b", "netns"], stdout=subprocess.PIPE, text=True) as top:
            shown = next_report(top.stdout)
            self.assertNotIn("growth_bytes", json.dumps(shown))
            with socket.create_connection(self.listener.getsockname()) as more:
                server, _ = self.listener.accept()
                more.sendall(bytes(50000))
                ours = {"growth_bytes": 0}
                while ours["growth_bytes"] <= 0:
                    before, shown = shown, next_report(top.stdout)
                    ours = self.ours(shown["holders"])
                server.close()
            top.kill()
        self.assertIn("growth_bytes", shown["node"])
        growth = [h["growth_bytes"] for h in shown["holders"]]
        self.assertEqual(growth, sorted(growth, reverse=True))
        self.assertEqual(ours["growth_bytes"], ours["held_bytes"] - self.ours(before["holders"])["held_bytes"])

    def test_a_recording_is_shown_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/census"
            shown = report("--record", path)
            self.assertEqual(report("--replay", path), shown)
            with open(path) as file:
                text = file.read()
            with open(f"{folder}/later", "w") as file:
                file.write(text.replace("\nused_bytes ", "\nused_bytes 1"))
            done = run("--json", "--replay", path, "--replay", f"{folder}/later")
            later = json.loads("{" + done.stdout.split("}\n{")[1])
            self.assertGreater(later["node"]["growth_bytes"], 0)
            self.assertEqual(self.ours(later["holders"])["growth_bytes"], 0)
            self.assertEqual(run("--once", "--replay", path, "--by", "pod").returncode, 2)
            with open(path, "w") as file:
                file.write("tcpbuf-census 1\n")
            damaged = run("--once", "--replay", path)
            self.assertEqual(damaged.returncode, 2)
            self.assertIn("damaged", damaged.stderr)

    def test_an_ordinary_user_sees_its_own_and_what_it_lacks(self):
        if os.geteuid():
            self.skipTest("needs root to become somebody else")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            for name in os.listdir(TOOLS) + [os.path.join("..", "..", "libtcpbuf", "libtcpbuf.so.0")]:
                path = os.path.join(TOOLS, name)
                if os.path.isfile(path) and os.path.basename(name) in ("tcpbuf-top", "libtcpbuf.so.0"):
                    subprocess.run(["cp", "-L", path, folder], check=True)
            done = subprocess.run([f"{folder}/tcpbuf-top", "--once", "--json"], capture_output=True, text=True,
                                  timeout=120, user=65534, group=65534, extra_groups=[],
                                  env={"LD_LIBRARY_PATH": folder})
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("CAP_SYS_PTRACE", done.stderr)
        shown = json.loads(done.stdout)
        self.assertGreater(self.ours(shown["holders"])["held_bytes"], 100000)
        self.assertIn("CAP_SYS_PTRACE", shown["lacks"])

    def test_exit_codes(self):
        for words in (["--by", "nobody"], ["--bad"], ["word"], ["--interval", "0"], ["--sort", "up"], ["-n", "x"]):
            self.assertEqual(run(*words).returncode, 1, words)
        for word in ("--help", "--version"):
            self.assertEqual(run(word).returncode, 0)
        self.assertEqual(run("--replay", "/nonexistent").returncode, 2)
        with open("/dev/full", "w") as full:
            done = subprocess.run([f"{TOOLS}/tcpbuf-top", "--once"], stdout=full, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    if os.geteuid() != 0:
        tool.skip_all("needs root")
    tool.main()
