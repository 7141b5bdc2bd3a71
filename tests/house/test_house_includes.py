# SPDX-License-Identifier: MIT
"""Arrows go down only: no room includes a room that HACKING.md does not put below it."""
import re

from house import HEADERS, SOURCE, UMBRELLA, finding, finish, room_of, rooms, sources

PURE_SYSTEM_HEADERS = {"errno.h", "limits.h", "stddef.h", "stdint.h", "string.h"}
NOBODYS = {"api", "version"}  # public headers that belong to no room
INCLUDE_LINE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def room_named(path):
    """The room that an include names, or None: "base/base.h", <tcpbuf/base.h>."""
    head, _, name = path.partition("/")
    if head == "tcpbuf":
        return name.removesuffix(".h")
    return head if name and head in HOUSE else None


def check(path, room):
    pure, below = HOUSE[room]
    for bracket, name in INCLUDE_LINE.findall(path.read_text()):
        target = room_named(name)
        if target in NOBODYS or target == room:
            continue
        if target and target not in below:
            finding(path.relative_to(SOURCE), f"room {room} may not include {name}")
        if not target and bracket == '"':
            finding(path.relative_to(SOURCE), f'"{name}" names no room; write "ROOM/FILE.h"')
        if not target and pure and name not in PURE_SYSTEM_HEADERS:
            finding(path.relative_to(SOURCE), f"pure room {room} may not include <{name}>")


HOUSE = rooms()
FILES = [(path, room_of(path)) for path in sources()]
FILES += [(path, path.stem) for path in HEADERS if path != UMBRELLA and path.stem not in NOBODYS]
for path, room in FILES:
    if room in HOUSE:
        check(path, room)
    else:
        finding(path.relative_to(SOURCE), f"room {room} is not in the table of HACKING.md")

for path in sorted((SOURCE / "examples").rglob("*.[ch]")):
    for bracket, name in INCLUDE_LINE.findall(path.read_text()):
        if bracket == '"' and room_named(name):
            finding(path.relative_to(SOURCE), f"an example uses the public headers only, not {name}")

finish(len(FILES))
