"""Holds what the locks pin against the list of known holes: ``python -m tests.audit``, a part of ``make lint``.

pip-audit asks the service on the internet that keeps the list. Whether it answers is found out first, by a release
that has had holes for years: a service that knows nothing of these knows nothing. Then it is said that nothing was
audited, and nothing fails, because a machine without the internet has to be able to test.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKS = sorted(ROOT.glob("requirements-*.lock"))  # what requirements.lock pins is in the one for development, too
HOLED = "jinja2==2.4.1"
SERVICE = ("--vulnerability-service", "pypi")
LONGEST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Accepted:
    """A hole that does not concern the studio, why that is, and when somebody has to look again."""

    hole: str
    reason: str
    until: dt.date


ACCEPTED: tuple[Accepted, ...] = ()


class NoAnswer(Exception):
    """Nobody could be asked."""


def complaints(
    found: Iterable[dict[str, Any]], accepted: Sequence[Accepted] = ACCEPTED, today: dt.date | None = None
) -> Iterator[str]:
    """What is to be done about the dependencies that pip-audit tells of, a line each."""
    today = today or dt.datetime.now(dt.UTC).date()
    standing = {one.hole for one in accepted if one.until >= today}
    for one in found:
        if "skip_reason" in one:
            yield f"{one['name']}: not in the list, which knew others: {one['skip_reason']}"
        for hole in one.get("vulns", ()):
            if not standing & {hole["id"], *hole["aliases"]}:
                mended = ", ".join(hole["fix_versions"]) or "no version yet"
                yield f"{one['name']} {one['version']}: {hole['id']} {' '.join(hole['aliases'])} (mended in {mended})"


def ask(locks: Sequence[Path], service: Sequence[str] = SERVICE) -> list[dict[str, Any]]:
    """What pip-audit says of everything pinned there. Raises ``NoAnswer``."""
    command = [sys.executable, "-m", "pip_audit", *service, "--format", "json", "--progress-spinner", "off"]
    command += ["--disable-pip", "--no-deps", *(word for lock in locks for word in ("--requirement", str(lock)))]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS
    )
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise NoAnswer(f"pip-audit says: {said[-1]}") from error
    return found


def audit(locks: Sequence[Path] = LOCKS, ask: Callable[[Sequence[Path]], list[dict[str, Any]]] = ask) -> list[str]:
    """Every complaint about what is pinned there. Raises ``NoAnswer``."""
    with tempfile.TemporaryDirectory() as folder:
        holed = Path(folder, "holed.txt")
        holed.write_text(f"{HOLED}\n", encoding="utf-8")
        if not any(one.get("vulns") for one in ask([holed])):
            raise NoAnswer(f"the service knows no hole in {HOLED}, which has several")
    return list(complaints(ask(locks)))


def main(audit: Callable[[], list[str]] = audit) -> int:
    """Print what was found; 1 when something has to be done."""
    try:
        found = audit()
    except NoAnswer as error:
        print(f"!!! NO DEPENDENCY WAS AUDITED: {error}. Run `python -m tests.audit` where it can be asked.")  # noqa: T201
        return 0
    print(*(found or ["Of what is pinned nothing has a known hole"]), sep="\n")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
