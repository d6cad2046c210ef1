"""How endpoints are told: as Standard Webhooks has it, with the generation as our API shows it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from accounts import sealing
from generations import bodies, endpoints
from generations.messages import Format, Message, News, Unsendable, standard_headers
from generations.models import Delivery, Endpoint
from generations.webhooks import kind

SECONDS = 20
LARGEST = 20_000  # bytes: what receivers can rely on
PROMPT_LEFT = 500  # characters of a prompt that would make it larger
WAITS = (
    dt.timedelta(seconds=5),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    *(dt.timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)  # nine more tries in about three days


def message(news: News) -> Message:
    """What happened, signed by all secrets of the endpoint that are in force."""
    endpoint = news.delivery.endpoint
    if endpoint is None or endpoint.disabled:
        raise Unsendable("The endpoint is disabled.")
    try:
        secrets = endpoints.signing(endpoint)
    except sealing.Unreadable as error:
        raise Unsendable("Its secret cannot be read any more; rotate it.") from error
    body = written(news, endpoint)
    return Message(body, standard_headers(secrets, news.delivery.pk, news.now, body))


def written(news: News, endpoint: Endpoint) -> bytes:
    """The body. Where prompts of thousands of letters would make it too large, they are cut, and it says so."""
    if news.event == Delivery.TEST:
        return _json(news.event, news.delivery.created, {"webhook": endpoint.pk})
    found = news.look.generation
    data = bodies.generation(news.look, news.root)
    body = _json(news.event, found.finished, data)
    if len(body) <= LARGEST:
        return body
    cut = {name: data[name][:PROMPT_LEFT] for name in ("prompt", "negative_prompt")}
    return _json(news.event, found.finished, {**data, **cut, "parameters": [], "shortened": True})


def _json(event: str, moment: dt.datetime | None, data: dict[str, Any]) -> bytes:
    value = {"type": kind(event), "timestamp": moment, "data": data}
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


FORMAT = Format(message, SECONDS, WAITS, jitter=0.1)
