"""Our API's shapes."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from generations import media
from generations.gallery import MOST, PAGE
from generations.models import Attempt, Generation, Image, Model
from generations.routing import open_routes
from generations.storage import THUMBNAIL_WIDTHS
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

    @property
    def order(self) -> Order:
        """The order that passed."""
        return Order(**self.validated_data)


class ImageSerializer(serializers.ModelSerializer[Image]):
    """One picture with short-lived addresses that need no headers."""

    url = serializers.SerializerMethodField()
    thumbnails = serializers.SerializerMethodField()
    generation = serializers.UUIDField(source="generation_id")

    class Meta:
        model = Image
        fields = (
            "id",
            "generation",
            "position",
            "url",
            "thumbnails",
            "width",
            "height",
            "media_type",
            "size",
            "sha256",
            "placeholder",
            "seed",
            "created",
        )

    def get_url(self, image: Image) -> str:
        """The original, untouched."""
        return media.signed_url(self._request, image, "original")

    @extend_schema_field(serializers.DictField(child=serializers.URLField()))
    def get_thumbnails(self, image: Image) -> dict[str, str]:
        """WebP by width in pixels."""
        return {str(width): media.signed_url(self._request, image, f"{width}.webp") for width in THUMBNAIL_WIDTHS}

    @property
    def _request(self) -> Request:
        request: Request = self.context["request"]
        return request


class GalleryImageSerializer(ImageSerializer):
    """A picture in a list across generations: with what it shows and which model was asked."""

    prompt = serializers.CharField(source="generation.prompt.text")
    model = serializers.CharField(source="generation.model.slug")
    aspect_ratio = serializers.CharField(source="generation.aspect_ratio")

    class Meta:
        model = Image
        fields = (*ImageSerializer.Meta.fields, "prompt", "model", "aspect_ratio")


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


class GenerationSerializer(serializers.ModelSerializer[Generation]):
    """A generation as it stands now."""

    url = serializers.SerializerMethodField()
    model = serializers.CharField(source="model.slug")
    prompt = serializers.CharField(source="prompt.text")
    negative_prompt = serializers.CharField(source="prompt.negative")
    provider = serializers.SerializerMethodField()
    provider_model = serializers.SerializerMethodField()
    parameters = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (
            "id",
            "url",
            "status",
            "model",
            "prompt",
            "negative_prompt",
            "aspect_ratio",
            "resolution",
            "count",
            "seed",
            "output_format",
            "provider",
            "provider_model",
            "parameters",
            "price",
            "error",
            "images",
            "created",
            "started",
            "finished",
            "deadline",
        )

    def get_url(self, generation: Generation) -> str:
        """Where it can be read again."""
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse("api:generation", args=[generation.pk]))

    def get_provider(self, generation: Generation) -> str | None:
        """Who makes it; ``sketch`` is arithmetic, not AI."""
        attempt = _latest(generation)
        return attempt.provider if attempt else None

    def get_provider_model(self, generation: Generation) -> str | None:
        """The provider's own name for the model."""
        attempt = _latest(generation)
        return attempt.provider_model if attempt else None

    @extend_schema_field(ParameterSerializer(many=True))
    def get_parameters(self, generation: Generation) -> list[dict[str, Any]]:
        """What was sent, adjusted or ignored on the route that was taken; empty until one is."""
        attempt = _latest(generation)
        return attempt.parameters if attempt else []

    @extend_schema_field(PriceSerializer)
    def get_price(self, generation: Generation) -> dict[str, int]:
        """In credits."""
        captured = generation.price * len(_images(generation))
        rest = generation.total - captured
        held, released = (0, rest) if generation.is_finished else (rest, 0)
        return {"per_image": generation.price, "held": held, "captured": captured, "released": released}

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, generation: Generation) -> dict[str, str] | None:
        """Null unless something asked for was not made."""
        if not (generation.error_code or generation.error_detail):
            return None
        return {"code": generation.error_code or "partial", "detail": generation.error_detail}

    @extend_schema_field(ImageSerializer(many=True))
    def get_images(self, generation: Generation) -> Any:
        """The pictures delivered so far, in order."""
        return ImageSerializer(_images(generation), many=True, context=self.context).data


def _latest(generation: Generation) -> Attempt | None:
    attempts = list(generation.attempts.all()) if generation.claims else []
    return attempts[-1] if attempts else None


def _images(generation: Generation) -> list[Image]:
    """In order; a generation that no worker has claimed yet has none, which saves asking for them at submit."""
    return sorted(generation.images.all(), key=lambda image: image.position) if generation.claims else []


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
