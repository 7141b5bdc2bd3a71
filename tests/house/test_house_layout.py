# SPDX-License-Identifier: MIT
"""Public structs have one layout everywhere: no implicit padding, each member naturally aligned.
The layout that follows from the member list alone is then asserted by compilers for 64 and 32 bits."""
import re
import tempfile
from pathlib import Path

from house import INCLUDE, finding, finish, need, preprocessed, run

SIZES = {"int8_t": 1, "uint8_t": 1, "char": 1, "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4,
         "int64_t": 8, "uint64_t": 8}
COMPILERS = [["gcc", "-m64"], ["gcc", "-m32"]] + [
    ["clang", f"--target={target}-linux-gnu"] for target in ("x86_64", "i386", "armv7", "aarch64", "mips", "s390x")]
MEMBER = re.compile(r"^(?:struct )?(\w+) (\w+)(?:\[(\d+)\])?$")


def structs():
    """Struct name -> list of (type, member, how many), in the order of the header."""
    found = {}
    for name, body in re.findall(r"struct (\w+) \{(.*?)\}\s*;", preprocessed(), re.S):
        found[name] = [member_of(name, line) for line in map(str.strip, body.split(";")) if line]
    return found


def member_of(name, line):
    hit = MEMBER.match(" ".join(line.split()))
    if not hit:
        finding(f"struct {name}", f"cannot read member: {line}")
        return "char", "unknown", 1
    return hit[1], hit[2], int(hit[3] or 1)


def lay_out(name):
    """(size, alignment, {member: offset}) by natural alignment; a gap is a finding."""
    offset, alignment, offsets = 0, 1, {}
    for kind, member, count in STRUCTS[name]:
        size, align = lay_out(kind)[:2] if kind in STRUCTS else (SIZES[kind], SIZES[kind])
        if offset % align:
            finding(f"struct {name}", f"{-offset % align} bytes of implicit padding before {member}")
            offset += -offset % align
        offsets[member] = offset
        offset += size * count
        alignment = max(alignment, align)
    if offset % alignment:
        finding(f"struct {name}", f"{-offset % alignment} bytes of implicit padding at the end")
    return offset + -offset % alignment, alignment, offsets


def assertions():
    lines = ["#include <stddef.h>", "#include <tcpbuf/tcpbuf.h>"]
    for name in STRUCTS:
        size, _, offsets = lay_out(name)
        lines.append(f'_Static_assert(sizeof(struct {name}) == {size}, "size of {name}");')
        lines += [f'_Static_assert(offsetof(struct {name}, {member}) == {offset}, "{name}.{member}");'
                  for member, offset in offsets.items()]
    return "\n".join(lines) + "\n"


need("gcc", "clang")
STRUCTS = structs()
with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "layout.c"
    source.write_text(assertions())
    for compiler in COMPILERS:
        done = run(*compiler, "-std=c11", "-ffreestanding", "-fsyntax-only", f"-I{INCLUDE}", source)
        if done.returncode:
            finding(" ".join(compiler), done.stderr)
finish(len(STRUCTS))
