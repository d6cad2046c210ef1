"""Receivers of people's own are told how a generation ended: reliably, once a try, and nowhere that is not theirs."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import ApiKey, User
from generations import leases, submission, sweeping, tasks, telling, webhooks
from generations.models import Delivery, Generation
from generations.providers.apiframe.signing import genuine
from generations.providers.base import RequestRejected
from generations.providers.fal import keys as fal_keys
from generations.providers.fal import webhooks as fal
from generations.providers.fal.callbacks import Inbox, published
from generations.providers.http.receivers import Reaction, Receivers
from generations.settlement import settle
from generations.submission import Entrance, submit
from generations.webhooks import ENDS, Webhook
from tests.emulators.server import Reply
from tests.factories import make_catalogue, make_order, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import claim, take_steps
from tests.receivers import Receiver, receiving
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db
ROOT = "https://studio.example"
HTTP_LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def alice(files: object) -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def key(alice: User) -> tuple[ApiKey, str]:
    return keys.create(alice, "tests")


def submitted(alice: User, webhook: Webhook, key: ApiKey | None = None) -> Generation:
    return submit(alice, make_order(), Entrance(Generation.Source.APIFRAME, key, webhook=webhook)).generation


def ended(alice: User, webhook: Webhook, key: ApiKey | None = None, provider: FakeProvider | None = None) -> Delivery:
    generation = submitted(alice, webhook, key)
    take_steps(generation.pk, provider or FakeProvider([finished(1)]))
    return Delivery.objects.get(generation=generation)


def tell(delivery: Delivery, networks: list[str] | None = None) -> Delivery:
    """One try of it, as if it were due."""
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=Now())
    telling.tell(delivery.pk, receivers=Receivers(HTTP_LOOPBACK if networks is None else networks))
    delivery.refresh_from_db()
    return delivery


def apiframe(receiver: Receiver, events: Any = ENDS) -> Webhook:
    return Webhook("apiframe", receiver.url, ROOT, events)


def test_the_message_is_written_with_the_ending_and_not_before(alice: User, receiver: Receiver) -> None:
    generation = submitted(alice, apiframe(receiver))
    assert not Delivery.objects.exists()
    with transaction.atomic():
        settle(generation, Generation.Status.FAILED)
        assert Delivery.objects.filter(event="failed", state="pending").count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_without_a_webhook_nobody_is_told(alice: User) -> None:
    generation = submit(alice, make_order(), Entrance(Generation.Source.API)).generation
    take_steps(generation.pk, FakeProvider([finished(1)]))
    assert not Delivery.objects.exists()


def test_an_ending_that_nobody_wants_to_hear_of_is_not_told(alice: User, receiver: Receiver) -> None:
    generation = submitted(alice, apiframe(receiver, [Generation.Status.FAILED]))
    take_steps(generation.pk, FakeProvider([finished(1)]))
    assert not Delivery.objects.exists()


def test_apiframes_receiver_is_told_of_a_completed_job(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    delivery = tell(ended(alice, apiframe(receiver), key[0]))
    assert (delivery.state, delivery.status, delivery.tries, delivery.error) == ("delivered", 200, 1, "")
    assert delivery.finished
    [request] = receiver.requests
    told = request.json()
    assert (told["event"], told["jobId"], told["status"]) == ("completed", str(delivery.generation_id), "COMPLETED")
    assert told["progress"] == 100
    [url] = told["result"]["images"]
    assert url.startswith(f"{ROOT}/media/")
    picture = Client().get(urlsplit(url).path)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    picture.close()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-webhook-event"] == "completed"


def test_apiframes_receiver_is_signed_to_as_its_sdk_verifies(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str], settings: Settings
) -> None:
    tell(ended(alice, apiframe(receiver), key[0]))
    settings.APIFRAME_WEBHOOK_KEY = "hex"
    tell(ended(alice, apiframe(receiver), key[0]))
    digest = hashlib.sha256(key[1].encode())
    assert all(genuine(key[1], request.headers["x-webhook-signature"], request.body) for request in receiver.requests)
    for request, secret in zip(receiver.requests, (digest.digest(), digest.hexdigest().encode()), strict=True):
        signature = hmac.new(secret, request.body, "sha256").hexdigest()
        assert request.headers["x-webhook-signature"] == f"sha256={signature}"


def test_apiframes_receiver_can_verify_by_standard_webhooks_too(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    receiver.replies = [Reply(500), Reply(200)]
    delivery = tell(tell(ended(alice, apiframe(receiver), key[0])))
    assert delivery.state == "delivered"
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    for request in receiver.requests:
        text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
        mac = hmac.new(hashlib.sha256(key[1].encode()).digest(), text, "sha256").digest()
        assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
        assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 300


def test_without_the_key_that_signs_it_apiframes_message_is_not_sent(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])
    key[0].delete()
    assert tell(delivery).state == "failed"
    assert delivery.error == "The key that would sign it is gone."
    assert not receiver.requests


@pytest.mark.parametrize(
    ("provider", "error"),
    [(RequestRejected("Too rude.", code="content_policy"), "Content policy violation: Too rude."), (None, "cancelled")],
)
def test_apiframes_receiver_is_told_of_what_failed_or_was_cancelled(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str], provider: RequestRejected | None, error: str
) -> None:
    generation = submitted(alice, apiframe(receiver), key[0])
    if provider:
        take_steps(generation.pk, FakeProvider([provider]))
    else:
        submission.cancel(generation)
    tell(Delivery.objects.get())
    told = receiver.requests[0].json()
    assert set(told) == {"event", "jobId", "status", "error", "model"}
    assert (told["event"], told["status"]) == ("failed", "FAILED")
    assert error in told["error"]


def test_progress_is_told_once_and_only_while_there_is_any(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    receiver.replies = [Reply(500)]
    generation = submitted(alice, apiframe(receiver, [Delivery.PROGRESS]), key[0])
    take_steps(generation.pk, FakeProvider([accepted()]))
    delivery = tell(Delivery.objects.get())
    assert (delivery.state, delivery.tries) == ("failed", 1)
    told = receiver.requests[0].json()
    assert (told["event"], told["status"], told["progress"]) == ("progress", "PROCESSING", 0)

    late = submitted(alice, apiframe(receiver, [Delivery.PROGRESS]), key[0])
    take_steps(late.pk, FakeProvider([finished(1)]))
    assert tell(Delivery.objects.get(generation=late)).state == "failed"
    assert len(receiver.requests) == 1


def test_progress_is_told_where_a_worker_laid_down_what_it_was_dealt(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    generation = submitted(alice, apiframe(receiver, [Delivery.PROGRESS]), key[0])
    leases.give_back([dealt for dealt in [claim(generation.pk)] if dealt])
    take_steps(generation.pk, FakeProvider([accepted()]))
    assert Delivery.objects.get().event == Delivery.PROGRESS


def test_fals_receiver_is_told_and_can_verify_it_by_our_published_keys(alice: User, receiver: Receiver) -> None:
    delivery = tell(ended(alice, Webhook("fal", receiver.url, ROOT)))
    assert delivery.state == "delivered"
    [request] = receiver.requests
    jwks = json.loads(fal_keys.jwks(RequestFactory().get("/")).content)

    class Ring:
        def signed(self, signature: bytes, message: bytes) -> bool:
            [known] = published(jwks)
            known.verify(signature, message)
            return True

    number = Inbox(str(alice.pk), Ring()).proven(request.headers, request.body, time.time())  # type: ignore[arg-type]
    told = request.json()
    assert number == told["request_id"] == told["gateway_request_id"] == str(delivery.generation_id)
    assert told["status"] == "OK"
    [image] = told["payload"]["images"]
    assert image["url"].startswith(f"{ROOT}/media/")
    assert image["content_type"] == "image/png"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("content_policy", 422, "content_policy_violation"),
        ("deadline", 500, "downstream_service_unavailable"),
    ],
)
def test_fals_receiver_is_told_of_a_failure(alice: User, receiver: Receiver, code: str, status: int, kind: str) -> None:
    generation = submitted(alice, Webhook("fal", receiver.url, ROOT))
    settle(generation, Generation.Status.FAILED, code=code, detail="It went wrong.")
    tell(Delivery.objects.get())
    told = receiver.requests[0].json()
    assert (told["status"], told["error"]) == ("ERROR", f"Invalid status code: {status}")
    assert told["payload"]["detail"][0]["type"] == kind


def test_fals_receiver_is_told_of_a_cancelled_request(alice: User, receiver: Receiver) -> None:
    submission.cancel(submitted(alice, Webhook("fal", receiver.url, ROOT)))
    tell(Delivery.objects.get())
    told = receiver.requests[0].json()
    assert told["error"] == "Invalid status code: 499"
    assert told["payload"]["error_type"] == "client_cancelled"


def test_fals_signature_is_that_of_the_recorded_example() -> None:
    number = "123e4567-e89b-12d3-a456-426614174000"
    body = fal.written(number, 200, {"images": [], "seed": 42})
    assert hashlib.sha256(body).hexdigest() == "68d9f90d3af4dc0502d577bd8f1c56997f4ecf53e644146f0cc546f6b63c45b0"
    headers = fal.signed(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32), number, "user-1", "1760000000", body)
    assert headers["X-Fal-Webhook-Signature"] == (
        "65d627932079e7b33d64541e9cf58d5738208862d119ae1b2bd7a4ecbc3371fb"
        "30ac7c39ba82b51cc3bbf1ecc712d6d55f021c4982a9f74acd939c2d4bfcc40b"
    )


def test_a_new_secret_key_signs_anew_and_the_old_one_stays_published(settings: Settings) -> None:
    [before] = fal_keys.published()["keys"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    now, fallback = fal_keys.published()["keys"]
    assert fallback == before != now
    assert len(now["x"]) == 43, "unpadded"


def test_what_is_not_taken_is_sent_again_by_the_formats_schedule(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    receiver.replies = [Reply(500), Reply(drop=True), Reply(404), Reply(200)]
    delivery = ended(alice, apiframe(receiver), key[0])
    waits = []
    for _ in range(3):
        assert tell(delivery).state == "pending"
        waits.append(round((delivery.next_try_at - timezone_now()).total_seconds(), -1))
        telling.tell(delivery.pk, receivers=Receivers(HTTP_LOOPBACK))  # not due: nothing happens
    assert waits == [10, 60, 600]
    assert len(receiver.requests) == 3
    assert (tell(delivery).state, delivery.tries) == ("delivered", 4)


def timezone_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


@pytest.mark.parametrize(("form", "tries"), [("apiframe", 5), ("fal", 11)])
def test_it_is_given_up_after_the_last_try(
    alice: User,
    receiver: Receiver,
    key: tuple[ApiKey, str],
    form: str,
    tries: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.replies = [Reply(503)]
    delivery = ended(alice, Webhook(form, receiver.url, ROOT), key[0])
    with caplog.at_level(logging.WARNING, "generations"):
        while tell(delivery).state == "pending":
            pass
    assert (delivery.state, delivery.tries, delivery.status) == ("failed", tries, 503)
    assert len(receiver.requests) == tries
    assert "was given up" in caplog.text
    assert "lantern" not in caplog.text + delivery.error


def test_a_redirect_is_not_followed(alice: User, receiver: Receiver, key: tuple[ApiKey, str]) -> None:
    with receiving() as elsewhere:
        receiver.replies = [Reply(307, headers={"location": elsewhere.url})]
        delivery = tell(ended(alice, apiframe(receiver), key[0]))
        assert (delivery.state, delivery.status, delivery.error) == ("pending", 307, "Answered 307.")
        assert not elsewhere.requests


@pytest.mark.parametrize("networks", [[], ["10.0.0.0/8", "::1/128"]])
def test_an_address_inside_is_refused_for_good_unless_it_is_allowed(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str], networks: list[str]
) -> None:
    delivery = tell(ended(alice, apiframe(receiver), key[0]), networks)
    assert (delivery.state, delivery.tries) == ("failed", 1)
    assert delivery.error == "The address leads to where nobody may send us."
    assert not receiver.requests


def test_a_name_that_leads_inside_as_well_is_refused(receiver: Receiver) -> None:
    def both(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1"]

    reaction = Receivers(HTTP_LOOPBACK, both).post("http://receiver.example/", b"{}", {}, 5)
    assert reaction.final
    assert not receiver.requests


@pytest.mark.parametrize(
    ("address", "reaction"),
    [
        ("93.184.216.34", Reaction(error="No answer: ConnectTimeout")),  # called, had there been time
        ("127.0.0.1.example", Reaction(error="The address leads to where nobody may send us.", final=True)),
    ],
)
def test_only_what_is_an_address_may_be_one_in_the_open(address: str, reaction: Reaction) -> None:
    receivers = Receivers(HTTP_LOOPBACK, lambda host, port: [address])
    assert receivers.post("http://receiver.example/", b"{}", {}, seconds=0) == reaction


@pytest.mark.parametrize("slowness", [Reply(delay=30), Reply(body=b"x" * 1000, drip=1)])
def test_a_receiver_that_takes_its_time_does_not_take_ours(receiver: Receiver, slowness: Reply) -> None:
    receiver.replies = [slowness]
    began = time.monotonic()
    reaction = Receivers(HTTP_LOOPBACK).post(receiver.url, b"{}", {}, 0.5)
    assert time.monotonic() - began < 20
    assert reaction.taken == bool(slowness.drip)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:a@b.example",
        "//a.example/",
        "ftp://a.example/",
        "http://",
        "http://a:b@c.example/",
        "\ud800",
        "http://a.example/\ud800",
        "http://a.example/\x00",
        "https://a.example/" + "x" * 2000,
    ],
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    assert webhooks.problem(url)


def test_an_ordinary_address_is_taken() -> None:
    assert not webhooks.problem("https://hooks.example/atelier?token=1")


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_make_the_same_try(alice: User, receiver: Receiver, key: tuple[ApiKey, str]) -> None:
    receiver.replies = [Reply(200, delay=0.3)]
    delivery = ended(alice, apiframe(receiver), key[0])
    allowed, together = Receivers(HTTP_LOOPBACK), threading.Barrier(4, timeout=60)

    def work() -> None:
        together.wait()
        telling.tell(delivery.pk, receivers=allowed)
        connection.close()

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work) for _ in range(4)]:
            done.result(60)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, len(receiver.requests)) == ("delivered", 1, 1)


def test_a_worker_that_dies_while_it_sends_leaves_it_to_the_sweeper(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])

    class Killed(BaseException):
        pass

    class Dying(Receivers):
        def post(self, *_: Any, **__: Any) -> Any:
            raise Killed

    with pytest.raises(Killed):
        telling.tell(delivery.pk, receivers=Dying())
    forget_hints()
    assert swept() == [], "somebody may still be at it"
    Delivery.objects.update(next_try_at=Now() - dt.timedelta(seconds=1))
    assert swept() == [(delivery.pk, alice.pk)]
    assert (tell(delivery).state, delivery.tries) == ("delivered", 2)


def test_a_message_that_kills_every_worker_is_given_up(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])
    Delivery.objects.update(tries=5)
    assert tell(delivery).state == "failed"
    assert not receiver.requests


def test_a_try_that_is_overtaken_changes_nothing(alice: User, receiver: Receiver, key: tuple[ApiKey, str]) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])
    assert tell(delivery).state == "delivered"
    assert not delivery.move(Delivery.State.FAILED)
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_the_sweeper_hints_at_what_was_not_sent_and_not_twice(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])
    assert swept() == [], "it was hinted at when it was written"
    forget_hints()
    assert swept() == [(delivery.pk, alice.pk)]
    assert swept() == []


def test_the_command_that_sweeps_inline_sends_without_a_worker(
    alice: User, receiver: Receiver, key: tuple[ApiKey, str]
) -> None:
    ended(alice, apiframe(receiver), key[0])
    forget_hints()
    out = io.StringIO()
    call_command("sweep", "--inline", stdout=out)
    assert out.getvalue() == "0 generations, 1 messages and 0 exports were due\n"
    assert len(receiver.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_a_hint_has_it_sent_in_a_thread_of_its_own(alice: User, receiver: Receiver, key: tuple[ApiKey, str]) -> None:
    delivery = ended(alice, apiframe(receiver), key[0])
    tasks.tell(str(delivery.pk), alice.pk)
    eventually(lambda: Delivery.objects.get().state == "delivered")
    assert len(receiver.requests) == 1


def test_admins_see_what_was_told_and_no_secret_of_its_address(alice: User, receiver: Receiver) -> None:
    delivery = ended(alice, Webhook("fal", receiver.url, ROOT))
    admin = Client()
    admin.force_login(make_user(is_staff=True, is_superuser=True))
    for path in ("", f"{delivery.pk}/change/"):
        page = admin.get(f"/admin/generations/delivery/{path}").content.decode()
        assert urlsplit(receiver.url).netloc in page
        assert "lantern" not in page
        assert "completed" in page
    assert admin.post(f"/admin/generations/delivery/{delivery.pk}/delete/").status_code == 403


def forget_hints() -> None:
    Delivery.objects.update(hinted_at=None)


def swept() -> list[tuple[UUID, int]]:
    hints: list[tuple[UUID, int]] = []
    sweeping.sweep_deliveries(lambda delivery, user: hints.append((delivery, user)))
    return hints
