"""The operator's own texts, where there are any: ``/terms``, ``/privacy``, and who is told of a hole."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)
HALF_A_YEAR = dt.timedelta(days=182)
KINDS = {"#": "heading", "-": "list", "*": "list"}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a ``heading``, a ``list``, or a ``paragraph``."""

    kind: str
    lines: list[str]

    @property
    def text(self) -> str:
        """The lines as one."""
        return " ".join(self.lines)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Under which the studio may be used."""
    return _paper(request, _("Terms"), settings.TERMS_FILE)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What becomes of what people tell the studio."""
    return _paper(request, _("Privacy"), settings.PRIVACY_FILE)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Who is to be told of a hole (RFC 9116); valid for half a year from now, so that it never is out of date."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + HALF_A_YEAR).replace(microsecond=0)
    said = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": expires.isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": settings.LANGUAGE_CODE.partition("-")[0],
        "Canonical": f"{settings.PUBLIC_BASE_URL}{request.path}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in said.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _paper(request: HttpRequest, title: str, file: str) -> HttpResponse:
    if not file:
        raise Http404
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        logger.exception("%s cannot be read", file)
        raise Http404 from error
    return render(request, "house/paper.html", {"title": title, "blocks": list(blocks(text))})


def blocks(text: str) -> Iterator[Block]:
    """A text in pieces; nothing of it is taken for HTML."""
    for part in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        for kind, some in groupby(lines, key=_kind):
            said = [line.partition(" ")[2].strip() if kind != "paragraph" else line for line in some]
            yield from (Block(kind, [one]) for one in said) if kind == "heading" else [Block(kind, said)]


def _kind(line: str) -> str:
    mark, _, rest = line.partition(" ")
    return KINDS.get(mark[:1], "paragraph") if rest and not mark.strip("#-*") else "paragraph"
