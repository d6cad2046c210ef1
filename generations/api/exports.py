"""Exports over REST."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.http import MissingScope, Problem, UserApiRequest
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView
from generations import bodies, exports
from generations.models import Export
from generations.models.export import ExportQuerySet
from generations.serializers.exports import ExportOrderSerializer, ExportSerializer
from generations.serializers.pages import NewestFirstQuerySerializer
from generations.serializers.searches import SearchSerializer

ACCOUNT = "account:read"  # what a key needs beside, for an archive of the whole account


class ExportsView(ApiView):
    """Archives of one's pictures, or of all that one has."""

    resource = "images"
    problems = {"post": ("export_running", "export_too_large")}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(ExportSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first."""
        shown, cursor = newest_first(own_exports(request), page_query(request, NewestFirstQuerySerializer))
        return page_response(request, [bodies.export(one, request) for one in shown], before=cursor)

    @extend_schema(request=ExportOrderSerializer, responses={202: ExportSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Have one made: of the pictures that are named or found or, with neither, of the whole account.

        The latter needs the scope `account:read` as well. There is one at a time.
        """
        order = ExportOrderSerializer().run_validation(request.data)
        search = SearchSerializer().search(order["filter"]) if "filter" in order else None
        if not order and not sees_account(request):
            raise MissingScope(ACCOUNT)
        try:
            export = exports.ask(request.user, ids=order.get("ids", ()), search=search)
        except exports.OneAtATime as error:
            raise Problem("export_running") from error
        except exports.TooMany as error:
            raise Problem("export_too_large", f"One archive may have {exports.MOST} pictures.") from error
        return Response(bodies.export(export, request), status=status.HTTP_202_ACCEPTED)


class ExportView(ApiView):
    """One archive."""

    resource = "images"

    @extend_schema(responses=ExportSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """How far it is and, once it is ready, a fresh address."""
        return Response(bodies.export(get_object_or_404(own_exports(request), pk=pk), request))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Stop making it, or remove it."""
        if not exports.delete(get_object_or_404(own_exports(request), pk=pk)):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


def own_exports(request: UserApiRequest) -> ExportQuerySet:
    """The caller's exports; those of the account only for those who may read that."""
    own = Export.objects.filter(user=request.user).defer("images")
    return own if sees_account(request) else own.filter(whole=False)


def sees_account(request: UserApiRequest) -> bool:
    """Whether the caller may read what the whole account has."""
    return request.auth is None or ACCOUNT in request.auth.scopes
