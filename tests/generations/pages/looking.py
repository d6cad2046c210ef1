"""What the tests of pages look at, and what people have made before."""

from __future__ import annotations

import html
import re
from typing import Any

from accounts.models import User
from generations.models import Generation, Image
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

HTMX = {"HX-Request": "true"}


def page(response: Any, status: int = 200) -> str:
    """Its markup."""
    assert response.status_code == status, response.content[:800]
    text: str = response.content.decode()
    return text


def text_of(response: Any, status: int = 200) -> str:
    """Its markup with the characters that people read."""
    return html.unescape(page(response, status))


def shown(text: str) -> list[str]:
    """The pictures on a page, in its order."""
    return re.findall(r'data-image="([^"]+)"', text)


def made(user: User, **fields: Any) -> Generation:
    """A generation that is done."""
    generation = make_generation(user, **fields)
    take_steps(generation.pk, FakeProvider([finished(generation.count)]))
    generation.refresh_from_db()
    return generation


def one(user: User, **fields: Any) -> Image:
    return made(user, **fields).images.get()
