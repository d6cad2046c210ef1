"""Pictures that did not come, got after all because an admin asks: from the vendor alone, and for nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Act, User
from generations import (
    bodies,
    late,
    leaving,
    looking,
    records,
    submission,
    tasks,
    upstream,
    verification,
)
from generations.models import Attempt, Event, Generation
from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.types import Finished, Picture, Submission
from tests.administration import CONFIRMED, REASON, admin
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, png
from tests.generations.steps import advance, balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
LIST = "/admin/generations/generation/"
AWAY = ProviderUnavailable("the vendor's storage is away")
NO_MORE = ProviderUnavailable("fal has it no more", code="job_gone", passing=False)


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


def at(*names: str) -> Finished:
    """Pictures at these addresses of the vendor's."""
    return Finished([Picture(url=f"https://vendor.example/{name}", seed=7) for name in names], cost_usd=0.04)


def files(*names: str) -> dict[str, bytes | ProviderError]:
    """What is at them."""
    found = {name: png(size=(64 + number, 48)) for number, name in enumerate(names)}
    return {f"https://vendor.example/{name}": content for name, content in found.items()}


def vendor(*polls: Submission | ProviderError) -> FakeProvider:
    return FakeProvider([accepted("job-7")], polls=list(polls))


def ended(generation: Generation) -> Generation:
    """Its time is over."""
    Generation.objects.filter(pk=generation.pk).update(deadline=Now() - dt.timedelta(seconds=1))
    return advance(generation, FakeProvider())


def unfetched(alice: User, count: int = 1) -> tuple[Generation, FakeProvider]:
    """Made by the vendor, whose storage was away until the deadline."""
    names = ["a", "b", "c"][:count]
    provider = vendor(at(*names))
    provider.files = dict.fromkeys(files(*names), AWAY)
    generation = make_generation(alice, count=count)
    for _ in range(3):
        advance(generation, provider)
    generation = ended(generation)
    assert (generation.status, generation.attempts.get().state) == ("failed", "abandoned")
    provider.files = files(*names)
    return generation, provider


def partial(alice: User) -> tuple[Generation, FakeProvider]:
    """Three were made, of which the second was no picture that day."""
    provider = vendor(at("a", "b", "c"))
    provider.files = files("a", "b", "c") | {"https://vendor.example/b": b"<html>sorry</html>"}
    generation = make_generation(alice, count=3)
    for _ in range(3):
        advance(generation, provider)
    generation.refresh_from_db()
    assert (generation.status, generation.images.count()) == ("completed", 2)
    provider.files = files("a", "b", "c")
    return generation, provider


def press(client: Client, *rows: Generation, action: str = "refetch") -> str:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **CONFIRMED}
    return client.post(LIST, chosen, follow=True).content.decode()


def found(generation: Generation) -> str:
    return Attempt.objects.get(generation=generation).found


def sound() -> bool:
    return [finding.name for finding in verification.verify() if finding.breaches] == []


def test_what_could_not_be_fetched_in_time_comes_late_and_free(alice: User) -> None:
    generation, provider = unfetched(alice, count=2)
    boss, client = admin()
    page = f"{LIST}{generation.pk}/change/"
    assert "Done to 1." in press(client, generation)
    assert "No worker has looked yet." in client.get(page).content.decode()
    assert late.seek(provider) == 2
    assert [image.late for image in generation.images.all()] == [True, True]
    assert (balance(alice), sound()) == ((100, 0), True)
    assert len(provider.requests) == 1, "nothing is ordered again"
    told = client.get(page).content.decode()
    assert "They came, late and free." in told
    assert "Picture 2 of 2 came late and is free" in told
    act = Act.objects.get(verb="re-fetch")
    assert (act.actor, act.subject, act.reason, act.target) == (boss, alice, REASON, str(generation.pk))
    assert "There was nothing to do." in press(client, generation), "all of it is there"


def test_its_owner_is_told_that_it_was_free(alice: User) -> None:
    generation, provider = partial(alice)
    late.ask(generation)
    assert late.seek(provider) == 1
    client = Client()
    client.force_login(alice)
    assert "3 of 3 made, 2 credits, 1 came late and is free" in client.get("/create").content.decode()
    image = generation.images.get(late=True)
    assert image.position == 1
    assert "nothing: it came late" in client.get(f"/i/{image.pk}").content.decode()
    assert records.record(image)["price"]["credits"] == 0
    seen = looking.look(alice, generation.pk)
    assert seen
    prefetched = looking.Look.at(Generation.objects.of(alice).get())
    prices = [bodies.generation(look, "https://studio.example")["price"] for look in (seen, prefetched)]
    assert prices == [{"per_image": 1, "held": 0, "captured": 2, "released": 1}] * 2
    last = Event.objects.latest("pk")
    assert (last.kind, last.data) == ("image", {"status": "completed", "ready": 3, "count": 3})
    press(admin()[1], generation, action="refund")
    assert (balance(alice), sound()) == ((100, 0), True), "what was free is not given back"


