"""A generation's page in the admin: what happened to it, oldest first, and its pictures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from generations import submission, upstream
from generations.admin.timeline import Moment
from generations.models import Attempt, Generation, Model, ProviderAccount, Route
from generations.providers.base import OutcomeUnknown, Provider, ProviderUnavailable, RequestRejected
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished, png
from tests.generations.steps import take_steps

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

LOST = OutcomeUnknown("fal gave no answer: ReadError", code="no_answer")


@pytest.fixture
def model(settings: Settings) -> Model:
    """The sketch model, which fal serves too, as the second choice."""
    settings.PROVIDERS = settings.PROVIDERS | {"fal": settings.PROVIDERS["fal"] | {"enabled": True}}
    model = make_catalogue()
    Route.objects.filter(model=model).update(cost_usd=Decimal("0.04"))
    Route.objects.create(model=model, provider="fal", provider_model="fal-ai/b", resolutions=["1K"], formats=["png"])
    return model


@pytest.fixture
def alice(model: Model) -> User:
    return make_user(balance=100)


@pytest.fixture
def admin(model: Model) -> Client:
    return signed_in(make_user(is_staff=True, is_superuser=True))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def step(generation: Generation, sketch: FakeProvider, fal: FakeProvider | None = None) -> None:
    def provider(name: str) -> Provider:
        return sketch if name == "sketch" else fal or FakeProvider()

    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))
    take_steps(generation.pk, provider)


def page(generation: Generation) -> str:
    return f"/admin/generations/generation/{generation.pk}/change/"


def moments(client: Client, generation: Generation) -> list[Moment]:
    """What the page tells, after seeing that it is in order."""
    found: list[Moment] = client.get(page(generation)).context["moments"]
    assert all(earlier.at <= later.at for earlier, later in pairwise(found))
    return found


def told(client: Client, generation: Generation) -> list[str]:
    return [
        f"{each.attempt.number} {each.title}" if each.attempt else each.title for each in moments(client, generation)
    ]


def facts(client: Client, generation: Generation, title: str) -> dict[str, str]:
    return next(dict(each.facts) for each in moments(client, generation) if each.title == title)


def test_attempts_and_events_stand_in_one_line_of_time(admin: Client, alice: User) -> None:
    generation = make_generation(alice, count=2)
    gone = ProviderUnavailable("sketch answered 404", code="model_gone", passing=False)
    fal = FakeProvider([accepted("job-4711")], polls=[Finished(finished(2).pictures, cost_usd=0.07)])
    step(generation, FakeProvider([gone]), fal)
    step(generation, FakeProvider([gone]), fal)
    assert set(told(admin, generation)) == {
        "Submitted, with its credits held",
        "Taken up by a worker",
        "1 Planned",
        "1 Sent",
        "1 Refused by the vendor",
        "2 Planned",
        "2 Sent",
        "2 Accepted by the vendor",
        "2 Pictures ready",
        "Picture 1 of 2 stored and paid for",
        "Picture 2 of 2 stored and paid for",
        "2 Delivered",
        "Completed with 2 of 2 pictures",
    }
    refused = facts(admin, generation, "Refused by the vendor")
    assert (refused["Code"], refused["Detail"]) == ("model_gone", "sketch answered 404")
    assert refused["Next"] == "This route is not asked again for this generation."
    assert refused["Took"]
    assert facts(admin, generation, "Accepted by the vendor") == {"Job": "job-4711"}
    assert facts(admin, generation, "Pictures ready")["Cost"] == "$0.07"
    shown = admin.get(page(generation)).content.decode()
    assert "job-4711" in shown
    route = Route.objects.get(provider_model="fal-ai/b")
    assert f'<a href="/admin/generations/route/{route.pk}/change/">fal</a>' in shown


def test_a_route_that_is_asked_again_says_from_when(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    busy = ProviderUnavailable("503", code="busy", retry_after=dt.timedelta(minutes=1))
    step(generation, FakeProvider([busy]))
    assert facts(admin, generation, "Refused by the vendor")["Next"].startswith("This route may be asked again from ")


def test_what_is_not_granted_is_said_of_each_attempt(admin: Client, alice: User) -> None:
    generation = make_generation(alice, resolution="2K")
    gone = ProviderUnavailable("404", code="model_gone", passing=False)
    step(generation, FakeProvider([gone]))
    plans = [dict(each.facts) for each in moments(admin, generation) if each.title == "Planned"]
    assert [plan.get("Not as asked") for plan in plans] == [None, "resolution adjusted: this route makes 1K"]


def test_a_lost_answer_says_what_is_at_risk_and_what_comes_next(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    step(generation, FakeProvider([LOST], traceable=True))
    unknown = facts(admin, generation, "Sent; the answer was lost")
    assert unknown["At risk"] == "$0.04"
    assert unknown["Next"] == "It is looked for at the vendor; then the provider's policy decides."


def test_what_is_sent_again_says_that_the_loss_budget_bears_it(admin: Client, alice: User) -> None:
    ProviderAccount.objects.filter(name="sketch").update(unknown_policy="retry")
    generation = make_generation(alice)
    step(generation, FakeProvider([LOST, finished()]))
    given_up = facts(admin, generation, "Given up")
    assert (given_up["At risk"], given_up["Next"]) == ("$0.04", "Sent again, within the loss budget.")
    assert "2 Delivered" in told(admin, generation)


def test_a_late_delivery_is_told_after_the_end(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    made = Finished([Picture(url="https://v.example/1.png")], cost_usd=0.05)
    provider = FakeProvider([accepted()], polls=[made])
    step(generation, provider)
    submission.cancel(generation)
    upstream.look_back(provider)
    assert told(admin, generation)[-1] == "1 Made after it was given up; nobody is charged"
    assert "Cancelled; what was still held is given back" in told(admin, generation)


def test_a_failure_says_why(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    step(generation, FakeProvider([RequestRejected("refused for its content", code="content_policy")]))
    why = facts(admin, generation, "Failed; what was still held is given back")
    assert why == {"Code": "content_policy", "Detail": "refused for its content"}


def test_pictures_that_were_no_use_are_named(admin: Client, alice: User) -> None:
    generation = make_generation(alice, count=2)
    step(generation, FakeProvider([Finished([Picture(content=png()), Picture(content=b"no picture")])]))
    assert facts(admin, generation, "Delivered")["Pictures that were no use"]
    assert facts(admin, generation, "Completed with 1 of 2 pictures")["Detail"]


def test_an_attempt_whose_route_is_deleted_is_still_told(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    step(generation, FakeProvider())
    Route.objects.all().delete()
    assert "1 Delivered" in told(admin, generation)


def test_admins_open_their_own_pictures_and_nobody_else_s(admin: Client, alice: User) -> None:
    own = make_generation(make_user(is_staff=True, is_superuser=True, balance=9))
    for generation, client, opens in ((own, signed_in(own.user), True), (make_generation(alice), admin, False)):
        step(generation, FakeProvider())
        image = generation.images.get()
        shown = client.get(page(generation)).content.decode()
        assert image.sha256 in shown
        assert (f'href="/i/{image.pk}"' in shown) is opens
        assert ("Only their owner can open them." in shown) is not opens


def test_the_page_looks_again_until_the_end(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    step(generation, FakeProvider([accepted()], polls=[finished()]))
    unfinished = admin.get(page(generation))
    assert "Refresh" in unfinished.headers
    assert "It has not ended yet" in unfinished.content.decode()
    step(generation, FakeProvider(polls=[finished()]))
    assert "Refresh" not in admin.get(page(generation)).headers


def test_a_page_takes_as_many_statements_however_many_attempts_there_were(admin: Client, alice: User) -> None:
    counts = []
    for attempts in (1, 4):
        generation = make_generation(alice)
        Attempt.objects.bulk_create(
            Attempt(
                generation=generation, number=number, route=Route.objects.get(provider_model="fal-ai/b"),
                provider="fal", seed=1, state=Attempt.State.REFUSED, sent=Now(), finished=Now(),
            )
            for number in range(1, attempts + 1)
        )  # fmt: skip
        admin.get(page(generation))
        with CaptureQueriesContext(connection) as asked:
            admin.get(page(generation))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_only_those_who_may_see_generations_do(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    clerk = make_user(is_staff=True)
    for client, status in ((Client(), 302), (signed_in(alice), 302), (signed_in(clerk), 403), (admin, 200)):
        assert client.get(page(generation)).status_code == status
    clerk.user_permissions.set(Permission.objects.filter(codename="view_generation"))
    seen = signed_in(clerk).get(page(generation))
    assert seen.status_code == 200
    assert admin.get("/admin/generations/generation/no-id/change/").status_code == 302
