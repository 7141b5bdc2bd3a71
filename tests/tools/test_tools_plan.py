# SPDX-License-Identifier: MIT
"""The contract of tcpbuf-plan: plans, artefacts, lint, apply with roll-back, a saved plan against a namespace."""
import json
import os
import subprocess
import tempfile
import unittest

import tool
from tool import run

# A node of its own, so that the machine that tests does not matter.
NODE = ("--kernel", "6.18", "--ram", "64G", "--tcp-mem", "768000 1024000 1536000", "--neighbours", "1G")
CLASS = ("--connections", "10000", "--rtt", "40ms", "--rate", "10M")


def plan(*words):
    return run("tcpbuf-plan", *words)


def plan_json(*words):
    done = plan(*NODE, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sysctl(key, value=None):
    path = "/proc/sys/" + key.replace(".", "/")
    if value is not None:
        with open(path, "w") as file:
            file.write(value)
    with open(path) as file:
        return " ".join(file.read().split())


def as_file(text):
    file = tempfile.NamedTemporaryFile("w", suffix=".conf")
    file.write(text)
    file.flush()
    return file


def setUpModule():
    """Whatever the machine is set to: a congestion control that every namespace may use, and known buffers."""
    sysctl("net.ipv4.tcp_congestion_control", "reno")
    sysctl("net.ipv4.tcp_rmem", "4096 131072 6291456")
    sysctl("net.ipv4.tcp_wmem", "4096 16384 4194304")


class Plan(unittest.TestCase):
    def test_fixed_words(self):
        made = plan_json(*CLASS)
        for word in ("settings", "memory", "node", "findings"):
            self.assertIn(word, made)
        memory = made["memory"]
        self.assertEqual(memory["idle_bytes"], 10000 * made["classes"][0]["idle_bytes"])
        self.assertLess(memory["expected_bytes"], memory["bound_bytes"])
        for figure in ("expected", "bound"):
            for side in ("_receive", "_send"):
                one = made["classes"][0][f"{figure}{side}_bytes"]
                self.assertEqual(memory[f"{figure}{side}_bytes"], 10000 * one)
                self.assertRegex(plan(*NODE, *CLASS).stdout, rf"\n- .*\b{one}\b")
        self.assertEqual(made["settings"]["net.ipv4.tcp_rmem"], "4096 131072 200704")
        self.assertEqual(made["node"]["remaining_before_bytes"], 1536000 * 4096 - (1 << 30))

    def test_classes_and_single_fields_are_the_same(self):
        one = plan_json("--class", "connections=10000,rtt=40ms,rate=10M")
        self.assertEqual(one, plan_json(*CLASS))
        two = plan_json("--class", "connections=10000,rtt=40ms,rate=10M", "--class", "name=repair,connections=4,rtt=1ms,rate=8G")
        self.assertEqual([c["connections"] for c in two["classes"]], [10000, 4])
        self.assertGreater(int(two["settings"]["net.ipv4.tcp_rmem"].split()[2]), 200704)

    def test_impossible_gets_a_sentence(self):
        for words, text in ((("--connections", "0", "--rtt", "1ms"), "number of connections 0"),
                            (("--connections", "1", "--rtt=-1ms"), "round trip in microseconds -1000"),
                            (("--connections", "1", "--rtt", "200ms", "--rate", "100G"), "no window reaches that"),
                            (("--connections", "9999999", "--rtt", "1ms"), "not even one segment each"),
                            ((), "no class of connections")):
            done = plan(*NODE, *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn(text, done.stderr)

    def test_usage(self):
        for words in (("--class", "connections"), ("--class", "colour=red"), ("--connections", "many"), ("--connections", "1.5", "--rtt", "1ms"), ("--rtt", "5"),
                      ("--format", "pdf"), ("nonsense",), ("--kernel", "windows"), ("--reader", "fast")):
            self.assertEqual(plan(*words).returncode, 1, words)
        for word in ("--help", "--version"):
            self.assertEqual(plan(word).returncode, 0)

    def test_a_plan_that_cannot_keep_its_promise_says_so(self):
        made = plan_json("--connections", "8", "--rtt", "100ms", "--rate", "1G", "--so-rcvbuf", "8M")
        texts = [f["text"] for f in made["findings"] if (f["code"], f["level"]) == ("rate_below", "error")]
        self.assertEqual(texts, ["the plan reaches 671088640 bit/s to receive, wanted are 1000000000: the application fixes its buffer"])
        crowded = plan(*NODE, *CLASS, "--neighbours", "8G").stdout
        self.assertIn("pressure has begun: the neighbours alone are above it", crowded)
        self.assertIn("left then", crowded)

    def test_a_node_that_is_not_known_is_said(self):
        text = plan(*NODE, *CLASS, "--tcp-mem", "0 0 0", "--cgroup-limit", "8G").stdout
        self.assertIn("\n  not judged: net.ipv4.tcp_mem cannot be read", text)
        self.assertRegex(text, r"\n  cgroup: expected [0-9.]+ % of its limit")

    def test_text_tells_every_figure(self):
        text = plan(*NODE, *CLASS).stdout
        made = plan_json(*CLASS)
        for key in ("idle_bytes", "expected_bytes", "bound_bytes"):
            self.assertIn(str(made["memory"][key]), text)
        for step in made["steps"]:
            self.assertIn(step["text"], text)

    def test_namespace_file_is_accepted_by_sysctl(self):
        text = plan(*NODE, *CLASS, "--format", "sysctl").stdout
        self.assertIn("net.ipv4.tcp_rmem = 4096 131072 200704", text)
        with as_file(text) as file:
            subprocess.run(["sysctl", "-p", file.name], check=True, capture_output=True)
        self.assertEqual(sysctl("net.ipv4.tcp_rmem"), "4096 131072 200704")

    def test_node_file_is_valid_by_the_key_table(self):
        words = ("--class", "connections=20000,rtt=40ms,rate=10M", "--class", "connections=1,rtt=40ms,so-rcvbuf=1G")
        text = plan(*NODE, *words, "--ram", "1T", "--format", "sysctl-node").stdout
        settings = [line.split(" = ") for line in text.splitlines() if not line.startswith("#")]
        self.assertEqual([key for key, _ in settings], ["net.core.rmem_max", "net.ipv4.tcp_mem"])
        with as_file(text) as file:
            codes = {f["code"] for f in json.loads(plan("lint", file.name, "--ram", "1T", "--json").stdout)["findings"]}
        self.assertFalse(codes & {"refused", "doubtful", "pages_as_bytes", "dead_key", "equal_triple", "absent_key"}, codes)

    def test_places_by_version(self):
        def pod(*words):
            return plan_json(*CLASS, *words)["places"]["net.ipv4.tcp_rmem"]["pod"]
        self.assertEqual(pod("--kubernetes", "1.32"), "safe")
        self.assertEqual(pod("--kubernetes", "1.31"), "unsafe")
        kubelet = plan(*NODE, *CLASS, "--kubernetes", "1.31", "--format", "kubelet").stdout
        self.assertEqual(kubelet, "--allowed-unsafe-sysctls=net.ipv4.tcp_rmem,net.ipv4.tcp_wmem\n")
        self.assertIn("--sysctl 'net.ipv4.tcp_rmem=4096 131072 200704'", plan(*NODE, *CLASS, "-f", "docker").stdout)
        self.assertIn('net.ipv4.tcp_rmem: "4096 131072 200704"', plan(*NODE, *CLASS, "-f", "compose").stdout)


class Lint(unittest.TestCase):
    def findings(self, text, *words):
        with as_file(text) as file:
            done = plan("lint", file.name, "--json", "--ram", "16G", "--kernel", "6.18", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [(f.get("key", ""), f["code"]) for f in json.loads(done.stdout)["findings"]]

    def test_datastax(self):
        core = "net.core."
        self.assertEqual(self.findings(tool.DATASTAX, "--connections", "10000"), [
            (core + "rmem_max", "node_level"), (core + "rmem_max", "raises"),
            (core + "wmem_max", "node_level"), (core + "wmem_max", "raises"),
            (core + "rmem_default", "node_level"), (core + "rmem_default", "not_tcp"), (core + "rmem_default", "raises"),
            (core + "wmem_default", "node_level"), (core + "wmem_default", "not_tcp"), (core + "wmem_default", "raises"),
            (core + "optmem_max", "lowers"),
            ("net.ipv4.tcp_rmem", "below_new_default"), ("net.ipv4.tcp_rmem", "lowers"), ("net.ipv4.tcp_rmem", "lowers"),
            ("net.ipv4.tcp_wmem", "raises"), ("net.ipv4.tcp_wmem", "raises"), ("", "may_hold")])

    def test_mistakes(self):
        found = self.findings("net.ipv4.tcp_mem = 100000000 100000000 100000000\nnet.ipv4.tcp_tw_recycle = 1\n"
                              "net.netfilter.nf_conntrack_max = 9\nnet.ipv4.tcp_rmem = 9 8 7\nnet.ipv4.tcp_wmem = 1 2 9999999999\n")
        for one in (("net.ipv4.tcp_mem", "pages_as_bytes"), ("net.ipv4.tcp_mem", "equal_triple"),
                    ("net.ipv4.tcp_tw_recycle", "dead_key"), ("net.netfilter.nf_conntrack_max", "conntrack"),
                    ("net.ipv4.tcp_rmem", "refused"), ("net.ipv4.tcp_wmem", "refused")):
            self.assertIn(one, found)

    def test_live_namespace(self):
        sysctl("net.ipv4.tcp_wmem", "4096 16384 65536")
        found = json.loads(plan("lint", "--json").stdout)["findings"]
        self.assertIn(("net.ipv4.tcp_wmem", "lowers"), [(f["key"], f["code"]) for f in found])
        self.assertNotIn("node_level", [f["code"] for f in found])

    def test_no_such_file(self):
        self.assertEqual(plan("lint", "/no/such").returncode, 2)


class Apply(unittest.TestCase):
    setUp = staticmethod(setUpModule)

    def save(self):
        return as_file(plan(*NODE, *CLASS, "--json").stdout)

    def test_nothing_is_touched_without(self):
        plan(*NODE, *CLASS)
        self.assertEqual(sysctl("net.ipv4.tcp_rmem"), "4096 131072 6291456")

    def test_apply_then_drift(self):
        with self.save() as saved:
            before = plan("check", saved.name, "--json")
            self.assertEqual(before.returncode, 3)
            self.assertEqual([d["value"] for d in json.loads(before.stdout)["drift"]],
                             ["4096 131072 6291456", "4096 16384 4194304"])
            self.assertEqual(plan(*NODE, *CLASS, "--apply", "--netns", str(os.getpid())).returncode, 0)
            self.assertEqual(sysctl("net.ipv4.tcp_rmem"), "4096 131072 200704")
            self.assertEqual(plan("check", saved.name).returncode, 0)
            sysctl("net.ipv4.tcp_wmem", "4096 16384 65536")
            after = plan("check", saved.name)
            self.assertEqual(after.returncode, 3)
            self.assertIn("net.ipv4.tcp_wmem: planned 4096 16384 163840, is 4096 16384 65536", after.stdout)

    def test_a_failure_puts_all_back(self):
        # tcp_wmem cannot be written any more, tcp_rmem comes before it.
        with tempfile.NamedTemporaryFile("w") as other:
            other.write("4096\t16384\t4194304\n")
            other.flush()
            script = ("mount --bind {0} /proc/sys/net/ipv4/tcp_wmem && mount -o remount,bind,ro /proc/sys/net/ipv4/tcp_wmem && "
                      "exec {1}/tcpbuf-plan \"$@\"").format(other.name, tool.TOOLS)
            done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *NODE, *CLASS, "--apply"],
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("tcp_wmem", done.stderr)
        self.assertEqual(sysctl("net.ipv4.tcp_rmem"), "4096 131072 6291456")

    def test_no_plan(self):
        with as_file("{}") as file:
            self.assertEqual(plan("check", file.name).returncode, 1)


if __name__ == "__main__":
    tool.main()
