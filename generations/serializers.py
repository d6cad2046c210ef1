"""Our API's shapes: those that are taken are checked here, those that ``bodies`` gives are described for the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from generations.gallery import MOST, PAGE
from generations.models import Generation, Model
from generations.routing import open_routes
from generations.submission import Order
from generations.types import MAX_IMAGES, MAX_PROMPT_LENGTH, MAX_SEED, PIXEL_SIZES


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt wish is an error, not a surprise."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; every unknown name is an error of its own."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {str(name)[:100]: serializers.ErrorDetail("There is no such field.", "unknown") for name in unknown}
            )
        return super().to_internal_value(data)


class PlainIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; neither text nor true or false."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class PlainTextField(serializers.CharField):
    """A JSON string; numbers are not turned into text."""

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class OrderSerializer(StrictSerializer):
    """A request for one to four images."""

    model = PlainTextField(max_length=120, help_text="A model's name or any of its aliases.")
    prompt = PlainTextField(max_length=MAX_PROMPT_LENGTH, trim_whitespace=False)
    negative_prompt = PlainTextField(
        max_length=MAX_PROMPT_LENGTH, required=False, default="", allow_blank=True, trim_whitespace=False
    )
    aspect_ratio = serializers.ChoiceField(list(PIXEL_SIZES), default="1:1")
    resolution = serializers.ChoiceField(["1K", "2K"], default="1K")
    count = PlainIntegerField(min_value=1, max_value=MAX_IMAGES, default=1)
    seed = PlainIntegerField(min_value=0, max_value=MAX_SEED, required=False, allow_null=True, default=None)
    output_format = serializers.ChoiceField(["png", "jpeg", "webp"], default="png")

    def order(self, data: Any) -> Order:
        """The order that was sent; raises ``ValidationError`` with every reason that it is none."""
        return Order(**self.run_validation(data))


# One for all requests: to build it takes longer than to check with it, and checking leaves nothing behind in it.
ORDER = OrderSerializer()


class ImageSerializer(serializers.Serializer[Any]):
    """One picture with short-lived addresses that need no headers."""

    id = serializers.UUIDField()
    generation = serializers.UUIDField()
    position = serializers.IntegerField(help_text="From 0.")
    url = serializers.URLField(help_text="The original, untouched.")
    thumbnails = serializers.DictField(child=serializers.URLField(), help_text="WebP by width in pixels.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes of the original.")
    sha256 = serializers.CharField()
    placeholder = serializers.CharField(help_text="ThumbHash, base64.")
    seed = serializers.IntegerField(allow_null=True)
    created = serializers.DateTimeField()


class GalleryImageSerializer(ImageSerializer):
    """A picture in a list across generations: with what it shows and which model was asked."""

    prompt = serializers.CharField()
    model = serializers.CharField()
    aspect_ratio = serializers.CharField()


class ParameterSerializer(serializers.Serializer[Any]):
    """What became of one thing that was asked for."""

    name = serializers.CharField()
    asked = serializers.JSONField()
    verdict = serializers.ChoiceField(["sent", "adjusted", "ignored"])
    sent = serializers.JSONField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class PriceSerializer(serializers.Serializer[Any]):
    """Credits: fixed per image at submit, and what became of the hold."""

    per_image = serializers.IntegerField()
    held = serializers.IntegerField()
    captured = serializers.IntegerField()
    released = serializers.IntegerField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a generation, or part of it, was not made."""

    code = serializers.CharField()
    detail = serializers.CharField()


class GenerationSerializer(serializers.Serializer[Any]):
    """A generation as it stands now."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="Where it can be read again.")
    status = serializers.ChoiceField(Generation.Status.choices)
    model = serializers.CharField()
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField(allow_blank=True)
    aspect_ratio = serializers.CharField()
    resolution = serializers.CharField()
    count = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True)
    output_format = serializers.CharField()
    provider = serializers.CharField(allow_null=True, help_text="Who makes it; `sketch` is arithmetic, not AI.")
    provider_model = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The provider's own name for the model."
    )
    parameters = ParameterSerializer(
        many=True, help_text="What was sent, adjusted or ignored on the route that was taken; empty until one is."
    )
    price = PriceSerializer()
    error = ErrorSerializer(allow_null=True, help_text="Null unless something asked for was not made.")
    images = ImageSerializer(many=True, help_text="The pictures delivered so far, in order.")
    created = serializers.DateTimeField()
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField()


class ModelSerializer(serializers.ModelSerializer[Model]):
    """A model that can be chosen."""

    id = serializers.CharField(source="slug")
    successor = serializers.SlugRelatedField[Model](slug_field="slug", read_only=True)
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


class PageQuerySerializer(StrictSerializer):
    """How a list is asked for."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE)
    before = serializers.UUIDField(default=None)
    q = serializers.CharField(max_length=200, default="", allow_blank=True)


def page_of(serializer: type[serializers.Serializer[Any]]) -> Any:
    """The schema of a page of these."""
    return inline_serializer(
        f"{serializer.__name__.removesuffix('Serializer')}Page",
        {"results": serializer(many=True), "next": serializers.URLField(allow_null=True)},
    )
