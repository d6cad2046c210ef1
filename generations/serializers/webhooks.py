"""Endpoints, as they are asked for, and for the schema what ``bodies`` gives of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainBooleanField, PlainTextField, StrictSerializer
from generations import endpoints
from generations.models import Delivery, Endpoint
from generations.serializers.pages import NewestFirstQuerySerializer
from generations.webhooks import ENDS, LONGEST_URL, kind

KINDS = [kind(event) for event in ENDS]


class EndpointOrderSerializer(StrictSerializer):
    """An endpoint as it should be."""

    url = PlainTextField(max_length=LONGEST_URL, help_text="Where it listens: http or https, in the open.")
    description = PlainTextField(max_length=200, default="", allow_blank=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(KINDS), default=list, help_text="What it is told; empty for everything."
    )
    enabled = PlainBooleanField(default=True)

    def validate_url(self, url: str) -> str:
        """An address that can be told something."""
        if problem := endpoints.problem(url):
            raise serializers.ValidationError(problem)
        return url

    def validate_events(self, events: list[str]) -> list[str]:
        """Each once, in one order."""
        return [one for one in KINDS if one in events]


class EndpointSerializer(serializers.Serializer[Any]):
    """A receiver that is told of all of the account's generations."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    events = serializers.ListField(child=serializers.ChoiceField(KINDS), help_text="Empty for everything.")
    enabled = serializers.BooleanField()
    disabled = serializers.ChoiceField(Endpoint.Disabled.choices, allow_null=True, help_text="Why nothing is sent.")
    version = serializers.IntegerField(help_text="Grows with every change.")
    created = serializers.DateTimeField()


class NewEndpointSerializer(EndpointSerializer):
    """A new endpoint, with its secret."""

    secret = serializers.CharField(help_text="What its messages are signed with, for Standard Webhooks' libraries.")


class SecretSerializer(serializers.Serializer[Any]):
    """What signs."""

    secret = serializers.CharField()
    earlier_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before it signs as well."
    )


class DeliveriesQuerySerializer(NewestFirstQuerySerializer):
    """Which messages to list."""

    state = serializers.ChoiceField(Delivery.State.choices, default=None)


class DeliverySerializer(serializers.Serializer[Any]):
    """A message to an endpoint."""

    id = serializers.UUIDField()
    webhook_id = serializers.CharField(help_text="`webhook-id`, the same at every try.")
    type = serializers.CharField()
    generation = serializers.UUIDField(allow_null=True, help_text="Null for a test.")
    state = serializers.ChoiceField(Delivery.State.choices)
    tries = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="What was answered last.")
    error = serializers.CharField(allow_blank=True)
    next_try = serializers.DateTimeField(allow_null=True)
    created = serializers.DateTimeField()
    finished = serializers.DateTimeField(allow_null=True)


class TrySerializer(serializers.Serializer[Any]):
    """One try."""

    number = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True, help_text="How the answer began.")
    seconds = serializers.FloatField()
    created = serializers.DateTimeField()


class DeliveryWithLogSerializer(DeliverySerializer):
    """A message with every try to deliver it."""

    log = TrySerializer(many=True)


class ReplayOrderSerializer(StrictSerializer):
    """Since when."""

    since = serializers.DateTimeField(help_text="What failed since then is sent again.")


class ReplayedSerializer(serializers.Serializer[Any]):
    """How much."""

    replayed = serializers.IntegerField()
