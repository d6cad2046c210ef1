"""How we call back in Apiframe's format: signed by the digest of the key that the job came with."""

from __future__ import annotations

import datetime as dt
import hmac
import json

from django.conf import settings

from generations.messages import Format, Message, News, Unsendable, standard_headers
from generations.providers.apiframe import jobs

SECONDS = 10
WAITS = (dt.timedelta(seconds=10), dt.timedelta(minutes=1), dt.timedelta(minutes=10), dt.timedelta(hours=1))


def message(news: News) -> Message:
    """One event of a job's."""
    key = news.look.generation.api_key
    if key is None:
        raise Unsendable("The key that would sign it is gone.")
    told = jobs.event(news.event, news.look, news.addresses)
    body = json.dumps(told, separators=(",", ":")).encode()
    digest = bytes.fromhex(key.digest)
    return Message(body, signed(digest, told["event"], body) | standard(digest, news, body))


def signed(digest: bytes, event: str, body: bytes) -> dict[str, str]:
    """Apiframe's own headers. Its SDK takes the digest's bytes for the key, others its hexadecimal text."""
    secret = digest.hex().encode() if settings.APIFRAME_WEBHOOK_KEY == "hex" else digest
    return {"X-Webhook-Event": event, "X-Webhook-Signature": f"sha256={hmac.digest(secret, body, 'sha256').hex()}"}


def standard(digest: bytes, news: News, body: bytes) -> dict[str, str]:
    """The same again as Standard Webhooks has it; its secret is ``whsec_`` and the digest in base64."""
    return standard_headers([digest], news.delivery.pk, news.now, body)


FORMAT = Format(message, SECONDS, WAITS)
