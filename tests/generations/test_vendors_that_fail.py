"""What becomes of generations whose vendor is down, full, gone, or lost their submit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from accounts.models import User, Wallet
from generations import lost, planning, routing
from generations.models import Attempt, Generation, Model, ProviderAccount, Route
from generations.models.provider import TRIPS_AT
from generations.providers.base import OutcomeUnknown, Provider, ProviderError, ProviderUnavailable
from generations.types import Finished
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db

Policy = ProviderAccount.Policy
HOUR = dt.timedelta(hours=1)
LOST = OutcomeUnknown("no answer came", code="no_answer")


@pytest.fixture
def alice() -> User:
    """A person, and two vendors for the sketch model: ``sketch`` before ``fal``."""
    model = make_catalogue()
    Route.objects.filter(model=model).update(cost_usd=Decimal("0.04"))
    Route.objects.create(
        model=model, provider="fal", provider_model="b", priority=20, cost_usd=Decimal("0.05"),
        resolutions=["1K", "2K"], formats=["png", "jpeg", "webp"],
    )  # fmt: skip
    return make_user(balance=100)


@pytest.fixture(autouse=True)
def both_configured(settings: Settings) -> None:
    settings.PROVIDERS = {name: {**config} for name, config in settings.PROVIDERS.items()}
    settings.PROVIDERS["fal"]["enabled"] = True


class Vendors:
    """A registry of two fakes."""

    def __init__(self, sketch: FakeProvider, fal: FakeProvider | None = None) -> None:
        self.sketch, self.fal = sketch, fal or FakeProvider()

    def __call__(self, name: str) -> Provider:
        return {"sketch": self.sketch, "fal": self.fal}[name]


def advance(generation: Generation, vendors: Vendors) -> Generation:
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))
    take_steps(generation.pk, vendors)
    generation.refresh_from_db()
    return generation


def later(generation: Generation, span: dt.timedelta) -> None:
    """As if everything had happened that much earlier."""
    Generation.objects.filter(pk=generation.pk).update(created=F("created") - span)
    generation.attempts.update(created=F("created") - span, sent=F("sent") - span)


def configure(provider: str = "sketch", **limits: object) -> None:
    ProviderAccount.objects.update_or_create(name=provider, defaults=limits)


def account(provider: str = "sketch") -> ProviderAccount:
    return ProviderAccount.objects.named(provider)


def tried(generation: Generation) -> list[tuple[str, str]]:
    return list(generation.attempts.values_list("provider", "state"))


def is_whole(user: User) -> bool:
    wallet = Wallet.objects.get(user=user)
    return (wallet.posted, wallet.held) == (100, 0)


# The circuit


@pytest.mark.parametrize(
    "known",
    [{"enabled": False}, {"resume_at": Now() + dt.timedelta(minutes=1)}, {"breaks": 1, "probe_until": Now() + HOUR}],
)
def test_who_has_just_taken_orders_gets_none_once_something_is_known_against_it(
    alice: User, known: dict[str, object]
) -> None:
    vendors = Vendors(FakeProvider())
    assert tried(advance(make_generation(alice), vendors)) == [("sketch", "delivered")]
    configure("sketch", **known)
    assert tried(advance(make_generation(alice), vendors)) == [("fal", "delivered")]


def test_a_vendor_that_keeps_failing_is_skipped_without_being_asked(alice: User) -> None:
    vendors = Vendors(FakeProvider([ProviderUnavailable("500", code="no_answer", passing=False)]))
    for _ in range(TRIPS_AT):
        assert advance(make_generation(alice), vendors).status == "completed"
    assert account().circuit == "open"
    asked = len(vendors.sketch.requests)
    generation = advance(make_generation(alice), vendors)
    assert tried(generation) == [("fal", "delivered")]
    assert len(vendors.sketch.requests) == asked


def test_a_success_closes_the_circuit_again(alice: User) -> None:
    account().fail("500", lasting=True)
    ProviderAccount.objects.update(resume_at=Now())
    generation = advance(make_generation(alice), Vendors(FakeProvider()))
    assert tried(generation) == [("sketch", "delivered")]
    assert account().circuit == "closed"


def test_while_a_probe_is_under_way_the_others_go_elsewhere(alice: User) -> None:
    account().fail("500", lasting=True)
    ProviderAccount.objects.update(resume_at=Now())
    vendors = Vendors(FakeProvider([accepted("job-1")]))
    ProviderAccount.objects.update(probe_until=Now() + dt.timedelta(minutes=1))
    assert tried(advance(make_generation(alice), vendors)) == [("fal", "delivered")]


@pytest.mark.parametrize("code", ["bad_key", "no_funds"])
def test_what_only_the_operator_can_mend_opens_it_at_once(alice: User, code: str) -> None:
    refusal = ProviderUnavailable("401", code=code, passing=False)
    generation = advance(make_generation(alice), Vendors(FakeProvider([refusal])))
    assert tried(generation) == [("sketch", "refused"), ("fal", "delivered")]
    assert account().circuit == "open"


def test_a_vendor_that_asks_for_a_pause_gets_it_and_no_blame(alice: User) -> None:
    refusal = ProviderUnavailable("429", code="rate_limited", retry_after=dt.timedelta(seconds=20))
    vendors = Vendors(FakeProvider([refusal]))
    advance(make_generation(alice), vendors)
    assert (account().circuit, account().failures) == ("paused", 0)
    assert tried(advance(make_generation(alice), vendors)) == [("fal", "delivered")]
    assert len(vendors.sketch.requests) == 1


def test_when_no_vendor_answers_it_is_given_up_after_a_while_and_costs_nothing(alice: User) -> None:
    account("sketch").fail("500", lasting=True)
    account("fal").fail("500", lasting=True)
    generation = make_generation(alice)
    vendors = Vendors(FakeProvider())
    assert advance(generation, vendors).status == "running"
    later(generation, planning.PATIENCE)
    assert advance(generation, vendors).status == "failed"
    assert generation.error_code == "unavailable"
    assert is_whole(alice)
    assert vendors.sketch.requests == vendors.fal.requests == []


# Limits


def test_what_is_over_the_limit_goes_to_the_next_route(alice: User) -> None:
    configure(max_in_flight=1)
    vendors = Vendors(FakeProvider([accepted("job-1")]))
    assert tried(advance(make_generation(alice), vendors)) == [("sketch", "accepted")]
    assert tried(advance(make_generation(alice), vendors)) == [("fal", "delivered")]


def test_when_every_route_is_full_it_waits_and_goes_once_there_is_room(alice: User) -> None:
    configure("sketch", max_in_flight=1)
    configure("fal", enabled=False)
    vendors = Vendors(FakeProvider([accepted("job-1"), finished()], polls=[finished()]))
    first, second = make_generation(alice), make_generation(alice)
    advance(first, vendors)
    advance(second, vendors)
    later(second, planning.PATIENCE * 2)
    assert advance(second, vendors).status == "running"
    assert tried(second) == []
    assert advance(first, vendors).status == "completed"
    assert advance(second, vendors).status == "completed"


def test_a_provider_that_is_switched_off_is_not_asked(alice: User) -> None:
    configure("sketch", enabled=False)
    configure("fal", enabled=False)
    vendors = Vendors(FakeProvider())
    generation = advance(make_generation(alice), vendors)
    assert (generation.status, generation.error_code) == ("failed", "no_route")
    assert vendors.sketch.requests == []


# Models that are gone


def test_a_route_whose_model_is_gone_is_closed_and_the_next_one_serves(alice: User) -> None:
    gone = ProviderUnavailable("404", code="model_gone", passing=False)
    vendors = Vendors(FakeProvider([gone]))
    for _ in range(2):
        generation = advance(make_generation(alice), vendors)
        assert generation.status == "completed"
    assert len(vendors.sketch.requests) == 1
    assert Route.objects.get(provider="sketch", model=generation.model).gone_since
    assert account().failures == 0


def test_when_the_model_is_gone_everywhere_it_fails_and_costs_nothing(alice: User) -> None:
    gone = ProviderUnavailable("404", code="model_gone", passing=False)
    generation = advance(make_generation(alice), Vendors(FakeProvider([gone]), FakeProvider([gone])))
    assert (generation.status, generation.error_code) == ("failed", "model_gone")
    assert is_whole(alice)


# Submits whose answer was lost


def lose(generation: Generation, vendors: Vendors) -> Attempt:
    advance(generation, vendors)
    return generation.attempts.get(number=1)


def test_a_lost_submit_is_found_at_the_vendor_and_not_sent_again(alice: User) -> None:
    vendors = Vendors(FakeProvider([LOST], polls=[finished()], traceable=True, finds=[None, accepted("job-9")]))
    generation = make_generation(alice)
    assert lose(generation, vendors).state == "unknown"
    advance(generation, vendors)
    assert advance(generation, vendors).status == "completed"
    attempt = generation.attempts.get()
    assert (attempt.job, attempt.state, attempt.at_risk_usd) == ("job-9", "delivered", None)
    assert len(vendors.sketch.requests) == 1
    assert vendors.fal.requests == []


def test_a_job_that_was_found_and_is_not_over_is_asked_after_again(alice: User) -> None:
    lost = FakeProvider([LOST], polls=[accepted("job-9"), finished()], traceable=True, finds=[accepted("job-9")])
    vendors = Vendors(lost)
    generation = make_generation(alice)
    assert lose(generation, vendors).state == "accepted"
    generation.refresh_from_db()
    assert (generation.status, generation.faults) == ("running", 0)
    assert advance(generation, vendors).status == "completed"


def test_a_job_that_belongs_to_another_attempt_is_not_taken_for_it(alice: User) -> None:
    vendors = Vendors(FakeProvider([accepted("job-9")]))
    advance(make_generation(alice), vendors)
    vendors.sketch = FakeProvider([LOST], traceable=True, finds=[accepted("job-9")])
    attempt = lose(make_generation(alice), vendors)
    assert (attempt.state, attempt.job) == ("unknown", "")


def test_a_callback_names_the_job_of_a_lost_submit(alice: User) -> None:
    configure(unknown_policy=Policy.WAIT)
    vendors = Vendors(FakeProvider([LOST], polls=[finished()], traceable=True))
    generation = make_generation(alice)
    attempt = lose(generation, vendors)
    Attempt.objects.filter(pk=attempt.pk).update(job="job-9")
    advance(generation, vendors)
    assert generation.status == "completed"
    assert vendors.sketch.polled == ["job-9"]


def test_a_vendor_that_knows_an_order_by_its_reference_is_asked_again(alice: User) -> None:
    vendors = Vendors(FakeProvider([LOST, finished()], repeatable=True))
    generation = make_generation(alice)
    assert lose(generation, vendors).state == "sending"
    assert advance(generation, vendors).status == "completed"
    assert generation.attempts.count() == 1


@pytest.mark.parametrize(("policy", "traceable"), [(Policy.FAIL, False), (Policy.FAIL, True), (Policy.WAIT, False)])
def test_what_cannot_be_known_fails_and_costs_the_user_nothing(alice: User, policy: Policy, *, traceable: bool) -> None:
    """To wait makes no sense where no news can come."""
    configure(unknown_policy=policy)
    vendors = Vendors(FakeProvider([LOST], traceable=traceable))
    generation = make_generation(alice)
    lose(generation, vendors)
    later(generation, lost.LISTED_WITHIN)
    advance(generation, vendors)
    assert (generation.status, generation.error_code) == ("failed", "outcome_unknown")
    attempt = generation.attempts.get()
    assert (attempt.state, attempt.at_risk_usd) == ("abandoned", Decimal("0.04"))
    assert is_whole(alice)
    assert len(vendors.sketch.requests) == 1
    assert vendors.fal.requests == []


def test_waiting_goes_on_to_the_deadline_and_says_why_it_ends(alice: User) -> None:
    configure(unknown_policy=Policy.WAIT)
    vendors = Vendors(FakeProvider([LOST], traceable=True))
    generation = make_generation(alice)
    lose(generation, vendors)
    later(generation, lost.LISTED_WITHIN)
    assert advance(generation, vendors).status == "running"
    Generation.objects.update(deadline=Now())
    assert advance(generation, vendors).status == "failed"
    assert generation.error_code == "outcome_unknown"
    assert is_whole(alice)


def test_it_waits_for_a_callback_only_where_one_can_reach_us(alice: User, settings: Settings) -> None:
    configure(unknown_policy=Policy.WAIT)
    vendors = Vendors(FakeProvider([LOST], calls_back=True))
    settings.CALLBACKS = True
    generation = make_generation(alice)
    lose(generation, vendors)
    assert advance(generation, vendors).status == "running"
    settings.CALLBACKS = False
    assert advance(generation, vendors).status == "failed"


def test_within_the_loss_budget_it_is_sent_again(alice: User) -> None:
    configure(unknown_policy=Policy.RETRY, loss_budget_usd=Decimal("0.08"))
    vendors = Vendors(FakeProvider([LOST, finished()]))
    generation = make_generation(alice)
    lose(generation, vendors)
    assert generation.status == "completed"
    assert tried(generation) == [("sketch", "abandoned"), ("sketch", "delivered")]
    assert generation.attempts.get(number=1).at_risk_usd == Decimal("0.04")


def test_beyond_the_loss_budget_it_fails(alice: User) -> None:
    configure(unknown_policy=Policy.RETRY, loss_budget_usd=Decimal("0.05"))
    first, second = make_generation(alice), make_generation(alice)
    advance(first, Vendors(FakeProvider([LOST, finished()])))
    vendors = Vendors(FakeProvider([LOST, finished()]))
    advance(second, vendors)
    assert (first.status, second.status) == ("completed", "failed")
    assert len(vendors.sketch.requests) == 1


def test_one_generation_is_sent_again_only_a_few_times(alice: User) -> None:
    configure(unknown_policy=Policy.RETRY, loss_budget_usd=Decimal(100))
    vendors = Vendors(FakeProvider([LOST]))
    generation = advance(make_generation(alice), vendors)
    assert generation.status == "failed"
    assert len(vendors.sketch.requests) == 1 + lost.RESENT_AT_MOST


def test_what_is_found_finished_is_delivered(alice: User) -> None:
    picture = finished().pictures[0]
    vendors = Vendors(
        FakeProvider(
            [LOST],
            traceable=True,
            finds=[Finished([type(picture)(url="https://pictures.example/1.png")])],
            files={"https://pictures.example/1.png": picture.content or b""},
        )
    )
    generation = advance(make_generation(alice), vendors)
    assert generation.status == "completed"


def test_a_look_that_fails_is_no_news(alice: User) -> None:
    failing: ProviderError = ProviderUnavailable("503", code="busy")
    vendors = Vendors(FakeProvider([LOST], polls=[finished()], traceable=True, finds=[failing, accepted("job-2")]))
    generation = advance(make_generation(alice), vendors)
    assert generation.status == "running"
    advance(generation, vendors)
    advance(generation, vendors)
    assert generation.status == "completed"


# Successors


@pytest.fixture
def heir(alice: User) -> Model:
    """The sketch model's successor, served by fal alone, as the sketch model is by sketch alone."""
    model = Model.objects.get(slug="imagen-4")
    model.routes.all().delete()
    Route.objects.filter(model__slug="sketch", provider="fal").update(model=model)
    Model.objects.filter(slug="sketch").update(successor=model)
    return model


