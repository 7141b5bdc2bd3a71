# SPDX-License-Identifier: MIT
"""The contracts of tcpbuf-sysctl in a scratch namespace, against /proc."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from tool import TOOLS, main

RMEM, SACK, SCALE = "net.ipv4.tcp_rmem", "net.ipv4.tcp_sack", "net.ipv4.tcp_adv_win_scale"


def sysctl(*words, stdin=None):
    return subprocess.run([f"{TOOLS}/tcpbuf-sysctl", *words], input=stdin, capture_output=True, text=True, timeout=60)


def proc(key):
    with open("/proc/sys/" + key.replace(".", "/")) as file:
        return file.read().rstrip("\n")


def keys_of(done):
    return {key["key"]: key for key in json.loads(done.stdout)["keys"]}


class Case(unittest.TestCase):
    def setUp(self):
        for key, value in ((RMEM, "4096 131072 6291456"), (SCALE, "1"), (SACK, "1")):
            self.done(0, "set", key, value)

    def done(self, code, *words, stdin=None):
        done = sysctl(*words, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stderr)
        return done


class One(Case):
    def test_get_prints_what_the_kernel_prints(self):
        self.assertEqual(self.done(0, "get", RMEM).stdout, proc(RMEM) + "\n")
        shown = json.loads(self.done(0, "get", "--json", RMEM).stdout)
        self.assertEqual(shown, {"netns_inode": os.stat("/proc/self/ns/net").st_ino, "key": RMEM, "value": proc(RMEM)})

    def test_options_stand_anywhere(self):
        self.done(0, "set", SCALE, "-2")
        self.assertEqual(proc(SCALE), "-2")
        self.assertEqual(json.loads(self.done(0, "set", SCALE, "-3", "--json").stdout)["value"], "-3")
        self.assertEqual(proc(SCALE), "-3")
        self.done(0, "--json", "get", "-N", str(os.getpid()), RMEM)

    def test_a_refused_value_changes_nothing(self):
        refused = self.done(1, "set", RMEM, "4096 65536 1000")
        self.assertIn("max 1000 is below default 65536", refused.stderr)
        self.assertEqual(proc(RMEM), "4096\t131072\t6291456")

    def test_check_writes_nothing(self):
        self.done(0, "check", RMEM, "4096 20000 70000")
        self.assertEqual(proc(RMEM), "4096\t131072\t6291456")
        # Read-only here since 6.11, before that only the initial namespace has it.
        self.assertRegex(self.done(2, "check", "net.core.rmem_max", "300000").stderr, r"\((EROFS|ENOENT)\)")

    def test_a_harmful_value_is_set_with_a_warning(self):
        shown = self.done(0, "set", RMEM, "4096 4096 4096", "--json")
        self.assertNotIn("warning", shown.stdout)
        shown = self.done(0, "set", "net.ipv4.tcp_wmem", "1024 1024 2000", "--json")
        self.assertIn("segment", json.loads(shown.stdout)["warning"])
        self.assertIn("warning", shown.stderr)
        self.assertEqual(proc("net.ipv4.tcp_wmem"), "1024\t1024\t2000")

    def test_explain(self):
        text = self.done(0, "explain", SCALE).stdout
        for word in ("6.6", "Unit: ", "New namespaces: ", "KERNEL", "Often expected"):
            self.assertIn(word, text)
        shown = json.loads(self.done(0, "explain", "--json", RMEM).stdout)
        self.assertEqual((shown["key"], shown["unit"], shown["count"], shown["scope"]), (RMEM, "bytes", 3, "netns"))
        self.assertIn("4.15", shown["history"])
        self.assertIn("rmem_max", shown["folklore"])

    def test_keepalive_is_summed(self):
        for name in ("time", "probes", "intvl"):
            key = f"net.ipv4.tcp_keepalive_{name}"
            numbers = [int(self.done(0, "get", f"net.ipv4.tcp_keepalive_{part}").stdout) for part in ("time", "probes", "intvl")]
            total = numbers[0] + numbers[1] * numbers[2]
            self.assertEqual(json.loads(self.done(0, "explain", "--json", key).stdout)["gives_up_after_s"], total)
            self.assertIn(f"= {total} seconds", self.done(0, "explain", key).stdout)

    def test_exit_codes(self):
        self.done(1)
        self.done(1, "get", "net.ipv4.no_such")
        self.done(1, "get", RMEM, "more")
        self.done(1, "verb", RMEM)
        self.done(1, "--bad")
        self.done(2, "get", "net.ipv4.tcp_mem")
        self.done(2, "--netns", "no-such-name", "list")
        for word in ("--help", "--version"):
            self.done(0, word)


class List(Case):
    def test_access_scope_and_default(self):
        done = self.done(0, "list", "--json")
        self.assertEqual(json.loads(done.stdout)["netns_inode"], os.stat("/proc/self/ns/net").st_ino)
        keys = keys_of(done)
        self.assertEqual(keys["net.ipv4.tcp_mem"], {"key": "net.ipv4.tcp_mem", "scope": "node", "access": "absent"})
        self.assertEqual(keys[RMEM]["access"], "rw")
        self.assertEqual(keys["net.ipv4.tcp_app_win"]["default"], "31")
        self.assertEqual(keys["net.core.rmem_max"]["scope"], "node")
        for name, key in keys.items():
            self.assertEqual("value" in key, os.path.exists("/proc/sys/" + name.replace(".", "/")))
            if "value" in key:
                self.assertEqual(key["value"], proc(name))

    def test_the_table_has_the_same_rows(self):
        rows = self.done(0, "list").stdout.splitlines()
        self.assertEqual(rows[0].split(), ["KEY", "VALUE", "DEFAULT", "SCOPE", "ACCESS"])
        self.assertEqual(sorted(row.split()[0] for row in rows[1:]), sorted(keys_of(self.done(0, "list", "-j"))))


class Manual(Case):
    SECTIONS = {"Copied from": ("netns", "a copy"), "The kernel's default": ("netns", "the kernel's default"),
                "From the size": ("netns", "computed"), "The node's": ("node", "the node's")}

    def test_tcpbuf_netns_7_agrees_with_the_table(self):
        told = {}
        page = (Path(__file__).resolve().parents[2] / "man/man7/tcpbuf_netns.7").read_text()
        for section in re.split(r"^\.Ss ", page, flags=re.M):
            for title, what in self.SECTIONS.items():
                if section.startswith(title):
                    told.update((name if "." in name else f"net.ipv4.{name}", what)
                                for name in re.findall(r"^\.It Li (\S+)", section, re.M))
        keys = keys_of(self.done(0, "list", "--json"))
        self.assertEqual(sorted(told), sorted(keys))
        for name, (scope, start) in told.items():
            shown = json.loads(self.done(0, "explain", "--json", name).stdout)
            if name != "net.core.optmem_max":  # the node's before 6.8
                self.assertEqual(shown["scope"], scope, name)
                self.assertTrue(shown["new_netns"].startswith(start), name)


class File(Case):
    def test_what_get_writes_set_takes_back(self):
        saved = self.done(0, "get", "--all").stdout
        self.assertIn(f"{RMEM} = 4096\t131072\t6291456\n", saved)
        self.done(0, "set", RMEM, "8192 65536 1048576")
        self.done(0, "set", SACK, "0")
        shown = keys_of(self.done(0, "set", "--json", "--file", "-", stdin=saved))
        self.assertEqual({key for key, row in shown.items() if row["outcome"] != "same"}, {RMEM, SACK})
        self.assertEqual(shown[RMEM]["before"], "8192\t65536\t1048576")
        self.assertEqual(self.done(0, "get", "--all").stdout, saved)

    def test_one_bad_line_and_nothing_is_written(self):
        refused = self.done(1, "set", "--file", "-", stdin=f"{SACK} = 0\n# comment\n{RMEM} = 9 8 7\nnonsense\n")
        self.assertIn("-:3: cannot set net.ipv4.tcp_rmem", refused.stderr)
        self.assertIn("-:4: not KEY = VALUE", refused.stderr)
        self.assertEqual(proc(SACK), "1")

    def test_the_kernel_refuses_one_and_all_are_put_back(self):
        failed = self.done(2, "set", "--json", "--file", "-", stdin=f"{SACK} = 0\nnet.ipv4.tcp_mem = 1 2 3\n")
        self.assertIn("nothing was written", failed.stderr)
        self.assertEqual(keys_of(failed)["net.ipv4.tcp_mem"]["outcome"], "refused")
        self.assertEqual(proc(SACK), "1")

    def test_an_optional_key_may_fail(self):
        shown = keys_of(self.done(0, "set", "-j", "-f", "-", stdin=f"-net.ipv4.tcp_mem = 1 2 3\n{SACK} = 0\n"))
        self.assertEqual(shown["net.ipv4.tcp_mem"]["outcome"], "refused")
        self.assertEqual(shown[SACK]["outcome"], "written")

    def test_the_last_line_of_a_key_counts(self):
        self.done(0, "set", "-f", "-", stdin=f"{SACK} = 0\n net/ipv4/tcp_sack=1\n")
        self.assertEqual(proc(SACK), "1")

    def test_other_keys_are_skipped_and_named(self):
        partial = self.done(3, "set", "-f", "-", stdin=f"kernel.pid_max = 5\nnet.ipv4.conf.*.rp_filter = 1\n{SACK} = 0\n")
        self.assertIn("kernel.pid_max is no TCP buffer key", partial.stderr)
        self.assertEqual(proc(SACK), "0")
        self.assertIn("patterns", self.done(1, "set", "-f", "-", stdin="net.ipv4.tcp_s* = 0\n").stderr)

    def test_check_of_a_file_writes_nothing(self):
        self.done(0, "check", "-f", "-", stdin=f"{SACK} = 0\n")
        self.done(1, "check", "-f", "-", stdin=f"{RMEM} = 1\n")
        self.assertEqual(proc(SACK), "1")

    def test_files_that_cannot_be_read(self):
        self.done(1, "set", "--file", "/no/such/file")
        self.done(1, "set", "--file", "/dev/zero")
        self.done(1, "set", "--file", "/")


class Diff(Case):
    def test_two_namespaces(self):
        other = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo 0 >/proc/sys/net/ipv4/tcp_sack; echo; read x"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            other.stdout.readline()
            shown = json.loads(self.done(0, "diff", "--json", "self", str(other.pid)).stdout)
        finally:
            other.communicate()
        keys = {key["key"]: key for key in shown["keys"]}
        self.assertEqual(keys[SACK], {"key": SACK, "a": "1", "b": "0"})
        self.assertNotIn("net.ipv4.tcp_app_win", keys)

    def test_a_namespace_and_a_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(f"{RMEM} = 4096 131072 6291456\n{SACK} = 0\n")
            file.flush()
            rows = self.done(0, "diff", "self", file.name).stdout.splitlines()
        self.assertEqual(rows[0].split(), ["KEY", "self", file.name])
        self.assertEqual([row.split() for row in rows[1:]], [[SACK, "1", "0"]])

    def test_what_cannot_be_compared(self):
        self.done(2, "diff", "self", "no-such-name")
        self.done(1, "diff", "self", "/no/such/file")
        self.done(1, "diff", "self", "-", stdin=f"{RMEM} = 3 2 1\n")
        self.done(1, "diff", "self")


class Everywhere(Case):
    def test_each_namespace_once(self):
        done = sysctl("--netns", "all", "get", RMEM, "--json")
        self.assertIn(done.returncode, (0, 3))
        rows = json.loads(done.stdout)["namespaces"]
        inodes = [row["netns_inode"] for row in rows]
        self.assertEqual(len(inodes), len(set(inodes)))
        mine = [row for row in rows if row["netns_inode"] == os.stat("/proc/self/ns/net").st_ino]
        self.assertEqual(mine[0]["value"], proc(RMEM))


if __name__ == "__main__":
    main()
