"""fal, asked about our account: which request became of a lost submit, what is left, what it serves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from generations.providers.base import OutcomeUnknown, ProviderUnavailable
from generations.providers.fal import platform
from generations.providers.fal.client import FalProvider, build
from generations.types import Accepted, Balance, Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.fal import MODELS, FalEmulator

KEY = "key-id:key-secret-canary"

LIST_FAULTS: dict[str, faults.Fault] = {
    "failed": faults.answering(500),
    "rate limited": faults.rate_limited(),
    "invalid": faults.answering(422),
    "dropped": faults.dropped_before(),
    "cut": faults.cut(),
    "endless": faults.endless(),
    "HTML": faults.page(),
    "a list for an object": faults.edited(lambda body: []),
    "no list": faults.edited(lambda body: {"items": None}),
    "a next page nowhere": faults.edited(lambda body: body | {"has_more": True, "next_cursor": None}),
}


@pytest.fixture
def vendor() -> Iterator[FalEmulator]:
    fal = FalEmulator(small=True, key=KEY)
    yield fal
    fal.stop()


@pytest.fixture
def provider(vendor: FalEmulator) -> Iterator[FalProvider]:
    client = build({"key": KEY, "queue_url": vendor.queue_url, "api_url": vendor.addresses["FAL_API_URL"]})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model="fal-ai/imagen4/preview/ultra", prompt="A lighthouse at dusk", seed=4711)


@pytest.fixture
def sent() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def lose(provider: FalProvider, vendor: FalEmulator, order: ImageRequest) -> str:
    """Submit, lose the answer, and tell the id that only fal knows."""
    vendor.faults.add("submit", faults.lost_answer())
    with pytest.raises(OutcomeUnknown):
        provider.submit(order, reference="reference", callback=None)
    return list(vendor.jobs)[-1]


def found(provider: FalProvider, order: ImageRequest, sent: dt.datetime) -> str | None:
    """The id that ``find`` names."""
    submission = provider.find(order, reference="reference", sent=sent)
    if submission is None:
        return None
    assert isinstance(submission, Accepted)
    return submission.job.split(" ")[0]


class TestFinding:
    def test_a_lost_submit_is_found_and_delivers(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        assert provider.traceable
        number = lose(provider, vendor, order)
        submission = provider.find(order, reference="reference", sent=sent)
        assert isinstance(submission, Accepted)
        assert submission.job.split(" ")[0] == number
        assert isinstance(provider.poll(submission.job), Finished)
        assert len(vendor.paid) == 1

    def test_it_is_named_as_its_answer_would_have_named_it(
        self, provider: FalProvider, order: ImageRequest, sent: dt.datetime
    ) -> None:
        submission = provider.submit(order, reference="reference", callback=None)
        assert isinstance(submission, Accepted)
        again = provider.find(order, reference="reference", sent=sent)
        assert isinstance(again, Accepted)
        assert again.job == submission.job

    def test_what_never_arrived_is_not_found(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        vendor.faults.add("submit", faults.dropped_before())
        with pytest.raises(OutcomeUnknown):
            provider.submit(order, reference="reference", callback=None)
        assert found(provider, order, sent) is None

    def test_what_still_waits_is_found_once_it_has_begun(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        vendor.queue_seconds = 1000
        number = lose(provider, vendor, order)
        assert found(provider, order, sent) is None
        vendor.queue_seconds = 0
        assert found(provider, order, sent) == number

    @pytest.mark.parametrize(
        "change",
        [
            {"prompt": "Another"},
            {"seed": 4712},
            {"count": 2},
            {"aspect_ratio": "16:9"},
            {"negative_prompt": "dogs"},
            {"provider_model": "fal-ai/imagen4/preview"},
        ],
    )
    def test_another_request_is_not_taken_for_it(
        self, provider: FalProvider, order: ImageRequest, sent: dt.datetime, change: dict[str, object]
    ) -> None:
        provider.submit(replace(order, **change), reference="another", callback=None)  # type: ignore[arg-type]
        assert found(provider, order, sent) is None

    def test_it_is_still_found_hours_later(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        number = lose(provider, vendor, order)
        vendor.jobs[number].submitted -= 5 * 3600
        assert found(provider, order, sent - dt.timedelta(hours=5)) == number

    @pytest.mark.parametrize("minutes", [-30, -2, 2, 30])
    def test_one_of_another_time_is_not_taken_for_it(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime, minutes: int
    ) -> None:
        lose(provider, vendor, order)
        assert found(provider, order, sent + dt.timedelta(minutes=minutes)) is None
        assert found(provider, order, sent)

    def test_where_two_are_alike_neither_is_taken(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        lose(provider, vendor, order)
        lose(provider, vendor, order)
        assert found(provider, order, sent) is None

    def test_a_schema_that_does_not_repeat_the_seed_is_recognised_by_the_rest(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        vendor.account.leaves_out = {"seed", "negative_prompt", "output_format", "resolution"}
        provider.submit(replace(order, prompt="Another"), reference="another", callback=None)
        number = lose(provider, vendor, order)
        assert found(provider, order, sent) == number
        lose(provider, vendor, replace(order, seed=5))
        assert found(provider, order, sent) is None

    def test_a_list_that_does_not_tell_the_prompt_tells_nothing(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        vendor.account.leaves_out = {"prompt"}
        lose(provider, vendor, order)
        assert found(provider, order, sent) is None

    def test_it_is_found_on_any_page(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        vendor.account.longest_page = 2
        for number in range(4):
            provider.submit(replace(order, prompt=f"Another {number}"), reference="another", callback=None)
        lost = lose(provider, vendor, order)
        assert found(provider, order, sent) == lost
        assert vendor.calls("requests") == 3

    def test_a_list_without_an_end_tells_nothing(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        lose(provider, vendor, order)
        endless = faults.edited(lambda body: body | {"has_more": True, "next_cursor": "MA=="})
        vendor.faults.add("requests", endless, times=1000)
        assert found(provider, order, sent) is None
        assert vendor.calls("requests") == platform.PAGES

    def test_a_key_that_may_not_look_finds_nothing_and_is_no_bad_key(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        lose(provider, vendor, order)
        for status in (401, 403, 404):
            vendor.faults.add("requests", faults.answering(status))
            assert found(provider, order, sent) is None

    @pytest.mark.parametrize("name", LIST_FAULTS)
    def test_a_list_that_cannot_be_had_now_is_asked_for_again(
        self,
        provider: FalProvider,
        vendor: FalEmulator,
        order: ImageRequest,
        sent: dt.datetime,
        name: str,
    ) -> None:
        number = lose(provider, vendor, order)
        vendor.faults.add("requests", LIST_FAULTS[name])
        with pytest.raises(ProviderUnavailable) as caught:
            found(provider, order, sent)
        assert caught.value.passing
        assert KEY not in repr(caught.value)
        assert found(provider, order, sent) == number

    def test_entries_that_are_none_are_left_out(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        number = lose(provider, vendor, order)

        def littered(body: dict[str, list[dict[str, object]]]) -> object:
            [item] = body["items"]
            wrong: list[dict[str, object]] = [
                {"request_id": "a b"},
                {"request_id": None},
                {"request_id": "b", "sent_at": "yesterday"},
                {"request_id": "c", "sent_at": None},
                {"request_id": "d", "json_input": None},
                {"request_id": "e", "endpoint_id": "fal-ai/other"},
            ]
            return body | {"items": [None, "x", item, *(item | change for change in wrong)]}

        vendor.faults.add("requests", faults.edited(littered))
        assert found(provider, order, sent) == number

    def test_without_an_address_of_the_platform_nothing_is_asked(
        self, vendor: FalEmulator, order: ImageRequest, sent: dt.datetime
    ) -> None:
        client = build({"key": KEY, "queue_url": vendor.queue_url, "api_url": ""})
        assert not client.traceable
        assert client.find(order, reference="reference", sent=sent) is None
        assert client.balance() is None
        assert client.models() is None
        client.close()


class TestAccount:
    def test_what_is_left_is_told_to_an_admins_key_alone(self, provider: FalProvider, vendor: FalEmulator) -> None:
        assert provider.balance() == Balance(24.5, "USD")
        vendor.account.admin = False
        assert provider.balance() is None

    @pytest.mark.parametrize("credits_left", [None, {}, {"current_balance": "24"}, {"current_balance": float("inf")}])
    def test_a_balance_that_is_none_is_none(
        self, provider: FalProvider, vendor: FalEmulator, credits_left: object
    ) -> None:
        vendor.faults.add("billing", faults.edited(lambda body: body | {"credits": credits_left}))
        assert provider.balance() is None

    def test_its_models_are_listed_page_after_page(self, provider: FalProvider, vendor: FalEmulator) -> None:
        vendor.account.longest_page = 1
        assert provider.models() == frozenset(MODELS)
        assert vendor.calls("models") == 3

    def test_a_key_that_may_not_look_knows_no_models(self, provider: FalProvider, vendor: FalEmulator) -> None:
        vendor.account.closed = True
        assert provider.models() is None
