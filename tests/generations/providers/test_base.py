"""What a provider is that says nothing about itself: one that cannot do a thing says so."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest

from generations.providers.base import NotGenuine, Provider, ProviderUnavailable, RequestRejected
from generations.types import Finished, ImageRequest, Submission

REQUEST = ImageRequest("", "a lantern on still water", count=1)


class Plain(Provider):
    """Makes nothing, at once."""

    name = "plain"
    call_limit = dt.timedelta(seconds=1)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        return Finished([])

    def cancel(self, job: str) -> None:
        """Nothing to stop."""


@pytest.fixture
def plain() -> Provider:
    return Plain()


def test_a_job_that_it_cannot_have_is_lost_for_good(plain: Provider) -> None:
    with pytest.raises(ProviderUnavailable) as refusal:
        plain.poll("17")
    assert (refusal.value.code, refusal.value.passing) == ("job_lost", False)


def test_an_address_that_it_cannot_have_given_is_not_fetched(plain: Provider) -> None:
    file = BytesIO()
    with pytest.raises(RequestRejected) as refusal:
        plain.fetch("https://vendor.example/1.png", file)
    assert refusal.value.code == "forbidden_address"
    assert file.getvalue() == b""


def test_nobody_calls_back_for_it(plain: Provider) -> None:
    with pytest.raises(NotGenuine):
        plain.heard("", {}, b"{}")


def test_it_knows_of_no_lost_submit_no_balance_and_no_models(plain: Provider) -> None:
    assert plain.find(REQUEST, reference="r", sent=dt.datetime.now(dt.UTC)) is None
    assert plain.balance() is None
    assert plain.models() is None
    assert (plain.repeatable, plain.synchronous, plain.traceable, plain.calls_back) == (False,) * 4
