"""The account's shapes over REST."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import User, Wallet


class BalanceSerializer(serializers.ModelSerializer[Wallet]):
    """Credits: what can be spent, what is set aside, and both together."""

    spendable = serializers.IntegerField(read_only=True)

    class Meta:
        model = Wallet
        fields = ("spendable", "held", "posted")


class MeSerializer(serializers.ModelSerializer[User]):
    """A person, what they consent to, and their balance."""

    credits = BalanceSerializer(source="wallet", read_only=True)

    class Meta:
        model = User
        fields = ("email", "name", "accepts_successors", "credits", "created")
