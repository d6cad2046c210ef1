"""AI/ML API's and OpenAI's addresses: what is taken, what is answered, and what is said when it cannot be."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Entry, Hold, User, Wallet
from generations import fulfilment, submission
from generations.models import Generation, Image, Model
from generations.providers.base import RequestRejected
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_user
from tests.fakes import FakeProvider, finished, png

pytestmark = pytest.mark.django_db
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
            response = await AsyncClient().post(path, sent, content_type=kind, headers=headers)
            if not response.streaming:
                return response
            content = b"".join([piece async for piece in response])
            response.close()
            return HttpResponse(content, headers=response.headers, status=response.status_code)

        return async_to_sync(answered)()

    def pictures(self, body: dict[str, Any], provider: FakeProvider | None = None, **headers: str) -> Any:
        """The answer to whoever sends a request again once its pictures were made."""
        first = self.post(body, **headers, **{"idempotency-key": "once"})
        assert first.status_code == 424, first.content
        pk = first["x-inference-id"]
        fulfilment.advance(pk, provider or FakeProvider([finished(Generation.objects.get(pk=pk).count)]))
        return self.post(body, **headers, **{"idempotency-key": "once"})

    def order(self, **fields: Any) -> Generation:
        """What a request became."""
        response = self.post({**ORDER, **fields})
        assert response.status_code == 424, response.content
        return Generation.objects.get(pk=response["x-inference-id"])


@pytest.fixture(autouse=True)
def nobody_waits_long(settings: Settings) -> None:
    settings.WAIT_SECONDS = 0


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model) -> Program:
    return Program(make_user(balance=100))


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


def nothing_left(user: User) -> None:
    assert not Generation.objects.filter(user=user).exists()
    assert not Hold.objects.filter(wallet__user=user).exists()
    assert Wallet.objects.get(user=user).held == 0


def test_pictures_come_with_all_that_either_vendor_says_of_them(alice: Program) -> None:
    response = alice.pictures({**ORDER, "num_images": 2, "aspect_ratio": "16:9", "seed": 7})
    assert response.status_code == 200
    body = response.json()
    assert isinstance(body["created"], int)
    assert len(body["data"]) == 2
    for item in body["data"]:
        assert item["url"].startswith("http://testserver/media/")
        assert (item["b64_json"], item["mime_type"], item["revised_prompt"]) == (None, "image/png", None)
    assert body["meta"]["usage"] == {"credits_used": 40_000, "usd_spent": 0.02}
    assert body["model"] == "sketch"
    assert body["size"] == "64x48"
    assert (response["x-aimlapi-credits-used"], response["x-aimlapi-usd-spent"]) == ("40000", "0.020000000")
    assert response["x-inference-id"] == body["meta"]["generation"]["id"]
    assert response["x-request-id"]
    anybody = Client().get(body["data"][0]["url"])
    assert (anybody.status_code, anybody["Content-Type"]) == (200, "image/png")
    assert anybody.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize("wish", [{"response_format": "b64_json"}, {"convert_base64_to_url": False}])
def test_pictures_come_as_base64_for_whoever_wants_them_so(alice: Program, wish: dict[str, Any]) -> None:
    provider = FakeProvider([Finished([Picture(content=png(size=(640, 480 + n))) for n in range(3)])])
    response = alice.pictures({**ORDER, "n": 3, **wish}, provider)
    assert int(response["Content-Length"]) == len(response.content)
    items = json.loads(response.content)["data"]
    assert [item["url"] for item in items] == [None] * 3
    images = Image.objects.order_by("position")
    for item, image in zip(items, images, strict=True):
        picture = base64.b64decode(item["b64_json"], validate=True)
        assert (len(picture), picture[:4]) == (image.size, b"\x89PNG")
