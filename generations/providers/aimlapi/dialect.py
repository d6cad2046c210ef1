"""What all of these addresses have in common."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from generations.dialects.troubles import Trouble
from generations.dialects.views import DialectView
from generations.providers.aimlapi import errors


class AimlapiView(DialectView):
    """One address, which pages of any host may call."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whoever asks what may be asked (a browser, on behalf of a page) has no key yet."""
        if request.method != "OPTIONS":
            super().initial(request, *args, **kwargs)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """What pages of other hosts may send."""
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["Access-Control-Allow-Methods"] = ", ".join(self.allowed_methods)
        response["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "*")
        response["Access-Control-Max-Age"] = "86400"
        return response

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        """The same for every answer."""
        return errors.open_to_pages(super().finalize_response(*args, **kwargs))

    def say(self, trouble: Trouble) -> HttpResponse:
        """As clients of both vendors read it."""
        return errors.say(self.request, trouble)