@pytest.mark.parametrize("consent", [True, False])
def test_a_successor_serves_a_model_that_is_gone_only_with_consent(alice: User, heir: Model, *, consent: bool) -> None:
    generation = make_generation(alice)
    Generation.objects.update(allow_successor=consent)
    gone = ProviderUnavailable("404", code="model_gone", passing=False)
    vendors = Vendors(FakeProvider([gone]))
    advance(generation, vendors)
    assert generation.status == ("completed" if consent else "failed")
    assert len(vendors.fal.requests) == consent
    assert Wallet.objects.get(user=alice).posted == 100 - consent


def test_a_failure_is_no_reason_to_take_a_successor(alice: User, heir: Model) -> None:
    generation = make_generation(alice)
    Generation.objects.update(allow_successor=True)
    down = ProviderUnavailable("500", code="busy", passing=False)
    vendors = Vendors(FakeProvider([down]))
    assert advance(generation, vendors).status == "failed"
    assert vendors.fal.requests == []


def test_successors_that_succeed_each_other_end_somewhere(alice: User, heir: Model) -> None:
    Model.objects.filter(pk=heir.pk).update(successor=Model.objects.get(slug="sketch"))
    Route.objects.update(gone_since=Now())
    generation = make_generation(alice)
    Generation.objects.update(allow_successor=True)
    assert advance(generation, Vendors(FakeProvider())).error_code == "no_route"


# What is said before


def test_the_preview_leaves_out_whom_nothing_goes_to_now(alice: User) -> None:
    model = Model.objects.get(slug="sketch")
    assert routing.preview(model, make_order()).provider == "sketch"
    account().fail("500", lasting=True)
    assert routing.preview(model, make_order()).provider == "fal"
    configure("fal", enabled=False)
    assert routing.preview(model, make_order()).provider == "sketch"
