"""What `manage.py check` says about combinations of settings that will not do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@register(Tags.security, deploy=True)
def links_are_reachable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Mails and image addresses name PUBLIC_BASE_URL, so others must be able to reach it."""
    address = urlsplit(settings.PUBLIC_BASE_URL)
    if address.hostname in LOOPBACK or address.scheme != "https":
        hint = "Set PUBLIC_BASE_URL to the https:// address that people use."
        return [checks.Warning(f"PUBLIC_BASE_URL is {settings.PUBLIC_BASE_URL}", hint=hint, id="atelier.W001")]
    return []


@register(deploy=True)
def pictures_are_shared(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Web and workers in different containers see the same pictures only in object storage."""
    if not settings.EMBEDDED and not settings.S3_BUCKET:
        hint = "Set S3_BUCKET, or give web and workers one ATELIER_VAR on a disk that they share."
        return [checks.Warning("pictures are kept on this machine's disk", hint=hint, id="atelier.W002")]
    return []


@register()
def storage_has_credentials(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Half of an S3 configuration is a mistake; none of it means an instance role."""
    options = cast("dict[str, dict[str, str]]", settings.STORAGES["default"])["OPTIONS"]
    if settings.S3_BUCKET and bool(options["access_key"]) != bool(options["secret_key"]):
        hint = "Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither."
        return [Error("one half of the S3 key pair is missing", hint=hint, id="atelier.E001")]
    return []


@register()
def limits_let_somebody_in(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A limit of none per minute lets nobody in."""
    names = ("SUBMITS_PER_MINUTE", "KEY_SUBMITS_PER_MINUTE", "REQUESTS_PER_MINUTE", "KEY_REQUESTS_PER_MINUTE")
    hint = "It would let nobody in."
    return [Error(f"{name} is 0", hint=hint, id="atelier.E002") for name in names if getattr(settings, name) < 1]
