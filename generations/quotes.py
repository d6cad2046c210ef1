"""Quotes: what a submit would do now, and a signed note by which it will cost what was said, no more and no less.

Nothing is written down: the note is the person's to bring back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol

from django.core import signing
from django.utils import timezone

from accounts.models import User
from generations import pricing, routing, timing
from generations.models import Model

LIFETIME = dt.timedelta(minutes=10)
SIGNER = signing.Signer(salt="generations.quotes")


class Asked(routing.Wish, Protocol):
    """What a quote needs to know of an order."""

    @property
    def model(self) -> str: ...
    @property
    def negative_prompt(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


class QuoteRefused(Exception):
    """The order cannot go by this quote; ``code`` says why."""

    def __init__(self, code: Literal["quote_invalid", "quote_expired", "quote_for_another_order"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Quote:
    """What would be made, by whom, for how many credits. ``asked_model`` only where ``model`` stands in for it."""

    id: str
    expires: dt.datetime
    model: Model
    asked_model: str
    price: int
    total: int
    preview: routing.Preview
    seconds: int


def quote(user: User, order: Asked, model: Model) -> Quote:
    """A quote for an order that this model can take."""
    price = model.price(order.resolution)
    expires = timezone.now().replace(microsecond=0) + LIFETIME
    return Quote(
        id=sign(user, order.fingerprint, price, expires),
        expires=expires,
        model=model,
        asked_model="" if model.is_called(order.model) else order.model,
        price=price,
        total=pricing.total(price, order.count),
        preview=routing.preview(model, order, order.negative_prompt),
        seconds=timing.typical_seconds(model),
    )


def sign(user: User, fingerprint: str, price: int, expires: dt.datetime) -> str:
    """The id of a quote: it names the person, the order, the credits per image and the end of it."""
    return SIGNER.sign_object([user.pk, fingerprint, price, int(expires.timestamp())])


def price(quote_id: str, user: User, fingerprint: str) -> int:
    """Credits per image that this person was promised for this order; raises ``QuoteRefused``."""
    try:
        person, order, promised, expires = SIGNER.unsign_object(quote_id)
    except signing.BadSignature as error:
        raise QuoteRefused("quote_invalid") from error
    if person != user.pk:
        raise QuoteRefused("quote_invalid")
    if order != fingerprint:
        raise QuoteRefused("quote_for_another_order")
    if expires <= timezone.now().timestamp():
        raise QuoteRefused("quote_expired")
    return int(promised)
