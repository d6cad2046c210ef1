"""Orders, as programs send them, and quotes for them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainBooleanField, PlainIntegerField, PlainTextField, StrictSerializer
from generations.serializers.generations import ParameterSerializer
from generations.submission import Order
from generations.types import MAX_IMAGES, MAX_PROMPT_LENGTH, MAX_SEED, PIXEL_SIZES


class WishesSerializer(StrictSerializer):
    """What one to four images should be like, whatever makes them."""

    prompt = PlainTextField(max_length=MAX_PROMPT_LENGTH, trim_whitespace=False)
    negative_prompt = PlainTextField(
        max_length=MAX_PROMPT_LENGTH, required=False, default="", allow_blank=True, trim_whitespace=False
    )
    aspect_ratio = serializers.ChoiceField(list(PIXEL_SIZES), default="1:1")
    resolution = serializers.ChoiceField(["1K", "2K"], default="1K")
    count = PlainIntegerField(min_value=1, max_value=MAX_IMAGES, default=1)
    seed = PlainIntegerField(min_value=0, max_value=MAX_SEED, required=False, allow_null=True, default=None)
    output_format = serializers.ChoiceField(["png", "jpeg", "webp"], default="png")
    allow_successor = PlainBooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether the successor of a model that is gone may make it; the account's setting unless told.",
    )


class OrderSerializer(WishesSerializer):
    """A request for one to four images."""

    model = PlainTextField(max_length=120, help_text="A model's name or any of its aliases.")

    def order(self, data: Any) -> Order:
        """The order that was sent; raises ``ValidationError`` with every reason that it is none."""
        return Order(**self.run_validation(data))


class SubmissionSerializer(OrderSerializer):
    """An order and, where it has one, the quote that it goes by."""

    quote = PlainTextField(
        max_length=500, required=False, allow_null=True, default=None, help_text="The id of a quote for this order."
    )

    def order_and_quote(self, data: Any) -> tuple[Order, str]:
        """The order, and the id of its quote or nothing; raises as ``order`` does."""
        values = self.run_validation(data)
        quote_id = values.pop("quote")
        return Order(**values), quote_id or ""


# One for all requests: to build it takes longer than to check with it, and checking leaves nothing behind in it.
ORDER = OrderSerializer()


SUBMISSION = SubmissionSerializer()


class QuotedPriceSerializer(serializers.Serializer[Any]):
    """Credits, binding until the quote expires."""

    per_image = serializers.IntegerField()
    total = serializers.IntegerField()


class QuoteSerializer(serializers.Serializer[Any]):
    """What a submit of this order would do now."""

    id = serializers.CharField(help_text="Send it as `quote` with the same order.")
    expires = serializers.DateTimeField(help_text="Until when the price is binding.")
    model = serializers.CharField(help_text="What would be made.")
    asked_model = serializers.CharField(
        allow_null=True, help_text="What was asked for, where `model` is its successor; else null."
    )
    price = QuotedPriceSerializer()
    balance = serializers.IntegerField(help_text="Credits that can be spent.")
    enough = serializers.BooleanField(help_text="Whether they are as many as the total.")
    provider = serializers.CharField(
        allow_null=True, help_text="Who would make it; `sketch` is arithmetic, not AI. Null while nobody can."
    )
    provider_model = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The provider's own name for the model."
    )
    estimated_seconds = serializers.IntegerField(help_text="How long this model usually takes.")
    parameters = ParameterSerializer(many=True, help_text="What would be sent, adjusted or ignored on that route.")
