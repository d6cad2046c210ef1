"""A program that speaks AI/ML API's or OpenAI's language, and how it is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.utils.dateparse import parse_datetime

from accounts import keys
from accounts.models import User
from generations.models import Generation
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps
from tests.patience import SECONDS

ADDRESS = "/v1/images/generations"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}


class Program:
    """A client with a key."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.key, self.text = keys.create(user, "tests")
        self.client = Client(headers={"Authorization": f"Bearer {self.text}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, body: Any, path: str = ADDRESS, **headers: str) -> Any:
        """The answer, in whole."""
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = headers.pop("kind", "application/json")
        headers = {"authorization": f"Bearer {self.text}", **headers}

        async def answered() -> Any:
            response: Any = await AsyncClient().post(path, sent, content_type=kind, headers=headers)
            if not response.streaming:
                return response
            content = b"".join([piece async for piece in response])
            response.close()
            return HttpResponse(content, headers=response.headers, status=response.status_code)

        return async_to_sync(asyncio.wait_for)(answered(), SECONDS)

    def pictures(self, body: dict[str, Any], provider: FakeProvider | None = None, **headers: str) -> Any:
        """The answer to whoever sends a request again once its pictures were made."""
        first = self.post(body, **headers, **{"idempotency-key": "once"})
        assert first.status_code == 424, first.content
        pk = first["x-inference-id"]
        take_steps(pk, provider or FakeProvider([finished(Generation.objects.get(pk=pk).count)]))
        return self.post(body, **headers, **{"idempotency-key": "once"})

    def order(self, **fields: Any) -> Generation:
        """What a request became."""
        response = self.post({**ORDER, **fields})
        assert response.status_code == 424, response.content
        return Generation.objects.get(pk=response["x-inference-id"])


def refused(response: Any, status: int, code: str, param: str | None = None) -> dict[str, Any]:
    """The body of a refusal that clients of both vendors can read."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(response.content)
    error = body["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert body["status"] == body["statusCode"] == status
    assert body["message"] == error["message"] != ""
    assert body["requestId"] == response["x-request-id"]
    assert parse_datetime(body["timestamp"])
    assert {"title", "instance", "path"} <= set(body)
    assert {"name", "type", "data"} <= set(error)
    assert "Traceback" not in response.content.decode()
    return body
