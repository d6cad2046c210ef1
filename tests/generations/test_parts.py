"""Parts of pages that are given only what they are told: a form in one is sent with a token only if it is told that."""

from __future__ import annotations

import re
from pathlib import Path

from config.env import BASE_DIR

TEMPLATES = Path(BASE_DIR) / "templates"
INCLUDED = re.compile(r'{% include "([^"]+)"([^%]*?) only %}')
ONLY_WITH_UNDO = "components/_toast.html"


def test_every_form_in_a_part_is_given_its_token() -> None:
    without = [
        f"{path.relative_to(TEMPLATES)}: {part}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for part, told in INCLUDED.findall(path.read_text(encoding="utf-8"))
        if "{% csrf_token %}" in (TEMPLATES / part).read_text(encoding="utf-8")
        and "csrf_token=" not in told
        and (part != ONLY_WITH_UNDO or "undo=" in told)
    ]
    assert without == []
