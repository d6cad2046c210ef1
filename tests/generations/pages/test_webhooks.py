"""Webhooks on pages: made, tested, watched, paused, mended and removed by their owner alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generations import endpoints, telling
from generations.models import Delivery, Endpoint
from tests.emulators.server import Reply
from tests.factories import make_user
from tests.generations.pages.looking import page
from tests.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/atelier"
EVERYTHING = ["generation.completed", "generation.failed", "generation.cancelled"]


@pytest.fixture
def receiver() -> Any:
    with receiving() as found:
        yield found


def tell() -> None:
    """As workers do, everything that waits."""
    for delivery in Delivery.objects.filter(state=Delivery.State.PENDING):
        telling.tell(delivery.pk)


def test_a_new_endpoints_secret_is_shown_once(browser: Client, alice: User) -> None:
    assert "are listed here" in page(browser.get(reverse("webhooks")))
    answer = browser.post(reverse("webhooks"), {"url": URL, "description": "mine", "events": EVERYTHING})
    made = Endpoint.objects.get(user=alice)
    assert (made.url, made.description, made.events) == (URL, "mine", [])
    secret = endpoints.shown(made)
    assert secret in page(answer)
    assert "no-store" in answer["Cache-Control"]
    for address in (reverse("webhooks"), reverse("webhook", args=[made.pk])):
        text = page(browser.get(address))
        assert URL in text
        assert secret not in text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"url": "ftp://hooks.example"},
        {"url": "http://10.0.0.1/x"},
        {"url": "x" * 3000},
        {"url": URL, "events": []},
        {"url": URL, "events": ["generation.born"]},
        {"url": URL, "description": "x" * 300},
    ],
)
def test_an_endpoint_that_makes_no_sense_is_not_made(browser: Client, sent: dict[str, Any]) -> None:
    page(browser.post(reverse("webhooks"), {"events": EVERYTHING, **sent}), 422)
    assert not Endpoint.objects.exists()


def test_there_are_no_more_than_anybody_may_have(browser: Client, alice: User) -> None:
    for _ in range(endpoints.MOST):
        endpoints.create(alice, URL)
    assert "Remove one first" in page(browser.post(reverse("webhooks"), {"url": URL, "events": EVERYTHING}), 422)


def test_a_test_is_sent_and_its_try_is_shown(browser: Client, alice: User, receiver: Receiver) -> None:
    receiver.replies = [Reply(500, b"lantern out"), Reply(200)]
    endpoint = endpoints.create(alice, receiver.url)
    browser.post(reverse("webhook_test", args=[endpoint.pk]))
    watched = page(browser.get(reverse("webhook", args=[endpoint.pk]), headers={"HX-Request": "true"}))
    assert 'hx-trigger="every 3s"' in watched
    assert "account-nav" not in watched
    tell()
    delivery = Delivery.objects.get()
    shown = page(browser.get(reverse("webhook_delivery", args=[endpoint.pk, delivery.pk])))
    assert "webhook.test" in shown
    assert re.search(r">500<", shown)
    assert "lantern out" in shown
    browser.post(reverse("webhook_delivery_replay", args=[endpoint.pk, delivery.pk]))
    tell()
    text = page(browser.get(reverse("webhook", args=[endpoint.pk]) + "?state=delivered"))
    assert "webhook.test" in text
    assert "every 3s" not in text
    assert "No message is like that" in page(browser.get(reverse("webhook", args=[endpoint.pk]) + "?state=failed"))


def test_what_failed_is_sent_again(browser: Client, alice: User) -> None:
    endpoint = endpoints.create(alice, URL)
    endpoints.test(endpoint)
    Delivery.objects.update(state=Delivery.State.FAILED, event="completed")
    answer = browser.post(reverse("webhook_replay", args=[endpoint.pk]), follow=True)
    assert "sent again: 1" in page(answer)
    assert Delivery.objects.get().state == Delivery.State.PENDING
    address = reverse("webhook_delivery_replay", args=[endpoint.pk, Delivery.objects.get().pk])
    assert "on its way already" in page(browser.post(address, follow=True))


def test_an_endpoint_is_changed_paused_and_removed(browser: Client, alice: User) -> None:
    endpoint = endpoints.create(alice, URL)
    address = reverse("webhook", args=[endpoint.pk])
    page(browser.post(address, {"url": "nonsense", "events": EVERYTHING}), 422)
    browser.post(address, {"url": f"{URL}/2", "events": ["generation.failed"]})
    browser.post(reverse("webhook_switch", args=[endpoint.pk]), {"on": "0"})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events, endpoint.disabled) == (f"{URL}/2", ["generation.failed"], "by_owner")
    for name in ("webhook_test", "webhook_replay"):
        assert "Switch it on first" in page(browser.post(reverse(name, args=[endpoint.pk]), follow=True))
    browser.post(reverse("webhook_switch", args=[endpoint.pk]), {"on": "1"})
    assert not Endpoint.objects.get(pk=endpoint.pk).disabled
    browser.post(reverse("webhook_remove", args=[endpoint.pk]))
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(("reason", "said"), [("gone", "that it is gone"), ("failing", "took nothing for days")])
def test_why_an_endpoint_was_switched_off_is_said(browser: Client, alice: User, reason: str, said: str) -> None:
    endpoint = endpoints.create(alice, URL)
    endpoint.change(disabled=reason)
    assert said in page(browser.get(reverse("webhook", args=[endpoint.pk])))


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(browser: Client, alice: User) -> None:
    endpoint = endpoints.create(alice, URL)
    before = endpoints.shown(endpoint)
    answer = page(browser.post(reverse("webhook_secret", args=[endpoint.pk])))
    endpoint.refresh_from_db()
    assert before not in answer
    assert endpoints.shown(endpoint) in answer
    text = page(browser.get(reverse("webhook", args=[endpoint.pk])))
    assert endpoints.shown(endpoint) not in text
    assert "signs until" in text


def test_a_cursor_that_is_none_is_a_bad_request(browser: Client, alice: User) -> None:
    endpoint = endpoints.create(alice, URL)
    assert browser.get(reverse("webhook", args=[endpoint.pk]) + "?before=x").status_code == 400


def test_endpoints_are_their_owners_alone(client: Client, alice: User) -> None:
    endpoint = endpoints.create(alice, URL)
    delivery = endpoints.test(endpoint)
    one, both = [endpoint.pk], [endpoint.pk, delivery.pk]
    read = [reverse("webhook", args=one), reverse("webhook_delivery", args=both)]
    acts = ("webhook", "webhook_secret", "webhook_switch", "webhook_remove", "webhook_test", "webhook_replay")
    written = [*(reverse(name, args=one) for name in acts), reverse("webhook_delivery_replay", args=both)]
    answers = [client.get(address) for address in read] + [client.post(address) for address in written]
    assert {answer["Location"].partition("?")[0] for answer in answers} == {reverse("account_login")}
    client.force_login(make_user())
    answers = [client.get(address) for address in read] + [client.post(address) for address in written]
    assert {answer.status_code for answer in answers} == {404}
    assert URL not in page(client.get(reverse("webhooks")))
