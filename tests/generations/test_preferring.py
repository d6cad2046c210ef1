"""``Prefer: wait=N``: a submit that answers with the pictures, if they are made in time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient, RequestFactory
from pytest_django.fixtures import Settings

from config.asgi import PREFERENCES
from generations import waiting
from generations.api.preferring import MOST_SECONDS, seconds_wanted
from generations.models import Generation
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import GENERATIONS, ORDER, Api, problem
from tests.generations.steps import take_steps
from tests.patience import SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(settings: Settings) -> Api:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, PREFERENCES]
    make_catalogue()
    return Api(make_user(balance=100))


def complete() -> None:
    """Whatever waits to be made."""
    for generation in Generation.objects.unfinished():
        take_steps(generation.pk, FakeProvider([finished(generation.count)]))


def post(api: Api, path: str = GENERATIONS, *, made: bool = False, key: str = "", prefer: str = "") -> Any:
    """What a program is answered; ``made`` meanwhile, or never."""

    async def answered() -> Any:
        wanted = {"idempotency-key": key, "prefer": prefer}
        named = {"authorization": f"Bearer {api.text}"} | {name: text for name, text in wanted.items() if text}
        asking = asyncio.ensure_future(
            AsyncClient().post(path, json.dumps(ORDER), content_type="application/json", headers=named)
        )
        while made and not asking.done() and not waiting.waiters._waiting:  # noqa: ASYNC110 - nobody says when it waits
            await asyncio.sleep(0.01)
        if made:
            await sync_to_async(complete)()
        return await asking

    return async_to_sync(asyncio.wait_for)(answered(), SECONDS)


def test_who_prefers_to_wait_gets_the_pictures_with_the_answer(alice: Api) -> None:
    answer = post(alice, made=True, prefer="respond-async, wait=50")
    body = answer.json()
    assert (answer.status_code, body["status"], len(body["images"])) == (200, "completed", 1)
    assert answer["Preference-Applied"] == "wait=50"
    assert answer["Location"] == body["url"]
    assert answer["Content-Type"] == "application/json"
    assert set(body) == set(alice.get(body["url"]).json())
    assert answer["RateLimit"].startswith('"submits"'), "as any submit is told"


def test_who_has_waited_in_vain_gets_202_as_others_do_at_once(alice: Api) -> None:
    answer = post(alice, prefer="wait=1")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer["Preference-Applied"] == "wait=1"
    at_once = post(alice)
    assert at_once.status_code == 202
    assert "Preference-Applied" not in at_once


def test_a_repeat_of_what_has_ended_is_answered_at_once(alice: Api) -> None:
    first = post(alice, key="once")
    complete()
    again = post(alice, prefer="wait=60", key="once")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("act", ["retry", "vary"])
def test_what_is_done_again_can_be_waited_for_too(alice: Api, act: str) -> None:
    generation = make_generation(alice.user)
    answer = post(alice, f"{GENERATIONS}/{generation.pk}/{act}", made=True, prefer="wait=50")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert answer.json()["id"] != str(generation.pk)


def test_a_submit_that_is_refused_is_refused_at_once(alice: Api) -> None:
    alice.text = "atl_nonsense"
    problem(post(alice, prefer="wait=60"), 401, "invalid_key")


def test_when_nobody_can_tell_how_it_ended_it_is_accepted_all_the_same(
    alice: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("generations.api.preferring.looking.look", broken)
    assert post(alice, prefer="wait=1").status_code == 202


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("Wait = 10", 10),
        ('respond-async; x=1, wait="7"', 7),
        ("wait=10, wait=20", 10),
        ("wait=600", MOST_SECONDS),
        ("wait=999999999", MOST_SECONDS),
        ("wait=0", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("wait=soon", 0),
        ("await=5", 0),
        ("wait", 0),
        ("", 0),
    ],
)
def test_a_preference_that_cannot_be_read_is_none(header: str, seconds: int) -> None:
    request: Any = RequestFactory().post("/", headers={"prefer": header})
    assert seconds_wanted(request) == 0, "no handler is there that can wait"
    request.may_wait = True
    assert seconds_wanted(request) == seconds
