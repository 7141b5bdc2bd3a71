# SPDX-License-Identifier: MIT
"""Every row of HACKING.md's table of features names a test that exists, and every feature has a row."""
import re

from house import SOURCE, finding, finish

ROW = re.compile(r"^\| ([AF] \d+(?:, [AF] \d+)*) \| .+ \| `(\w+)`(?: (\w+))? \|$", re.M)
ALL = {("A", number) for number in range(1, 88)} - {("A", 74), ("A", 78)} | {("F", number) for number in range(1, 70)}


def files_of(test):
    return [path for path in (SOURCE / "tests").glob("*/*") if path.name.split(".")[0] == test]


def check(test, case):
    files = files_of(test)
    if not files:
        finding(test, "no such test")
    elif case and not any(re.search(rf"(START_TEST\(|def test_){case}\b", path.read_text()) for path in files):
        finding(test, f"has no case {case}")


SEEN = set()
for ids, test, case in ROW.findall((SOURCE / "HACKING.md").read_text()):
    check(test, case)
    for name in ids.split(", "):
        SEEN.add((name[0], int(name[2:])))
for letter, number in sorted(ALL - SEEN):
    finding(f"{letter} {number}", "is shown by no test")
finish(len(SEEN))
