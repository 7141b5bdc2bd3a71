# SPDX-License-Identifier: MIT
"""A real Prometheus scrapes tcpbuf-exporter: the right pod has the right bytes, every query of the dashboard has data."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import tool
from test_tools_exporter import Exporter, free_port
from tool import run

UID = "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"
CONTAINER = "c" * 64
MEMORY = "/sys/fs/cgroup/memory" if os.path.isdir("/sys/fs/cgroup/memory") else "/sys/fs/cgroup"
KUBERNETES = os.path.join(os.environ["TCPBUF_SOURCE_DIR"], "examples", "kubernetes")

# A pod: in a namespace and a cgroup of its own, a connection with data that nobody reads.
POD = """
import ctypes, os, socket, subprocess, sys
with open(sys.argv[1] + "/cgroup.procs", "w") as file:
    file.write(str(os.getpid()))
if ctypes.CDLL(None).unshare(0x40000000):
    sys.exit("no namespace")
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with socket.create_server(("127.0.0.1", 0)) as listener:
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
client.sendall(bytes(100000))
print("ready", flush=True)
sys.stdin.read()
"""


class Prometheus:
    def __init__(self, folder, port):
        self.port = free_port()
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w") as file:
            json.dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                       "rule_files": [os.path.join(KUBERNETES, "alerts.yaml")],
                       "scrape_configs": [{"job_name": "tcpbuf", "static_configs": [
                           {"targets": [f"127.0.0.1:{port}"]}]}]}, file)
        self.log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"], stderr=self.log)

    def ask(self, path, **words):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?" + urllib.parse.urlencode(words)
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]

    def query(self, text):
        return self.ask("query", query=text)["result"]

    def unit(self, metric):
        return self.ask("metadata", metric=metric)[metric][0]["unit"]

    def wait_for(self, text, wanted):
        """The first result that wanted() likes; bounded."""
        found = None
        for _ in range(120):
            try:
                found = self.query(text)
                if wanted(found):
                    return found
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError(f"{text}: last answer {found}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Scraped(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        os.makedirs(f"{self.folder}/pods/shop_web-0_{UID}/nginx")
        self.start_pod()
        self.exporter = Exporter("--pod-logs", f"{self.folder}/pods")
        self.addCleanup(self.exporter.close)
        self.prometheus = Prometheus(self.folder, self.exporter.port)
        self.addCleanup(self.prometheus.close)

    def start_pod(self):
        top = f"{MEMORY}/kubepods-test-{os.getpid()}"
        steps = [top, f"{top}/kubepods", f"{top}/kubepods/burstable", f"{top}/kubepods/burstable/pod{UID}",
                 f"{top}/kubepods/burstable/pod{UID}/{CONTAINER}"]
        for step in steps:
            os.mkdir(step)
            self.addCleanup(self.remove, step)
        self.pod = subprocess.Popen([sys.executable, "-c", POD, steps[-1]], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.pod.communicate)
        self.assertEqual(self.pod.stdout.readline(), "ready\n")

    @staticmethod
    def remove(folder):
        """The kernel lets a cgroup go a moment after its last process."""
        for _ in range(100):
            try:
                return os.rmdir(folder)
            except OSError:
                time.sleep(0.05)

    def held_by_pod(self):
        shown = json.loads(run("tcpbuf-sockets", "--netns", str(self.pod.pid), "--json").stdout)
        return sum(sock.get("held_bytes", 0) for sock in shown["sockets"])

    def test_right_pod_has_the_right_bytes(self):
        self.assertGreater(self.held_by_pod(), 100000)
        # The first scrape may have come before the last acknowledgement.
        self.prometheus.wait_for('sum by (namespace, pod) (tcpbuf_memory_bytes{namespace="shop",pod="web-0"})',
                                 lambda rows: [float(row["value"][1]) for row in rows] == [self.held_by_pod()])
        found = self.prometheus.query('sum by (container) (tcpbuf_memory_bytes{pod="web-0"})')
        self.assertEqual([row["metric"]["container"] for row in found], ["nginx"])
        up = self.prometheus.query("up")
        self.assertEqual([row["value"][1] for row in up], ["1"])
        # Units come with OpenMetrics only.
        self.assertEqual(self.prometheus.unit("tcpbuf_memory_bytes"), "bytes")

    def test_every_query_of_the_dashboard_has_data(self):
        with open(os.path.join(KUBERNETES, "dashboard.json")) as file:
            board = json.load(file)
        queries = [target["expr"].replace("$instance", ".*") for panel in board["panels"] for target in panel["targets"]]
        self.assertGreater(len(queries), 8)
        for query in queries:
            self.prometheus.wait_for(query, bool)

    def test_alerts_are_valid_and_silent_on_a_quiet_node(self):
        done = subprocess.run(["promtool", "check", "rules", os.path.join(KUBERNETES, "alerts.yaml")],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.prometheus.wait_for("tcpbuf_node_pressure", bool)
        firing = self.prometheus.query('ALERTS{alertstate="firing",severity="critical"}')
        self.assertEqual(firing, [])


if __name__ == "__main__":
    if os.geteuid() != 0:
        tool.skip_all("needs root, to make cgroups")
    for program in ("prometheus", "promtool"):
        shutil.which(program) or tool.skip_all(f"{program} is not installed")
    unittest.main()  # in the machine's first namespace: only there tcp_mem shows
