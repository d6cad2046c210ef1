"""Mails that no page asks for: each in its reader's language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.functional import Promise

from accounts.languages import spoken_to
from accounts.models import User


def send(to: User, subject: Promise, template: str, context: dict[str, Any], *, address: str = "") -> None:
    """Mail what the template says, which is told where this ``studio`` is; raises ``OSError`` when it does not go.

    It goes to the person's address, unless another of theirs is named.
    """
    with spoken_to(to):
        text = render_to_string(template, context | {"studio": settings.PUBLIC_BASE_URL})
        send_mail(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}", text, None, [address or to.email])
