"""docs/dialects.md says what each dialect makes of what happens at each provider, and it is so."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import keys
from accounts.models import User, Wallet
from generations.models import Generation, Model, ProviderAccount, Route
from tests import crossing
from tests.crossing import CELLS, DIALECTS
from tests.factories import make_catalogue, make_user
from tests.generations.providers.contract import SLOW
from tests.generations.providers.test_matrix import BALANCE, Trial, follow, trial
from tests.matrix import PROMPT, VENDORS, all_faults

__all__ = ["trial"]

Fulfil = Callable[[str], None]  # takes the id of what was submitted


class Caller:
    """Someone's program, in any dialect: what it is answered in the end, in a few words."""

    def __init__(self, user: User, model: str, fulfil: Fulfil) -> None:
        _, secret = keys.create(user, "tests")
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})
        self.model = model
        self.fulfil = fulfil

    def openai(self) -> str:
        once = {"Idempotency-Key": str(uuid4())}
        order = {"model": self.model, "prompt": PROMPT, "n": 2}
        self.fulfil(self.post("/v1/images/generations", order, once)["x-inference-id"])
        answer = self.post("/v1/images/generations", order, once)
        if answer.status_code != 200:
            return f"{answer.status_code} `{answer.json()['error']['code']}`"
        return f"200, {counted(len(answer.json()['data']))}"

    def fal(self) -> str:
        submitted = self.post(f"/fal/queue/fal-ai/{self.model}", {"prompt": PROMPT, "num_images": 2}).json()
        self.fulfil(submitted["request_id"])
        assert self.client.get(submitted["status_url"]).json()["status"] == "COMPLETED"
        answer = self.client.get(submitted["response_url"])
        if answer.status_code == 200:
            return f"200, {counted(len(answer.json()['images']))}"
        detail = answer.json()["detail"]
        return f"{answer.status_code} `{answer.json()['error_type'] if isinstance(detail, str) else detail[0]['type']}`"

    def apiframe(self) -> str:
        submitted = self.post("/v2/images/generate", {"model": self.model, "prompt": PROMPT}).json()
        self.fulfil(submitted["jobId"])
        job = self.client.get(f"/v2/jobs/{submitted['jobId']}").json()
        if job["status"] == "COMPLETED":
            return f"`COMPLETED`, {counted(len(job['result']['images']))}"
        assert job["error"]
        return f"`{job['status']}`, {job['creditCost']} credits"

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        answer = self.client.post(path, json.dumps(body), content_type="application/json", headers=headers)
        assert answer["Content-Type"] == "application/json"
        return answer


@pytest.mark.django_db
@pytest.mark.parametrize(("vendor", "fault"), CELLS)
def test_a_dialect_says_what_is_documented(trial: Trial, vendor: str, fault: str) -> None:
    emulator, client, _ = trial
    user, model = make_user(balance=BALANCE), only_route_to(vendor)

    def fulfil(number: str) -> None:
        ProviderAccount.objects.all().delete()  # no break from the dialect before
        all_faults(vendor)[fault](emulator)
        if fault in SLOW:
            client.call_limit = dt.timedelta(seconds=1.5)
        follow(Generation.objects.get(pk=number), vendor, client)

    caller = Caller(user, model.slug, fulfil)
    seen = [caller.openai(), caller.fal(), caller.apiframe()]
    assert len(seen) == len(DIALECTS)
    assert_paid_for_what_arrived(user)
    if path := os.environ.get(crossing.WRITES_TO):
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(json.dumps([vendor, fault, *seen]) + "\n")
    else:
        assert crossing.documented().get((vendor, fault)) == tuple(seen)


def test_the_table_has_no_other_rows() -> None:
    if not os.environ.get(crossing.WRITES_TO):
        assert set(crossing.documented()) == set(CELLS)


def counted(pictures: int) -> str:
    return f"{pictures} picture" + ("s" if pictures > 1 else "")


def only_route_to(vendor: str) -> Model:
    """The vendor's model, which nobody else serves."""
    make_catalogue()
    model = Model.objects.get(slug=VENDORS[vendor].model)
    first = Route.objects.filter(model=model, provider=vendor).order_by("priority")[0]
    Route.objects.exclude(pk=first.pk).delete()
    return model


def assert_paid_for_what_arrived(user: User) -> None:
    ordered = Generation.objects.filter(user=user).prefetch_related("images")
    wallet = Wallet.objects.get(user=user)
    assert (wallet.posted, wallet.held) == (BALANCE - sum(len(one.images.all()) * one.price for one in ordered), 0)
