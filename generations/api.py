"""Our REST API: one class per URL, all through ``submission`` and ``gallery``."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import Problem, UserApiRequest, count_submit, idempotency_key
from accounts.ledger import NotEnoughCredits
from generations import bodies, gallery, looking, routing, submission
from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation, Image
from generations.quotes import QuoteRefused
from generations.serializers import (
    ORDER,
    SUBMISSION,
    GalleryImageSerializer,
    GenerationSerializer,
    ModelSerializer,
    OrderSerializer,
    PageQuerySerializer,
    QuoteSerializer,
    SubmissionSerializer,
    page_of,
)

QUOTE_PROBLEMS = {
    "quote_invalid": "This is no quote of this account.",
    "quote_expired": "The quote has expired; ask for another.",
    "quote_for_another_order": "The quote was given for another order.",
}
PAGE_PARAMETERS = [
    OpenApiParameter("limit", int, description="1 to 100; 30 unless told."),
    OpenApiParameter("before", str, description="Where the page starts; taken from `next`."),
]


class GenerationsView(APIView):
    """Submit, and read back what was submitted."""

    @extend_schema(
        request=SubmissionSerializer,
        responses={202: GenerationSerializer},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: UserApiRequest) -> Response:
        """Accept a generation: 202 with its address in ``Location``; the pictures are made afterwards."""
        count_submit(request.user)
        order, quote_id = SUBMISSION.order_and_quote(request.data)
        return submitted_response(request, submit(request, order, quote_id))

    @extend_schema(operation_id="generations_list", parameters=PAGE_PARAMETERS, responses=page_of(GenerationSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """One's own generations, newest first."""
        query = page_query(request)
        own = Generation.objects.of(request.user)
        if query["before"]:
            own = own.filter(pk__lt=query["before"])
        found = list(own[: query["limit"] + 1])
        shown = found[: query["limit"]]
        cursor = str(shown[-1].pk) if len(found) > len(shown) else ""
        return page_response(request, [bodies.generation(Look.at(one), request) for one in shown], cursor)


class QuotesView(APIView):
    """What a submit would do."""

    @extend_schema(request=OrderSerializer, responses={201: QuoteSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Price, model, provider and what it makes of each wish; nothing is written or held."""
        order = ORDER.order(request.data)
        with order_problems():
            given = submission.quote(request.user, order)
        return Response(bodies.quote(given, request.user.wallet.spendable), status=status.HTTP_201_CREATED)


class GenerationView(APIView):
    """One generation."""

    beside_key = staticmethod(looking.beside)

    @extend_schema(responses=GenerationSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        found = looking.found(request.beside) if request.auth else looking.look(request.user, pk)
        if found is None:
            raise NotFound
        return Response(bodies.generation(found, request))


class CancelView(APIView):
    """Stopping a generation."""

    @extend_schema(request=None, responses=GenerationSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Give back what is still held. 409 when it had ended already."""
        if not submission.cancel(own_generation(request, pk)):
            raise Problem(409, "finished", "This generation has ended already.")
        return Response(bodies.generation(Look.at(own_generation(request, pk)), request))


class RetryView(APIView):
    """Doing it again."""

    @extend_schema(request=None, responses={202: GenerationSerializer})
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Submit the same order anew, at today's price."""
        count_submit(request.user)
        order = submission.order_of(own_generation(request, pk))
        return submitted_response(request, submit(request, order))


class ImagesView(APIView):
    """One's own pictures."""

    @extend_schema(
        operation_id="images_list",
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("q", str, description="Words of the prompt.")],
        responses=page_of(GalleryImageSerializer),
    )
    def get(self, request: UserApiRequest) -> Response:
        """Newest first, a page at a time; ``next`` is the address of the next page, or null."""
        query = page_query(request)
        page = gallery.page(request.user, before=str(query["before"] or ""), limit=query["limit"], search=query["q"])
        addresses = Addresses(request)
        shown = [bodies.gallery_image(image, addresses) for image in page.images]
        return page_response(request, shown, page.next, q=query["q"])


class ImageView(APIView):
    """One picture."""

    @extend_schema(responses=GalleryImageSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """With fresh addresses."""
        image = get_object_or_404(Image.objects.of(request.user), pk=pk)
        return Response(bodies.gallery_image(image, Addresses(request)))


class ModelsView(APIView):
    """The catalogue."""

    @extend_schema(responses=ModelSerializer(many=True))
    def get(self, request: UserApiRequest) -> Response:
        """Every model that can be chosen, with what it can do and what it costs."""
        models = routing.offered().select_related("successor").prefetch_related("routes")
        return Response({"results": ModelSerializer(models, many=True).data, "next": None})


def submit(request: UserApiRequest, order: submission.Order, quote_id: str = "") -> submission.Submitted:
    """Submit for the caller; what may go wrong becomes a problem with a code."""
    key = idempotency_key(request)
    try:
        with order_problems():
            return submission.submit(
                request.user, order, submission.Entrance(Generation.Source.API, request.auth, key), quote_id=quote_id
            )
    except NotEnoughCredits as error:
        detail = f"This costs {error.needed} credits and {error.available} are available."
        raise Problem(402, "not_enough_credits", detail, needed=error.needed, available=error.available) from error
    except submission.IdempotencyConflict as error:
        detail = "This Idempotency-Key was sent before with another order."
        raise Problem(422, "idempotency_conflict", detail) from error
    except QuoteRefused as error:
        raise Problem(422, error.code, QUOTE_PROBLEMS[error.code]) from error


@contextmanager
def order_problems() -> Iterator[None]:
    """What is wrong with an order becomes a problem: of its own where the model has ended, else by field."""
    try:
        yield
    except submission.ModelRetired as error:
        successor = error.successor.slug if error.successor else None
        raise Problem(422, "model_retired", error.errors["model"], successor=successor) from error
    except submission.InvalidOrder as error:
        raise serializers.ValidationError({name: [text] for name, text in error.errors.items()}) from error


def own_generation(request: UserApiRequest, pk: uuid.UUID) -> Generation:
    """The caller's generation, or 404 whoever else it may belong to."""
    own: QuerySet[Generation] = Generation.objects.of(request.user)
    return get_object_or_404(own, pk=pk)


def submitted_response(request: Request, submitted: submission.Submitted) -> Response:
    """202 with where to look."""
    body = bodies.generation(Look.at(submitted.generation), request)
    headers = {"Location": body["url"]} | ({"Idempotent-Replayed": "true"} if submitted.replayed else {})
    return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


def page_query(request: Request) -> dict[str, Any]:
    """``limit``, ``before`` and ``q`` as they may be."""
    query = PageQuerySerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = query.validated_data
    return values


def page_response(request: Request, results: list[dict[str, Any]], cursor: str, **filters: str) -> Response:
    """``{"results": […], "next": URL or null}``."""
    following = None
    if cursor:
        kept = {name: value for name, value in filters.items() if value}
        kept |= {"limit": request.query_params["limit"]} if "limit" in request.query_params else {}
        following = request.build_absolute_uri(f"{request.path}?{urlencode({**kept, 'before': cursor})}")
    return Response({"results": results, "next": following})


class RootView(APIView):
    """Where things are."""

    @extend_schema(
        responses={(200, "application/json"): {"type": "object", "additionalProperties": {"type": "string"}}}
    )
    def get(self, request: Request) -> Response:
        """The addresses of the API's resources."""
        names = ("me", "models", "quotes", "generations", "images")
        return Response({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in names})


@extend_schema(exclude=True)
class NothingView(APIView):
    """Every other address below the API's root, so that programs get a problem and not a page."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404, whatever the method."""
        raise NotFound
