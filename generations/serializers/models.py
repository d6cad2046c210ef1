"""The catalogue."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generations.models import Model
from generations.routing import open_routes


class ModelSerializer(serializers.ModelSerializer[Model]):
    """A model that can be chosen."""

    id = serializers.CharField(source="slug")
    successor = serializers.SlugRelatedField[Model](slug_field="slug", read_only=True, allow_null=True)
    price = serializers.SerializerMethodField()
    providers = serializers.SerializerMethodField()

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
        )

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_price(self, model: Model) -> dict[str, int]:
        """Credits per image, by resolution."""
        return {resolution: model.price(resolution) for resolution in model.resolutions}

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_providers(self, model: Model) -> list[str]:
        """Who can serve it now, in the order they are asked."""
        return [route.provider for route in open_routes(model)]
