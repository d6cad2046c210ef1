"""Endpoints for webhooks over REST: their secrets, and what they were sent."""

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
from accounts.sealing import Unreadable
from generations import bodies, endpoints
from generations.models import Delivery, Endpoint
from generations.serializers.pages import NewestFirstQuerySerializer
from generations.serializers.webhooks import (
    DeliveriesQuerySerializer,
    DeliverySerializer,
    DeliveryWithLogSerializer,
    EndpointOrderSerializer,
    EndpointSerializer,
    NewEndpointSerializer,
    ReplayedSerializer,
    ReplayOrderSerializer,
    SecretSerializer,
)


class WebhooksView(ApiView):
    """One's own endpoints."""

    resource = "webhooks"
    problems = {"post": ("too_many_webhooks",)}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(EndpointSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first."""
        query = page_query(request, NewestFirstQuerySerializer)
        shown, cursor = newest_first(request.user.endpoints.all(), query)
        return page_response(request, [bodies.endpoint(one) for one in shown], before=cursor)

    @extend_schema(request=EndpointOrderSerializer, responses={201: NewEndpointSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Add one. The answer has the secret that its messages are signed with."""
        order = EndpointOrderSerializer().run_validation(request.data)
        try:
            made = endpoints.create(
                request.user, order["url"], order["description"], order["events"], enabled=order["enabled"]
            )
        except endpoints.TooMany as error:
            raise Problem("too_many_webhooks", f"There may be {endpoints.MOST} endpoints.") from error
        return Response({**bodies.endpoint(made), "secret": endpoints.shown(made)}, status=status.HTTP_201_CREATED)


class WebhookView(ApiView):
    """One endpoint."""

    resource = "webhooks"
    problems = {"patch": ("changed_meanwhile",), "delete": ("changed_meanwhile",)}

    @extend_schema(responses=EndpointSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(bodies.endpoint(own_endpoint(request, pk)))

    @extend_schema(request=EndpointOrderSerializer, responses=EndpointSerializer)
    def patch(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Change what is named. Enabling it again forgets why it was disabled."""
        endpoint = own_endpoint(request, pk)
        order = EndpointOrderSerializer(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        changes = order.validated_data
        if "enabled" in changes:
            changes["disabled"] = "" if changes.pop("enabled") else Endpoint.Disabled.BY_OWNER
        if changes and not endpoint.change(wanted_version(request), **changes):
            raise Problem("changed_meanwhile")
        return Response(bodies.endpoint(endpoint))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Remove it, with the log of what it was sent."""
        endpoint = own_endpoint(request, pk)
        if not endpoint.remove(wanted_version(request)):
            raise Problem("changed_meanwhile")
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookSecretView(ApiView):
    """What signs an endpoint's messages."""

    resource = "webhooks"
    secret = True
    problems = {"get": ("secret_unreadable",), "post": ("secret_unreadable", "changed_meanwhile")}

    @extend_schema(responses=SecretSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """The secret that signs now."""
        return self._answer(own_endpoint(request, pk))

    @extend_schema(operation_id="rotateWebhookSecret", request=None, responses={201: SecretSerializer})
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Draw a new one. For a day the earlier one signs as well: each message has two signatures."""
        endpoint = own_endpoint(request, pk)
        if not endpoints.rotate(endpoint):
            raise Problem("changed_meanwhile")
        return self._answer(endpoint, status.HTTP_201_CREATED)

    def _answer(self, endpoint: Endpoint, code: int = status.HTTP_200_OK) -> Response:
        try:
            secret = endpoints.shown(endpoint)
        except Unreadable as error:
            raise Problem("secret_unreadable") from error
        return Response({"secret": secret, "earlier_until": endpoint.earlier_until}, status=code)


class WebhookTestView(ApiView):
    """Whether an endpoint listens."""

    resource = "webhooks"
    problems = {"post": ("webhook_disabled",)}

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Send it a `webhook.test`, once; its delivery says how that went."""
        with delivery_problems():
            delivery = endpoints.test(own_endpoint(request, pk))
        return Response(bodies.delivery(delivery), status=status.HTTP_202_ACCEPTED)


class WebhookReplayView(ApiView):
    """What an endpoint has missed."""

    resource = "webhooks"
    problems = {"post": ("webhook_disabled",)}

    @extend_schema(request=ReplayOrderSerializer, responses={202: ReplayedSerializer})
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Send everything again that failed since a time, under the same ids."""
        order = ReplayOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        with delivery_problems():
            replayed = endpoints.replay_failed(own_endpoint(request, pk), order.validated_data["since"])
        return Response({"replayed": replayed}, status=status.HTTP_202_ACCEPTED)


class DeliveriesView(ApiView):
    """What an endpoint was sent."""

    resource = "webhooks"

    @extend_schema(
        parameters=[DeliveriesQuerySerializer],
        responses=page_of(DeliverySerializer),
    )
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Newest first; what is over is kept for 30 days."""
        query = page_query(request, DeliveriesQuerySerializer)
        log = own_endpoint(request, pk).deliveries.all()
        if query["state"]:
            log = log.filter(state=query["state"])
        shown, cursor = newest_first(log, query)
        return page_response(request, [bodies.delivery(one) for one in shown], before=cursor)


class DeliveryView(ApiView):
    """One message."""

    resource = "webhooks"

    @extend_schema(responses=DeliveryWithLogSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID, delivery: uuid.UUID) -> Response:
        """With every try: what was answered, and how long that took."""
        return Response(bodies.delivery_with_log(own_delivery(own_endpoint(request, pk), delivery)))


class DeliveryReplayView(ApiView):
    """Sending one message again."""

    resource = "webhooks"
    problems = {"post": ("webhook_disabled", "delivery_pending")}

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: UserApiRequest, pk: uuid.UUID, delivery: uuid.UUID) -> Response:
        """Send it once more, under the same `webhook-id`, however it ended."""
        endpoint = own_endpoint(request, pk)
        found = own_delivery(endpoint, delivery)
        with delivery_problems():
            endpoints.replay(endpoint, found)
        return Response(bodies.delivery(own_delivery(endpoint, delivery)), status=status.HTTP_202_ACCEPTED)


def own_endpoint(request: UserApiRequest, pk: uuid.UUID) -> Endpoint:
    """The caller's endpoint, or 404 whoever else it may belong to."""
    return get_object_or_404(Endpoint, pk=pk, user=request.user)


def own_delivery(endpoint: Endpoint, pk: uuid.UUID) -> Delivery:
    """A message to this endpoint, or 404."""
    return get_object_or_404(Delivery, pk=pk, endpoint=endpoint)


@contextmanager
def delivery_problems() -> Iterator[None]:
    """Why nothing is sent becomes a problem."""
    try:
        yield
    except endpoints.Disabled as error:
        raise Problem("webhook_disabled") from error
    except endpoints.StillPending as error:
        raise Problem("delivery_pending") from error
