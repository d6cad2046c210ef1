"""What admins see and do: the catalogue, the providers, and what became of every generation."""

from __future__ import annotations

from generations.admin import (
    belongings,
    books,
    catalogue,
    earnings,
    generations,
    housekeeping,
    operating,
    providers,
    reports,
    search,
    webhooks,
)

__all__ = [
    "belongings",
    "books",
    "catalogue",
    "earnings",
    "generations",
    "housekeeping",
    "operating",
    "providers",
    "reports",
    "search",
    "webhooks",
]
