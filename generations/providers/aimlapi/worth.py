"""What the studio's credits are worth to those who count in USD."""

from __future__ import annotations

from django.conf import settings


def usd(credits_: int) -> float:
    """By the operator's rate."""
    return credits_ / settings.CREDITS_PER_USD
