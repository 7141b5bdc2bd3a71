# SPDX-License-Identifier: MIT
"""What the house tests share: the rooms and arrows of HACKING.md, tools, findings."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CC = os.environ.get("CC", "cc")
SOURCE = Path(os.environ["TCPBUF_SOURCE_DIR"])
BUILD = Path(os.environ["TCPBUF_BINARY_DIR"])
INCLUDE = SOURCE / "include"
HEADERS = sorted((INCLUDE / "tcpbuf").glob("*.h"))
UMBRELLA = INCLUDE / "tcpbuf" / "tcpbuf.h"
MAP = SOURCE / "libtcpbuf" / "tcpbuf.map"

findings = []


def finding(where, what):
    findings.append(f"{where}: {what}")


def finish(checked):
    """Print every finding; fail when there is one, or when nothing was looked at."""
    if not checked:
        finding("this test", "found nothing to check")
    print("\n".join(findings) or f"checked {checked}")
    sys.exit(1 if findings else 0)


def skip(why):
    print("SKIP:", why)
    sys.exit(1 if os.environ.get("TCPBUF_TEST_REQUIRE") else 77)


def need(*tools):
    for tool in tools:
        shutil.which(tool) or skip(f"{tool} is not installed")


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False, **more)


def output(*command, **more):
    done = run(*command, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def rooms():
    """Name -> (is pure, rooms it may use), read from the table in HACKING.md; indirect ones included."""
    row = re.compile(r"^\| `(\w+)`( \(pure\))? \|.*\| ([\w, -]+) \|$", re.M)
    table = {name: (bool(pure), set(re.findall(r"\w+", below)))
             for name, pure, below in row.findall((SOURCE / "HACKING.md").read_text())}

    def reach(name):
        direct = table[name][1]
        return direct.union(*(reach(below) for below in direct)) if direct else set()
    return {name: (pure, reach(name)) for name, (pure, _) in table.items()}


def room_of(path):
    """The room of a file or object below libtcpbuf."""
    return path.parent.name


def sources():
    return sorted(p for p in (SOURCE / "libtcpbuf").glob("*/*") if p.suffix in (".c", ".h"))


def objects():
    return [Path(line) for line in (BUILD / "objects.txt").read_text().split()]


def preprocessed():
    """The public header as a caller's compiler sees it, without what the system's headers brought."""
    lines, ours = [], False
    for line in output(CC, "-E", f"-I{INCLUDE}", UMBRELLA).splitlines():
        mark = re.match(r'# \d+ "(.*?)"', line)
        if mark:
            ours = mark[1].startswith(str(INCLUDE))
        elif ours:
            lines.append(line)
    return "\n".join(lines)


def declared():
    """Function name -> (return type, parameters) of every function that the public header declares."""
    found = re.findall(r"([\w \*]+?)\b(tcpbuf_\w+)\s*\(([^()]*)\)\s*;", preprocessed())
    return {name: (squeeze(kind), squeeze(parameters)) for kind, name, parameters in found}


def squeeze(text):
    """One blank between words, none before or after a star: declarations then compare as text."""
    return re.sub(r"\s*\*\s*", "*", " ".join(text.split()))
