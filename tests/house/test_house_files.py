# SPDX-License-Identifier: MIT
"""Every file we wrote carries its licence, and scripts pass shellcheck."""
import os
import re

from house import SOURCE, finding, finish, need, run

KINDS = {".c", ".h", ".py", ".lua", ".sh", ".cmake", ".map", ".1", ".3", ".7"}
FOREIGN = {"data", "corpus", "fixtures", "groundtruth"}  # folders of recorded or measured input


def files():
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = sorted(name for name in folders if not name.startswith("build") and name not in FOREIGN
                            and (not name.startswith(".") or name == ".ci"))
        yield from (SOURCE / folder / name for name in sorted(names))


def head(path):
    with path.open(errors="replace") as file:
        return [file.readline() for _ in range(3)]


def is_script(path):
    return re.match(r"#!.*\b(ba)?sh\b", head(path)[0]) is not None


def is_written(path):
    """Not a man page stub: that is one line, and means the page it names."""
    return (path.suffix in KINDS or path.name == "CMakeLists.txt" or is_script(path)) \
        and not head(path)[0].startswith(".so ")


need("shellcheck")
WRITTEN = [path for path in files() if is_written(path)]
for path in WRITTEN:
    if not any("SPDX-License-Identifier: MIT" in line for line in head(path)):
        finding(path.relative_to(SOURCE), "no SPDX line among its first three")
lint = run("shellcheck", "--external-sources", *filter(is_script, WRITTEN))
if lint.returncode:
    finding("shellcheck", lint.stdout + lint.stderr)
finish(len(WRITTEN))
