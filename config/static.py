"""How static files are served, and how an image keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own (`support_js_module_import_aggregation`) would take the examples in htmx's comments for imports.
IMPORTS = (r"""(?P<matched>(?P<lead>\b(?:from|import)\s*)["'](?P<url>\.{1,2}/[^"']+)["'])""", '%(lead)s"%(url)s"')


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Names hold a hash of the content, in the imports of our ES modules too, so browsers may keep them for ever."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (IMPORTS,)))


@sync_and_async_middleware
def static_files(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """WhiteNoise, which is synchronous, in the chain that is: no static file has the address of a view that waits."""
    if iscoroutinefunction(get_response):
        return get_response
    middleware: Callable[[HttpRequest], Any] = WhiteNoiseMiddleware(get_response)
    return middleware
