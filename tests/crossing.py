"""Every dialect that we speak over every provider that we call: what comes out, as docs/dialects.md says it.

``python -m tests.crossing`` tries all of it and writes the table anew; the tests compare with what stands there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from config.env import BASE_DIR
from tests.matrix import VENDORS, all_faults

DOCUMENT = BASE_DIR / "docs" / "dialects.md"
BEGINS, ENDS = "<!-- the table of tests/crossing.py -->", "<!-- its end -->"
WRITES_TO = "ATELIER_CROSSING"
TESTS = "tests/generations/dialects/test_crossing.py"

DIALECTS = ("OpenAI, AI/ML API", "fal", "Apiframe")
FAULTS = (
    "no fault",
    "fewer pictures",
    "no picture",
    "its content is refused",
    "bad request",
    "the account is empty",
    "lost answer",
)
CELLS = [(vendor, fault) for fault in FAULTS for vendor in VENDORS if fault in all_faults(vendor)]

Outcomes = tuple[str, ...]  # one for each dialect


def rendered(seen: Mapping[tuple[str, str], Outcomes]) -> str:
    """The table: a row for each fault and what the dialects made of it, with the providers of which that is true."""
    rows: dict[tuple[str, Outcomes], list[str]] = {}
    for vendor, fault in CELLS:
        rows.setdefault((fault, seen[vendor, fault]), []).append(vendor)
    lines = [["at the provider", "providers", *DIALECTS], ["---"] * (2 + len(DIALECTS))]
    lines += [[fault, ", ".join(vendors), *outcomes] for (fault, outcomes), vendors in rows.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def documented() -> dict[tuple[str, str], Outcomes]:
    """What docs/dialects.md says."""
    table = DOCUMENT.read_text(encoding="utf-8").partition(BEGINS)[2].partition(ENDS)[0].strip().splitlines()[2:]
    told: dict[tuple[str, str], Outcomes] = {}
    for line in table:
        fault, vendors, *outcomes = (cell.strip() for cell in line.strip("|").split(" | "))
        told |= {(vendor, fault): tuple(outcomes) for vendor in vendors.split(", ")}
    return told


def main() -> int:
    """Try everything and write what was seen."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as seen:
        command = [sys.executable, "-m", "pytest", "-q", TESTS]
        failed = subprocess.run(command, cwd=BASE_DIR, env={**os.environ, WRITES_TO: seen.name}, check=False).returncode  # noqa: S603
        found = [json.loads(line) for line in seen]
    if not failed:
        write({(vendor, fault): tuple(outcomes) for vendor, fault, *outcomes in found})
    return failed


def write(seen: Mapping[tuple[str, str], Outcomes]) -> None:
    """Put the table where it stands in docs/dialects.md."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGINS)
    after = rest.partition(ENDS)[2]
    DOCUMENT.write_text(f"{before}{BEGINS}\n{rendered(seen)}\n{ENDS}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
