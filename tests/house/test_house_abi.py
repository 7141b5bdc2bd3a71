# SPDX-License-Identifier: MIT
"""
The ABI is that of the last release, or that and more: nothing removed, nothing changed.
With --write: record the ABI of this tree, for a release.
"""
import re
import sys
import tempfile
from pathlib import Path

from house import INCLUDE, SOURCE, declared, finding, finish, need, output, run

RECORD = SOURCE / "tests" / "house" / "tcpbuf.abi"
# What an ABI is to abidiff: every type of the headers, and of each function a variable of its type.
WITNESS = "#include <tcpbuf/tcpbuf.h>\n"
FUNCTION = "__typeof__({0}) *const type_of_{0} = {0};\n"
COMPILE = ["-g", "-O0", "-fPIC", "-shared", "-fno-eliminate-unused-debug-types", f"-I{INCLUDE}"]


def build(folder):
    source, library = folder / "witness.c", folder / "witness.so"
    source.write_text(WITNESS + "".join(FUNCTION.format(name) for name in sorted(declared())))
    output("gcc", *COMPILE, "-o", library, source)
    return library


def write(library):
    output("abidw", "--load-all-types", "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path",
           "--out-file", RECORD, library)


def compare(library):
    """What is gone or different; abidiff's own verdict also counts what was added."""
    report = run("abidiff", "--non-reachable-types", RECORD, library).stdout
    counts = re.findall(r"(\d+) (?:R|r)emoved, (\d+) (?:C|c)hanged", report)
    if len(counts) != 3:
        sys.exit(f"abidiff: {report}")
    if any(int(number) for pair in counts for number in pair):
        finding(RECORD.name, report)


need("gcc", "abidw", "abidiff")
with tempfile.TemporaryDirectory() as scratch:
    witness = build(Path(scratch))
    if "--write" in sys.argv[1:]:
        write(witness)
    else:
        compare(witness)
finish(len(declared()))
