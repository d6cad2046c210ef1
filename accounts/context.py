"""What every page is given besides its own context."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def studio(request: HttpRequest) -> dict[str, Any]:
    """``mailbox``: whether mails are shown and not sent; ``papers``: the operator's texts; ``languages`` to choose;

    ``issuer``: who else can say who somebody is.
    """
    papers = {"terms": bool(settings.TERMS_FILE), "privacy": bool(settings.PRIVACY_FILE)}
    return {
        "mailbox": settings.MAILBOX is not None,
        "papers": papers if any(papers.values()) else None,
        "languages": settings.LANGUAGES,
        "issuer": settings.OIDC_NAME,
        "issuer_alone": settings.OIDC_ONLY,
    }
