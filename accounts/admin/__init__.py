"""What admins see and do of people: balances, the ledger, codes and keys."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from accounts.admin import (
    acts,
    allowances,
    giving,
    keys,
    money,
    people,
    rights,
    second_look,
    visits,
    vouchers,
    ways_in,
)
from accounts.admin.reading import ReadOnlyAdmin
from accounts.admin.writing import WrittenAdmin

__all__ = [
    "ReadOnlyAdmin",
    "WrittenAdmin",
    "acts",
    "allowances",
    "giving",
    "keys",
    "money",
    "people",
    "rights",
    "second_look",
    "visits",
    "vouchers",
    "ways_in",
]

if apps.is_installed("allauth.socialaccount"):  # the issuer is set in the environment, and what it said is nobody's
    for name in ("SocialApp", "SocialAccount", "SocialToken"):
        admin.site.unregister(apps.get_model("socialaccount", name))
