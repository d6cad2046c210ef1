"""How pictures are searched for: in a list's address, and in the body of what is done to many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import Field

from accounts.fields import NamesField, PlainTextField, StrictSerializer
from accounts.pages import FieldsQuerySerializer
from generations.models import Image
from generations.models.search import LONGEST_NAME
from generations.searching import Search, Sort
from generations.serializers.images import GalleryImageSerializer

STATUSES = ("kept", "trashed")
FIRST, LAST = 1970, 9999  # years, which ids can hold
DAY = dt.timedelta(days=1)


@extend_schema_field(OpenApiTypes.STR)
class MomentField(Field[Any, Any, Any, Any]):
    """A moment in ISO 8601; a date alone is where its day begins or, with ``last``, where it ends."""

    default_error_messages = {"invalid": "A date or a moment in ISO 8601, from 1971 to 9998."}

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        self.last = last
        super().__init__(required=False, **options)

    def to_internal_value(self, data: Any) -> dt.datetime:
        """The moment, in the caller's time zone where none is said."""
        moment = self._moment(str(data))
        if moment is None or not FIRST < moment.year < LAST:
            self.fail("invalid")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def _moment(self, text: str) -> dt.datetime | None:
        try:
            if day := parse_date(text):
                return dt.datetime.combine(day, dt.time.min) + (DAY if self.last else dt.timedelta())
            return parse_datetime(text)
        except (ValueError, OverflowError):
            return None


class SearchSerializer(StrictSerializer):
    """What pictures must have in common."""

    q = serializers.CharField(
        max_length=200, required=False, allow_blank=True, source="text", help_text="Words of the prompt."
    )
    model = serializers.CharField(max_length=120, required=False, help_text="The id or an alias of what was ordered.")
    provider = serializers.CharField(max_length=20, required=False, help_text="Who made it.")
    aspect_ratio = serializers.CharField(max_length=5, required=False)
    starred = serializers.BooleanField(required=False, default=None, allow_null=True)
    album = serializers.UUIDField(required=False, help_text="Pictures of this album.")
    visibility = serializers.ChoiceField(Image.Visibility.choices, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False, help_text="As it was returned.")
    status = serializers.ChoiceField(STATUSES, default="kept", help_text="`trashed` is what the trash has.")

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """With the two whose names mean something else in Python."""
        since = MomentField(source="since", help_text="Made at this moment or later; a date or ISO 8601.")
        until = MomentField(source="until", last=True, help_text="Made before this moment, or on this date.")
        return {**super().get_fields(), "from": since, "to": until}

    def search(self, values: dict[str, Any]) -> Search:
        """What was asked for, of values that were found good."""
        wanted = {name: value for name, value in values.items() if name in Search.__dataclass_fields__}
        visibility = values.get("visibility")
        published = None if visibility is None else visibility == Image.Visibility.PUBLISHED
        return Search(**wanted, published=published, trashed=values.get("status") == "trashed")


class SortedSearchSerializer(SearchSerializer):
    """What pictures must have in common, and which comes first."""

    sort = serializers.ChoiceField([sort.value for sort in Sort], default="newest", help_text="`relevance` needs `q`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Relevance is to words."""
        if attrs["sort"] == Sort.RELEVANCE and not attrs.get("text"):
            raise serializers.ValidationError({"sort": "By relevance needs words in q."})
        return attrs


class ImagesQuerySerializer(SortedSearchSerializer, FieldsQuerySerializer):
    """A page of pictures."""

    shape = GalleryImageSerializer
    before = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Where the page starts; taken from `next`."
    )
    include = NamesField(("albums",), help_text="`albums` adds which albums each picture is in.")


class KeptSearchSerializer(SearchSerializer):
    """What is looked for among kept pictures."""

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """Without what would look into the trash."""
        return {name: field for name, field in super().get_fields().items() if name != "status"}


class SearchOrderSerializer(StrictSerializer):
    """A search as it should be kept. The filter stays as it was sent, but for what only looks like another thing."""

    name = PlainTextField(max_length=LONGEST_NAME)
    filter = KeptSearchSerializer(default=dict)
    sort = serializers.ChoiceField([sort.value for sort in Sort], default=Sort.NEWEST.value)

    def to_internal_value(self, data: Any) -> Any:
        """The values, the filter as it stays."""
        values = super().to_internal_value(data)
        if "filter" in values and "filter" in data:
            values["filter"] = kept_filter(data["filter"], values["filter"])
        return values

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Relevance is to words."""
        if attrs.get("sort") == Sort.RELEVANCE and "filter" in attrs and "q" not in attrs["filter"]:
            raise serializers.ValidationError({"sort": "By relevance needs words in filter.q."})
        return attrs


class SavedSearchSerializer(serializers.Serializer[Any]):
    """A search that is kept."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    filter = KeptSearchSerializer()
    sort = serializers.ChoiceField([sort.value for sort in Sort])
    version = serializers.IntegerField(help_text="Grows with every change.")
    created = serializers.DateTimeField()


def kept_filter(sent: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The filter as it was sent: texts, but for numbers and what is true or false. What is empty is left out."""
    given = {name: value for name, value in sent.items() if value not in {None, ""}}
    return {
        name: found[name] if isinstance(found.get(name), bool | int) else str(value) for name, value in given.items()
    }
