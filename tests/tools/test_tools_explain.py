# SPDX-License-Identifier: MIT
"""tcpbuf-explain: each way to name a connection, both ends, the owner's lock bits, refusals."""
import json
import os
import re
import socket
import subprocess
import threading
import time
import unittest

import tool
from tool import run

TOOL = "tcpbuf-explain"


def name_of(address):
    return "%s:%d" % address if "." in address[0] else "[%s]:%d" % address[:2]


class Connection:
    """A sender that never rests and a reader that takes 20 kB at most every 100 ms, by threads."""

    def __init__(self, host="127.0.0.1", family=socket.AF_INET, rcvbuf=20000):
        with socket.create_server((host, 0), family=family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            self.client = socket.create_connection(listener.getsockname()[:2])
            self.server, _ = listener.accept()
        self.ends = name_of(self.client.getsockname()), name_of(self.server.getsockname())
        self.on = True
        self.threads = [threading.Thread(target=main) for main in (self.send, self.receive)]
        for thread in self.threads:
            thread.start()

    def send(self):
        self.client.settimeout(0.1)
        while self.on:
            try:
                self.client.send(bytes(65536))
            except TimeoutError:
                pass

    def receive(self):
        while self.on:
            self.server.recv(20000)
            time.sleep(0.1)

    def close(self):
        self.on = False
        for thread in self.threads:
            thread.join()
        self.client.close()
        self.server.close()


def tells_locks(one):
    """SO_BUF_LOCK, since Linux 5.14."""
    try:
        one.getsockopt(socket.SOL_SOCKET, 72)
    except OSError:
        return False
    return True


def codes(done):
    return {(verdict["code"], verdict["end"]) for verdict in json.loads(done.stdout)["verdicts"]}


SLOW = {("peer_window", "own"), ("reader_slow", "peer")}


class Explain(unittest.TestCase):
    def connect(self, *arguments):
        connection = Connection(*arguments)
        self.addCleanup(connection.close)
        return connection

    def test_by_its_ends(self):
        for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
            connection = self.connect(host, family)
            done = run(TOOL, *connection.ends, "--json", "-i", "0.5")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(codes(done), SLOW)
            shown = json.loads(done.stdout)
            self.assertEqual((shown["own"]["local"], shown["own"]["remote"]), connection.ends)
            self.assertEqual((shown["peer"]["remote"], shown["peer"]["local"]), connection.ends)
            self.assertEqual(shown["own"]["netns_inode"], os.stat("/proc/self/ns/net").st_ino)

    def test_by_cookie_in_all_namespaces(self):
        connection = self.connect()
        cookie = int.from_bytes(connection.server.getsockopt(socket.SOL_SOCKET, 57, 8), "little")
        done = run(TOOL, "--netns", "all", "--cookie", str(cookie), "--json")
        self.assertEqual(codes(done), {("peer_window", "peer"), ("reader_slow", "own")})
        self.assertEqual(json.loads(done.stdout)["own"]["cookie"], str(cookie))

    def test_busiest_of_a_process(self):
        idle = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(idle.close)
        quiet = socket.create_connection(idle.getsockname())
        self.addCleanup(quiet.close)
        connection = self.connect()
        shown = json.loads(run(TOOL, "--pid", str(os.getpid()), "--json").stdout)
        self.assertIn(shown["own"]["local"], connection.ends)

    def test_owner_is_asked(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
        self.addCleanup(client.close)
        self.addCleanup(server.close)
        done = run(TOOL, name_of(client.getsockname()), name_of(server.getsockname()), "--inspect", "-i", "0.1", "--json")
        silent = [] if tells_locks(client) else ["own", "peer's"]
        refused = "".join(f"{TOOL}: the owner of the {end} end cannot be asked\n" for end in silent)
        self.assertEqual((done.returncode, done.stderr), (0, refused))
        self.assertEqual(codes(done), {("app_idle", "own"), ("app_idle", "peer")})

    def test_text_names_evidence_and_setting(self):
        text = run(TOOL, *self.connect().ends).stdout
        self.assertRegex(text, r"reader_slow, peer's end\n  \d+ bytes wait to be read, .*\n  change: the application")

    def test_readme_shows_what_is_printed(self):
        [shown] = [lines for lines in tool.readme_blocks() if lines[0].startswith("$ tcpbuf-explain")]
        text = run(TOOL, *self.connect().ends).stdout
        for line, pattern in zip(text.split("\n"), map(tool.shape, shown[1:])):
            self.assertRegex(line, pattern)
        self.assertGreaterEqual(len(text.split("\n")), len(shown) - 1)

    def test_what_is_refused(self):
        self.assertEqual(run(TOOL).returncode, 1)
        self.assertEqual(run(TOOL, "127.0.0.1:1").returncode, 1)
        self.assertEqual(run(TOOL, "127.0.0.1:1", "::1").returncode, 1)
        self.assertEqual(run(TOOL, "127.0.0.1:65536", "127.0.0.1:1").returncode, 1)
        self.assertEqual(run(TOOL, "--cookie", "0").returncode, 1)
        self.assertEqual(run(TOOL, "--pid", "1", "--cookie", "7").returncode, 1)
        self.assertEqual(run(TOOL, "--interval", "61", "--cookie", "7").returncode, 1)
        self.assertEqual(run(TOOL, "127.0.0.1:1", "127.0.0.1:2").returncode, 2)
        self.assertEqual(run(TOOL, "--pid", "4194304").returncode, 2)
        gone = run(TOOL, "--cookie", str(2**64 - 1))
        self.assertEqual(gone.returncode, 2)
        self.assertIn("no such socket", gone.stderr)

    def fill(self):
        """A connection that holds megabytes which nobody reads."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
        self.addCleanup(client.close)
        self.addCleanup(server.close)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)
        tool.fill(client)

    def node(self, *words):
        """The state, and the holders."""
        done = run(TOOL, "node", "--json", *words)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        found = json.loads(done.stdout)["verdicts"]
        self.assertRegex(found[0]["code"], "^node_(fine|near|pressure|out)$")
        self.assertRegex(found[0]["evidence"], r"\d+ bytes of TCP memory in use")
        return [verdict for verdict in found if verdict["code"] == "node_holder"]

    @unittest.skipUnless(tool.ROOT, "only root may look up tcp_mem in the first namespace")
    def test_node_names_its_holders(self):
        self.fill()
        mine = {"netns": f"netns {os.stat('/proc/self/ns/net').st_ino},", "process": f"pid {os.getpid()}:"}
        for by in ("netns", "process"):
            [holder] = [verdict for verdict in self.node("--by", by) if mine[by] in verdict["evidence"]]
            held, allowed = re.match(r"(\d+) bytes in \d+ sockets, mostly sent and .*; its buffers allow (\d+);",
                                     holder["evidence"]).groups()
            self.assertGreater(int(held), 1 << 20)
            self.assertGreater(int(allowed), int(held) / 2)
            self.assertGreaterEqual(holder["share_percent"], 1)
            self.assertIn("net.ipv4.tcp_wmem", holder["setting"])
        self.assertTrue(self.node("--by", "cgroup"))

    def test_node_words(self):
        done = run(TOOL, "node")
        if done.returncode == 2:
            self.assertIn("net.ipv4.tcp_mem cannot be read", done.stderr)
        self.assertEqual(run(TOOL, "node", "--by", "day").returncode, 1)
        self.assertEqual(run(TOOL, "--by", "netns", "127.0.0.1:1", "127.0.0.1:2").returncode, 1)

    def test_no_connection_of_the_process(self):
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
            done = run(TOOL, "--pid", str(child.pid), "-i", "0.1")
            child.stdin.close()
        self.assertEqual(done.returncode, 2)
        self.assertIn("no established TCP connection", done.stderr)


if __name__ == "__main__":
    tool.main()
