"""Typed readers of the environment: the only module that looks at it.

Every name may also be given as ``<NAME>_FILE``, the path of a file that holds the value (Docker and Kubernetes
secrets). A ``.env`` file in the checkout is read first and never overrides the real environment.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The value of ``name``, or of the file named by ``<name>_FILE``, without surrounding white space."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}") from error
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """``name`` as a boolean; anything but 1/0, true/false, yes/no, on/off is refused."""
    value = text(name, str(default)).lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1/0, true/false, yes/no or on/off, not {value!r}")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """``name`` as a whole number of at least ``minimum``."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number}")
    return number


def choice(name: str, options: Collection[str], default: str = "") -> str:
    """``name`` as one of these words."""
    value = text(name, default)
    if value and value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}")
    return value


def mapping(name: str) -> dict[str, Any]:
    """``name`` as a JSON object; empty when it is not set."""
    value = text(name, "{}") or "{}"
    try:
        read = json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a JSON object: {error}") from error
    if not isinstance(read, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object, not {value[:80]}")
    return read


def words(name: str, default: str = "") -> list[str]:
    """``name`` as a list, split at commas; empty parts are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str = "") -> list[str]:
    """``name`` as a list of IP networks such as ``10.0.0.0/8``."""
    listed = words(name, default)
    for network in listed:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must be IP networks such as 10.0.0.0/8: {error}") from error
    return listed


def database(name: str) -> dict[str, Any]:
    """``name`` (a postgres:// URL) as an entry for Django's DATABASES."""
    url = text(name)
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name} must be a postgres:// URL; Atelier runs on PostgreSQL only")
    return dict(environ.Env.db_url_config(url))


def email(name: str, default: str) -> dict[str, Any]:
    """``name`` (smtp://, smtp+tls://, consolemail://, … URL) as Django's EMAIL_* settings."""
    return dict(environ.Env.email_url_config(text(name, default)))
