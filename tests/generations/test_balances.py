"""What vendors say is left, and what becomes of what they said before."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from generations import balances
from generations.models import ProviderAccount
from generations.providers.base import Provider, ProviderUnavailable
from generations.types import Balance
from tests.factories import make_catalogue
from tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@dataclass
class Banker(FakeProvider):
    """Says what it is told to say."""

    says: Balance | ProviderUnavailable | None = field(default=None)

    def balance(self) -> Balance | None:
        if isinstance(self.says, ProviderUnavailable):
            raise self.says
        return self.says


def ask(**vendors: Balance | ProviderUnavailable | None) -> dict[str, balances.Answer]:
    def provider(name: str) -> Provider:
        return Banker(says=vendors.get(name))

    return {answer.provider: answer for answer in balances.ask(providers=provider)}


@pytest.fixture(autouse=True)
def two_vendors(settings: Settings) -> None:
    make_catalogue()
    on = {name: settings.PROVIDERS[name] | {"enabled": True} for name in ("fal", "aimlapi")}
    settings.PROVIDERS = settings.PROVIDERS | on


def test_what_a_vendor_says_is_kept_with_its_time() -> None:
    ask(fal=Balance(12.5, "USD"))
    account = ProviderAccount.objects.get(name="fal")
    assert (account.balance, account.balance_unit) == (Decimal("12.5"), "USD")
    assert account.balance_at


def test_a_vendor_that_fails_keeps_the_old_figure_and_stops_no_other() -> None:
    ask(fal=Balance(12.5, "USD"))
    before = ProviderAccount.objects.get(name="fal")
    answers = ask(fal=ProviderUnavailable("fal answered 503"), aimlapi=Balance(3, "USD"))
    after = ProviderAccount.objects.get(name="fal")
    assert (after.balance, after.balance_at) == (before.balance, before.balance_at)
    assert answers["fal"].error == "fal answered 503"
    assert ProviderAccount.objects.get(name="aimlapi").balance == 3


def test_one_that_never_says_is_no_failure() -> None:
    answers = ask()
    assert not answers["sketch"].error
    assert ProviderAccount.objects.get(name="sketch").balance_at is None


@pytest.mark.parametrize("amount", [float("inf"), float("-inf"), float("nan"), 1e30])
def test_what_is_no_amount_is_not_kept(amount: float) -> None:
    answers = ask(fal=Balance(amount, "USD"))
    assert answers["fal"].error
    assert ProviderAccount.objects.get(name="fal").balance is None


def test_only_those_that_are_configured_are_asked() -> None:
    assert set(ask()) == {"sketch", "fal", "aimlapi"}
    assert balances.ask(["google"]) == []


def test_a_balance_is_kept_of_an_account_without_a_row() -> None:
    ProviderAccount.objects.all().delete()
    ask(fal=Balance(1, "credits"))
    assert ProviderAccount.objects.get(name="fal").balance_unit == "credits"
