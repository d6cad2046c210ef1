"""One studio as the vendor of another, through each wire format that both speak."""

from __future__ import annotations

import secrets
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from accounts.models import Wallet
from generations import records, storage
from generations.models import Generation, Model, Route
from generations.providers import registry
from tests import studios
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.steps import take_steps
from tests.test_studio import Studio, eventually

pytestmark = [pytest.mark.studio, pytest.mark.django_db]
BALANCE = 1000
PICTURES = 2
MODELS = {"fal": "imagen-4", "apiframe": "imagen-4", "aimlapi": "imagen-4", "openai": "own-server"}


def addresses(name: str, base: str) -> dict[str, str]:
    """What the environment would say of the other studio."""
    if name == "fal":
        return {"run_url": f"{base}/fal/run", "queue_url": f"{base}/fal/queue"}
    return {"base_url": f"{base}/v1" if name == "openai" else base}


@pytest.mark.parametrize("name", MODELS)
def test_a_studio_makes_pictures_for_another(studio: Studio, settings: Settings, files: Path, name: str) -> None:
    base = f"http://127.0.0.1:{studio.port}"
    vendor = studios.person(studio, balance=100)
    key = studios.manage(studio, "createapikey", vendor, "--name", "another studio").stdout.strip()
    config = {**settings.PROVIDERS[name], **addresses(name, base), "key": key, "enabled": True}
    settings.PROVIDERS = {**settings.PROVIDERS, name: config}

    generation = ordered(name)
    fulfilled(generation, name, config)

    assert generation.status == Generation.Status.COMPLETED, generation.error_detail
    images = list(generation.images.all())
    assert [records.record(image)["provider"]["name"] for image in images] == [name] * PICTURES
    assert all(storage.read(storage.original_key(image.sha256, image.media_type)) for image in images)
    assert len({image.sha256 for image in images}) == PICTURES
    wallet = Wallet.objects.get(user=generation.user)
    assert (wallet.posted, wallet.held) == (BALANCE - PICTURES * generation.price, 0)
    with studios.client(studio, key) as there:
        made = there.get("/api/v1/generations").json()["results"]
        assert sum(len(one["images"]) for one in made) == PICTURES, "paid once there too"


def ordered(name: str) -> Generation:
    """Two pictures of a model that only the other studio serves."""
    make_catalogue()
    model = Model.objects.get(slug=MODELS[name])
    first = Route.objects.filter(model=model, provider=name).order_by("priority")[0]
    Route.objects.exclude(pk=first.pk).delete()
    prompt = f"a lighthouse at dusk, {secrets.token_hex(4)}"
    return make_generation(make_user(balance=BALANCE), model=model.slug, prompt=prompt, count=PICTURES)


def fulfilled(generation: Generation, name: str, config: dict[str, Any]) -> None:
    """Take a step again and again, as a worker would."""
    module, _, builder = registry.CLIENTS[name].rpartition(".")
    client = getattr(import_module(module), builder)(config)

    def over() -> bool:
        Generation.objects.filter(pk=generation.pk).update(next_step_at=Now())
        take_steps(generation.pk, lambda _: client)
        generation.refresh_from_db()
        return generation.is_finished

    try:
        eventually(over)
    finally:
        client.close()
