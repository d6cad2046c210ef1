"""``/developers``: the first picture in every wire format and language, ready to copy, with this studio's address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import ApiKey, User
from generations.views import composer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}


@dataclass(frozen=True, slots=True)
class Format:
    """A wire format: ``tools`` are the clients that speak it, ``address`` is what they are pointed at."""

    slug: str
    name: str
    lead: StrOrPromise
    tools: StrOrPromise
    address: str
    key: str


FORMATS = [
    Format(
        "rest",
        "Atelier",
        _("Our own API: everything that the pages do. Submit, then ask how it stands."),
        _("Any HTTP client"),
        "/api/v1",
        "Authorization: Bearer",
    ),
    Format(
        "openai",
        "OpenAI",
        _("The images API as OpenAI's clients speak it: one call, answered when the pictures are made."),
        "openai",
        "/v1",
        "Authorization: Bearer",
    ),
    Format(
        "aimlapi",
        "AI/ML API",
        _("AI/ML API's format at the same address, with its models' names and fields."),
        _("Any HTTP client"),
        "/v1",
        "Authorization: Bearer",
    ),
    Format(
        "fal",
        "fal",
        _("fal's queue and its synchronous calls, for its own clients."),
        "fal-client · @fal-ai/client",
        "/fal/run, /fal/queue",
        "Authorization: Key",
    ),
    Format(
        "apiframe",
        "Apiframe",
        _("Apiframe's jobs: submit, then ask for the job, or be called back."),
        _("Any HTTP client"),
        "/v2",
        "X-API-Key:",
    ),
]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A program that makes a picture here."""

    language: str
    title: str
    text: str


@require_safe
def developers(request: HttpRequest, name: str = "rest") -> HttpResponse:
    """How to write a program against this studio; 404 for a format that it does not speak."""
    shown = next((one for one in FORMATS if one.slug == name), None)
    if shown is None:
        raise Http404
    context = {"formats": FORMATS, "shown": shown, "snippets": snippets(request, shown), "keys": _keys(request)}
    return render(request, "developers/page.html", context)


def snippets(request: HttpRequest, shown: Format) -> list[Snippet]:
    """A format's snippets in every language; their text is plain, not HTML."""
    usual = composer.DEFAULT_MODEL
    offered = [choice.model.slug for choice in composer.choices()]
    context = {
        "base": SafeString(request.build_absolute_uri("/").rstrip("/")),
        "host": SafeString(request.get_host()),
        "secure": request.is_secure(),
        "model": SafeString(usual if usual in offered else next(iter(offered), usual)),
    }
    return [
        # With "" added it is no longer marked as safe HTML, and escaped where it is shown.
        Snippet(language, title, render_to_string(f"developers/{shown.slug}/{language}.txt", context) + "")
        for language, title in LANGUAGES.items()
    ]


def _keys(request: HttpRequest) -> list[ApiKey]:
    if not isinstance(request.user, User):
        return []
    return [key for key in request.user.api_keys.order_by("-created") if key.usable]
