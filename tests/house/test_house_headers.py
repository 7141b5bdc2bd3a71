# SPDX-License-Identifier: MIT
"""Public headers compile alone, as C99 and C++11, and hold only what every language can bind."""
import re

from house import HEADERS, INCLUDE, SOURCE, finding, finish, need, preprocessed, run

COMPILERS = [
    ["gcc", "-std=c99", "-x", "c"],
    ["clang", "-std=c99", "-x", "c"],
    ["g++", "-std=c++11", "-x", "c++"],
    ["clang++", "-std=c++11", "-x", "c++"],
]
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header", "-fsyntax-only", f"-I{INCLUDE}"]

# Pattern over the preprocessed header -> why it may not be there.
FORBIDDEN = {
    r"\w+\s*:\s*\d+\s*;": "bit-field",
    r"\bunion\b": "union",
    r"\binline\b": "inline function",
    r"\.\.\.": "variable arguments",
    r"\btypedef\b": "typedef",
    r"\b(size_t|ssize_t|off_t|time_t|va_list|long|short|unsigned|bool|_Bool|float|double|FILE)\b": "type whose width may vary",
    r"\(\s*\*": "callback",
    r"__attribute__|\b_Alignas\b|#\s*pragma": "attribute",
    r"\bextern\b": "exported data",
    r"\benum\s+\w+\s*\**\s*\w+\s*[,;)]": "enum as parameter or field; use uint32_t",
    r"[(,]\s*(const\s+)?struct\s+\w+\s+\w+\s*[,)]": "struct passed by value",
    r"^\s*(const\s+)?struct\s+\w+\s+\w+\s*\(": "struct returned by value",
}


def compile_alone(header):
    for compiler in COMPILERS:
        done = run(*compiler, *STRICT, header)
        if done.returncode:
            finding(header.relative_to(SOURCE), f"{' '.join(compiler)}: {done.stderr}")


def check_macros(header):
    """A constant or function as a macro is lost to whoever reads the preprocessed header."""
    for name in re.findall(r"^\s*#\s*define\s+(\w+)", header.read_text(), re.M):
        if name not in ("TCPBUF_API", f"TCPBUF_{header.stem.upper()}_H"):
            finding(header.relative_to(SOURCE), f"macro {name}: use an enumerator or a function")


def check_constructs(text):
    for pattern, why in FORBIDDEN.items():
        for hit in re.finditer(pattern, text, re.M):
            finding("preprocessed header", f"{why}: {' '.join(hit[0].split())}")


def check_structs(text):
    for name, body in re.findall(r"struct (\w+) \{(.*?)\}", text, re.S):
        if "*" in body:
            finding(f"struct {name}", "holds a pointer")
    for name, body in re.findall(r"enum (\w+) \{(.*?)\}", text, re.S):
        for entry in filter(None, map(str.strip, body.split(","))):
            if "=" not in entry:
                finding(f"enum {name}", f"{entry} has no explicit value")


need("gcc", "g++", "clang", "clang++")
TEXT = preprocessed()
for path in HEADERS:
    compile_alone(path)
    check_macros(path)
check_constructs(TEXT)
check_structs(TEXT)
finish(len(HEADERS))