def test_the_vendor_is_asked_where_it_is_now(alice: User) -> None:
    generation, provider = unfetched(alice)
    provider.files = {"https://vendor.example/a": NO_MORE, **files("moved")}
    provider.polls.append(at("moved"))
    assert late.ask(generation)
    assert late.seek(provider) == 1
    assert provider.polled == ["job-7", "job-7"]


def test_what_was_only_told_late_comes_too(alice: User) -> None:
    generation, provider = make_generation(alice), vendor(at("a"))
    advance(generation, provider)
    generation = ended(generation)
    assert upstream.look_back(provider) == 1
    provider.files = files("a")
    assert late.ask(generation)
    assert late.seek(provider) == 1
    assert (balance(alice), sound()) == ((100, 0), True)


@pytest.mark.parametrize(
    ("says", "outcome", "state"),
    [
        (NO_MORE, "The vendor says that it did not make them.", "refused"),
        (RequestRejected("not this"), "The vendor says that it did not make them.", "refused"),
        (OutcomeUnknown("silence"), "The vendor does not have them, or not yet.", "abandoned"),
        (accepted("job-7"), "The vendor does not have them, or not yet.", "abandoned"),
    ],
)
def test_a_vendor_that_has_nothing_is_asked_once(
    alice: User, says: ProviderError | Submission, outcome: str, state: str
) -> None:
    generation, provider = make_generation(alice), vendor(says)
    advance(generation, provider)
    generation = ended(generation)
    assert late.ask(generation)
    assert late.seek(provider) == late.seek(provider) == 0
    assert len(provider.polled) == 1
    attempt = generation.attempts.get()
    assert (attempt.found, attempt.state) == (outcome, state)
    assert late.ask(generation) is (state == "abandoned"), "another press is another try, as long as there is a chance"


def test_what_the_vendor_deleted_says_so_and_what_breaks_here_stops_nobody_elses(alice: User) -> None:
    gone, provider = unfetched(alice)
    provider.files = {"https://vendor.example/a": NO_MORE}
    provider.polls.append(NO_MORE)
    other, _provider = unfetched(alice)
    Attempt.objects.filter(generation=other).update(pictures=[{"nonsense": 1}])
    assert late.ask(other)
    assert late.ask(gone)
    assert late.seek(provider) == 0
    assert found(gone) == "fal has it no more"
    assert found(other) == "Something went wrong here; the log says what."


def test_nothing_is_done_where_nothing_lacks_or_may_come(alice: User) -> None:
    running, cancelled, refused = (make_generation(alice) for _ in range(3))
    for generation in (running, cancelled):
        advance(generation, vendor(accepted("job-7")))
    submission.cancel(cancelled)
    advance(refused, FakeProvider([RequestRejected("not this")]))
    whole = advance(make_generation(alice), FakeProvider())
    rows = [Generation.objects.get(pk=one.pk) for one in (running, cancelled, refused, whole)]
    assert [one.status for one in rows] == ["running", "cancelled", "failed", "completed"]
    assert "There was nothing to do." in press(admin()[1], *rows)
    assert not Act.objects.exists()


def test_it_is_asked_for_once_by_two_admins_and_taken_by_one_worker(alice: User) -> None:
    generation, provider = unfetched(alice)
    assert [late.ask(generation), late.ask(generation)] == [True, False]
    wanted = Attempt.objects.filter(late.WANTED)
    assert [len(upstream.take_turns(wanted)), len(upstream.take_turns(wanted))] == [1, 0]
    Attempt.objects.update(asked_after=Now() - upstream.ASK_AGAIN_AFTER * 2)  # and that one died
    assert late.seek(provider) == 1


def test_who_has_left_is_brought_nothing(alice: User) -> None:
    generation, provider = unfetched(alice)
    assert late.ask(generation)
    [attempt] = upstream.take_turns(Attempt.objects.filter(late.WANTED))
    leaving.leave(alice)
    late._seek(attempt, provider)
    assert not generation.images.exists()
    assert not late.ask(generation)
    assert found(generation) == ""


def test_only_those_ask_who_may_change_generations(alice: User) -> None:
    generation, _provider = unfetched(alice)
    press(admin("view_generation", "give_credits")[1], generation)
    assert "/login/" in Client().post(LIST, {"action": "refetch", **CONFIRMED})["Location"]
    person = Client()
    person.force_login(alice)
    assert person.post(LIST, {"action": "refetch", **CONFIRMED}).status_code in {302, 403}
    assert not Attempt.objects.filter(late.WANTED).exists()
    _, clerk = admin("view_generation", "change_generation")
    assert (
        "order nothing" in clerk.post(LIST, {"action": "refetch", "_selected_action": [generation.pk]}).content.decode()
    )
    assert not Attempt.objects.filter(late.WANTED).exists(), "not before the second look"
    press(clerk, generation)
    assert Attempt.objects.filter(late.WANTED).exists()


def test_beat_has_it_looked_for(alice: User, settings: Settings) -> None:
    generation, _provider = unfetched(alice)
    Attempt.objects.update(job="", pictures=[])
    assert late.ask(generation)
    assert "look back" in settings.CELERY_BEAT_SCHEDULE
    tasks.look_back()
    assert found(generation)
