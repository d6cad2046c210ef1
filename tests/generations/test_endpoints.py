"""Endpoints are told of all of a person's generations, by Standard Webhooks: signed, retried, and on the record."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from accounts import sealing
from accounts.models import User
from generations import endpoints, submission, telling, webhooks
from generations.messages import standard_headers
from generations.models import Delivery, DeliveryTry, Endpoint, Generation
from generations.providers.base import RequestRejected
from generations.providers.http.receivers import Receivers
from generations.settlement import settle
from generations.submission import Entrance, submit
from generations.webhooks import Webhook as Named
from tests import described
from tests.emulators.server import Reply
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps
from tests.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db
LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
    for message in (json.loads(request.body) for request in receiver.requests):
        if "type" in message:  # else it was told in another format
            check(message)


def check(message: dict[str, Any]) -> None:
    """That a message is what the schema says of its kind, which closes no shape that others add to."""
    message["data"].pop("shortened", None)
    operation = described.schema()["webhooks"][message["type"]]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    described.validator(json.dumps(content["schema"])).validate(message)


@pytest.fixture
def alice(files: object) -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def endpoint(alice: User, receiver: Receiver) -> Endpoint:
    return endpoints.create(alice, receiver.url)


def complete(alice: User, **order: Any) -> Generation:
    generation = make_generation(alice, **order)
    take_steps(generation.pk, FakeProvider([finished(1)]))
    generation.refresh_from_db()
    return generation


def told(alice: User, **order: Any) -> Delivery:
    """What is to be told of a completed generation."""
    return Delivery.objects.get(generation=complete(alice, **order), endpoint__isnull=False)


def tell(delivery: Delivery) -> Delivery:
    """One try of it, as if it were due."""
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=Now())
    telling.tell(delivery.pk, receivers=Receivers(LOOPBACK))
    delivery.refresh_from_db()
    return delivery


def until_over(delivery: Delivery) -> Delivery:
    while tell(delivery).state == "pending":
        pass
    return delivery


def now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def test_a_completed_generation_is_told_and_verified_by_the_standards_own_library(
    alice: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    delivery = tell(told(alice))
    assert (delivery.state, delivery.status, delivery.tries) == ("delivered", 200, 1)
    [request] = receiver.requests
    body = Webhook(endpoints.shown(endpoint)).verify(request.body, dict(request.headers))
    assert body["type"] == "generation.completed"
    assert dt.datetime.fromisoformat(body["timestamp"]) == delivery.generation.finished  # type: ignore[union-attr]
    assert body["data"]["id"] == str(delivery.generation_id)
    assert body["data"]["status"] == "completed"
    assert body["data"]["images"][0]["url"].startswith("http://")
    assert request.headers["webhook-id"] == f"msg_{delivery.pk.hex}"
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoints.shown(endpoint)).verify(request.body + b" ", dict(request.headers))


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    secret = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment, body = dt.datetime.fromtimestamp(1614265330, dt.UTC), '{"test": 2432232314}'
    headers = standard_headers([secret._whsecret], UUID(int=7), moment, body.encode())
    assert headers["webhook-signature"] == secret.sign(headers["webhook-id"], moment, body)
    assert headers["webhook-timestamp"] == "1614265330"


def test_what_failed_and_what_was_cancelled_is_told_too(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    failed = make_generation(alice)
    take_steps(failed.pk, FakeProvider([RequestRejected("Too rude.", code="content_policy")]))
    submission.cancel(make_generation(alice))
    for delivery in Delivery.objects.order_by("id"):
        assert tell(delivery).state == "delivered"
    first, second = (request.json() for request in receiver.requests)
    assert (first["type"], first["data"]["error"]["code"]) == ("generation.failed", "content_policy")
    assert (second["type"], second["data"]["status"]) == ("generation.cancelled", "cancelled")


def test_only_the_kinds_that_were_asked_for_are_told_and_only_of_ones_own(alice: User, receiver: Receiver) -> None:
    endpoints.create(alice, receiver.url, events=["generation.failed"])
    everything = endpoints.create(alice, receiver.url)
    endpoints.create(alice, receiver.url, enabled=False)
    endpoints.create(make_user(), receiver.url)
    complete(alice)
    assert Delivery.objects.get().endpoint == everything


def test_a_receiver_that_came_with_the_submit_is_told_beside_the_endpoints(
    alice: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    named = Named("fal", receiver.url, "https://studio.example", webhooks.ENDS)
    generation = submit(alice, make_order(), Entrance(Generation.Source.FAL, webhook=named)).generation
    take_steps(generation.pk, FakeProvider([finished(1)]))
    assert sorted(Delivery.objects.values_list("format", flat=True)) == ["fal", "standard"]
    for delivery in Delivery.objects.all():
        assert tell(delivery).state == "delivered"


def test_nothing_is_told_before_the_end(alice: User, endpoint: Endpoint) -> None:
    generation = make_generation(alice)
    take_steps(generation.pk, FakeProvider([accepted()]))
    assert not Delivery.objects.exists()


def test_whoever_has_no_endpoint_costs_an_ending_no_statement(alice: User) -> None:
    generation = make_generation(alice)
    with CaptureQueriesContext(connection) as statements:
        assert settle(generation, Generation.Status.FAILED)
    assert not [one["sql"] for one in statements if "generations_endpoint" in one["sql"] and "ended" not in one["sql"]]


def test_for_a_day_after_a_rotation_both_secrets_sign(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    before = endpoints.shown(endpoint)
    assert endpoints.rotate(endpoint)
    after = endpoints.shown(endpoint)
    assert before != after
    tell(told(alice))
    Endpoint.objects.update(earlier_until=timezone.now() - dt.timedelta(seconds=1))
    tell(told(alice))
    both, one = ({**request.headers} for request in receiver.requests)
    for secret in (before, after):
        Webhook(secret).verify(receiver.requests[0].body, both)
    Webhook(after).verify(receiver.requests[1].body, one)
    with pytest.raises(WebhookVerificationError):
        Webhook(before).verify(receiver.requests[1].body, one)


def test_of_two_rotations_at_once_one_is_made(endpoint: Endpoint) -> None:
    same = Endpoint.objects.get(pk=endpoint.pk)
    assert endpoints.rotate(endpoint)
    assert not endpoints.rotate(same)


def test_secrets_are_sealed_in_the_database_and_outlive_a_change_of_the_studios_key(
    endpoint: Endpoint, settings: Settings
) -> None:
    secret = endpoints.signing(endpoint)[0]
    assert secret.hex() not in endpoint.secret
    assert endpoints.shown(endpoint).removeprefix("whsec_") not in endpoint.secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert endpoints.signing(endpoint) == [secret]
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        endpoints.signing(endpoint)


def test_a_message_that_nobody_can_sign_is_not_sent(
    alice: User, endpoint: Endpoint, receiver: Receiver, settings: Settings
) -> None:
    delivery = told(alice)
    settings.SECRET_KEY = "lost"
    assert (tell(delivery).state, delivery.error) == ("failed", "Its secret cannot be read any more; rotate it.")
    assert not receiver.requests


def test_it_is_tried_ten_times_over_three_days(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.replies = [Reply(500)]
    delivery, waits = told(alice), []
    while tell(delivery).state == "pending":
        waits.append((delivery.next_try_at - now()).total_seconds())
    hours = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    for wait, planned in zip(waits, hours, strict=True):
        assert planned * 3600 - 5 <= wait <= planned * 3600 * 1.1
    assert (delivery.tries, len(receiver.requests)) == (10, 10)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


@pytest.mark.parametrize(("asked", "least"), [("7200", 7195), ("999999999", 86_390), ("nonsense", 0), ("0", 0)])
def test_a_receiver_may_ask_for_a_pause(
    alice: User, endpoint: Endpoint, receiver: Receiver, asked: str, least: int
) -> None:
    receiver.replies = [Reply(429, headers={"retry-after": asked})]
    delivery = tell(told(alice))
    wait = (delivery.next_try_at - now()).total_seconds()
    assert least <= wait <= max(least, 1) + 60


def test_an_endpoint_that_is_gone_is_disabled_at_once_and_its_owner_told(
    alice: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.replies = [Reply(410)]
    delivery = tell(told(alice))
    endpoint.refresh_from_db()
    assert (delivery.state, endpoint.disabled, endpoint.version) == ("failed", "gone", 2)
    [sent] = mail.outbox
    assert sent.to == [alice.email]
    assert str(endpoint.pk) in sent.body
    assert "lantern" not in sent.body, "addresses may hold secrets"
    complete(alice)
    assert Delivery.objects.count() == 1, "nothing is written for it any more"


def test_after_the_last_try_the_endpoint_is_disabled(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.replies = [Reply(500)]
    waiting = told(alice)
    until_over(told(alice))
    endpoint.refresh_from_db()
    assert endpoint.disabled == "failing"
    assert len(mail.outbox) == 1
    assert (tell(waiting).state, waiting.error) == ("failed", "The endpoint is disabled.")
    assert len(mail.outbox) == 1


def test_an_endpoint_that_takes_other_messages_stays(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.replies = [Reply(500), Reply(200), Reply(500)]
    refused = tell(told(alice))
    assert tell(told(alice)).state == "delivered"
    until_over(refused)
    endpoint.refresh_from_db()
    assert (refused.state, endpoint.disabled) == ("failed", "")
    assert not mail.outbox


def test_an_address_inside_is_never_called(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    delivery = told(alice)
    telling.tell(delivery.pk, receivers=Receivers([]))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("failed", 1)
    assert not receiver.requests


def test_every_try_is_on_the_record(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.replies = [Reply(500, body=b"b\x00roken " * 500), Reply(drop=True), Reply(204)]
    delivery = until_over(told(alice))
    first, second, third = delivery.log.all()
    assert (first.number, first.status, first.error) == (1, 500, "Answered 500.")
    assert len(first.answer) == 1000
    assert first.answer.startswith("b\ufffdroken")
    assert (second.status, second.answer) == (None, "")
    assert second.error.startswith("No answer")
    assert (third.status, third.error) == (204, "")
    assert all(0 < one.seconds < 20 for one in (first, second, third))


def test_a_message_goes_where_the_endpoint_is_now(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    delivery = told(alice)
    with receiving() as moved:
        assert endpoint.change(url=moved.url)
        assert tell(delivery).state == "delivered"
        assert len(moved.requests) == 1
    assert not receiver.requests


def test_a_replay_has_the_same_id_and_a_schedule_of_its_own(
    alice: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.replies = [Reply(500)]
    delivery = until_over(told(alice))
    with pytest.raises(endpoints.Disabled):
        endpoints.replay(Endpoint.objects.get(pk=endpoint.pk), delivery)
    endpoint.refresh_from_db()
    endpoint.change(disabled="")
    endpoints.replay(endpoint, delivery)
    with pytest.raises(endpoints.StillPending):
        endpoints.replay(endpoint, delivery)
    assert (tell(delivery).state, delivery.tries) == ("pending", 11)
    receiver.replies = [Reply(200)]
    assert tell(delivery).state == "delivered"
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert [one.number for one in delivery.log.all()] == list(range(1, 13))


def test_what_failed_since_a_time_is_sent_again(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    long_ago, lately, taken = told(alice), told(alice), told(alice)
    since = timezone.now() - dt.timedelta(hours=1)
    Delivery.objects.filter(pk__in=[long_ago.pk, lately.pk]).update(state="failed")
    Delivery.objects.filter(pk=long_ago.pk).update(created=since - dt.timedelta(seconds=1))
    Delivery.objects.filter(pk=taken.pk).update(state="delivered")
    assert endpoints.replay_failed(endpoint, since) == 1
    assert Delivery.objects.get(state="pending").pk == lately.pk


def test_a_test_is_sent_once_and_has_no_consequences(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.replies = [Reply(500)]
    delivery = tell(endpoints.test(endpoint))
    assert (delivery.state, delivery.tries) == ("failed", 1)
    body = Webhook(endpoints.shown(endpoint)).verify(receiver.requests[0].body, dict(receiver.requests[0].headers))
    assert (body["type"], body["data"]) == ("webhook.test", {"webhook": str(endpoint.pk)})
    endpoint.refresh_from_db()
    assert not endpoint.disabled


def test_the_longest_prompts_still_make_a_message_below_twenty_kilobytes(
    alice: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    generation = complete(alice, prompt="\U0001d51e" * 4000, negative_prompt="\U0001d51f" * 4000)
    tell(Delivery.objects.get(generation=generation))
    body = receiver.requests[0].body
    assert len(body) <= 20_000
    told = json.loads(body)["data"]
    assert told["shortened"] is True
    assert told["prompt"] == "\U0001d51e" * 500
    assert len(told["images"]) == 1


def test_what_is_over_is_forgotten_after_thirty_days(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    old, fresh, pending = told(alice), told(alice), told(alice)
    tell(old), tell(fresh)
    Delivery.objects.filter(pk=old.pk).update(finished=Now() - dt.timedelta(days=31))
    Delivery.objects.filter(pk=pending.pk).update(created=Now() - dt.timedelta(days=31))
    assert endpoints.forget() == 1
    assert set(Delivery.objects.values_list("pk", flat=True)) == {fresh.pk, pending.pk}
    assert DeliveryTry.objects.count() == 1


def test_an_endpoint_is_removed_with_all_that_it_was_sent(alice: User, endpoint: Endpoint, receiver: Receiver) -> None:
    delivery = tell(told(alice))
    assert endpoint.remove(version=1)
    assert not Delivery.objects.filter(pk=delivery.pk).exists()
    telling.tell(delivery.pk, receivers=Receivers(LOOPBACK))


def test_there_are_only_so_many(alice: User, receiver: Receiver) -> None:
    for _ in range(endpoints.MOST):
        endpoints.create(alice, receiver.url)
    with pytest.raises(endpoints.TooMany):
        endpoints.create(alice, receiver.url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://169.254.169.254/latest", "http://[fd00::1]/", "ftp://a.example/", "x"]
)
def test_an_address_that_shows_that_it_leads_inside_is_refused_at_once(url: str) -> None:
    assert endpoints.problem(url)


@pytest.mark.parametrize("url", ["https://hooks.example/atelier", "https://93.184.216.34:8443/x?token=1"])
def test_an_address_in_the_open_is_taken(url: str) -> None:
    assert not endpoints.problem(url)


def test_all_endpoints_are_written_to_in_one_statement(alice: User, receiver: Receiver) -> None:
    for _ in range(5):
        endpoints.create(alice, receiver.url)
    generation = make_generation(alice)
    with CaptureQueriesContext(connection) as statements:
        webhooks.announce_end(generation, Generation.Status.COMPLETED, others=True)
    assert len(statements) == 2, "which there are, and a message to each"
    assert Delivery.objects.count() == 5
