# SPDX-License-Identifier: MIT
"""Names that an attacker chose, of processes, cgroups, namespaces and pods: no tool hangs, and what it prints is
UTF-8 without control characters, bounded, and what its format says it is."""
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import yaml

import tool

CLONE_NEWNS, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x00020000, 0x40000000, 1
LIBC = ctypes.CDLL(None, use_errno=True)
LINE_MOST, NAME_MOST, SECONDS = 20000, 255, 60
UID = "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e%02x"
FORGED = "FORGED"  # would begin a line, were a newline let through

NAMES = [
    b"\x1b[2J\x1b]0;owned\x07\x1b[31m",
    b"a\nFORGED b\rFORGED\tc\n",
    b"\"'`$(reboot)\\\"; !x",
    b"\xff\xfe\xc3(\xed\xa0\x80\xf5",
    "\u009b31m\u0085".encode(),
    "\u202eecapseman\u2069\u2028".encode(),
    b"%s%n{{x}}#{x}$x&x;",
    b'","held_bytes":0,"x":"',
    b'"} 1\nFORGED{a="',
    b"x: !!python/object\n- y # z",
    b"..",
    b"--json",
    b"0",
    b"x" * 4096,
]


def file_name(name):
    """A name as far as a folder can hold it."""
    return name.replace(b"/", b"_")[:NAME_MOST]


def memory_mount():
    """Where cgroups can be made: the v1 memory hierarchy, or v2."""
    with open("/proc/self/mountinfo") as file:
        rows = [line.split() for line in file]
    found = [row[4] for row in rows if "-" in row and row[row.index("-") + 1] == "cgroup" and "memory" in row[-1].split(",")]
    return (found + [row[4] for row in rows if "-" in row and row[row.index("-") + 1] == "cgroup2"] + [None])[0]


def private_mounts():
    """/run/netns and the pods' log folders of our own: nobody else sees them, and nothing stays."""
    if os.geteuid() != 0 or LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        tool.skip_all("needs root for mounts of its own")
    for words in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "none", "/run"],
                  ["mount", "-t", "tmpfs", "none", "/var/log"], ["ip", "link", "set", "lo", "up"]):
        subprocess.run(words, check=True)
    os.makedirs("/run/netns")
    os.makedirs("/var/log/pods")
    os.makedirs("/var/log/containers")


class Holder:
    """A process with a hostile name and a socket pair that holds memory, in a namespace of its own."""

    def __init__(self, name):
        ready, done = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                self.live(name, done)
            finally:
                os._exit(1)
        os.close(done)
        self.ready = os.read(ready, 1) == b"y"
        os.close(ready)

    @staticmethod
    def live(name, done):
        assert LIBC.unshare(CLONE_NEWNET) == 0
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with open("/proc/self/comm", "wb") as file:
            file.write(name[:15])
        listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        client.send(bytes(20000))
        os.write(done, b"y")
        signal.pause()
        server.close()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Cgroup:
    """A cgroup below ours, its path made of hostile names; removed again, innermost first."""

    def __init__(self, base, names, pid):
        self.made = [(os.open(base, os.O_PATH), None)]
        for name in names:
            os.mkdir(name, dir_fd=self.made[-1][0])
            self.made.append((os.open(name, os.O_PATH, dir_fd=self.made[-1][0]), name))
        procs = os.open("cgroup.procs", os.O_WRONLY, dir_fd=self.made[-1][0])
        os.write(procs, b"%d" % pid)
        os.close(procs)

    def close(self):
        while len(self.made) > 1:
            fd, name = self.made.pop()
            os.close(fd)
            os.rmdir(name, dir_fd=self.made[-1][0])
        os.close(self.made[0][0])


def cgroup_names(index, name):
    """The kernel takes any byte but newline and slash; a long name is a deep path."""
    safe = file_name(name).replace(b"\n", b"_")
    safe = b"dots" if safe == b".." else safe
    if len(name) > NAME_MOST:
        return [b"x" * NAME_MOST] * 14
    return [b"kubepods", b"pod" + (UID % index).encode(), safe] if index % 2 else [safe]


def log_folders(index, name):
    """What the kubelet never makes, and a pod of that name's UID with a container of that name."""
    pod = b"/var/log/pods/default_web_" + (UID % index).encode()
    safe = file_name(name)
    os.makedirs(pod)
    if safe != b"..":
        os.mkdir(pod + b"/" + safe)
        os.mkdir((b"/var/log/pods/d_" + safe)[:240] + (UID % index).encode()[-2:])
        os.symlink(b"/nowhere", (b"/var/log/containers/" + safe)[:250] + b".log")


def traps():
    """Things in /run/netns that are no namespace."""
    os.mkfifo("/run/netns/fifo")
    os.mkdir("/run/netns/folder")
    for name, to in (("loop", "loop"), ("dangling", "/nowhere"), ("to_fifo", "fifo"), ("zero", "/dev/zero"),
                     ("tty", "/dev/tty"), ("kmsg", "/proc/kmsg"), ("self", "/proc/self/ns/mnt")):
        os.symlink(to, f"/run/netns/{name}")
    return [entry.name for entry in os.scandir("/run/netns")]


