"""fal's wire format, as its clients speak it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts import keys
from accounts.models import User
from generations import fulfilment
from generations.models import Generation, Model
from tests.factories import make_catalogue, make_user
from tests.fakes import FakeProvider, finished, png

pytestmark = pytest.mark.django_db
APP = "fal-ai/imagen4/preview/ultra"
QUEUE = f"/fal/queue/{APP}"
RUN = f"/fal/run/{APP}"
INPUT = {"prompt": "a lighthouse at dusk"}


class Caller:
    """A program with a key, in fal's spelling."""

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

    def submit(self, **input_: Any) -> dict[str, Any]:
        response = self.post(QUEUE, INPUT | input_)
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model) -> Caller:
    return Caller(make_user(balance=1000))


@pytest.fixture
def bob(model: Model) -> Caller:
    return Caller(make_user(balance=1000))


def complete(number: str, count: int = 1) -> None:
    fulfilment.advance(Generation.objects.get(pk=number).pk, FakeProvider([finished(count)]))


def test_a_submit_names_the_request_and_its_addresses(alice: Caller) -> None:
    body = alice.submit()
    home = f"http://testserver/fal/queue/fal-ai/imagen4/requests/{body['request_id']}"
    assert body == {
        "status": "IN_QUEUE",
        "request_id": str(Generation.objects.get().pk),
        "response_url": home,
        "status_url": f"{home}/status",
        "cancel_url": f"{home}/cancel",
        "logs": None,
        "metrics": {},
        "queue_position": 0,
    }


def test_a_request_goes_from_the_queue_to_its_result(alice: Caller) -> None:
    body = alice.submit(num_images=2)
    waiting = alice.get(body["status_url"])
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["queue_position"]) == (202, "IN_QUEUE", 0)
    complete(body["request_id"], 2)
    over = alice.get(body["status_url"])
    assert (over.status_code, over.json()["status"], over.json()["logs"]) == (200, "COMPLETED", None)
    assert over.json()["metrics"]["inference_time"] > 0
    result = alice.get(body["response_url"])
    assert result.status_code == 200
    assert (result["x-fal-request-id"], result["x-fal-billable-units"]) == (body["request_id"], "2")
    [first, second] = result.json()["images"]
    assert {name: value for name, value in first.items() if name not in {"url", "file_name"}} == {
        "content_type": "image/png",
        "file_size": len(png(size=(64, 48))),
        "width": 64,
        "height": 48,
    }
    assert Client().get(second["url"]).getvalue() == png(size=(65, 48))
