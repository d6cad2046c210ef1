"""``Prefer: wait=N``: an answer that waits for the pictures, instead of a client that asks for them every second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.renderers import JSONRenderer

from accounts.http import UserApiRequest
from accounts.middleware import Middleware
from generations import bodies, looking
from generations.dialects.pending import Pending, awaited
from generations.looking import Look
from generations.models import Generation

MOST_SECONDS = 60
WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


class PreferMiddleware(Middleware):
    """Around requests that may wait (``config.asgi``): views can answer them with ``Pending``."""

    sync_capable = False

    def before(self, request: HttpRequest) -> None:
        """Say so to the view."""
        request.may_wait = True  # type: ignore[attr-defined]

    async def _soon(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]
        response = await super()._soon(request)
        if not isinstance(response, Pending):
            return response
        answer = await awaited(response)
        for name, value in response.items():
            answer.setdefault(name, value)
        return answer


def seconds_wanted(request: UserApiRequest) -> int:
    """How long the client prefers to wait; 0 for not at all, and where nothing can."""
    wanted = WAIT.search(request.headers.get("Prefer", "")) if getattr(request, "may_wait", False) else None
    return min(int(wanted[1]), MOST_SECONDS) if wanted else 0


def pending(request: UserApiRequest, generation: Generation, seconds: int, headers: Mapping[str, str]) -> Pending:
    """200 with the generation once it has ended, 202 as far as it has come by then."""
    headers = {**headers, "Preference-Applied": f"wait={seconds}"}

    def answer(look: Look) -> HttpResponse:
        body = JSONRenderer().render(bodies.generation(look, request))
        status = HTTPStatus.OK if look.generation.is_finished else HTTPStatus.ACCEPTED
        return HttpResponse(body, content_type="application/json", status=status, headers=headers)

    return Pending(
        generation,
        seconds,
        lambda: answer(looking.look(request.user, generation.pk) or Look.at(generation)),
        lambda: answer(Look.at(generation)),
    )
