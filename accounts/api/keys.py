"""API keys over REST. A key may manage others, none of which may do more than itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts import keys
from accounts.http import Problem, UserApiRequest
from accounts.models import ApiKey
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView, wanted_version
from accounts.serializers import KeyOrderSerializer, KeySerializer, NewKeySerializer, NumberedQuerySerializer


class KeysView(ApiView):
    """One's own keys."""

    resource = "keys"
    problems = {"post": ("beyond_own_scopes", "too_many_keys")}

    @extend_schema(parameters=[NumberedQuerySerializer], responses=page_of(KeySerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first, those that are revoked too."""
        shown, cursor = newest_first(own_keys(request), page_query(request, NumberedQuerySerializer))
        return page_response(request, [KeySerializer(key).data for key in shown], before=cursor)

    @extend_schema(request=KeyOrderSerializer, responses={201: NewKeySerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Make one. Its text is in this answer and nowhere else. A person may have 100 that are usable."""
        order = KeyOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        wanted: dict[str, Any] = order.validated_data
        check_giver(request, wanted["scopes"])
        try:
            key, text = keys.create(request.user, **wanted)
        except keys.TooMany as error:
            raise Problem("too_many_keys") from error
        body = {**KeySerializer(own_keys(request).get(pk=key.pk)).data, "key": text}
        return Response(body, status=status.HTTP_201_CREATED)


class KeyView(ApiView):
    """One key."""

    resource = "keys"
    problems = {
        "patch": ("beyond_own_scopes", "key_revoked", "changed_meanwhile"),
        "delete": ("changed_meanwhile",),
    }

    @extend_schema(responses=KeySerializer)
    def get(self, request: UserApiRequest, pk: int) -> Response:
        """What it may do and spend, and what it has spent."""
        return Response(KeySerializer(get_object_or_404(own_keys(request), pk=pk)).data)

    @extend_schema(request=KeyOrderSerializer, responses=KeySerializer)
    def patch(self, request: UserApiRequest, pk: int) -> Response:
        """Change what is named."""
        key = get_object_or_404(own_keys(request), pk=pk)
        order = KeyOrderSerializer(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        check_giver(request, {*key.scopes, *order.validated_data.get("scopes", ())})
        if key.revoked:
            raise Problem("key_revoked")
        if order.validated_data and not key.change(wanted_version(request), **order.validated_data):
            raise Problem("changed_meanwhile")
        return Response(KeySerializer(key).data)

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: int) -> Response:
        """Revoke it, for good. It stays in the list."""
        key = get_object_or_404(own_keys(request).filter(revoked=None), pk=pk)
        if not keys.revoke(key, wanted_version(request)):
            raise Problem("changed_meanwhile")
        return Response(status=status.HTTP_204_NO_CONTENT)


def own_keys(request: UserApiRequest) -> QuerySet[ApiKey]:
    """The caller's, with what they have spent."""
    return request.user.api_keys.select_related("spend")


def check_giver(request: UserApiRequest, scopes: Iterable[str]) -> None:
    """Raise ``beyond_own_scopes`` where a key asks for a key that may do more than itself."""
    if request.auth and not keys.may_give(request.auth, scopes):
        raise Problem("beyond_own_scopes")
