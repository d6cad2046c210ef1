"""What an archive says of pictures, prompts and albums, within the bounds in which the studio itself writes it."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.utils import timezone
from rest_framework import serializers

from accounts.fields import PlainBooleanField, PlainIntegerField, PlainTextField
from generations import exports
from generations.importing.opening import Unusable
from generations.models.album import LONGEST_DESCRIPTION, LONGEST_NAME
from generations.serializers.prompts import PresetOrderSerializer
from generations.serializers.searches import FIRST, SearchOrderSerializer
from generations.storage import EXTENSIONS
from generations.types import MAX_IMAGES, MAX_PROMPT_LENGTH, MAX_SEED, PIXEL_SIZES

BIGGEST = 2**63 - 1
AHEAD = dt.timedelta(hours=1)
MOST_PARAMETERS = 30
Serializer = TypeVar("Serializer", bound=serializers.Serializer[Any])


class Moment(serializers.DateTimeField):
    """A moment in ISO 8601 that has been, though another clock may be ahead, and that ids can hold."""

    def to_internal_value(self, value: Any) -> Any:
        """The moment."""
        moment = super().to_internal_value(value)
        if not (moment.year > FIRST and moment < timezone.now() + AHEAD):
            self.fail("invalid", format="ISO 8601")
        return moment


class Prompted(PlainTextField):
    """The words of a prompt, as they were written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_PROMPT_LENGTH, allow_blank=True, trim_whitespace=False, **options)


class RequestShape(serializers.Serializer[Any]):
    """What was asked for."""

    model = PlainTextField(max_length=120)
    prompt = Prompted()
    negative_prompt = Prompted(default="")
    aspect_ratio = serializers.ChoiceField(list(PIXEL_SIZES))
    resolution = serializers.ChoiceField(["1K", "2K"])
    count = PlainIntegerField(min_value=1, max_value=MAX_IMAGES)
    seed = PlainIntegerField(min_value=0, max_value=MAX_SEED, allow_null=True)
    output_format = serializers.ChoiceField(["png", "jpeg", "webp"])


class SeedShape(serializers.Serializer[Any]):
    """Which was sent, and which came back."""

    sent = PlainIntegerField(min_value=0, max_value=BIGGEST)
    returned = PlainIntegerField(min_value=0, max_value=BIGGEST, allow_null=True)


class ModelShape(serializers.Serializer[Any]):
    """Who was asked and who answered."""

    asked = PlainTextField(max_length=120)
    made_by = PlainTextField(max_length=120)
    answered = PlainTextField(max_length=120, allow_blank=True)


class ProviderShape(serializers.Serializer[Any]):
    """Who made it."""

    name = serializers.RegexField(r"^[a-z0-9_-]{1,20}\Z")


class ParameterShape(serializers.Serializer[Any]):
    """What became of one wish."""

    name = PlainTextField(max_length=40)
    asked = serializers.JSONField()
    verdict = serializers.ChoiceField(["sent", "adjusted", "ignored"])
    sent = serializers.JSONField(allow_null=True, default=None)
    reason = PlainTextField(max_length=500, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What was asked and sent are words and numbers."""
        for name in ("asked", "sent"):
            if not _is_plain(attrs[name]):
                raise serializers.ValidationError({name: "A text or a number."})
        return attrs


class FileShape(serializers.Serializer[Any]):
    """What its bytes are."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z")
    media_type = serializers.ChoiceField(list(EXTENSIONS))


class TimesShape(serializers.Serializer[Any]):
    """When it was asked for and when it was there."""

    submitted = Moment()
    started = Moment(allow_null=True, default=None)
    stored = Moment()


class OwnerShape(serializers.Serializer[Any]):
    """What its owner did with it."""

    starred = PlainBooleanField(default=False)
    trashed = Moment(allow_null=True, default=None)


class RecordShape(serializers.Serializer[Any]):
    """A picture's record, as ``records`` and ``archive`` write it; what is not kept is passed over."""

    image = serializers.UUIDField()
    generation = serializers.UUIDField()
    position = PlainIntegerField(min_value=0, max_value=MAX_IMAGES - 1)
    request = RequestShape()
    effective_prompt = PlainTextField(max_length=4 * MAX_PROMPT_LENGTH, allow_blank=True, trim_whitespace=False)
    seed = SeedShape()
    model = ModelShape()
    provider = ProviderShape()
    parameters = serializers.ListField(child=ParameterShape(), max_length=MOST_PARAMETERS)
    file = FileShape()
    times = TimesShape()
    owner = OwnerShape(default=lambda: {"starred": False, "trashed": None})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """No picture is beyond those that were asked for."""
        if attrs["position"] >= attrs["request"]["count"]:
            raise serializers.ValidationError({"position": "There were not as many pictures."})
        return attrs


class PromptShape(serializers.Serializer[Any]):
    """A text of the history."""

    text = Prompted()
    negative = Prompted(default="")
    starred = PlainBooleanField(default=False)
    hidden = PlainBooleanField(default=False)
    created = Moment()
    last_used = Moment()


class AlbumShape(serializers.Serializer[Any]):
    """An album and its order."""

    id = serializers.UUIDField()
    name = PlainTextField(max_length=LONGEST_NAME)
    description = PlainTextField(max_length=LONGEST_DESCRIPTION, allow_blank=True, default="")
    created = Moment()
    images = serializers.ListField(child=serializers.UUIDField(), max_length=exports.MOST)


def checked(shape: type[Serializer], data: Any) -> dict[str, Any]:
    """The values, if they are within bounds; raises ``Unusable`` with the first that is not."""
    given = shape(data=data)
    if not given.is_valid():
        raise Unusable(_first(given.errors))
    values: dict[str, Any] = given.validated_data
    return values


def preset(data: Any) -> dict[str, Any]:
    """A preset's values; raises ``Unusable``."""
    return checked(PresetOrderSerializer, _without_date(data))


def search(data: Any) -> dict[str, Any]:
    """A saved search's values; raises ``Unusable``."""
    return checked(SearchOrderSerializer, _without_date(data))


def _without_date(data: Any) -> Any:
    return {name: value for name, value in data.items() if name != "created"} if isinstance(data, dict) else data


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_PROMPT_LENGTH and not any(
            sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value
        )
    return value is None or (isinstance(value, int) and abs(value) <= BIGGEST)


def _first(errors: Any, path: str = "") -> str:
    """Where the first fault is, and what it is."""
    if isinstance(errors, dict):
        name, inner = next((name, inner) for name, inner in errors.items() if inner)
        return _first(inner, f"{path}/{name}")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        number = next(number for number, inner in enumerate(errors) if inner)
        return _first(errors[number], f"{path}/{number}")
    return f"{path}: {errors[0]}"[:300]
