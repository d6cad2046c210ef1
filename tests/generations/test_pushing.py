"""Web push: sealed for the browser alone, proven to be ours, never sent inside, and ended when it is gone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from generations import looking, pushing, submission, telling
from generations.models import Delivery, PushKey, Subscription
from generations.providers.base import RequestRejected
from generations.providers.http.receivers import Receivers
from tests.emulators.server import Reply
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps
from tests.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db
LOOPBACK = ["127.0.0.0/8"]
CURVE = ec.SECP256R1()
SECRET = b"0123456789abcdef"


def encoded(found: bytes) -> str:
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def opened(body: bytes, browser: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """What the browser reads."""
    salt, length = body[:16], body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    shared = browser.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))

    def derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length=length, salt=salt, info=info).derive(material)

    material = derived(shared, SECRET, b"WebPush: info\0" + point(browser) + theirs, 32)
    key = derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(material, salt, b"Content-Encoding: nonce\0", 12)
    text = AESGCM(key).decrypt(nonce, sealed, None)
    assert text.endswith(b"\2")
    found: dict[str, Any] = json.loads(text[:-1])
    return found


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = LOOPBACK
    with receiving() as receiver:
        receiver.replies = [Reply(201)]
        yield receiver


@pytest.fixture
def alice(files: object) -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def browser() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(CURVE)


@pytest.fixture
def subscription(alice: User, receiver: Receiver, browser: ec.EllipticCurvePrivateKey) -> Subscription:
    return pushing.subscribe(alice, receiver.url, encoded(point(browser)), encoded(SECRET))


def ended(alice: User, *, rejected: bool = False) -> Delivery:
    """What is to be told of a generation that has ended."""
    generation = make_generation(alice)
    answer = RequestRejected("no") if rejected else finished(1)
    take_steps(generation.pk, FakeProvider([answer]))
    return Delivery.objects.get(generation=generation)


def tell(delivery: Delivery) -> None:
    telling.tell(delivery.pk, receivers=Receivers(LOOPBACK))


def test_the_example_of_the_standard_comes_out_as_it_stands_there() -> None:
    own = ec.derive_private_key(int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE)
    body = pushing.encrypt(
        b"When I grow up, I want to be a watermelon",
        decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        own=own,
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_is_told_that_its_pictures_are_ready(
    alice: User, receiver: Receiver, subscription: Subscription, browser: ec.EllipticCurvePrivateKey
) -> None:
    delivery = ended(alice)
    tell(delivery)
    [request] = receiver.requests
    assert request.headers["content-encoding"] == "aes128gcm"
    assert int(request.headers["ttl"]) > 0
    read = opened(request.body, browser)
    assert read["title"] == "1 image is ready"
    assert read["body"] == "a lighthouse at dusk"
    assert read["url"] == reverse("generation", args=[delivery.generation_id])
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_the_push_service_can_check_that_it_is_ours(
    alice: User, receiver: Receiver, subscription: Subscription
) -> None:
    tell(ended(alice))
    scheme, _, parts = receiver.requests[0].headers["authorization"].partition(" ")
    token, key = (part.strip().partition("=")[2] for part in parts.split(","))
    assert scheme == "vapid"
    assert key == pushing.public_key()
    signed, _, signature = token.rpartition(".")
    raw = decoded(signature)
    ours = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(key))
    numbers = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    ours.verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(SHA256()))
    claims = json.loads(decoded(signed.partition(".")[2]))
    assert claims["aud"] == receiver.origin
    assert claims["sub"].startswith("mailto:")


def test_a_failure_is_told_and_what_one_cancelled_oneself_is_not(
    alice: User, receiver: Receiver, subscription: Subscription, browser: ec.EllipticCurvePrivateKey
) -> None:
    tell(ended(alice, rejected=True))
    assert opened(receiver.requests[0].body, browser)["title"] == "Nothing was made"
    submission.cancel(cancelled := make_generation(alice))
    assert not Delivery.objects.filter(generation=cancelled).exists()


def test_every_browser_is_told(alice: User, receiver: Receiver, browser: ec.EllipticCurvePrivateKey) -> None:
    for name in ("laptop", "phone"):
        pushing.subscribe(alice, f"{receiver.origin}/{name}", encoded(point(browser)), encoded(SECRET))
    take_steps((generation := make_generation(alice)).pk, FakeProvider([finished(1)]))
    for delivery in Delivery.objects.filter(generation=generation):
        tell(delivery)
    assert {request.path for request in receiver.requests} == {"/laptop", "/phone"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_left_is_forgotten(
    alice: User, receiver: Receiver, subscription: Subscription, status: int
) -> None:
    receiver.replies = [Reply(status)]
    tell(ended(alice))
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


def test_a_service_that_is_away_is_asked_again(alice: User, receiver: Receiver, subscription: Subscription) -> None:
    receiver.replies = [Reply(503), Reply(201)]
    tell(delivery := ended(alice))
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    assert Subscription.objects.exists()


def test_there_is_one_key_and_it_is_sealed(settings: Settings) -> None:
    first = pushing.public_key()
    assert pushing.public_key() == first
    assert first not in PushKey.objects.get().sealed
    assert len(decoded(first)) == 65


def test_pages_subscribe_and_unsubscribe(client: Client, alice: User, browser: ec.EllipticCurvePrivateKey) -> None:
    asked = {"address": "https://push.example/one", "key": encoded(point(browser)), "secret": encoded(SECRET)}
    assert client.post(reverse("push"), asked).status_code == 302
    client.force_login(alice)
    assert pushing.public_key() in client.get(reverse("account")).content.decode()
    assert client.post(reverse("push"), asked).status_code == 204
    assert client.post(reverse("push"), asked).status_code == 204
    assert Subscription.objects.get().user == alice
    bob = make_user()
    client.force_login(bob)
    assert client.post(reverse("push_stop"), asked).status_code == 204
    assert Subscription.objects.get().user == alice
    assert client.post(reverse("push"), asked).status_code == 204
    assert Subscription.objects.get().user == bob
    assert client.post(reverse("push_stop"), asked).status_code == 204
    assert not Subscription.objects.exists()
    assert client.get(reverse("push")).status_code == 405


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": ""},
        {"address": "push.example/one"},
        {"address": "https://10.0.0.1/one"},
        {"address": "http://169.254.169.254/one"},
        {"address": "https://push.example/" + "x" * 2000},
        {"key": ""},
        {"key": "ü"},
        {"key": encoded(b"\4" + b"\0" * 64)},
        {"key": encoded(b"short")},
        {"secret": ""},
        {"secret": encoded(b"short")},
    ],
)
def test_what_no_browser_would_send_is_refused(
    client: Client, alice: User, browser: ec.EllipticCurvePrivateKey, wrong: dict[str, str]
) -> None:
    client.force_login(alice)
    asked = {"address": "https://push.example/one", "key": encoded(point(browser)), "secret": encoded(SECRET)}
    assert client.post(reverse("push"), asked | wrong).status_code == 400
    assert not Subscription.objects.exists()


def test_a_person_has_only_so_many_browsers(alice: User, browser: ec.EllipticCurvePrivateKey) -> None:
    for number in range(pushing.MOST + 1):
        address = f"https://push.example/{number}"
        pushing.subscribe(alice, address, encoded(point(browser)), encoded(SECRET))
    kept = set(Subscription.objects.values_list("address", flat=True))
    assert len(kept) == pushing.MOST
    assert "https://push.example/0" not in kept


def test_what_a_program_is_told_counts_apart_from_browsers(
    alice: User, browser: ec.EllipticCurvePrivateKey, client: Client
) -> None:
    for number in range(2):
        pushing.subscribe(alice, f"https://push.example/{number}", encoded(point(browser)), encoded(SECRET))
    take_steps((generation := make_generation(alice)).pk, FakeProvider([finished(1)]))
    assert Delivery.objects.filter(generation=generation).count() == 2
    found = looking.look(alice, generation.pk)
    assert found is not None
    assert found.told is None


def test_a_key_that_cannot_be_read_hides_the_offer(client: Client, alice: User, settings: Settings) -> None:
    pushing.public_key()
    settings.SECRET_KEY = "another key than that which sealed it"
    settings.SECRET_KEY_FALLBACKS = []
    client.force_login(alice)
    page = client.get(reverse("account"))
    assert page.status_code == 200
    assert b"data-push" not in page.content
