"""What changed in how somebody signs in: mailed to them, so that they learn of it where somebody else did it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import letters
from accounts.devices import device_name
from accounts.languages import spoken_to
from accounts.models import User
from accounts.origins import address_of

logger = logging.getLogger(__name__)

# By what allauth calls them
SAID = {
    "email_changed": _("You sign in with %(to_email)s from now on, no more with %(from_email)s."),
    "email_deleted": _("The address %(deleted_email)s was removed from your account."),
    "password_changed": _("Your password was changed."),
    "password_reset": _("Your password was changed."),
    "password_set": _("Your account has a password now."),
    "totp_activated": _("An authenticator app was added: signing in asks for its codes."),
    "totp_deactivated": _("The authenticator app was removed: signing in asks for its codes no more."),
    "recovery_codes_generated": _("New recovery codes were made. Earlier ones are good no more."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
    "account_connected": _("%(provider)s was connected: one can sign in by it."),
    "account_disconnected": _("%(provider)s was disconnected: one can sign in by it no more."),
}


def tell(request: HttpRequest, user: User, change: str, names: Mapping[str, Any], address: str = "") -> None:
    """Mail to their address, or to an earlier one, which of ``SAID`` was done by the request."""
    with spoken_to(user):  # which need not be the request's language: an app's has none
        done = {
            "said": SAID[change] % names,
            "device": device_name(request.headers.get("User-Agent", "")),
            "address": address_of(request),
            "moment": timezone.now(),
        }
    try:
        letters.send(user, _("How you sign in was changed"), "account/email/changed.txt", done, address=address)
    except OSError:
        logger.exception("person %s could not be told that their sign-in was changed", user.pk)
