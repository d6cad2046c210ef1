"""Whether Apiframe signed a callback: an HMAC of the raw body, keyed by the SHA-256 of our API key. Pure."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "x-webhook-signature"


def signatures(key: str, body: bytes) -> tuple[str, str]:
    """What it may have signed with, in hex. Its SDK keys with the digest's bytes, its page can be read as its text."""
    digest = hashlib.sha256(key.encode())
    return (
        hmac.new(digest.digest(), body, "sha256").hexdigest(),
        hmac.new(digest.hexdigest().encode(), body, "sha256").hexdigest(),
    )


def genuine(key: str, signature: str, body: bytes) -> bool:
    """Whether ``signature`` (with or without its ``sha256=``) is Apiframe's of this body."""
    given = signature.removeprefix("sha256=").encode(errors="replace")
    matches = [hmac.compare_digest(given, ours.encode()) for ours in signatures(key, body)]
    return any(matches)
