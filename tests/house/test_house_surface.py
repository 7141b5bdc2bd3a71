# SPDX-License-Identifier: MIT
"""One set of functions: declared in the headers = named in the map = exported by the shared library."""
import os
import re

from house import CC, HEADERS, MAP, UMBRELLA, declared, finding, finish, need, output


def mapped():
    """Names of the map; each node's list must be alphabetical."""
    names = []
    for node, body in re.findall(r"(\w+) \{(.*?)\}", MAP.read_text(), re.S):
        listed = re.findall(r"\b(tcpbuf_\w+);", body)
        if listed != sorted(set(listed)):
            finding("tcpbuf.map", f"node {node} is not alphabetical, or has a name twice")
        if "*" in body.replace("local:\n\t*;", ""):
            finding("tcpbuf.map", f"node {node} has a wildcard")
        names += listed
    if len(names) != len(set(names)):
        finding("tcpbuf.map", "a name stands in two nodes")
    return set(names)


def exported():
    """Names that the shared library offers: functions only, no data."""
    names = set()
    for line in output("nm", "-D", "--defined-only", os.environ["TCPBUF_LIBRARY"]).splitlines():
        kind, name = line.split()[-2:]
        if kind == "T":
            names.add(name.partition("@")[0])
        elif kind != "A":  # A: a version node
            finding("libtcpbuf.so", f"exports {name}, which is no function (nm says {kind})")
    return names


def compare(have, want, what):
    for name in sorted(want - have):
        finding(name, f"declared, but not {what}")
    for name in sorted(have - want):
        finding(name, f"{what}, but not declared")


need(CC, "nm")
DECLARED = set(declared())
compare(mapped(), DECLARED, "in tcpbuf.map")
compare(exported(), DECLARED, "exported")
for header in HEADERS:
    if header != UMBRELLA and header.name != "api.h" and f"<tcpbuf/{header.name}>" not in UMBRELLA.read_text():
        finding("tcpbuf.h", f"does not include {header.name}")
finish(len(DECLARED))
