"""The demo mailbox: mails that Django's file backend wrote to a folder instead of sending them."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import ipaddress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.http import HttpRequest

SEPARATOR = b"-" * 79 + b"\n"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the page shows it."""

    subject: str
    to: str
    sent: dt.datetime | None
    body: str


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes from this machine and went through no proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def mails(folder: Path) -> list[Mail]:
    """The latest mails, newest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found: list[Mail] = []
    for path in files:
        parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
        found.extend(_mail(part) for part in reversed(parts))
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]


def _mail(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    return Mail(
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent=_moment(str(message["Date"] or "")),
        body=str(body.get_content()) if body else "",
    )


def _moment(date: str) -> dt.datetime | None:
    if not date:
        return None
    moment = parsedate_to_datetime(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)  # "-0000" is UTC from nowhere in particular
