"""Events for programs: as a stream that misses nothing and ends when it should, and as a list."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction
from django.test import AsyncClient, Client
from pytest_django import DjangoAssertNumQueries

from accounts import keys, redis
from accounts.models import User
from accounts.standing import Caller, still_in
from generations import events, following, seats, streaming, submission
from generations.bus import publish
from generations.following import MISSED, Bus, bus
from generations.models import Event, Generation
from generations.seats import Seat
from generations.streaming import Listener
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api, problem
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db(transaction=True)
STORY = ["queued", "running", "image", "image", "completed"]
SCOPE = "generations:read"
Found = TypeVar("Found")


@pytest.fixture
def alice(files: object) -> Api:
    make_catalogue()
    return Api(make_user(balance=100))


def complete(generation: Generation) -> None:
    take_steps(generation.pk, FakeProvider([finished(generation.count)]))


def run(work: Callable[[], Awaitable[Found]]) -> Found:
    async def within_a_minute() -> Found:
        return await asyncio.wait_for(work(), 60)

    return async_to_sync(within_a_minute)()


def by_key(api: Api) -> Caller:
    return Caller(api.user.pk, key=api.key.pk)


def events_in(text: str) -> list[dict[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.split("\n\n") if block]
    return [{"id": int(one["id"]), **json.loads(one["data"])} for one in blocks if one.get("event") == "generation"]


def everything(listener: Listener) -> str:
    """What a stream says until it ends by itself."""

    async def heard() -> str:
        return "".join([part async for part in streaming.stream(listener)])

    return run(heard)


async def next_event(stream: AsyncIterator[str]) -> dict[str, Any]:
    while not (found := events_in(await anext(stream))):
        pass
    return found[0]


def test_the_stream_of_one_generation_begins_with_its_first_event_and_ends_with_it(alice: Api) -> None:
    generation = make_generation(alice.user, count=2)
    complete(generation)
    complete(make_generation(alice.user))
    text = everything(Listener(by_key(alice), generation.pk))
    assert text.startswith("event: hello\n")
    assert [event["kind"] for event in events_in(text)] == STORY
    assert text.endswith("event: done\ndata: {}\n\n")
    assert not bus._followers
    assert streaming.audience.count(alice.user.pk) == 0


def test_it_is_resumed_after_the_event_that_was_seen_last(alice: Api) -> None:
    generation = make_generation(alice.user, count=2)
    complete(generation)
    numbers = list(generation.events.order_by("pk").values_list("pk", flat=True))
    text = everything(Listener(by_key(alice), generation.pk, after=numbers[2]))
    assert [event["id"] for event in events_in(text)] == numbers[3:]


def overtaken(alice: Api) -> tuple[Generation, Event]:
    """A generation of which something was recorded before this event, and committed after it."""
    early, late = make_generation(alice.user), make_generation(alice.user)
    begun, go_on = threading.Event(), threading.Event()

    def record_slowly() -> None:
        try:
            with transaction.atomic():
                events.record(early, ("image", 1, "running"))
                begun.set()
                assert go_on.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(record_slowly)
        assert begun.wait(60)
        events.record(late, ("image", 1, "running"))
        seen = Event.objects.latest("pk")
        go_on.set()
        slow.result(60)
    assert seen.generation_id == late.pk
    return early, seen


def test_what_was_begun_before_the_last_event_and_recorded_after_it_is_told_too(alice: Api) -> None:
    """Ids are drawn when an event is written, and seen when that is committed."""
    early, seen = overtaken(alice)

    async def heard() -> dict[str, Any]:
        return await next_event(streaming.stream(Listener(by_key(alice), after=seen.pk)))

    assert run(heard)["generation"] == str(early.pk)
    assert not Event.objects.after(Event.objects.latest("pk").pk, user=alice.user.pk).filter(generation=seen.generation)


def test_a_list_goes_on_with_what_was_recorded_after_its_last_event_and_ends(alice: Api) -> None:
    early, seen = overtaken(alice)
    [newer] = events.record(seen.generation, ("image", 2, "running"))
    found: list[dict[str, Any]] = []
    address: str | None = f"/api/v1/events?after={seen.pk}&limit=1"
    while address and len(found) < 20:
        page = alice.get(address, Accept="application/json").json()
        found += page["results"]
        address = page["next"]
    assert [(event["generation"], event["id"] < seen.pk) for event in found] == [
        *[(str(early.pk), True), (str(seen.generation_id), False)],
    ]
    assert found[-1]["id"] == newer.pk


def test_whoever_begins_to_listen_is_told_nothing_of_before(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "KEEP_ALIVE_SECONDS", 0.05)
    for _ in range(2):
        make_generation(alice.user)
    Event.objects.update(horizon=0)  # as while something else writes for long

    async def heard() -> list[str]:
        stream = streaming.stream(Listener(by_key(alice)))
        return [await anext(stream) for _ in range(2)]

    assert not events_in("".join(run(heard)))


def test_a_generation_is_followed_while_it_is_made(alice: Api) -> None:
    generation = make_generation(alice.user, count=2)

    async def heard() -> list[str]:
        stream = streaming.stream(Listener(by_key(alice), generation.pk))
        kinds = [(await next_event(stream))["kind"]]
        await sync_to_async(complete)(generation)
        while kinds[-1] != "completed":
            kinds.append((await next_event(stream))["kind"])
        return kinds

    assert run(heard) == STORY


def test_all_of_a_persons_events_are_told_from_now_on_and_nobody_elses(alice: Api) -> None:
    before, bob = make_generation(alice.user), make_user(balance=10)

    async def heard() -> dict[str, Any]:
        stream = streaming.stream(Listener(by_key(alice)))
        await anext(stream)
        following = asyncio.ensure_future(next_event(stream))
        await asyncio.sleep(0)
        await sync_to_async(make_generation)(bob)
        await sync_to_async(submission.cancel)(before)
        return await following

    event = run(heard)
    assert (event["generation"], event["kind"]) == (str(before.pk), "cancelled")


def test_a_listener_who_hears_nothing_hears_that_the_stream_still_runs(
    alice: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "KEEP_ALIVE_SECONDS", 0.05)

    async def heard() -> list[str]:
        stream = streaming.stream(Listener(by_key(alice), after=0))
        said = [await anext(stream) for _ in range(4)]
        publish([(alice.user.pk, {"id": 7, "generation": "0193", "kind": "queued"})])
        while (happened := await anext(stream)) == said[-1]:
            pass
        return [*said, happened]

    hello, *silence, happened = run(heard)
    assert hello.startswith("event: hello")
    assert silence == [": still here\n\n"] * 3  # a comment, which a browser reads over
    assert happened.startswith("id: 7\nevent: generation\n")


def test_what_happened_while_redis_was_away_is_told_once(alice: Api) -> None:
    async def heard() -> list[str]:
        stream = streaming.stream(Listener(by_key(alice), after=0))
        await anext(stream)
        following = asyncio.ensure_future(next_event(stream))
        generation = await sync_to_async(make_generation)(alice.user)
        first = await following
        unheard = await sync_to_async(Event.objects.create)(
            user=alice.user, generation=generation, kind="running", data={}
        )
        bus.tell(alice.user.pk, MISSED)
        bus.tell(alice.user.pk, json.dumps({"id": unheard.pk, "generation": "0193", "kind": "running"}))
        bus.tell(alice.user.pk, json.dumps({"id": unheard.pk + 1, "generation": "0193", "kind": "image"}))
        return [first["kind"], *[(await next_event(stream))["kind"] for _ in range(2)]]

    assert run(heard) == ["queued", "running", "image"]


def unannounced(generation: Generation, number: int) -> list[Event]:
    written = {"user": generation.user, "generation": generation, "kind": "running", "data": {}}
    return [Event.objects.create(**written) for _ in range(number)]


def test_what_redis_did_not_pass_on_is_told_at_the_next_look(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.05)
    generation, another = make_generation(alice.user), make_generation(make_user(balance=9))

    async def heard() -> tuple[list[int], list[int]]:
        own, whole = Listener(by_key(alice)), Listener(by_key(alice), generation.pk)
        streams = [streaming.stream(own), streaming.stream(whole)]
        for stream in streams:
            await anext(stream)
        await sync_to_async(unannounced)(another, 1)
        lost = await sync_to_async(unannounced)(generation, 2)
        queued, *rest = [await next_event(streams[1]) for _ in range(3)]
        assert queued["kind"] == "queued"
        return [event.pk for event in lost] * 2, [
            *[(await next_event(streams[0]))["id"] for _ in range(2)],
            *[event["id"] for event in rest],
        ]

    lost, told = run(heard)
    assert told == lost


def test_who_reads_slower_than_it_happens_misses_nothing(alice: Api) -> None:
    generation = make_generation(alice.user)

    async def heard() -> tuple[list[int], list[int]]:
        stream = streaming.stream(Listener(by_key(alice)))
        await anext(stream)
        happened = await sync_to_async(unannounced)(generation, following.BACKLOG + 50)
        for event in happened:
            bus.tell(alice.user.pk, json.dumps(events.message(event)))
        return [event.pk for event in happened], [(await next_event(stream))["id"] for _ in happened]

    happened, told = run(heard)
    assert told == happened


def test_a_subscription_that_was_lost_and_is_back_says_so() -> None:
    lines = Bus()

    async def heard() -> list[str]:
        queue = await lines.follow(7)
        lines._begin()
        assert queue.empty(), "nothing was lost yet"
        lines._lost = True
        lines._begin()
        lines.leave(7, queue)
        return [queue.get_nowait()]

    assert run(heard) == [MISSED]


def test_whoever_would_not_be_let_in_any_more_is_shown_out(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.05)
    other = keys.create(alice.user, "another")[0]

    async def heard() -> tuple[list[str], str]:
        stays = streaming.stream(Listener(Caller(alice.user.pk, key=other.pk)))
        await anext(stays)
        stream = streaming.stream(Listener(by_key(alice)))
        await anext(stream)
        await sync_to_async(keys.revoke)(alice.key)
        rest = [part async for part in stream]
        publish([(alice.user.pk, {"id": 9, "generation": "0193", "kind": "queued"})])
        said = await anext(stays)
        await stays.aclose()  # type: ignore[attr-defined]
        return rest, said

    rest, said = run(heard)
    assert rest == []
    assert said.startswith("id: 9\n")


def test_an_app_follows_until_its_session_ends(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.05)
    browser = Client()
    browser.force_login(alice.user)
    headers = {"X-Session-Token": browser.session.session_key or "", "Accept": "text/event-stream"}

    async def heard() -> tuple[bytes, list[bytes]]:
        response: Any = await AsyncClient().get("/api/v1/events", headers=headers)
        app = aiter(response)
        await anext(app)
        looked = streaming.stream(Listener(by_key(alice)))
        await anext(looked)
        await sync_to_async(keys.revoke)(alice.key)
        assert [part async for part in looked] == []
        publish([(alice.user.pk, {"id": 9, "generation": "0193", "kind": "queued"})])
        said = await anext(app)
        await sync_to_async(browser.logout)()
        return said, [part async for part in app]

    said, rest = run(heard)
    assert said.startswith(b"id: 9\n")
    assert rest == []


def test_who_leaves_in_the_moment_that_something_comes_has_left() -> None:
    async def after(turns: int) -> bool:
        queue: asyncio.Queue[str] = asyncio.Queue()
        waiting = asyncio.ensure_future(streaming._next(queue))
        await asyncio.sleep(0.01)
        queue.put_nowait(MISSED)
        for _ in range(turns):
            await asyncio.sleep(0)
        over = waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting], timeout=60)
        return over or waiting.cancelled()

    assert [run(partial(after, turns)) for turns in range(5)] == [True] * 5


def test_who_is_still_let_in(alice: Api) -> None:
    bob, browser = make_user(), Client()
    browser.force_login(bob)
    session = Caller(bob.pk, session=browser.session.session_key or "")
    narrow = keys.create(alice.user, "narrow")[0]
    narrow.scopes = ["images:read"]
    narrow.save()
    forged = Caller(bob.pk, session="forged")
    assert still_in({by_key(alice), Caller(alice.user.pk, key=narrow.pk), session, forged}, SCOPE) == {
        by_key(alice),
        session,
    }
    bob.set_password("another horse")
    bob.save()
    User.objects.filter(pk=alice.user.pk).update(is_active=False)
    assert still_in({by_key(alice), session}, SCOPE) == set()


def asked(api: Api, path: str, **headers: str) -> Any:
    """The head of what is answered to a program that takes streams."""

    async def answered() -> Any:
        named = {"authorization": f"Bearer {api.text}", **headers}
        return await AsyncClient().get(path, headers=named)

    return run(answered)


def test_a_stream_is_answered_as_one(alice: Api) -> None:
    generation = make_generation(alice.user)
    for path in ("/api/v1/events", f"/api/v1/generations/{generation.pk}/events"):
        answer = asked(alice, path)
        assert (answer.status_code, answer.streaming) == (200, True)
        assert answer["Content-Type"] == "text/event-stream"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Accel-Buffering"] == "no"


def test_who_has_seen_the_end_is_told_not_to_come_again(alice: Api) -> None:
    generation = make_generation(alice.user)
    path, last = f"/api/v1/generations/{generation.pk}/events", str(generation.events.get().pk)
    assert asked(alice, path, **{"last-event-id": last}).status_code == 200
    submission.cancel(generation)
    assert asked(alice, path, **{"last-event-id": last}).status_code == 200
    last = str(Event.objects.latest("pk").pk)
    assert asked(alice, path, **{"last-event-id": last}).status_code == 204


def test_there_is_an_end_to_how_many_streams_a_person_has(alice: Api) -> None:
    async def heard() -> Any:
        streams = [streaming.stream(Listener(by_key(alice))) for _ in range(streaming.MOST)]
        for stream in streams:
            await anext(stream)
        answer = await AsyncClient().get("/api/v1/events", headers={"authorization": f"Bearer {alice.text}"})
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        return answer

    problem(run(heard), 429, "too_many_streams")
    assert asked(alice, "/api/v1/events").status_code == 200


def test_streams_are_counted_in_all_processes_and_those_of_a_dead_one_for_a_minute(alice: Api) -> None:
    bob = Api(make_user(balance=1))
    elsewhere = [Seat(alice.user.pk, f"of another process {number}") for number in range(streaming.MOST)]
    for seat in elsewhere:
        assert seats.take(seat, streaming.MOST)
    problem(asked(alice, "/api/v1/events"), 429, "too_many_streams")
    assert asked(bob, "/api/v1/events").status_code == 200
    seats.leave(elsewhere[0])
    assert asked(alice, "/api/v1/events").status_code == 200
    problem(asked(alice, "/api/v1/events"), 429, "too_many_streams")
    over = {seat.name: 1 for seat in elsewhere}
    assert redis.client().zadd(elsewhere[0].row, over, xx=True, ch=True) == streaming.MOST - 1
    assert asked(alice, "/api/v1/events").status_code == 200


def test_without_redis_each_process_goes_by_its_own_count(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = Seat(alice.user.pk, "one")
    assert seats.take(seat, 1)
    assert not seats.take(Seat(alice.user.pk, "another"), 1)
    monkeypatch.setattr(redis, "attempt", lambda _act: None)
    assert seats.take(Seat(alice.user.pk, "another"), 1)
    seats.keep([seat])
    seats.leave(seat)


def test_a_stream_keeps_its_seat_until_it_ends(alice: Api) -> None:
    listener = Listener(by_key(alice))
    row = listener.seat.row

    def lease() -> float:
        found: Any = redis.client().zscore(row, listener.name)
        return float(found or 0)

    async def heard() -> list[float]:
        stream = streaming.stream(listener)
        await anext(stream)
        begun = lease()
        redis.client().zadd(row, {listener.name: 1})
        await sync_to_async(streaming._welcome)([listener])
        kept = lease()
        await stream.aclose()  # type: ignore[attr-defined]
        return [begun, kept, lease()]

    begun, kept, after = run(heard)
    assert min(begun, kept) > 1
    assert after == 0


def test_to_who_accepts_json_alone_events_are_a_list(alice: Api, django_assert_num_queries: Any) -> None:
    generation = make_generation(alice.user, count=2)
    complete(generation)
    make_generation(alice.user)
    make_generation(make_user(balance=1))
    json_alone = {"Accept": "application/json"}
    path = f"/api/v1/generations/{generation.pk}/events"
    page = alice.get(f"{path}?limit=3", **json_alone).json()
    rest = alice.get(page["next"], **json_alone).json()
    assert [event["kind"] for event in page["results"] + rest["results"]] == STORY
    assert rest["next"] is None
    assert page["results"][2] == {
        "id": page["results"][2]["id"],
        "generation": str(generation.pk),
        "kind": "image",
        "status": "running",
        "ready": 1,
        "count": 2,
        "created": page["results"][2]["created"],
    }
    everything = alice.get("/api/v1/events", **json_alone).json()["results"]
    assert [event["kind"] for event in everything] == [*STORY, "queued"]
    for query in ("after=-1", "after=x", f"after={10**18 + 1}", "before=1"):
        problem(alice.get(f"/api/v1/events?{query}", **json_alone), 400, "invalid")


def test_a_list_of_events_takes_as_many_statements_for_many_as_for_few(
    alice: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_generation(alice.user)
    alice.get("/api/v1/me")
    with django_assert_num_queries(2):
        alice.get("/api/v1/events", Accept="application/json")


def test_a_problem_is_json_to_who_wants_a_stream_too(alice: Api) -> None:
    stream = {"Accept": "text/event-stream"}
    nothing = "/api/v1/generations/00000000-0000-7000-8000-000000000000/events"
    problem(alice.get(nothing, **stream), 404, "not_found")
    problem(Client().get("/api/v1/events", headers=stream), 401, "not_authenticated")
