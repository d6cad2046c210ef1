"""A program that speaks to us as to fal, without fal's client."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from accounts import keys
from accounts.models import User
from generations.models import Generation
from generations.providers.base import ProviderError
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps
from tests.patience import SECONDS

APP = "fal-ai/imagen4/preview/ultra"
QUEUE = f"/fal/queue/{APP}"
RUN = f"/fal/run/{APP}"
INPUT = {"prompt": "a lighthouse at dusk"}


class Caller:
    """Somebody's program, with their key in fal's spelling."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.key, self.text = keys.create(user, "tests")
        self.client = Client(headers={"Authorization": f"Key {self.text}"})

    def post(self, path: str, body: Any = INPUT, **headers: str) -> Any:
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = headers.pop("type", "application/json")
        return self.client.post(path, sent, content_type=kind, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def put(self, path: str) -> Any:
        return self.client.put(path)

    def submit(self, **changes: Any) -> dict[str, Any]:
        """The answer to a submit that is taken."""
        response = self.post(QUEUE, INPUT | changes)
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body

    def run(self, provider: FakeProvider | None = None, app: str = RUN, **changes: Any) -> Any:
        """The answer to a synchronous call whose pictures are made already: by a repeat with the same key."""
        queued = self.post(app.replace("/run/", "/queue/"), INPUT | changes, **{"Idempotency-Key": "once"}).json()
        make(queued["request_id"], provider)
        return self.post(app, INPUT | changes, **{"Idempotency-Key": "once"})

    def events(self, path: str) -> list[dict[str, Any]]:
        """What a stream says, to its end."""

        async def told() -> tuple[Any, bytes]:
            response: Any = await AsyncClient().get(path, headers={"Authorization": f"Key {self.text}"})
            return response, b"".join([part async for part in response.streaming_content])

        response, content = async_to_sync(asyncio.wait_for)(told(), SECONDS)
        assert response["Content-Type"] == "text/event-stream"
        frames = content.decode().removesuffix("\n\n").split("\n\n")
        return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def make(number: str, provider: FakeProvider | None = None) -> None:
    """Have a worker do all there is to do."""
    generation = Generation.objects.get(pk=number)
    take_steps(generation.pk, provider or FakeProvider([finished(generation.count)]))


def failing(error: ProviderError) -> FakeProvider:
    """A provider that can only say so."""
    return FakeProvider([error])
