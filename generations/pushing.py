"""Web push: what browsers are told when a generation ends, so that only the browser can read it (RFC 8291, 8292)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import secrets
from email.utils import parseaddr
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import sealing
from accounts.languages import spoken_to
from accounts.models import User
from generations import endpoints
from generations.messages import Format, Message, News, Unsendable
from generations.models import Generation, PushKey, Subscription

MOST = 20  # browsers of one person
LONGEST_ADDRESS = 1000
LONGEST_PROMPT = 200
SECONDS = 20
WAITS = (dt.timedelta(minutes=1), dt.timedelta(minutes=10))
KEPT_THERE = dt.timedelta(hours=12)  # for a browser that is not running
VALID = dt.timedelta(hours=12)
KEY_BYTES, SECRET_BYTES, SALT_BYTES, SCALAR_BYTES = 65, 16, 16, 32
RECORD = 4096
CURVE = ec.SECP256R1()


class NoSubscription(Exception):
    """This is nothing that a browser could be told by; says why."""


def subscribe(user: User, address: str, key: str, secret: str) -> Subscription:
    """Tell this browser from now on, and of this person's generations alone; raises ``NoSubscription``."""
    if problem := endpoints.problem(address):
        raise NoSubscription(problem)
    if len(address) > LONGEST_ADDRESS:
        raise NoSubscription(f"At most {LONGEST_ADDRESS} characters.")
    values = {"user": user, "key": _key(key), "secret": _decoded(secret, SECRET_BYTES)}
    subscription, _created = Subscription.objects.update_or_create(address=address, defaults=values)
    newest = user.subscriptions.order_by("-pk").values("pk")[:MOST]
    user.subscriptions.exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
    return subscription


def unsubscribe(user: User, address: str) -> None:
    """Tell this browser nothing any more."""
    user.subscriptions.filter(address=address).delete()


def public_key() -> str:
    """What browsers know us by."""
    return _encoded(_point(_private_key().public_key()))


def message(news: News) -> Message:
    """How it ended, sealed for the browser and proven to be ours to its push service."""
    subscription = news.delivery.subscription
    if subscription is None:
        raise Unsendable("Nobody wants to hear it any more.")
    try:
        own = _private_key()
    except sealing.Unreadable as error:
        raise Unsendable("The key cannot be read any more.") from error
    with spoken_to(news.delivery.user):
        text = _text(news.look.generation, news.look.delivered)
    body = encrypt(text, bytes(subscription.key), bytes(subscription.secret))
    headers = {
        "content-type": "application/octet-stream",
        "content-encoding": "aes128gcm",
        "ttl": str(int(KEPT_THERE.total_seconds())),
        "authorization": f"vapid t={_token(own, subscription.address, news.now)}, k={public_key()}",
    }
    return Message(body, headers)


def encrypt(
    text: bytes, key: bytes, secret: bytes, *, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """The text as RFC 8291 has it. ``own`` and ``salt`` are drawn anew unless they are given."""
    own, salt = own or ec.generate_private_key(CURVE), salt or secrets.token_bytes(SALT_BYTES)
    ours = _point(own.public_key())
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key))
    material = _derived(shared, secret, b"WebPush: info\0" + key + ours, 32)
    content_key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, text + b"\2", None)
    return salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours + sealed


def _text(generation: Generation, ready: int) -> bytes:
    title = _("Nothing was made")
    if generation.status == Generation.Status.COMPLETED:
        title = ngettext("%(ready)s image is ready", "%(ready)s images are ready", ready) % {"ready": ready}
    told = {
        "title": title,
        "body": generation.prompt.text[:LONGEST_PROMPT],
        "url": reverse("generation", args=[generation.pk]),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _token(own: ec.EllipticCurvePrivateKey, address: str, now: dt.datetime) -> str:
    """A signed statement that this request is ours."""
    where = urlsplit(address)
    claims = {
        "aud": f"{where.scheme}://{where.netloc}",
        "exp": int((now + VALID).timestamp()),
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    parts = [_encoded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)]
    signed = ".".join(parts)
    r, s = decode_dss_signature(own.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES))}"


def _private_key() -> ec.EllipticCurvePrivateKey:
    """The studio's, made when it is first needed; raises ``sealing.Unreadable``."""
    row = PushKey.objects.first()
    if row is None:
        made = ec.generate_private_key(CURVE).private_numbers().private_value.to_bytes(SCALAR_BYTES)
        PushKey.objects.bulk_create([PushKey(sealed=sealing.seal(made))], ignore_conflicts=True)
        row = PushKey.objects.get()
    return ec.derive_private_key(int.from_bytes(sealing.unseal(row.sealed)), CURVE)


def _key(encoded: str) -> bytes:
    point = _decoded(encoded, KEY_BYTES)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError as error:
        raise NoSubscription("The key is none.") from error
    return point


def _decoded(encoded: str, length: int) -> bytes:
    try:
        found = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError) as error:
        raise NoSubscription("The key is not base64url.") from error
    if len(found) != length:
        raise NoSubscription(f"The key has {len(found)} bytes instead of {length}.")
    return found


def _encoded(found: bytes) -> str:
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(material)


FORMAT = Format(message, SECONDS, WAITS, jitter=0.1)
