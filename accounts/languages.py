"""In which language people are spoken to: the one they chose, or else one that their browser asks for.

Programs are spoken to in English, whatever they would rather hear: they go by what is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from accounts import answers
from accounts.middleware import AWAY, Middleware, unavailable
from accounts.models import User

WORDED = ("text/html", "application/manifest+json")  # what is answered in a language


class LanguageMiddleware(Middleware):
    """Has each page speak its reader's language. What waits has no words, so nobody is looked up for it."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """Take it up."""
        try:
            spoken = (
                settings.LANGUAGE_CODE if self._asynchronous or _is_wordless(request) else wanted(request.user, request)
            )
        except AWAY as error:
            return unavailable(request, error)
        translation.activate(spoken)
        return None

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave it."""
        translation.deactivate()
        if response.get("Content-Type", "").startswith(WORDED) and not _is_wordless(request):
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


def asked(request: HttpRequest) -> str:
    """What the browser asks for: by the cookie in which it keeps a choice, or by its own settings."""
    return translation.get_language_from_request(request)


def is_spoken(language: str) -> bool:
    """Whether this studio has the words for it."""
    return language in dict(settings.LANGUAGES)


def wanted(reader: object, request: HttpRequest) -> str:
    """What somebody chose who has an account; what the browser asks for where they did not, or have none."""
    chosen = reader.language if isinstance(reader, User) else ""
    return chosen if is_spoken(chosen) else asked(request)


def translated(text: str) -> str:
    """What is kept in English, as its reader is to read it; what others wrote stays as they did."""
    return gettext(text) if text else ""


def pgettext_noop(context: str, text: str) -> str:
    """Mark what is kept in English and shown by ``pgettext``, which Django does without a context alone."""
    return text


@contextmanager
def spoken_to(user: User) -> Iterator[None]:
    """In the person's own language, for what reaches them without a request of theirs."""
    with translation.override(user.language if is_spoken(user.language) else settings.LANGUAGE_CODE):
        yield


def _is_wordless(request: HttpRequest) -> bool:
    return bool(answers.speaker_of(request)) or request.path.startswith(settings.WORDLESS)
