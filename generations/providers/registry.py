"""The providers there are: a name, and where its client is. Adding a vendor is a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, cast

from django.conf import settings

from generations.providers.base import Provider
from generations.providers.watched import watched

CLIENTS = {
    "sketch": "generations.providers.sketch.client.build",
    "fal": "generations.providers.fal.client.build",
    "apiframe": "generations.providers.apiframe.client.build",
    "aimlapi": "generations.providers.aimlapi.client.build",
    "openai": "generations.providers.openai.client.build",
    "google": "generations.providers.google.client.build",
}


def enabled() -> frozenset[str]:
    """The providers that the environment has configured."""
    return frozenset(name for name in CLIENTS if _config(name)["enabled"])


@cache
def provider(name: str) -> Provider:
    """The client of a provider, watched, built once per process. ``KeyError`` for a name that is not in the table."""
    module, _, builder = CLIENTS[name].rpartition(".")
    build: Callable[[dict[str, Any]], Provider] = getattr(import_module(module), builder)
    return watched(build(_config(name)))


def _config(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", settings.PROVIDERS[name])
