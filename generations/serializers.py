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


class PlainBooleanField(serializers.BooleanField):
    """A JSON true or false, and nothing that might stand for one."""

    def to_internal_value(self, data: Any) -> bool:
        """The truth."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


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
    allow_successor = PlainBooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether the successor of a model that is gone may make it; the account's setting unless told.",
    )

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
    """A picture in a list across generations: with what it shows and which model took the order."""

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


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a generation, or part of it, was not made."""

    code = serializers.CharField()
    detail = serializers.CharField()


class GenerationSerializer(serializers.Serializer[Any]):
    """A generation as it stands now."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="Where it can be read again.")
    status = serializers.ChoiceField(Generation.Status.choices)
    model = serializers.CharField(help_text="The model that makes it.")
    asked_model = serializers.CharField(
        allow_null=True, help_text="What was asked for, where `model` is its successor; else null."
    )
    allow_successor = serializers.BooleanField(help_text="Whether a successor may make it if the model ends meanwhile.")
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
