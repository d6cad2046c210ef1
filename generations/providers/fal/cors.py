"""Pages anywhere may call fal's addresses, as at fal. With a key: no cookie of ours comes from there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.middleware import Middleware

PREFIXES = ("/fal/", "/fal-ai/")
ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-fal-request-id, x-fal-request-timeout-type, x-fal-error-type, retry-after",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT",
    "Access-Control-Allow-Headers": (
        "authorization, content-type, idempotency-key, x-fal-no-retry, x-fal-object-lifecycle-preference, "
        "x-fal-queue-priority, x-fal-request-start-timeout, x-fal-request-timeout, x-fal-runner-hint, x-fal-store-io, "
        "x-fal-target-url, *"
    ),
    "Access-Control-Max-Age": "86400",
}


class CorsMiddleware(Middleware):
    """Answers preflights, and lets any page read what is answered."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a preflight."""
        if request.method == "OPTIONS" and request.path.startswith(PREFIXES):
            return HttpResponse(status=204, headers=ALWAYS | PREFLIGHT)
        return None

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """With the headers that a page needs."""
        if request.path.startswith(PREFIXES):
            for name, value in ALWAYS.items():
                response[name] = value
        return response
