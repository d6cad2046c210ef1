"""Pages as they are sent: compressed, if the browser takes that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import sync_and_async_middleware


class _OnlyPages(GZipMiddleware):
    """Pictures and archives are compressed already, and polls are too short to be worth it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, shorter where it is a page."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


@sync_and_async_middleware
def compressed_pages(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """In the chain of ordinary requests: no view that waits answers with a page."""
    if iscoroutinefunction(get_response):
        return get_response
    middleware: Callable[[HttpRequest], Any] = _OnlyPages(get_response)
    return middleware
