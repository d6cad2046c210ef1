"""How we call back in fal's format: signed by a key of our own, for as long as fal would try."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generations.dialects import troubles
from generations.messages import Format, Message, News
from generations.models import Generation
from generations.providers.fal import errors
from generations.providers.fal.keys import signing_key
from generations.providers.fal.outcome import output

SECONDS = 15
MINUTES_BETWEEN = (0.5, 1, 2, 4, 8, 10, 15, 20, 25, 30)  # ten more tries in about two hours


def message(news: News) -> Message:
    """What became of the request, as fal posts it."""
    number = str(news.look.generation.pk)
    status, payload = _outcome(news)
    body = written(number, status, payload)
    user, stamp = str(news.look.generation.user_id), str(int(news.now.timestamp()))
    return Message(body, signed(signing_key(), number, user, stamp, body))


def written(number: str, status: int, payload: Mapping[str, Any]) -> bytes:
    """The body: what the result's address would answer, and whether that is an error."""
    good = status == HTTPStatus.OK
    error = {} if good else {"error": f"Invalid status code: {status}"}
    named = {"request_id": number, "gateway_request_id": number, "status": "OK" if good else "ERROR"}
    return json.dumps({**named, **error, "payload": payload}, separators=(",", ":")).encode()


def signed(key: Ed25519PrivateKey, number: str, user: str, stamp: str, body: bytes) -> dict[str, str]:
    """The headers that prove who sent this, to whom and when."""
    text = "\n".join([number, user, stamp, hashlib.sha256(body).hexdigest()])
    return {
        "X-Fal-Webhook-Request-Id": number,
        "X-Fal-Webhook-User-Id": user,
        "X-Fal-Webhook-Timestamp": stamp,
        "X-Fal-Webhook-Signature": key.sign(text.encode()).hex(),
    }


def _outcome(news: News) -> tuple[int, dict[str, Any]]:
    if news.look.generation.status == Generation.Status.COMPLETED:
        return HTTPStatus.OK, output(news.look, news.addresses)
    return errors.explained(troubles.failure(news.look.generation))


FORMAT = Format(message, SECONDS, tuple(dt.timedelta(minutes=minutes) for minutes in MINUTES_BETWEEN))
