"""Events over REST: as they happen, or as a list."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView
from accounts.standing import Caller
from generations import bodies, streaming
from generations.models import Event, Generation
from generations.serializers.events import EventSerializer, EventsQuerySerializer

LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID", str, OpenApiParameter.HEADER, description="Resume the stream after this event."
)
STREAM = {(200, streaming.CONTENT_TYPE): {"type": "string", "description": "`id`, `event: generation`, `data` as JSON"}}
OVER = "It has ended, and the client has seen its last event."
ANSWERS = STREAM | {(200, "application/json"): page_of(EventSerializer)}


class StreamRenderer(JSONRenderer):
    """For clients that want a stream; what is none, a problem, is JSON to them as well."""

    media_type = streaming.CONTENT_TYPE
    format = "stream"


class ByHeader(DefaultContentNegotiation):
    """By what the client accepts; a ``format`` in the address is a filter that does not exist."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - DRF's
        """All of them."""
        return renderers


class FollowingView(ApiView):
    """Events as a stream or, to those who accept JSON alone, as a list."""

    resource = "generations"
    problems = {"get": ("too_many_streams",)}
    content_negotiation_class = ByHeader
    renderer_classes = (StreamRenderer, JSONRenderer)

    def answer(self, request: UserApiRequest, generation: Generation | None = None) -> HttpResponseBase:
        """Whichever the client prefers."""
        if request.accepted_renderer.media_type == streaming.CONTENT_TYPE:
            return self._stream(request, generation)
        return self._list(request, generation)

    def _stream(self, request: UserApiRequest, generation: Generation | None) -> HttpResponseBase:
        after = streaming.last_event_id(request)
        if (
            generation
            and generation.is_finished
            and after is not None
            and not _after(generation.events.all(), after).exists()
        ):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)  # which tells browsers not to come again
        listener = streaming.Listener(_caller(request), generation.pk if generation else None, after)
        if not streaming.has_room(listener):
            raise Problem("too_many_streams")
        return streaming.response(listener)

    def _list(self, request: UserApiRequest, generation: Generation | None) -> Response:
        query = page_query(request, EventsQuerySerializer)
        after, limit = query["after"], query["limit"]
        own = generation.events.all() if generation else Event.objects.filter(user=request.user)
        found = list(_after(own, after)[: limit + 1])
        overtaken = [] if generation or not after else _overtaken(request.user.pk, after)
        shown = [bodies.event(event) for event in (*overtaken, *found[:limit])]
        return page_response(request, shown, after=str(shown[-1]["id"]) if len(found) > limit else "")


class EventsView(FollowingView):
    """Everything that happens to one's own generations."""

    @extend_schema(parameters=[LAST_EVENT_ID, EventsQuerySerializer], responses=ANSWERS)
    def get(self, request: UserApiRequest) -> HttpResponseBase:
        """As server-sent events from now on or, as JSON, from the first, oldest first.

        Both tell again, beyond `limit`, what may have been recorded after the event that they go on from.
        """
        return self.answer(request)


class GenerationEventsView(FollowingView):
    """What happens to one generation."""

    @extend_schema(
        parameters=[LAST_EVENT_ID, EventsQuerySerializer], responses=ANSWERS | {204: OpenApiResponse(description=OVER)}
    )
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> HttpResponseBase:
        """From the first on: as server-sent events until it has ended, or as JSON as far as it has come."""
        return self.answer(request, get_object_or_404(Generation, pk=pk, user=request.user))


def in_the_loop(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """The view as an asynchronous one: what it answers may last for hours, and holds no thread."""
    run: Callable[..., Any] = sync_to_async(view)

    @wraps(view)
    async def asynchronous(request: HttpRequest, **named: Any) -> HttpResponseBase:
        response: HttpResponseBase = await run(request, **named)
        return response

    return asynchronous


def _overtaken(user: int, last: int) -> QuerySet[Event]:
    """Those before an event that may not have been there yet when it was told. None of them moves a page on."""
    return Event.objects.after(last, user=user).filter(pk__lt=last).order_by("pk")


def _after(events: QuerySet[Event], last: int) -> QuerySet[Event]:
    return events.filter(pk__gt=last).order_by("pk")


def _caller(request: UserApiRequest) -> Caller:
    if request.auth:
        return Caller(request.user.pk, key=request.auth.pk)
    token = request.headers.get("X-Session-Token")
    return Caller(request.user.pk, session=token or request.session.session_key or "")
