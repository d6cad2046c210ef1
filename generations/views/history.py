"""``/prompts``: what a person wrote before, to be found and used again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from generations import prompts
from generations.keyset import BadCursor
from generations.models import Prompt
from generations.views.access import PageRequest, signed_in

PAGE = 20
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class History:
    """Some prompts, the last used first; ``more`` asks for those before them, and is empty at the end."""

    prompts: list[Prompt]
    search: str
    starred: bool
    more: str

    @property
    def narrowed(self) -> bool:
        """Whether only some are shown."""
        return bool(self.search or self.starred)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@signed_in
def history(request: PageRequest) -> HttpResponse:
    """The page; in a dialog its inside, and to a search no more than what is found."""
    template = "prompts/page.html"
    if request.htmx:
        template = "prompts/_dialog.html" if request.htmx.target == "dialog" else "prompts/_found.html"
    return render(request, template, {"history": _found(request)})


@require_POST
@signed_in
def star(request: PageRequest, pk: int) -> HttpResponse:
    """Mark one as a favourite, or no more."""
    prompt = _own_prompt(request, pk)
    prompts.star(prompt, starred=request.POST.get("starred") == "1")
    if not request.htmx:
        return redirect("prompts")
    return render(request, "prompts/_prompt.html", {"prompt": prompt})


@require_POST
@signed_in
def hide(request: PageRequest, pk: int) -> HttpResponse:
    """Take one out of the history, until it is used again."""
    prompts.hide(_own_prompt(request, pk))
    return HttpResponse() if request.htmx else redirect("prompts")


def order_again(request: PageRequest, name: str) -> dict[str, Any]:
    """What the composer begins with to use a prompt as it was used last."""
    try:
        prompt = _own_prompt(request, int(name))
    except ValueError as error:
        raise BadRequest("again") from error
    last = prompts.last_order(prompt)
    return prompts.parameters_of(last) | {"prompt": prompt.text, "negative_prompt": prompt.negative}


def _found(request: PageRequest) -> History:
    search = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    starred = request.GET.get("starred") == "1"
    cursor = request.GET.get("before", "")
    try:
        page = prompts.history(request.user, search=search, starred=starred or None, cursor=cursor, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("before") from error
    narrowing = {name: value for name, value in (("q", search), ("starred", "1" if starred else "")) if value}
    more = urlencode(narrowing | {"before": page.next}) if page.next else ""
    return History(page.rows, search, starred, more)


def _own_prompt(request: PageRequest, pk: int) -> Prompt:
    return get_object_or_404(Prompt.objects.defer("words"), pk=pk, user=request.user, hidden=False)
