"""What is pinned is held against a list of known holes: told here by a server of our own."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from config.env import BASE_DIR
from tests import audit
from tests.audit import Accepted, NoAnswer, complaints

HOLE = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-7"], "fix_versions": ["2.0"], "description": "It leaks."}
LAMP = {"name": "lamp", "version": "1.0", "vulns": [HOLE]}
TODAY = dt.date(2026, 11, 21)


@contextmanager
def service(holes: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """One that knows a hole of each of these packages, as OSV tells of it; the words that lead pip-audit there."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            known = [{"id": holes[asked], "affected": []}] if asked in holes else []
            answer = json.dumps({"vulns": known} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield "--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """One that pins two packages, as ours do."""
    path = tmp_path / "requirements-some.lock"
    path.write_text("".join(f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("lamp", "wick")))
    return path


def test_a_known_hole_is_complained_of(lock: Path) -> None:
    with service({"jinja2": "PYSEC-1", "lamp": "PYSEC-2026-7"}) as words:
        found = audit.audit([lock], partial(audit.ask, service=words))
    assert found == ["lamp 1.0: PYSEC-2026-7  (mended in no version yet)"]


def test_a_service_that_is_away_is_told_apart_from_one_that_knows_nothing_bad(lock: Path) -> None:
    with pytest.raises(NoAnswer, match="pip-audit says"):
        audit.ask([lock], ("--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9"))


def test_a_service_that_knows_no_old_holes_is_not_asked_for_new_ones(lock: Path) -> None:
    asked: list[Path] = []

    def ask(locks: Sequence[Path]) -> list[dict[str, Any]]:
        asked.extend(locks)
        return [{"name": "jinja2", "skip_reason": "not found"}]

    with pytest.raises(NoAnswer, match="knows no hole"):
        audit.audit([lock], ask)
    assert lock not in asked


def test_where_nobody_can_be_asked_that_is_said_and_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def nobody() -> list[str]:
        raise NoAnswer("nobody is there")

    assert audit.main(nobody) == 0
    assert "NO DEPENDENCY WAS AUDITED: nobody is there" in capsys.readouterr().out
    assert audit.main(lambda: ["lamp 1.0: PYSEC-2026-7"]) == 1


@pytest.mark.parametrize("name", ["PYSEC-2026-7", "CVE-2026-7"])
def test_a_hole_is_accepted_by_any_of_its_names_until_its_day(name: str) -> None:
    accepted = [Accepted(name, "the studio does not light it", TODAY)]
    assert not list(complaints([LAMP], accepted, TODAY))
    [complaint] = complaints([LAMP], accepted, TODAY + dt.timedelta(days=1))
    assert complaint == "lamp 1.0: PYSEC-2026-7 CVE-2026-7 (mended in 2.0)"


def test_what_could_not_be_looked_up_is_no_sound_dependency() -> None:
    assert list(complaints([{"name": "wick", "skip_reason": "not found"}]))


def test_the_locks_have_all_that_is_installed() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.]+", path.read_text(), re.MULTILINE))

    assert pins(BASE_DIR / "requirements.lock") <= set().union(*map(pins, audit.LOCKS))
