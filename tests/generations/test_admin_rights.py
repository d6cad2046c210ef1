"""What may be done where in the admin, and by whom: the table in docs/operating.md is what the code asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from accounts.site import PAGES
from config.env import BASE_DIR

OPERATING = Path(BASE_DIR) / "docs" / "operating.md"
FORMS = ("add", "change", "delete")


class Everything:
    """Somebody who may do everything, and who notes what they were asked for."""

    is_active = is_staff = True
    pk = None

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def has_perm(self, permission: str, _about: object = None) -> bool:
        self.asked.add(permission)
        return True


def needed(ask: Callable[[Any], object]) -> list[str]:
    """The permissions that an answer depends on."""
    request: Any = RequestFactory().get("/")
    request.user = Everything()
    return sorted(request.user.asked) if ask(request) else []


def cells(page: Any) -> Iterator[str]:
    yield page.opts.label_lower
    yield from needed(page.has_view_permission)[:1]
    yield " ".join(f"`{name}`" for form in FORMS for name in needed(getattr(page, f"has_{form}_permission")))
    actions = filter(None, (page.get_action(name) for name in page.actions or ()))
    yield "; ".join(f"{name}{''.join(_of(page, act))}" for act, name, _said in actions)


def _of(page: Any, act: Any) -> Iterator[str]:
    for kind in getattr(act, "allowed_permissions", ()):
        yield from (f" `{name}`" for name in needed(getattr(page, f"has_{kind}_permission")))


def table() -> list[str]:
    """Each page of the admin: what it takes to look, to change by a form, and to act on chosen rows."""
    of_models = [" | ".join(cells(page)) for page in admin.site._registry.values()]
    of_pages = [f"/{page.route} | {page.permission or 'staff'} |  | " for page in PAGES]
    return [f"| {line} |" for line in (*sorted(of_models), *sorted(of_pages))]


@pytest.mark.django_db
def test_the_documents_say_what_every_page_asks_for() -> None:
    said = [" ".join(line.split()) for line in OPERATING.read_text(encoding="utf-8").splitlines()]
    missing = [line for line in table() if " ".join(line.split()) not in said]
    assert missing == [], "docs/operating.md, Rights:\n" + "\n".join(table())


def test_every_page_of_our_own_asks_for_a_right_or_is_for_all_of_the_staff() -> None:
    assert {page.name for page in PAGES if not page.permission} == {"search"}
