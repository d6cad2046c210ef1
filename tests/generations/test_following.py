"""One subscription for all streams of a process: nothing that happens once somebody follows is lost."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from generations import following
from generations.bus import publish
from generations.following import Bus

USER = 4711
MESSAGE = {"id": 1, "generation": "0193-generation"}


def test_what_is_published_right_after_the_first_follower_came_is_heard() -> None:
    async def first_follower() -> str:
        bus = Bus()
        queue = await bus.follow(USER)
        publish([(USER, MESSAGE)])
        heard = await asyncio.wait_for(queue.get(), 60)
        bus.leave(USER, queue)
        return heard

    assert json.loads(asyncio.run(first_follower())) == MESSAGE


def test_a_generation_can_be_followed_alone() -> None:
    async def of_one() -> list[str]:
        bus = Bus()
        queue, other = [await bus.follow(name) for name in (UUID(int=1), UUID(int=2))]
        publish([(USER, {"generation": str(UUID(int=1))})])
        heard = await asyncio.wait_for(queue.get(), 60)
        assert other.empty()
        return [heard]

    assert [json.loads(message) for message in asyncio.run(of_one())] == [{"generation": str(UUID(int=1))}]


def test_a_follower_who_came_while_another_still_waited_hears_it_too() -> None:
    async def two_followers() -> list[str]:
        bus = Bus()
        queues = await asyncio.gather(bus.follow(USER), bus.follow(USER), bus.follow(USER + 1))
        publish([(USER, MESSAGE)])
        heard = [await asyncio.wait_for(queue.get(), 60) for queue in queues[:2]]
        assert queues[2].empty(), "it is somebody else's"
        return heard

    assert [json.loads(message) for message in asyncio.run(two_followers())] == [MESSAGE, MESSAGE]


def test_nobody_waits_for_a_redis_that_does_not_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    monkeypatch.setattr(following, "SUBSCRIBE_SECONDS", 0.01)

    async def follow() -> bool:
        return (await Bus().follow(USER)).empty()

    assert asyncio.run(follow())
