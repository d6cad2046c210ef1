"""Every vendor under every fault: what it comes to, as the table in docs/providers.md says it.

``python -m tests.matrix`` tries all of it and writes the table anew; the tests compare with what stands there.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from config.env import BASE_DIR
from tests.emulators import faults
from tests.emulators.aimlapi import POLICY, AimlapiEmulator
from tests.emulators.apiframe import ApiframeEmulator
from tests.emulators.fal import FalEmulator, content_refusal
from tests.emulators.google import GoogleEmulator
from tests.emulators.openai import OpenAIEmulator
from tests.generations.providers.contract import FETCH_NEVER_FAULTS, SUBMIT_FAULTS

DOCUMENT = BASE_DIR / "docs" / "providers.md"
BEGINS, ENDS = "<!-- the table of tests/matrix.py -->", "<!-- its end -->"
WRITES_TO = "ATELIER_MATRIX"
PROMPT = "a lighthouse at dusk"

Prepare = Callable[[Any], None]  # what is done to an emulator beforehand


@dataclass(frozen=True, slots=True)
class Seen:
    """What a fault came to. The fields are the table's columns."""

    error: str
    asked_next: str
    paid_there: str
    charged: str
    recorded: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a vendor is tried: its emulator, the model it serves, and what it does of its own accord."""

    start: Callable[[], Any]
    config: Callable[[Any], dict[str, Any]]
    model: str
    own: Mapping[str, Prepare]


def at(step: str, fault: faults.Fault, times: int = 1) -> Prepare:
    """The fault strikes this step."""
    return lambda vendor: vendor.faults.add(step, fault, times)


def edit(step: str, change: Callable[[Any], Any]) -> Prepare:
    """The step answers something else than what was made."""
    return at(step, faults.edited(change))


def second(vendor: Any, fault: faults.Fault) -> None:
    """The fault strikes the second call of a submit."""
    vendor.faults.add("submit", lambda proceed: proceed())
    vendor.faults.add("submit", fault)


def ending(error: str) -> Prepare:
    """Apiframe's jobs end in this error."""
    return lambda vendor: vendor.fates.update({PROMPT: error})


