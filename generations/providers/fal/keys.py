"""The keys that our own callbacks in fal's format are signed with, and where receivers find the public ones."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

PURPOSE = b"atelier webhooks in fal's format"


def signing_key() -> Ed25519PrivateKey:
    """Ours, drawn from the studio's secret key."""
    return derived(settings.SECRET_KEY)


@cache
def derived(secret: str) -> Ed25519PrivateKey:
    """The key that a secret stands for: always the same one, and it does not give the secret away."""
    seed = HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def published() -> dict[str, Any]:
    """Our public keys as a JWKS, those of earlier secret keys too. ``x`` is unpadded, as RFC 8037 has it."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": _x(key)} for key in secrets]}


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """The view of them."""
    return JsonResponse(published(), headers={"Cache-Control": "public, max-age=3600"})


def _x(secret: str) -> str:
    raw = derived(secret).public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
