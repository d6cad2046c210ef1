"""Runs in an environment that has one version of ``fal-client`` and nothing of ours: calls of which JSON tells.

Standard input: ``{"base_url", "calls": [[what, arguments], …]}``; the key is in ``FAL_KEY``, as its users have it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import fal_client
import httpx

UPDATES: list[Any] = []
LOOP = asyncio.Runner()  # one for all: the module keeps a client that belongs to it
Given = dict[str, Any]


def update(seen: Any) -> None:
    """How a request stands, as the client has it."""
    UPDATES.append(shown(seen))


def shown(status: Any) -> Given:
    """The name of a state and what it has."""
    logs = getattr(status, "logs", None)
    return {"state": type(status).__name__, **vars(status), "logs": logs and [line["message"] for line in logs]}


def subscribe(given: Given) -> Given:
    """With callbacks."""
    return dict(fal_client.subscribe(**given, with_logs=True, on_queue_update=update, on_enqueue=UPDATES.append))


def subscribe_async(given: Given) -> Given:
    """The same in a loop, where callbacks may be coroutines."""

    async def awaited_update(seen: Any) -> None:
        update(seen)

    return dict(LOOP.run(fal_client.subscribe_async(**given, with_logs=True, on_queue_update=awaited_update)))


def submit(given: Given) -> Given:
    """By the handle that it gives: a submit, how it stands, and its result."""
    handle = fal_client.submit(**given)
    for with_logs in (True, False):
        update(handle.status(with_logs=with_logs))
    return {"request_id": handle.request_id, **handle.get()}


def submit_async(given: Given) -> Given:
    """The same in a loop."""

    async def all_of_it() -> Given:
        handle = await fal_client.submit_async(**given)
        update(await handle.status(with_logs=True))
        return {"request_id": handle.request_id, **await handle.get()}

    return LOOP.run(all_of_it())


def enqueue(given: Given) -> Given:
    """Only a submit."""
    return {"request_id": fal_client.submit(**given).request_id}


def cancel(given: Given) -> Given:
    """By the handle, and then again by the id, when it is too late."""
    handle = fal_client.submit(**given)
    update(handle.status())
    handle.cancel()
    while not isinstance(seen := handle.status(with_logs=True), fal_client.Completed):
        time.sleep(0.1)
    update(seen)
    fal_client.cancel(given["application"], handle.request_id)
    return {}


def cancel_async(given: Given) -> Given:
    """The same in a loop."""

    async def all_of_it() -> Given:
        handle = await fal_client.submit_async(**given)
        await fal_client.cancel_async(given["application"], handle.request_id)
        await fal_client.cancel_async(given["application"], handle.request_id)
        return {}

    return LOOP.run(all_of_it())


def status(given: Given) -> Given:
    """By the id."""
    return shown(fal_client.status(**given))


CALLS: dict[str, Callable[[Given], Any]] = {
    "run": lambda given: fal_client.run(**given),
    "run_async": lambda given: LOOP.run(fal_client.run_async(**given)),
    "subscribe": subscribe,
    "subscribe_async": subscribe_async,
    "submit": submit,
    "submit_async": submit_async,
    "enqueue": enqueue,
    "cancel": cancel,
    "cancel_async": cancel_async,
    "status": status,
    "result": lambda given: fal_client.result(**given),
    "stream": lambda given: list(fal_client.stream(**given)),
}


def told(what: str, given: Given) -> Given:
    """What came of a call, and what was told on the way."""
    UPDATES.clear()
    try:
        answer = CALLS[what](given)
    except Exception as error:  # noqa: BLE001 - whatever it is, a test says what it has to be
        answer = {
            "error": type(error).__name__,
            "text": str(error),
            "said": getattr(error, "message", None),
            "status": getattr(error, "status_code", None),
        }
    pictures = [httpx.get(image["url"]).content for image in answer.get("images", [])]
    return {"answer": answer, "heads": [picture[:8].hex() for picture in pictures], "updates": list(UPDATES)}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    if base := asked["base_url"]:
        fal_client.client.RUN_URL_FORMAT = f"{base}/fal/run/"
        fal_client.client.QUEUE_URL_FORMAT = f"{base}/fal/queue/"
    json.dump([told(*call) for call in asked["calls"]], sys.stdout, default=str)
