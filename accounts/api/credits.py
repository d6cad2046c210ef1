"""Credits over REST: what there is, every movement, and codes that are worth some."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts import limits, vouchers
from accounts.http import Problem, UserApiRequest
from accounts.models import Entry, Wallet
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView
from accounts.serializers import (
    BalanceSerializer,
    EntriesQuerySerializer,
    EntrySerializer,
    RedeemedSerializer,
    RedeemOrderSerializer,
)


class CreditsView(ApiView):
    """One's credits."""

    resource = "account"

    @extend_schema(responses=BalanceSerializer)
    def get(self, request: UserApiRequest) -> Response:
        """What can be spent, what is held for orders, and both together."""
        return Response(BalanceSerializer(request.user.wallet).data)


class EntriesView(ApiView):
    """Every movement of one's credits."""

    resource = "account"

    @extend_schema(parameters=[EntriesQuerySerializer], responses=page_of(EntrySerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first; entries never change."""
        query = page_query(request, EntriesQuerySerializer)
        found = list(_wanted(request, query)[: query["limit"] + 1])
        shown = found[: query["limit"]]
        cursor = str(shown[-1].version_after) if len(found) > len(shown) else ""
        return page_response(request, [EntrySerializer(entry).data for entry in shown], before=cursor)


class RedeemView(ApiView):
    """Codes that are worth credits."""

    resource = "account"
    problems = {"post": ("code_unknown", "code_redeemed", "code_used_up", "code_limit", "code_expired")}

    @extend_schema(operation_id="redeemCode", request=RedeemOrderSerializer, responses={201: RedeemedSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Take what a code is worth, once. Ten tries a minute, so that nobody guesses."""
        order = RedeemOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        limits.count_redeem(request.user)
        try:
            entry = vouchers.redeem(request.user, order.validated_data["code"])
        except vouchers.NotRedeemable as error:
            raise Problem(error.code) from error
        wallet = Wallet.objects.get(user=request.user)
        body = {"entry": EntrySerializer(entry).data, "credits": BalanceSerializer(wallet).data}
        return Response(body, status=status.HTTP_201_CREATED)


def _wanted(request: UserApiRequest, query: dict[str, Any]) -> QuerySet[Entry]:
    conditions = {
        "version_after__lt": query["before"],
        "kind": query["kind"],
        "created__gte": query["from"],
        "created__lt": query["to"],
    }
    named = {name: value for name, value in conditions.items() if value is not None}
    entries = Entry.objects.filter(wallet=request.user.wallet, **named)
    return entries.select_related("hold").order_by("-version_after")
