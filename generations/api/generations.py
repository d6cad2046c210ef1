"""Generations over REST: submit, read back, cancel, do again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest, idempotency_key
from accounts.pages import newest_first, only, page_of, page_query, page_response
from accounts.rest import ApiView
from generations import bodies, looking, submission
from generations.api.orders import QUOTE_REFUSALS, REFUSALS, submission_problems
from generations.api.preferring import pending, seconds_wanted
from generations.gallery import first_id
from generations.looking import Look
from generations.models import Generation, Model
from generations.serializers.generations import GenerationSerializer, ListedGenerationSerializer
from generations.serializers.orders import SUBMISSION, SubmissionSerializer
from generations.serializers.pages import GenerationsQuerySerializer

SUBMITTED = {
    202: GenerationSerializer,
    200: OpenApiResponse(GenerationSerializer, "It has ended meanwhile, for those who preferred to wait."),
}


class GenerationsView(ApiView):
    """Submit, and read back what was submitted."""

    resource = "generations"
    problems = {"post": (*REFUSALS, *QUOTE_REFUSALS)}
    submits = {"POST"}

    @extend_schema(request=SubmissionSerializer, responses=SUBMITTED)
    def post(self, request: UserApiRequest) -> HttpResponseBase:
        """Accept a generation: 202 with its address in ``Location``; the pictures are made afterwards."""
        order, quote_id = SUBMISSION.order_and_quote(request.data)
        return submitted_response(request, submit(request, order, quote_id))

    @extend_schema(
        parameters=[GenerationsQuerySerializer],
        responses=page_of(ListedGenerationSerializer),
    )
    def get(self, request: UserApiRequest) -> Response:
        """One's own generations, newest first."""
        query = page_query(request, GenerationsQuerySerializer)
        shown, cursor = newest_first(Generation.objects.of(request.user).filter(wanted(query)), query)
        found = [bodies.generation(Look.at(one), request) for one in shown]
        return page_response(request, only(query, found), before=cursor)


class GenerationView(ApiView):
    """One generation."""

    resource = "generations"
    beside_key = staticmethod(looking.beside)

    @extend_schema(responses=GenerationSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        found = looking.found(request.beside) if request.auth else looking.look(request.user, pk)
        if found is None:
            raise NotFound
        return Response(bodies.generation(found, request))


class CancelView(ApiView):
    """Stopping a generation."""

    resource = "generations"
    problems = {"post": ("finished",)}

    @extend_schema(request=None, responses=GenerationSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Give back what is still held. 409 when it had ended already."""
        if not submission.cancel(own_generation(request, pk)):
            raise Problem("finished")
        return Response(bodies.generation(Look.at(own_generation(request, pk)), request))


class RetryView(ApiView):
    """Doing it again."""

    resource = "generations"
    problems = {"post": REFUSALS}
    submits = {"POST"}

    @extend_schema(request=None, responses=SUBMITTED)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> HttpResponseBase:
        """Submit the same order anew, at today's price."""
        order = submission.order_of(own_generation(request, pk))
        return submitted_response(request, submit(request, order))


class VaryView(ApiView):
    """Doing it otherwise."""

    resource = "generations"
    problems = {"post": REFUSALS}
    submits = {"POST"}

    @extend_schema(request=None, responses=SUBMITTED)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> HttpResponseBase:
        """Submit the same order with another seed, at today's price."""
        order = submission.variation_of(own_generation(request, pk), idempotency_key(request))
        return submitted_response(request, submit(request, order))


def submit(request: UserApiRequest, order: submission.Order, quote_id: str = "") -> submission.Submitted:
    """Submit for the caller; what may go wrong becomes a problem with a code."""
    entrance = submission.Entrance(Generation.Source.API, request.auth, idempotency_key(request))
    with submission_problems():
        return submission.submit(request.user, order, entrance, quote_id=quote_id)


def wanted(query: Mapping[str, Any]) -> Q:
    """The filters of a list; ids are time-ordered, so that times are a range of them."""
    conditions = Q()
    if query["status"]:
        conditions &= Q(status=query["status"])
    if query["model"]:
        conditions &= Q(model__in=Model.objects.named(query["model"]))
    if "since" in query:
        conditions &= Q(pk__gte=first_id(query["since"]))
    if "until" in query:
        conditions &= Q(pk__lt=first_id(query["until"]))
    return conditions


def own_generation(request: UserApiRequest, pk: uuid.UUID) -> Generation:
    """The caller's generation, or 404 whoever else it may belong to."""
    own: QuerySet[Generation] = Generation.objects.of(request.user)
    return get_object_or_404(own, pk=pk)


def submitted_response(request: UserApiRequest, submitted: submission.Submitted) -> HttpResponseBase:
    """202 with where to look or, to those who prefer to wait, how it has ended."""
    body = bodies.generation(Look.at(submitted.generation), request)
    headers = {"Location": body["url"]} | ({"Idempotent-Replayed": "true"} if submitted.replayed else {})
    if seconds := seconds_wanted(request):
        return pending(request, submitted.generation, seconds, headers)
    return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)
