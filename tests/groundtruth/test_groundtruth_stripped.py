# SPDX-License-Identifier: MIT
"""Predictions come from a cell's inputs: the same on recordings from which all else is removed, or turned false.
A comparison ends with its count."""
import gzip
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPLAY = sys.argv[1]
RECORDINGS = Path(__file__).parent / "recordings"
INPUTS = {
    "defaults": {"set", "kernel", "ns", "vm_mib", "meminfo", "zoneinfo"},
    "fill": {"set", "kernel", "group", "path", "cfg", "chunk", "rchunk", "gap_ms"},
    "initial": {"set", "kernel", "group", "cfg"},
    "setsockopt": {"set", "kernel", "state", "unpriv", "opt", "value", "before", "rmem_max", "wmem_max", "rmem", "wmem",
                   "adv_win_scale"},
    "sysctl": {"set", "kernel", "ns", "op", "key", "write", "before"},
    "trajectory": {"set", "kernel", "group", "path", "cfg"},
}
findings = []


def falsified(value):
    """Another value of the same shape."""
    if isinstance(value, dict):
        return {name: falsified(member) for name, member in value.items()}
    if isinstance(value, list):
        return [falsified(member) for member in value]
    return value + 1 if isinstance(value, int) else f"not {value}"


def predict(kind, lines):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        return subprocess.run([REPLAY, "--print", kind, file.name], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()


def check(kind, recording):
    whole = gzip.open(recording, "rt").read().splitlines()
    cells = [json.loads(line) for line in whole]
    stripped = [{name: cell[name] for name in cell if name in INPUTS[kind]} for cell in cells]
    false = [{name: cell[name] if name in INPUTS[kind] else falsified(cell[name]) for name in cell} for cell in cells]
    expected = predict(kind, whole)
    if len(expected) != len(cells):
        findings.append(f"{recording}: {len(expected)} answers for {len(cells)} cells")
    for what, changed in (("stripped", stripped), ("falsified", false)):
        got = predict(kind, [json.dumps(cell) for cell in changed])
        findings.extend(f"{recording.parent.name} {kind}, {what}: {a} became {b}"[:300]
                        for a, b in zip(expected, got) if a != b)
    last = subprocess.run([REPLAY, kind, recording], stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    if not re.fullmatch(r"\d+ passed, \d+ failed", last):
        findings.append(f"{recording.parent.name} {kind} ends with {last!r}")
    return len(cells)


checked = sum(check(kind, recording) for kind in INPUTS for recording in sorted(RECORDINGS.glob(f"*/{kind}.jsonl.gz")))
print("\n".join(findings[:20]) or f"{checked} cells")
sys.exit(1 if findings or not checked else 0)