def objects(text):
    """Every JSON value of an output, one behind the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return found


class Churn(threading.Thread):
    """Processes that are gone by the time a walk of /proc comes to them."""

    def __init__(self):
        super().__init__()
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            subprocess.run(["true"], check=True)

    def close(self):
        self.enough.set()
        self.join()


class Hostile(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.netns = []
        cls.traps = traps()
        base = memory_mount()
        parent = f"tcpbuf-hostile-{os.getpid()}"
        if base:
            os.mkdir(f"{base}/{parent}")
            cls.addClassCleanup(os.rmdir, f"{base}/{parent}")
        for index, name in enumerate(NAMES):
            cls.add_holder(index, name, base and f"{base}/{parent}")
        churn = Churn()
        churn.start()
        cls.addClassCleanup(churn.close)

    @classmethod
    def add_holder(cls, index, name, base):
        holder = Holder(name)
        if base:
            # Closed after the process has gone.
            cgroup = Cgroup(base, [b"%d" % index] + cgroup_names(index, name), holder.pid)
            cls.addClassCleanup(cgroup.close)
        cls.addClassCleanup(holder.close)
        assert holder.ready
        log_folders(index, name)
        safe = file_name(name)
        if safe in (b"..", b"0"):
            return
        path = b"/run/netns/" + safe
        open(path, "w").close()
        subprocess.run([b"mount", b"--bind", b"/proc/%d/ns/net" % holder.pid, path], check=True)
        cls.netns.append(safe)

    def run_tool(self, words, codes=(0, 1, 2, 3), **more):
        """Ends in time, with a code of the contract; both outputs are fit for a terminal."""
        done = subprocess.run([f"{tool.TOOLS}/{words[0]}", *words[1:]], capture_output=True, timeout=SECONDS,
                              stdin=subprocess.DEVNULL if "input" not in more else None, **more)
        self.assertIn(done.returncode, codes, (words, done.stderr))
        for text in (done.stdout, done.stderr):
            lines = text.decode("utf-8").split("\n")  # strict
            for line in lines:
                self.assertNotRegex(line, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", words)
                self.assertLess(len(line), LINE_MOST, words)
                self.assertFalse(line.startswith(FORGED), words)
        return done.stdout.decode()

    def json(self, words, codes=(0, 1, 2, 3), **more):
        return objects(self.run_tool(words, codes, **more))

    def test_top_by_every_axis(self):
        for by in ("netns", "pod", "cgroup", "process", "socket"):
            with self.subTest(by=by):
                self.run_tool(["tcpbuf-top", "--once", "--top", "0", "--owners", "--by", by], (0, 3))
                shown, = self.json(["tcpbuf-top", "--once", "--owners", "--json", "--by", by], (0, 3))
                self.assertTrue(shown["holders"])

    def test_names_are_there_and_escaped(self):
        shown, = self.json(["tcpbuf-top", "--once", "--json", "--by", "process"], (0, 3))
        names = {holder.get("comm") for holder in shown["holders"]}
        self.assertIn("\\x1b[2J\\x1b]0;owned\\x07\\x1b", names)
        self.assertIn("a\\x0aFORGED b\\x0dFORG", names)
        self.assertIn("\\xff\\xfe\\xc3(\\xed\\xa0\\x80\\xf5", names)

    def test_recordings_hold_them(self):
        with tempfile.NamedTemporaryFile() as file:
            self.run_tool(["tcpbuf-top", "--once", "--by", "process", "--record", file.name], (0, 3))
            text = file.read().decode()
            self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
            self.assertNotRegex(text, "(?m)^FORGED")
            self.json(["tcpbuf-top", "--once", "--json", "--by", "process", "--replay", file.name], (0, 3))

    def test_sockets_and_settings_of_all_namespaces(self):
        self.run_tool(["tcpbuf-sockets", "--netns", "all"], (0, 3))
        listed, = self.json(["tcpbuf-sockets", "--netns", "all", "--json"], (0, 3))
        self.assertTrue(listed["sockets"])
        self.run_tool(["tcpbuf-sysctl", "get", "net.ipv4.tcp_rmem", "--netns", "all"], (0, 3))
        self.json(["tcpbuf-sysctl", "get", "net.ipv4.tcp_rmem", "--netns", "all", "--json"], (0, 3))

    def test_every_tool_on_a_namespace_of_that_name(self):
        for name in self.netns:
            which = b"--netns=" + name
            for words in (["tcpbuf-sockets", which], ["tcpbuf-sysctl", "list", which], ["tcpbuf-window", which],
                          ["tcpbuf-explain", which, "127.0.0.1:1", "127.0.0.1:2"],
                          ["tcpbuf-plan", which, "--connections", "1", "--rtt", "1ms"],
                          ["tcpbuf-plan", "lint", which]):
                with self.subTest(name=name, words=words):
                    words = [os.fsdecode(word) for word in words]
                    self.run_tool(words)
                    self.json(words + ["--json"])
            self.run_tool(["tcpbuf-sysctl", "--", "diff", os.fsdecode(name), "self"])

    def test_opened_by_name(self):
        for name in self.netns:
            listed, = self.json(["tcpbuf-sockets", os.fsdecode(b"--netns=" + name), "--json"], (0,))
            self.assertEqual(len(listed["sockets"]), 3, name)

    def test_what_is_no_namespace_is_refused_at_once(self):
        for name in self.traps:
            for which in (name, f"/run/netns/{name}"):
                if which == "self":
                    continue
                with self.subTest(which=which):
                    self.run_tool(["tcpbuf-sockets", "--netns", which], (2,))
                    self.run_tool(["tcpbuf-sysctl", "list", "--netns", which], (2,))

    def test_words_that_are_names(self):
        for name in NAMES:
            if b"\0" in name:
                continue
            word = os.fsdecode(name[:4000])
            for words in (["tcpbuf-window", f"--kernel={word}"], ["tcpbuf-window", "--grow", f"--kernel=6.1{word}", "--time=0.2", "--json"],
                          ["tcpbuf-sysctl", "--", "explain", word], ["tcpbuf-sysctl", "--", "get", word],
                          ["tcpbuf-sysctl", "check", "net.ipv4.tcp_rmem", f"1 2 {word}"],
                          ["tcpbuf-sockets", f"--state={word}"], ["tcpbuf-sockets", f"--netns={word}"],
                          ["tcpbuf-explain", "--", word, word], ["tcpbuf-top", f"--by={word}"],
                          ["tcpbuf-top", "--once", f"--replay={word}"], ["tcpbuf-exporter", f"--listen={word}"],
                          ["tcpbuf-exporter", "--once", f"/nowhere/{word}"], ["tcpbuf-plan", f"--class={word}"],
                          ["tcpbuf-plan", "lint", f"./{word}/x"], ["tcpbuf-plan", "check", f"./{word}/x"],
                          ["tcpbuf-sysctl", "check", f"--file=./{word}/x"]):
                with self.subTest(words=[w[:60] for w in words]):
                    self.run_tool(words)

    def test_files_of_settings(self):
        for name in NAMES:
            text = b"net.ipv4.tcp_rmem = " + name + b"\nnet.ipv4." + name + b" = 1\n-" + name + b"\n"
            for words in (["tcpbuf-sysctl", "check", "--file", "-"], ["tcpbuf-plan", "lint", "-"]):
                with self.subTest(name=name[:40], words=words):
                    self.run_tool(words, input=text)
                    self.json(words + ["--json"], input=text)
            saved = json.dumps({"settings": {"net.ipv4." + name.decode("latin-1"): name.decode("latin-1"),
                                             "net.ipv4.tcp_rmem": name.decode("latin-1")}}).encode()
            self.json(["tcpbuf-plan", "check", "-", "--json"], input=saved)

    def test_plans_carry_no_name_into_files(self):
        for name in NAMES:
            word = os.fsdecode(name[:31].replace(b",", b"_"))
            demand = ["tcpbuf-plan", "--keep", f"--class=connections=10,rtt=1ms,name={word}"]
            self.run_tool(demand, (0,))
            self.json(demand + ["--json"], (0,))
            for form in ("pod", "daemonset", "compose"):
                list(yaml.safe_load_all(self.run_tool(demand + ["--format", form], (0,))))
            for line in self.run_tool(demand + ["--format", "sysctl"], (0,)).splitlines():
                self.assertRegex(line, r"^(#.*|[\w./]+ = [\w .-]+)$")

    def test_metrics(self):
        text = self.run_tool(["tcpbuf-exporter", "--once", "-"], (0,))
        for line in text.splitlines():
            self.assertRegex(line, r'^(#.*|\w+(\{(\w+="([^"\\\n]|\\["\\n])*",?)+\})? \S+)$')
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_who_holds_the_node(self):
        for by in ("netns", "pod", "cgroup", "process"):
            self.run_tool(["tcpbuf-explain", "node", "--by", by], (0, 3))
            self.json(["tcpbuf-explain", "node", "--by", by, "--json"], (0, 3))

    def test_a_proc_that_would_block(self):
        """FIFOs where files are read, with a writer that never writes and without one."""
        files = ("net/sockstat", "net/protocols", "self/mountinfo", "cgroups", "cmdline", "stat", "1/stat", "1/cgroup",
                 "1/mountinfo", "1/net/sockstat", "sys/net/ipv4/tcp_mem")
        for held in (False, True):
            with tempfile.TemporaryDirectory() as proc:
                for file in files:
                    os.makedirs(os.path.dirname(f"{proc}/{file}"), exist_ok=True)
                    os.mkfifo(f"{proc}/{file}")
                ends = [os.open(f"{proc}/{file}", os.O_RDWR) for file in files if held]
                with self.subTest(held=held):
                    self.run_tool(["tcpbuf-exporter", "--once", "-", "--proc", proc, "--cgroup", proc, "--pod-logs", proc])
                for end in ends:
                    os.close(end)


if __name__ == "__main__":
    private_mounts()
    unittest.main()
