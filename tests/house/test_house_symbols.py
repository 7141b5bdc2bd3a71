# SPDX-License-Identifier: MIT
"""What each object needs from outside: rooms below it, plain memory functions, and nothing that acts."""
import re
from pathlib import Path

from house import finding, finish, need, objects, output, room_of, rooms

# Every room may call these: they read and write memory that the caller named, and nothing else.
# clang writes bcmp for a memcmp() that is compared with 0.
MEMORY = re.compile(r"mem\w+|bcmp")
# Rooms with I/O may call these too. No locale, no allocation, no stream, no exit.
PLAIN = re.compile(r"mem\w+|bcmp|str(n?len|n?cmp|r?chr|c?spn|str|pbrk)|__errno_location|bsearch|inet_(ntop|pton)"
                   r"|mnl_attr_\w+|mnl_nlmsg_(?!fprintf)\w+")
# What the compiler adds: hardening, sanitizers, coverage, position independence.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(mem|str)\w+_chk|__(asan|ubsan|tsan|sanitizer|gcov)_\w+")
SEAM = "sys.c.o"  # of room util: the only file that may act


def symbols():
    """For each object the global names that it needs, and for each name the room that defines it."""
    needs, owner = {path: [] for path in objects()}, {}
    for line in output("nm", "-g", "-A", *objects()).splitlines():
        path, _, symbol = line.rpartition(":")
        kind, name = symbol.split()[-2:]
        if kind in "Uw":
            needs[Path(path)].append(name)
        else:
            owner[name] = room_of(Path(path))
    return needs, owner


def check(path, names, owner):
    room = room_of(path)
    pure, below = HOUSE[room]
    for name in names:
        if COMPILER.fullmatch(name):
            continue
        if name in owner:
            if owner[name] != room and owner[name] not in below:
                finding(f"{room}/{path.name}", f"{name} belongs to room {owner[name]}, which is not below {room}")
            elif pure and not HOUSE[owner[name]][0]:
                finding(f"{room}/{path.name}", f"{name}: room {owner[name]} is not pure, but {room} is")
        elif pure and not MEMORY.fullmatch(name):
            finding(f"{room}/{path.name}", f"{name}: a pure room calls mem* and pure rooms below it, nothing else")
        elif not PLAIN.fullmatch(name):
            finding(f"{room}/{path.name}", f"{name} must go through util/sys.c, or is not for this library")


need("nm")
HOUSE = rooms()
NEEDS, OWNER = symbols()
for path, names in NEEDS.items():
    if not (room_of(path) == "util" and path.name == SEAM):
        check(path, names, OWNER)
finish(len(NEEDS))
