"""What a key may be allowed to do: for each kind of thing, to read it and to change it."""

from __future__ import annotations

SCOPES = {
    "generations:read": "See generations, models and their prices.",
    "generations:write": "Order pictures, which spends credits, and cancel orders.",
    "images:read": "See and download pictures, albums, shares and prompts.",
    "images:write": "Change, share and delete pictures, albums and prompts.",
    "account:read": "See the account and its credits.",
    "account:write": "Change the account and redeem codes.",
    "keys:read": "See API keys, never their text.",
    "keys:write": "Make, change and revoke API keys.",
    "webhooks:read": "See webhooks and what was sent to them.",
    "webhooks:write": "Make, change and remove webhooks.",
}


def all_scopes() -> list[str]:
    """What a key may do unless told."""
    return list(SCOPES)
