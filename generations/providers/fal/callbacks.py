"""Whether fal sent a callback, to us, and now: an Ed25519 signature by one of the keys that fal publishes."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from generations.providers.base import NotGenuine, ProviderError, ProviderUnavailable
from generations.providers.http import HttpClient, answers

PREFIX = "x-fal-webhook-"
TOLERANCE = 300
KEYS_LAST = 24 * 60 * 60
BETWEEN_FETCHES = 60  # a forged signature looks like one by a new key: it must not make us ask each time
BETWEEN_FAILURES = 5

SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,100}")

Keys = Sequence[Ed25519PublicKey]


class KeyRing(HttpClient):
    """fal's public keys, fetched when they are first wanted. Our own key is never sent there."""

    name = "fal"
    call_limit = dt.timedelta(seconds=5)
    answer_limit = 64 * 1024

    def __init__(
        self, url: str, *, transport: httpx.BaseTransport | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(url, headers={}, transport=transport)
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Keys = ()
        self._fetched = self._failed = float("-inf")

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Whether one of the keys made the signature. ``ProviderUnavailable`` while that cannot be told."""
        known = self._current()
        if _any_signed(known, signature, message):
            return True
        newer = self._newer(known)
        return newer is not known and _any_signed(newer, signature, message)

    def _current(self) -> Keys:
        with self._lock:
            if self._clock() - self._fetched >= KEYS_LAST:
                self._fetch()
            return self._keys

    def _newer(self, known: Keys) -> Keys:
        """The keys as fal has them now, unless they were fetched a moment ago."""
        with self._lock:
            if self._keys is known and self._clock() - self._fetched >= BETWEEN_FETCHES:
                self._fetch()
            return self._keys

    def _fetch(self) -> None:
        if self._clock() - self._failed < BETWEEN_FAILURES:
            raise ProviderUnavailable("fal's keys could not be fetched", code="no_answer", retry_after=answers.SOON)
        try:
            keys = published(self.request("GET", self._url))
            if not keys:
                raise answers.no_answer("fal publishes no key that can be used", HTTPStatus.OK)
        except ProviderError as error:
            self._failed = self._clock()
            raise answers.asked_in_vain(error) from error
        self._keys, self._fetched = keys, self._clock()


class Inbox:
    """What fal sends to ``user``, which is who we are there.

    Any customer of fal's can have it sign a callback to our address: only the user tells those from ours.
    """

    def __init__(self, user: str, ring: KeyRing) -> None:
        self.ring = ring
        self._user = user.encode()

    def proven(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """The id of the request that a callback is about, once it is proven that fal sent it to us just now."""
        given = {name.lower(): value for name, value in headers.items()}
        number, to, stamp, signature = (
            given.get(PREFIX + name, "") for name in ("request-id", "user-id", "timestamp", "signature")
        )
        if not (NUMBER.fullmatch(number) and TIMESTAMP.fullmatch(stamp) and SIGNATURE.fullmatch(signature)):
            raise NotGenuine("fal's headers are missing or broken")
        if not hmac.compare_digest(to.encode(errors="replace"), self._user):
            raise NotGenuine("fal sent it to somebody else")
        if abs(now - int(stamp)) > TOLERANCE:
            raise NotGenuine("fal sent it at another time")
        message = "\n".join([number, to, stamp, hashlib.sha256(body).hexdigest()]).encode()
        if not self.ring.signed(bytes.fromhex(signature), message):
            raise NotGenuine("fal did not sign it")
        return number


def published(answer: Any) -> Keys:
    """The Ed25519 keys in a JWKS, padded or not; whatever else is in it is left out."""
    listed = answer.get("keys") if isinstance(answer, dict) else None
    found = [_key(entry.get("x")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [key for key in found if key]


def _key(x: Any) -> Ed25519PublicKey | None:
    if not isinstance(x, str):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x.rstrip("=") + "=="))  # more does no harm
    except (binascii.Error, ValueError):
        return None


def _any_signed(keys: Keys, signature: bytes, message: bytes) -> bool:
    return any(_signed(key, signature, message) for key in keys)


def _signed(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
