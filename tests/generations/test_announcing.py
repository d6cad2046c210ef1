"""What operators say above every page, and what becomes of orders while they take none."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import Act
from generations import announcing, submission
from generations.models import Announcement, Generation
from tests.administration import REASON, admin
from tests.factories import make_generation, make_order
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api
from tests.generations.steps import advance, balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
SAID = "We move house tonight"
HOUR = dt.timedelta(hours=1)


def announce(*, begins: dt.timedelta | None = None, ends: dt.timedelta | None = None, stops: bool = False) -> None:
    now = timezone.now()
    Announcement.objects.create(
        text=SAID,
        begins=None if begins is None else now + begins,
        ends=None if ends is None else now + ends,
        stops_orders=stops,
    )
    announcing.planned.forget()


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (None, None, 1),
        (-HOUR, HOUR, 1),
        (HOUR, None, 0),
        (-2 * HOUR, -HOUR, 0),
        (None, HOUR, 1),
    ],
)
def test_pages_say_it_as_it_was_written_while_it_stands(
    begins: dt.timedelta | None, ends: dt.timedelta | None, said: int
) -> None:
    announce(begins=begins, ends=ends)
    assert Client().get("/developers").content.decode().count(SAID) == said


def test_admins_write_it_with_a_reason() -> None:
    _, clerk = admin("view_announcement")
    assert clerk.post("/admin/generations/announcement/add/", {"text": SAID}).status_code == 403
    _, client = admin("add_announcement", "delete_announcement", "view_announcement")
    empty = {f"{name}_{part}": "" for name in ("begins", "ends") for part in (0, 1)}
    form = {"text": f"<b>{SAID}</b>", "_reason": REASON, **empty}
    assert client.post("/admin/generations/announcement/add/", form).status_code == 302
    announcing.planned.forget()
    assert f"&lt;b&gt;{SAID}" in Client().get("/developers").content.decode()
    act = Act.objects.get()
    assert (act.verb, act.kind, act.reason) == ("add", "generations.announcement", REASON)
    backwards = {"begins_0": "2026-01-02", "begins_1": "10:00", "ends_0": "2026-01-01", "ends_1": "10:00"}
    wrong = client.post("/admin/generations/announcement/add/", {**form, **backwards})
    assert "It has to end after it begins." in wrong.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.create(text="x", begins=timezone.now(), ends=timezone.now() - HOUR)
    page = f"/admin/generations/announcement/{Announcement.objects.get().pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 302
    announcing.planned.forget()
    assert SAID not in Client().get("/developers").content.decode()


@pytest.mark.parametrize(
    ("address", "body", "said"),
    [
        ("/api/v1/generations", {"model": "sketch", "prompt": "a fern"}, '"code":"orders_stopped"'),
        ("/v1/images/generations", {"model": "sketch", "prompt": "a fern"}, '"code":"unavailable"'),
        ("/fal/queue/fal-ai/imagen4/preview", {"prompt": "a fern"}, "runner_connection_error"),
        ("/v2/images/generate", {"model": "imagen-4", "prompt": "a fern"}, "No new orders"),
    ],
)
def test_every_entrance_takes_no_orders_in_its_own_words(
    address: str, body: dict[str, str], said: str, alice: Api
) -> None:
    announce(ends=HOUR, stops=True)
    secret = keys.create(alice.user, "a program")[1]
    answer = Client().post(address, body, content_type="application/json", headers={"x-api-key": secret})
    assert answer.status_code == 503
    assert said in answer.content.decode().replace('": "', '":"')
    assert int(answer["Retry-After"]) == announcing.LONGEST_WAIT
    assert balance(alice.user) == (100, 0)


def test_what_was_ordered_goes_on_and_is_answered_again(alice: Api) -> None:
    entrance = submission.Entrance(Generation.Source.API, idempotency_key="once")
    earlier = submission.submit(alice.user, make_order(), entrance).generation
    announce(stops=True)
    assert submission.submit(alice.user, make_order(), entrance).generation == earlier
    with pytest.raises(submission.OrdersStopped):
        make_generation(alice.user)
    assert submission.quote(alice.user, make_order()).price == 1
    assert advance(earlier, FakeProvider([finished(1)])).status == Generation.Status.COMPLETED


def test_the_composer_says_it_beside_the_prompt_and_loses_nothing(alice: Api, client: Client) -> None:
    announce(stops=True)
    client.force_login(alice.user)
    answer = client.post("/create", {"model": "sketch", "prompt": "a fern", "aspect_ratio": "1:1", "count": 1})
    page = answer.content.decode()
    assert "No new orders are taken for now" in page
    assert "a fern" in page
