"""What `manage.py check` says about combinations of settings that will not do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

from generations.models import ProviderAccount

NOT_SENT = ("console.EmailBackend", "dummy.EmailBackend")
ADMIN_PATH = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
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


@register(deploy=True)
def mails_are_sent(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without mails nobody proves an address, and nobody who has forgotten a password gets in."""
    if settings.EMAIL_BACKEND.endswith(NOT_SENT) and not settings.EMBEDDED:
        hint = "Set EMAIL_URL to your mail server: smtp+tls://user:password@host:587."
        return [checks.Warning("mails are written to the log instead of being sent", hint=hint, id="atelier.W003")]
    return []


@register(Tags.security, deploy=True)
def addresses_are_those_of_people(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Behind https there is a proxy, and without its word everybody signs in from one address, which is limited."""
    if settings.HTTPS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        hint = "Set TRUSTED_PROXIES to how many proxies add to X-Forwarded-For before the studio."
        return [checks.Warning("everybody seems to come from the proxy's address", hint=hint, id="atelier.W004")]
    return []


@register(Tags.security, deploy=True)
def redis_is_guarded(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Whoever reaches Redis can order work: at an address of the open internet it needs a password."""
    address = urlsplit(settings.REDIS_URL)
    if address.password or not _is_public(address.hostname or ""):
        return []
    hint = "Give it a password (redis://:password@host) or an address inside your network."
    return [checks.Warning("Redis is at a public address without a password", hint=hint, id="atelier.W005")]


@register(Tags.security, deploy=True)
def receivers_are_bounded(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A network of every address would let webhooks reach whatever this machine does."""
    if any(ip_network(network).prefixlen == 0 for network in settings.WEBHOOK_NETWORKS):
        hint = "Name the networks of your own receivers alone; the open internet needs no name."
        return [checks.Warning("WEBHOOK_NETWORKS allows every address", hint=hint, id="atelier.W006")]
    return []


@register(Tags.security)
def nobody_debugs_in_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django's pages for debugging show settings and code to whoever causes an error."""
    if settings.DEBUG and settings.HTTPS:
        hint = "Unset DEBUG where PUBLIC_BASE_URL is https."
        return [Error("DEBUG is on for a studio that others reach", hint=hint, id="atelier.E003")]
    return []


@register()
def retention_can_warn(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Pictures go by their age only after a mail that was sent."""
    if settings.RETENTION_DAYS and settings.EMAIL_BACKEND.endswith(NOT_SENT):
        hint = "Set EMAIL_URL, or RETENTION_DAYS to 0."
        return [Error("RETENTION_DAYS is set and mails are not sent", hint=hint, id="atelier.E004")]
    return []


@register()
def papers_can_be_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is linked from every page has to be there."""
    named = {"TERMS_FILE": settings.TERMS_FILE, "PRIVACY_FILE": settings.PRIVACY_FILE}
    hint = "Name a file of text that the studio's account may read."
    return [
        Error(f"{name} is no file: {path}", hint=hint, id="atelier.E005")
        for name, path in named.items()
        if path and not Path(path).is_file()
    ]


@register(Tags.security)
def the_admin_has_a_place(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An admin at somebody else's address would hide that, or be hidden by it."""
    first = settings.ADMIN_PATH.partition("/")[0]
    if ADMIN_PATH.fullmatch(settings.ADMIN_PATH) and first not in {"static", *_firsts(get_resolver().url_patterns)}:
        return []
    hint = "Use letters, digits and hyphens, and no name that the studio uses itself."
    return [Error(f"ADMIN_PATH cannot be {settings.ADMIN_PATH!r}", hint=hint, id="atelier.E006")]


@register(Tags.security)
def holes_can_be_told(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """RFC 9116 wants an address that one can follow."""
    if not settings.SECURITY_CONTACT or urlsplit(settings.SECURITY_CONTACT).scheme in {"mailto", "https", "tel"}:
        return []
    hint = "Begin it with mailto:, https: or tel:."
    return [Error("SECURITY_CONTACT is no address", hint=hint, id="atelier.E007")]


@register(Tags.security)
def an_issuer_is_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Half an issuer is a mistake, and one that is asked in the open could be anybody."""
    parts = (settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    address = urlsplit(settings.OIDC_ISSUER)
    if not any(parts) or (all(parts) and (address.scheme == "https" or address.hostname in LOOPBACK)):
        return []
    hint = "Set OIDC_ISSUER (https://…), OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of them."
    return [Error("OIDC is half set up", hint=hint, id="atelier.E008")]


@register(Tags.security)
def somebody_gets_in(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An issuer alone, of which there is none, lets nobody in but admins."""
    if not settings.OIDC_ONLY or settings.OIDC_ISSUER:
        return []
    hint = "Name the issuer by OIDC_ISSUER, or let people have passwords."
    return [Error("OIDC_ONLY without an issuer", hint=hint, id="atelier.E009")]


@register(Tags.database, deploy=True)  # not by `migrate`, which runs before there is a table
def lost_answers_have_a_budget(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """*Send it again* with nothing to lose sends nothing again."""
    if not databases:
        return []
    again = ProviderAccount.objects.filter(unknown_policy=ProviderAccount.Policy.RETRY, loss_budget_usd=0)
    hint = "Give the provider a loss budget in the admin, or another policy."
    return [
        checks.Warning(f"{name} sends lost requests again, with a budget of nothing", hint=hint, id="atelier.W007")
        for name in again.values_list("name", flat=True)
    ]


def _firsts(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """What addresses begin with, up to the first slash, beside the admin's."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.app_name == "admin":
            continue
        if first := str(pattern.pattern).partition("/")[0]:
            yield first
        elif isinstance(pattern, URLResolver):
            yield from _firsts(pattern.url_patterns)


def _is_public(host: str) -> bool:
    """Of an address whether it is of the open internet; of a name whether it could be, as one with a dot."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost", ".svc"))
