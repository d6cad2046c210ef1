"""The account's shapes over REST."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from accounts import vouchers
from accounts.fields import PlainBooleanField, PlainIntegerField, PlainTextField, StrictSerializer
from accounts.models import ApiKey, Entry, User, Wallet
from accounts.pages import PageQuerySerializer
from accounts.scopes import SCOPES, all_scopes

LARGEST = 2**63 - 1


class NumberedQuerySerializer(PageQuerySerializer):
    """A page of what is numbered."""

    before = serializers.IntegerField(
        min_value=1, max_value=LARGEST, default=None, help_text="Where the page starts; taken from `next`."
    )


class BalanceSerializer(serializers.ModelSerializer[Wallet]):
    """Credits: what can be spent, what is set aside, and both together."""

    spendable = serializers.IntegerField(read_only=True)

    class Meta:
        model = Wallet
        fields = ("spendable", "held", "posted")


class EntriesQuerySerializer(NumberedQuerySerializer):
    """A page of entries."""

    kind = serializers.ChoiceField(Entry.Kind.choices, default=None)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With two whose names are words of Python's."""
        since = serializers.DateTimeField(default=None, help_text="Not before this time.")
        until = serializers.DateTimeField(default=None, help_text="Before this time.")
        return {**super().get_fields(), "from": since, "to": until}


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One movement, and what it left."""

    generation = serializers.UUIDField(source="hold.generation", default=None, allow_null=True)
    spendable_after = serializers.IntegerField()

    class Meta:
        model = Entry
        fields = (
            *("id", "kind", "amount", "generation", "reason"),
            *("posted_after", "held_after", "spendable_after", "created"),
        )
        read_only_fields = fields


class RedeemOrderSerializer(StrictSerializer):
    """A code."""

    code = PlainTextField(max_length=vouchers.LONGEST, help_text="In any capitals, with or without hyphens.")


class RedeemedSerializer(serializers.Serializer[Any]):
    """What a code gave, and the balance now."""

    entry = EntrySerializer()
    credits = BalanceSerializer()


class MeSerializer(serializers.ModelSerializer[User]):
    """A person, what they consent to, and their balance."""

    credits = BalanceSerializer(source="wallet", read_only=True)

    class Meta:
        model = User
        fields = ("email", "name", "language", "accepts_successors", "credits", "created", "version")


class MeOrderSerializer(StrictSerializer):
    """What people change of themselves."""

    name = PlainTextField(max_length=80, allow_blank=True)
    language = serializers.ChoiceField(
        settings.LANGUAGES, allow_blank=True, help_text="Of mails and pages; empty for what the browser asks for."
    )
    accepts_successors = PlainBooleanField()


class ScopesField(serializers.ListField):
    """Scopes, each once, in their own order."""

    child = serializers.ChoiceField(choices=list(SCOPES))

    def to_internal_value(self, data: Any) -> list[str]:
        """The scopes."""
        wanted = super().to_internal_value(data)
        return [scope for scope in SCOPES if scope in wanted]


def budget(period: str) -> serializers.Field[Any, Any, Any, Any]:
    """A field for how much may be spent."""
    return PlainIntegerField(
        min_value=0,
        max_value=LARGEST,
        allow_null=True,
        default=None,
        help_text=f"Credits that its orders may take {period}; null for no bound.",
    )


class KeyOrderSerializer(StrictSerializer):
    """What a key is to be."""

    name = PlainTextField(max_length=80)
    scopes = ScopesField(default=all_scopes, allow_empty=False, help_text="What it may do; everything unless told.")
    expires = serializers.DateTimeField(allow_null=True, default=None, help_text="When it stops working; null: never.")
    budget_day = budget("in a day (of UTC)")
    budget_month = budget("in a month (of UTC)")
    budget_total = budget("in all")

    def validate_expires(self, value: dt.datetime | None) -> dt.datetime | None:
        """Not in the past."""
        if value and value <= timezone.now():
            raise serializers.ValidationError("This is over already.", "past")
        return value


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key as it can be shown: without its text."""

    spent = inline_serializer(
        "KeySpent",
        {period: serializers.IntegerField() for period in ("day", "month", "total")},
        help_text="Since it had a budget: today, this month and in all.",
    )

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = (
            *("id", "name", "prefix", "scopes", "budget_day", "budget_month", "budget_total", "spent"),
            *("expires", "created", "last_used", "revoked", "version"),
        )
        read_only_fields = fields


class NewKeySerializer(KeySerializer):
    """The same, with its text, which is never shown again."""

    key = serializers.CharField(read_only=True)

    class Meta(KeySerializer.Meta):
        fields: tuple[str, ...] = (*KeySerializer.Meta.fields, "key")
