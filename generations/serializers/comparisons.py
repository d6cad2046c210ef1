"""Comparisons, as programs order them, and for the schema what ``bodies`` gives of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainTextField, StrictSerializer
from generations.comparing import FEWEST, MOST
from generations.serializers.generations import GenerationSerializer
from generations.serializers.orders import WishesSerializer
from generations.submission import Order


class ComparisonOrderSerializer(WishesSerializer):
    """The same order for several models and, where it has some, the quotes that it goes by."""

    models = serializers.ListField(
        child=PlainTextField(max_length=120),
        min_length=FEWEST,
        max_length=MOST,
        help_text="Two or three models, by name or alias.",
    )
    quotes = serializers.ListField(
        child=PlainTextField(max_length=500),
        min_length=FEWEST,
        max_length=MOST,
        required=False,
        allow_null=True,
        default=None,
        help_text="The ids of quotes for this order, one for each model, in their order.",
    )

    def comparison(self, data: Any) -> tuple[Order, list[str], list[str]]:
        """The order, its models and its quotes; raises ``ValidationError`` with every reason that it is none."""
        values = self.run_validation(data)
        models, quote_ids = values.pop("models"), values.pop("quotes")
        return Order(model="", **values), models, quote_ids or []


# One for all requests, as those of single orders are.
COMPARISON_ORDER = ComparisonOrderSerializer()


class PickSerializer(StrictSerializer):
    """Which picture wins."""

    image = serializers.UUIDField(help_text="One of the comparison's pictures.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """Generations that were ordered together, and what was picked of them."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="Where it can be read again.")
    total = serializers.IntegerField(help_text="Credits that were held for all of it.")
    winner = serializers.UUIDField(allow_null=True, help_text="The image that was picked.")
    generations = GenerationSerializer(many=True, help_text="One of each model, in the order of `models`.")
    created = serializers.DateTimeField()
