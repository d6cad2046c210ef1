"""Comparisons over REST: one order for two or three models, and the picture that is picked from what they made."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest, idempotency_key
from accounts.limits import count_submit
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView
from generations import arranging, bodies, comparing, submission
from generations.api.orders import QUOTE_REFUSALS, REFUSALS, submission_problems
from generations.models import Comparison, Generation
from generations.serializers.bulk import BulkResultSerializer
from generations.serializers.comparisons import (
    COMPARISON_ORDER,
    ComparisonOrderSerializer,
    ComparisonSerializer,
    PickSerializer,
)
from generations.serializers.pages import NewestFirstQuerySerializer


class ComparisonsView(ApiView):
    """One's own comparisons."""

    resource = "generations"
    problems = {"post": (*REFUSALS, *QUOTE_REFUSALS)}
    submits = {"POST"}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(ComparisonSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first."""
        query = page_query(request, NewestFirstQuerySerializer)
        shown, cursor = newest_first(comparing.whole(request.user), query)
        return page_response(request, [bodies.comparison(one, request) for one in shown], before=cursor)

    @extend_schema(request=ComparisonOrderSerializer, responses={202: ComparisonSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Order the same from each model, all of it or nothing: 202 with the comparison's address in ``Location``."""
        order, models, quote_ids = COMPARISON_ORDER.comparison(request.data)
        entrance = submission.Entrance(Generation.Source.API, request.auth, idempotency_key(request))
        for _more in models[1:]:
            count_submit(request.user, request.auth)
        with submission_problems():
            compared = comparing.compare(request.user, order, models, entrance, quote_ids)
        body = bodies.comparison(own_comparison(request, compared.comparison.pk), request)
        headers = {"Location": body["url"]} | ({"Idempotent-Replayed": "true"} if compared.replayed else {})
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


class ComparisonView(ApiView):
    """One comparison."""

    resource = "generations"

    @extend_schema(responses=ComparisonSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(bodies.comparison(own_comparison(request, pk), request))


class PickView(ApiView):
    """The winner of a comparison."""

    resource = "images"
    problems = {"post": ("in_trash",)}

    @extend_schema(request=PickSerializer, responses=ComparisonSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Pick one of its pictures, which gets a star."""
        asked = PickSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            comparing.pick(own_comparison(request, pk), asked.validated_data["image"])
        except arranging.NotThere as error:
            raise serializers.ValidationError({"image": "This comparison has no such image."}) from error
        except arranging.InTrash as error:
            raise Problem("in_trash") from error
        return Response(bodies.comparison(own_comparison(request, pk), request))


class TrashView(ApiView):
    """What was not picked."""

    resource = "images"

    @extend_schema(operation_id="trashOthersOfComparison", request=None, responses=BulkResultSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Put the other pictures into the trash; nothing happens before one is picked."""
        changed = comparing.trash_others(own_comparison(request, pk))
        return Response({"changed": changed, "more": False})


def own_comparison(request: UserApiRequest, pk: uuid.UUID) -> Comparison:
    """The caller's comparison, or 404 whoever else it may belong to."""
    return get_object_or_404(comparing.whole(request.user), pk=pk)
