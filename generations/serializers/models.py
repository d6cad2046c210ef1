"""The catalogue."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generations import timing
from generations.models import Model
from generations.routing import open_routes

WISHES = ("seed", "negative_prompt")  # that not every provider takes


class ModelSerializer(serializers.ModelSerializer[Model]):
    """A model that can be chosen."""

    id = serializers.CharField(source="slug")
    successor = serializers.SlugRelatedField[Model](slug_field="slug", read_only=True, allow_null=True)
    price = serializers.SerializerMethodField()
    providers = serializers.SerializerMethodField()
    honours = serializers.SerializerMethodField()
    typical_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Model
        fields = (
            "id",
            "name",
            "note",
            "aliases",
            "status",
            "retires",
            "successor",
            "ratios",
            "resolutions",
            "formats",
            "max_images",
            "price",
            "providers",
            "honours",
            "typical_seconds",
        )

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_price(self, model: Model) -> dict[str, int]:
        """Credits per image, by resolution."""
        return {resolution: model.price(resolution) for resolution in model.resolutions}

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_providers(self, model: Model) -> list[str]:
        """Who can serve it now, in the order they are asked."""
        return [route.provider for route in open_routes(model)]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(WISHES)))
    def get_honours(self, model: Model) -> list[str]:
        """Those of the wishes that not every provider takes, and that one of this model's does."""
        routes = open_routes(model)
        return [wish for wish in WISHES if any(getattr(route, f"honours_{wish}") for route in routes)]

    def get_typical_seconds(self, model: Model) -> int:
        """How long it usually takes from submit to done, by its latest generations; a guess until there are some."""
        return timing.typical_seconds(model)
