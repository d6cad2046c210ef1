"""What a key may be allowed to do: for each kind of thing, to read it and to change it."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SCOPES = {
    "generations:read": _("See generations, models and their prices."),
    "generations:write": _("Order pictures, which spends credits, and cancel orders."),
    "images:read": _("See and download pictures, albums, shares and prompts."),
    "images:write": _("Change, share and delete pictures, albums and prompts."),
    "account:read": _("See the account and its credits."),
    "account:write": _("Change the account and redeem codes."),
    "keys:read": _("See API keys, never their text."),
    "keys:write": _("Make, change and revoke API keys."),
    "webhooks:read": _("See webhooks and what was sent to them."),
    "webhooks:write": _("Make, change and remove webhooks."),
}


def all_scopes() -> list[str]:
    """What a key may do unless told."""
    return list(SCOPES)
