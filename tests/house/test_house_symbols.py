# SPDX-License-Identifier: MIT
"""What each object needs from outside: rooms below it, plain memory functions, and nothing that acts."""
import re

from house import finding, finish, need, objects, output, room_of, rooms

# Every room may call these: they read and write memory that the caller named, and nothing else.
# clang writes bcmp for a memcmp() that is compared with 0.
MEMORY = re.compile(r"mem\w+|bcmp")
# Rooms with I/O may call these too. No locale, no allocation, no stream, no exit.
PLAIN = re.compile(r"mem\w+|bcmp|str(n?len|n?cmp|r?chr|c?spn|str|pbrk)|__errno_location|bsearch|inet_(ntop|pton)"
                   r"|mnl_(attr|nlmsg)_\w+")
# libmnl's own ways to a socket or a stream.
MNL_ACTS = re.compile(r"mnl_\w*(fprintf|cb_run)\w*")
# What the compiler adds: hardening, sanitizers, coverage, position independence.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(mem|str)\w+_chk|__(asan|ubsan|tsan|sanitizer|gcov)_\w+")
SEAM = "sys.c.o"  # of room util: the only file that may act


def symbols(option, path):
    """Names that nm lists for an object: "-u" undefined, "--defined-only" global definitions."""
    return {line.split()[-1] for line in output("nm", option, "-g", path).splitlines() if line.strip()}


def owners():
    return {name: room_of(path) for path in objects() for name in symbols("--defined-only", path)}


def check(path, owner):
    room = room_of(path)
    pure, below = HOUSE[room]
    for name in sorted(symbols("-u", path)):
        if COMPILER.fullmatch(name):
            continue
        if name in owner:
            if owner[name] != room and owner[name] not in below:
                finding(f"{room}/{path.name}", f"{name} belongs to room {owner[name]}, which is not below {room}")
        elif pure and not MEMORY.fullmatch(name):
            finding(f"{room}/{path.name}", f"{name}: a pure room calls mem* and pure rooms below it, nothing else")
        elif not PLAIN.fullmatch(name) or MNL_ACTS.fullmatch(name):
            finding(f"{room}/{path.name}", f"{name} must go through util/sys.c, or is not for this library")


need("nm")
HOUSE = rooms()
OWNER = owners()
OBJECTS = [path for path in objects() if not (room_of(path) == "util" and path.name == SEAM)]
for path in OBJECTS:
    check(path, OWNER)
finish(len(OBJECTS))
