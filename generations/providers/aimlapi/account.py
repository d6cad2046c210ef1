"""What is left in the account, and the key, as AI/ML API tells of them: in USD, or in credits of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Sum
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from accounts.http import KeyApiRequest, UserApiRequest
from accounts.models import ApiKey
from generations import gallery
from generations.models import Image
from generations.providers.aimlapi import wire
from generations.providers.aimlapi.dialect import AimlapiView
from generations.providers.aimlapi.worth import usd


class MoneyView(AimlapiView):
    """About the account: for keys that may see it, and for those that order pictures."""

    resources = ("account", "generations")


class BalanceView(MoneyView):
    """What is left, in USD."""

    def get(self, request: UserApiRequest) -> HttpResponse:
        """The account's."""
        return JsonResponse(_balance(request))


class AccountView(MoneyView):
    """What is left, and whose it is."""

    def get(self, request: UserApiRequest) -> HttpResponse:
        """The account's."""
        topup = {"is_enabled": False, "threshold": 0, "amount": 0, "currency": "USD"}
        who = {"user_id": str(request.user.pk), "email": request.user.email}
        return JsonResponse({**who, **_balance(request), "autotopup_settings": topup})


class CreditsView(MoneyView):
    """What is left, in AI/ML API's credits, as it was told until 2025."""

    def get(self, request: UserApiRequest) -> HttpResponse:
        """The account's."""
        left = request.user.wallet.spendable
        body = {
            "balance": wire.usage(usd(left))["credits_used"],
            "lowBalance": left <= 0,
            "lowBalanceThreshold": 0,
            "lastUpdated": timezone.now().isoformat(),
            "autoDebitStatus": "disabled",
            "status": "current",
            "statusExplanation": "Balance is current and up to date",
        }
        return JsonResponse(body)


class KeyView(MoneyView):
    """The key that was sent."""

    def get(self, request: KeyApiRequest) -> HttpResponse:
        """What is known of it."""
        key = request.auth
        key.refresh_from_db(fields=["name", "prefix", "created"])
        body = {
            "name": key.name,
            "disabled": False,
            "prefix": key.prefix,
            "scopes": ["model:image"],
            "limit": None,
            "created_at": key.created.isoformat(),
            "updated_at": key.created.isoformat(),
            "monthly_usage": _spent(key, timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)),
        }
        return JsonResponse({"data": body})


def _balance(request: UserApiRequest) -> dict[str, Any]:
    return {"current_balance": usd(request.user.wallet.spendable), "currency": "USD"}


def _spent(key: ApiKey, since: dt.datetime) -> float:
    """What the pictures cost that were made with a key since then, in USD."""
    made = Image.objects.filter(user=key.user, pk__gte=gallery.first_id(since), generation__api_key=key)
    return usd(made.aggregate(spent=Sum("generation__price"))["spent"] or 0)
