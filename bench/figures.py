"""What was measured, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

Value = float | str | None


@dataclass
class Figures:
    """Rows of figures under headings, printed as they come."""

    rows: list[dict[str, Value]] = field(default_factory=list)

    def head(self, title: str) -> None:
        """Begin a part."""
        print(f"\n{title}", flush=True)

    def add(self, what: str, **values: Value) -> None:
        """One row: what was measured, and each figure by its name and unit."""
        self.rows.append({"what": what, **values})
        shown = "  ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in values.items())
        print(f"  {what:<44} {shown}", flush=True)

    def save(self, path: Path, facts: dict[str, str]) -> None:
        """Everything as JSON."""
        path.write_text(json.dumps({"machine": facts, "figures": self.rows}, indent=2) + "\n", encoding="utf-8")


def _shown(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
