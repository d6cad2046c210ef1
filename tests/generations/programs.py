"""Programs that speak our own API, and what comes of what they ask."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts import keys
from accounts.models import Hold, User, Wallet
from generations.models import Event, Generation, Image, Prompt
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

GENERATIONS, IMAGES, ALBUMS = "/api/v1/generations", "/api/v1/images", "/api/v1/albums"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}


class Api:
    """A program with a key."""

    def __init__(self, user: User, **limits: Any) -> None:
        self.user = user
        self.key, self.text = keys.create(user, "tests", **limits)
        self.client = Client(headers={"Authorization": f"Bearer {self.text}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(path, sent, content_type=headers.pop("type", "application/json"), headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(path, json.dumps(body), content_type="application/json", headers=headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.client.delete(path, headers=headers)


def complete(generation: Generation) -> None:
    """Have a worker do all there is to do."""
    take_steps(generation.pk, FakeProvider([finished(generation.count)]))


def made(by: Api, **order: Any) -> list[Image]:
    """The pictures of one generation."""
    generation = make_generation(by.user, **order)
    complete(generation)
    return list(generation.images.order_by("position"))


def bulk(by: Api, action: str, **wanted: Any) -> Any:
    """One act on many pictures."""
    return by.post(f"{IMAGES}/bulk", {"action": action, **wanted})


def album(by: Api, *images: Image, name: str = "Best") -> str:
    """The address of a new album with these pictures."""
    answer = by.post(ALBUMS, {"name": name})
    assert answer.status_code == 201
    if images:
        bulk(by, "add_to_album", ids=[str(image.pk) for image in images], album=answer.json()["id"])
    path: str = answer["Location"].removeprefix("http://testserver")
    return path


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal with this status and code."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert "Traceback" not in response.content.decode()
    return body


def pointers(body: dict[str, Any]) -> set[str]:
    """What a refusal complains of."""
    return {error["pointer"] for error in body["errors"]}


def nothing_left(user: User) -> None:
    """That no trace of a submit can be found."""
    assert not Generation.objects.filter(user=user).exists()
    assert not Hold.objects.filter(wallet__user=user).exists()
    assert not Prompt.objects.filter(user=user).exists()
    assert not Event.objects.filter(user=user).exists()
    assert Wallet.objects.get(user=user).held == 0
