"""Saved searches over REST."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView, wanted_version
from generations import bodies, searches
from generations.models import SavedSearch
from generations.serializers.pages import NewestFirstQuerySerializer
from generations.serializers.searches import SavedSearchSerializer, SearchOrderSerializer


class SearchesView(ApiView):
    """What one looks for again and again."""

    resource = "images"
    problems = {"post": ("too_many_searches", "name_taken")}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(SavedSearchSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first."""
        own = SavedSearch.objects.filter(user=request.user)
        shown, cursor = newest_first(own, page_query(request, NewestFirstQuerySerializer))
        return page_response(request, [bodies.saved_search(one) for one in shown], before=cursor)

    @extend_schema(request=SearchOrderSerializer, responses={201: SavedSearchSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Keep one under a name of its own."""
        values = SearchOrderSerializer().run_validation(request.data)
        with search_problems():
            saved = searches.keep(request.user, values["name"], values["filter"], values["sort"])
        return Response(bodies.saved_search(saved), status=status.HTTP_201_CREATED)


class SearchView(ApiView):
    """One of them."""

    resource = "images"
    problems = {"patch": ("changed_meanwhile", "name_taken"), "delete": ("changed_meanwhile",)}

    @extend_schema(responses=SavedSearchSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(bodies.saved_search(own_search(request, pk)))

    @extend_schema(request=SearchOrderSerializer, responses=SavedSearchSerializer)
    def patch(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Change what is named; `filter` as a whole."""
        saved, order = own_search(request, pk), SearchOrderSerializer(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        if order.validated_data:
            with search_problems():
                changed = searches.change(saved, order.validated_data, wanted_version(request))
            if not changed:
                raise Problem("changed_meanwhile")
        return Response(bodies.saved_search(saved))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Forget it."""
        if not own_search(request, pk).remove(wanted_version(request)):
            raise Problem("changed_meanwhile")
        return Response(status=status.HTTP_204_NO_CONTENT)


def own_search(request: UserApiRequest, pk: uuid.UUID) -> SavedSearch:
    """The caller's search, or 404 whoever else it may belong to."""
    return get_object_or_404(SavedSearch, pk=pk, user=request.user)


@contextmanager
def search_problems() -> Iterator[None]:
    """Why it is not kept becomes a problem."""
    try:
        yield
    except searches.TooMany as error:
        raise Problem("too_many_searches") from error
    except searches.NameTaken as error:
        raise Problem("name_taken") from error
