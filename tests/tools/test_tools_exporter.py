# SPDX-License-Identifier: MIT
"""tcpbuf-exporter by itself: the file for a textfile collector, HTTP, both formats, clients that misbehave."""
import http.client
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import tool
from tool import run

TOOL = "tcpbuf-exporter"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Exporter:
    """A running exporter on loopback."""

    def __init__(self, *words):
        self.port = free_port()
        self.process = subprocess.Popen([f"{tool.TOOLS}/{TOOL}", "--listen", f"127.0.0.1:{self.port}", *words])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                self.process.poll() is None or self.fail()
                threading.Event().wait(0.05)
        self.fail()

    def fail(self):
        self.close()
        raise RuntimeError("the exporter does not listen")

    def get(self, path="/metrics", method="GET", source="127.0.0.1", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def samples(text):
    """{(name, labels): value} of every line that is no comment."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            key = name, tuple(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
            assert key not in found, f"{line} twice"
            found[key] = float(value)
    return found


class Once(unittest.TestCase):
    def test_file_is_replaced_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tcpbuf.prom")
            for _ in range(2):
                self.assertEqual(run(TOOL, "--once", path).returncode, 0)
            self.assertEqual(os.listdir(folder), ["tcpbuf.prom"])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
            with open(path) as file:
                self.assertIn(("tcpbuf_scrape_duration_seconds", ()), samples(file.read()))
            refused = run(TOOL, "--once", os.path.join(folder, "none", "tcpbuf.prom"))
            self.assertEqual(refused.returncode, 2)
            self.assertIn("No such file or directory", refused.stderr)

    def test_sums_are_those_of_the_sockets(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            self.addCleanup(client.close)
            server, _ = listener.accept()
            self.addCleanup(server.close)
            client.sendall(bytes(30000))
            inode = str(os.stat("/proc/self/ns/net").st_ino)
            found = samples(run(TOOL, "--once", "-").stdout)
            kinds = {dict(labels)["kind"]: value for (name, labels), value in found.items()
                     if name == "tcpbuf_memory_bytes" and dict(labels)["netns"] == inode}
            self.assertEqual(set(kinds), {"rmem", "wmem", "forward"})
            self.assertGreater(kinds["rmem"], 30000)
            states = {dict(labels)["state"]: value for (name, labels), value in found.items()
                      if name == "tcpbuf_sockets" and dict(labels)["netns"] == inode}
            states.pop("TIME-WAIT", None)
            self.assertEqual(states, {"ESTAB": 2, "LISTEN": 1})

    def test_beyond_the_top_is_summed(self):
        with socket.create_server(("127.0.0.1", 0)):
            with subprocess.Popen(["unshare", "--net", "sleep", "60"] if os.geteuid() == 0 else
                                  ["unshare", "--map-root-user", "--net", "sleep", "60"]) as child:
                found = {}
                for _ in range(200):
                    found = samples(run(TOOL, "--once", "-", "--top", "1").stdout)
                    names = {dict(labels)["netns"] for (name, labels) in found if name == "tcpbuf_memory_bytes"}
                    if len(names) == 2:
                        break
                child.kill()
        self.assertEqual(len(names), 2)
        self.assertIn("other", names)

    def test_what_is_refused(self):
        for words in (["x"], ["--top", "0"], ["--top", "10001"], ["--listen", "nowhere"], ["--listen", "127.0.0.1"]):
            self.assertEqual(run(TOOL, *words).returncode, 1, words)
        self.assertEqual(run(TOOL, "--proc", "relative", "--once", "-").returncode, 2)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.assertEqual(run(TOOL, "--listen", "127.0.0.1:%d" % taken.getsockname()[1]).returncode, 2)


class Http(unittest.TestCase):
    def setUp(self):
        self.exporter = Exporter()
        self.addCleanup(self.exporter.close)

    def test_prometheus_text_by_default(self):
        answer, text = self.exporter.get()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn("# TYPE tcpbuf_events_total counter\n", text)
        self.assertNotIn("# UNIT", text)

    def test_openmetrics_when_asked(self):
        answer, text = self.exporter.get(Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        self.assertEqual(answer.getheader("Content-Type"), "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertIn("# TYPE tcpbuf_events counter\n", text)
        self.assertTrue(text.endswith("\n# EOF\n"))
        for name, unit in re.findall(r"^# UNIT (\S+) (\S+)$", text, re.M):
            self.assertTrue(name.endswith("_" + unit), name)

    def test_other_paths_and_methods(self):
        self.assertEqual(self.exporter.get("/")[0].status, 200)
        self.assertEqual(self.exporter.get("/metrics/../etc/passwd")[0].status, 404)
        self.assertEqual(self.exporter.get(method="POST")[0].status, 405)
        self.assertEqual(self.exporter.get(method="HEAD")[1], "")

    def test_clients_that_stall_do_no_harm(self):
        stalled = [socket.create_connection(("127.0.0.1", self.exporter.port)) for _ in range(8)]
        for one in stalled:
            one.send(b"GET /metrics HTTP/1.1\r\nHost: a")
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.exporter.get()[0].status)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [200] * 4)
        for one in stalled:
            one.close()

    def test_one_address_has_few_connections(self):
        """Those beyond are closed at once; somebody else still gets an answer."""
        greedy = [socket.create_connection(("127.0.0.1", self.exporter.port)) for _ in range(24)]
        for one in greedy[16:]:
            one.settimeout(60)
            try:
                self.assertEqual(one.recv(1), b"")
            except ConnectionResetError:
                pass
        self.assertEqual(self.exporter.get(source="127.0.0.2")[0].status, 200)
        for one in greedy:
            one.close()

    def test_a_head_without_end_is_cut_off(self):
        with socket.create_connection(("127.0.0.1", self.exporter.port)) as greedy:
            greedy.settimeout(60)
            try:
                for _ in range(100):
                    greedy.send(b"X-Filler: " + b"a" * 1000 + b"\r\n")
                self.assertRegex(greedy.recv(100), rb"HTTP/1\.1 4\d\d|^$")
            except (ConnectionResetError, BrokenPipeError):
                pass
        self.assertEqual(self.exporter.get()[0].status, 200)

    def test_ends_when_asked(self):
        self.assertEqual(self.exporter.close(), 0)


if __name__ == "__main__":
    tool.main()
