"""What the tests reached, of what they have to reach: ``python -m tests.coverage FILE``, as slipcover wrote it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

FLOOR = 95  # percent of lines and branches, of everything
WHOLLY = (  # money and vendors
    "accounts/ledger.py",
    "generations/submission.py",
    "generations/fulfilment.py",
    "generations/providers/*",
)


def complaints(measured: dict[str, Any]) -> Iterator[str]:
    """What was not reached and has to be, a line each."""
    for name, file in sorted(measured["files"].items()):
        missed = [*file["missing_lines"], *(f"{start}→{end or 'end'}" for start, end in file["missing_branches"])]
        if missed and any(fnmatch(name, pattern) for pattern in WHOLLY):
            yield f"{name}: never reached: {', '.join(map(str, missed))}"
    reached = measured["summary"]["percent_covered"]
    if reached < FLOOR:
        yield f"{reached:.2f} % reached; {FLOOR} % have to be"


def main(path: str) -> int:
    """Print what was reached and what has to be; 1 when that is more."""
    measured = json.loads(Path(path).read_text(encoding="utf-8"))
    found = list(complaints(measured))
    print(f"{measured['summary']['percent_covered']:.2f} % of lines and branches reached", *found, sep="\n")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