def bomb() -> bytes:
    """A PNG that says it has more pixels than any memory."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def resized(body: Any) -> Any:
    """The same answer, with the addresses of other pictures than were asked for."""
    return json.loads(json.dumps(body).replace("/1024x1024/", "/768x512/").replace("/1x1/", "/16x9/"))


def shortened(body: Any) -> Any:
    """The same answer, with base64 that ends too soon."""
    return json.loads(re.sub(r'(iVBO[^"]{400})[^"]*', r"\1", json.dumps(body)))


def _listed(name: str) -> dict[str, Callable[[Any], Any]]:
    return {
        "fewer pictures": lambda body: {**body, name: body[name][:1]},
        "no picture": lambda body: {**body, name: []},
        "a picture at a private address": lambda body: {**body, name: [{"url": "http://10.0.0.1/1.png"}] * 2},
    }


def _pictures(step: str, name: str) -> dict[str, Prepare]:
    return {fault: edit(step, change) for fault, change in _listed(name).items()}


def _linked() -> dict[str, Prepare]:
    never = {f"a picture that is {name}": at("media", fault, 2) for name, (fault, _) in FETCH_NEVER_FAULTS.items()}
    return never | {
        "a picture behind a redirect loop": at("media", faults.redirected("#"), 99),
        "a picture that comes at the second try": at("media", faults.answering(500)),
        "a picture that is cut short": at("media", faults.truncated(400), 2),
        "a picture of too many pixels": at("media", lambda proceed: replace(proceed(), body=bomb()), 2),
    }


VENDORS: dict[str, Vendor] = {
    "fal": Vendor(
        lambda: FalEmulator(small=True),
        lambda vendor: {"key": "key:key", **{name.lower()[4:]: value for name, value in vendor.addresses.items()}},
        "imagen-4",
        {
            **_pictures("result", "images"),
            **_linked(),
            "pictures of another size": edit("result", resized),
            "its content is refused": at("result", lambda proceed: content_refusal()),
            "the account is empty": at(
                "submit", faults.answering(403, {"detail": "User is locked: Exhausted balance."})
            ),
        },
    ),
    "apiframe": Vendor(
        lambda: ApiframeEmulator(small=True),
        lambda vendor: {"key": vendor.key, "base_url": vendor.server.origin},
        "imagen-4",
        {
            "no picture": lambda vendor: setattr(vendor, "shape", "nothing"),
            **_linked(),
            "pictures of another size": edit("job", resized),
            "its content is refused": ending("Prompt blocked by content policy"),
            "the job fails": ending("Upstream error"),
            "the account is empty": lambda vendor: setattr(vendor, "credits", 0),
        },
    ),
    "aimlapi": Vendor(
        lambda: AimlapiEmulator(small=True),
        lambda vendor: {"key": "key", "base_url": vendor.base_url},
        "imagen-4",
        {
            **_pictures("submit", "data"),
            **_linked(),
            "pictures of another size": edit("submit", resized),
            "its content is refused": lambda vendor: vendor.faults.add("submit", vendor.refusing(400, POLICY)),
            "the account is empty": lambda vendor: vendor.faults.add("submit", vendor.no_funds()),
            "the model left the list": lambda vendor: vendor.faults.add(
                "submit", vendor.refusing(400, "Invalid enum value: 'google/imagen-4.0-generate-001' is not supported")
            ),
        },
    ),
    "openai": Vendor(
        lambda: OpenAIEmulator(small=True),
        lambda vendor: {"base_url": vendor.base_url},
        "own-server",
        {
            **_pictures("submit", "data"),
            "a picture that is cut short": edit("submit", shortened),
            "a picture that is no picture": edit(
                "submit", lambda body: {"data": [body["data"][0], {"b64_json": "AAAA"}]}
            ),
            "its content is refused": lambda vendor: vendor.faults.add("submit", vendor.moderated()),
            "the account is empty": lambda vendor: vendor.faults.add("submit", vendor.no_funds()),
        },
    ),
    "google": Vendor(
        lambda: GoogleEmulator(small=True),
        lambda vendor: {"key": "key", "base_url": vendor.base_url},
        "gemini-3-1-flash-image",
        {
            "no picture": lambda vendor: vendor.faults.add("submit", vendor.ended("NO_IMAGE")),
            "a picture that is cut short": edit("submit", shortened),
            "its content is refused": lambda vendor: vendor.faults.add("submit", vendor.blocked()),
            "what came of it is refused": lambda vendor: vendor.faults.add("submit", vendor.ended("IMAGE_SAFETY")),
            "a later picture is refused": lambda vendor: second(vendor, vendor.ended("IMAGE_SAFETY")),
            "a later answer is lost": lambda vendor: second(vendor, faults.lost_answer()),
            "the account is empty": lambda vendor: vendor.faults.add("submit", vendor.no_funds()),
        },
    ),
}


def all_faults(vendor: str) -> dict[str, Prepare]:
    """Every fault of a vendor by name: those that any may have at a submit, then its own."""
    common = {name: _common(name) for name in SUBMIT_FAULTS}
    return {"no fault": lambda emulator: None, **common, **VENDORS[vendor].own}


def _common(name: str) -> Prepare:
    return lambda vendor: vendor.faults.add("submit", SUBMIT_FAULTS[name][0](vendor))


CELLS = [(vendor, fault) for vendor in VENDORS for fault in all_faults(vendor)]
COLUMNS = ["fault", "providers", *(name.name.replace("_", " ") for name in fields(Seen))]


def rendered(seen: Mapping[tuple[str, str], Seen]) -> str:
    """The table: a row for each fault and what it came to, with the providers of which that is true."""
    rows: dict[tuple[str, Seen], list[str]] = {}
    names = list(dict.fromkeys(fault for vendor in VENDORS for fault in all_faults(vendor)))
    for vendor, fault in sorted(seen, key=lambda cell: (names.index(cell[1]), list(VENDORS).index(cell[0]))):
        rows.setdefault((fault, seen[vendor, fault]), []).append(vendor)
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    lines += [[fault, ", ".join(vendors), *astuple(outcome)] for (fault, outcome), vendors in rows.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def documented() -> dict[tuple[str, str], Seen]:
    """What docs/providers.md says."""
    table = DOCUMENT.read_text(encoding="utf-8").partition(BEGINS)[2].partition(ENDS)[0].strip().splitlines()[2:]
    told: dict[tuple[str, str], Seen] = {}
    for line in table:
        fault, vendors, *outcome = (cell.strip() for cell in line.strip("|").split(" | "))
        told |= {(vendor, fault): Seen(*outcome) for vendor in vendors.split(", ")}
    return told


def main() -> int:
    """Try everything and write what was seen."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as seen:
        tests = "tests/generations/providers/test_matrix.py"
        command = [sys.executable, "-m", "pytest", "-q", tests]
        failed = subprocess.run(command, cwd=BASE_DIR, env={**os.environ, WRITES_TO: seen.name}, check=False).returncode  # noqa: S603
        found = [json.loads(line) for line in seen]
    if not failed:
        write({(vendor, fault): Seen(*outcome) for vendor, fault, *outcome in found})
    return failed


def write(seen: Mapping[tuple[str, str], Seen]) -> None:
    """Put the table where it stands in docs/providers.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGINS)
    after = rest.partition(ENDS)[2]
    DOCUMENT.write_text(f"{before}{BEGINS}\n{rendered(seen)}\n{ENDS}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
