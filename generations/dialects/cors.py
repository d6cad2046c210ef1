"""Pages anywhere may call the dialects whose vendors allow it. With a key: no cookie of ours comes from there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.middleware import Middleware

ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "location, retry-after, x-request-id, x-client-request-id, x-inference-id, x-aimlapi-credits-used, "
        "x-aimlapi-usd-spent, x-fal-request-id, x-fal-request-timeout-type, x-fal-error-type"
    ),
}
PREFLIGHT = {"Access-Control-Allow-Methods": "GET, POST, PUT", "Access-Control-Max-Age": "86400"}
# Of a preflight that names none: a star does not stand for authorization.
USUAL = (
    "authorization, content-type, idempotency-key, x-fal-no-retry, x-fal-object-lifecycle-preference, "
    "x-fal-queue-priority, x-fal-request-start-timeout, x-fal-request-timeout, x-fal-runner-hint, x-fal-store-io, "
    "x-fal-target-url, *"
)


class CorsMiddleware(Middleware):
    """Answers preflights, and lets any page read what is answered."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a preflight."""
        if request.method != "OPTIONS" or not _is_open(request):
            return None
        wanted = request.headers.get("Access-Control-Request-Headers", USUAL)
        return HttpResponse(status=204, headers={**ALWAYS, **PREFLIGHT, "Access-Control-Allow-Headers": wanted})

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """With the headers that a page needs."""
        if _is_open(request):
            for name, value in ALWAYS.items():
                response[name] = value
        return response


def _is_open(request: HttpRequest) -> bool:
    return request.path.startswith(settings.OPEN_TO_PAGES)
