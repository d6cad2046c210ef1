"""fal's callbacks: which are asked for, which are believed, and the keys that tell."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from generations.providers.base import NotGenuine, ProviderUnavailable
from generations.providers.fal import callbacks
from generations.providers.fal.client import FalProvider, build
from generations.types import Accepted, ImageRequest
from tests.emulators import faults
from tests.emulators.courier import Callback, Manner
from tests.emulators.fal import FalEmulator, content_refusal
from tests.emulators.server import Reply, Request, Server, json_reply

KEY = "key-id:key-secret-canary"
MODEL = "fal-ai/imagen4/preview/fast"

KEY_FAULTS: dict[str, faults.Fault] = {
    "failed": faults.answering(500),
    "gone": faults.answering(404),
    "dropped": faults.dropped_before(),
    "HTML": faults.page(),
    "huge": faults.huge(),
    "none": faults.edited(lambda body: {"keys": []}),
    "none that can be used": faults.edited(lambda body: {"keys": [{"x": "AAAA"}]}),
    "a list for an object": faults.edited(lambda body: []),
}


class Clock:
    """Time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def vendor() -> Iterator[FalEmulator]:
    fal = FalEmulator(small=True, key=KEY)
    yield fal
    fal.stop()


@pytest.fixture
def provider(vendor: FalEmulator) -> Iterator[FalProvider]:
    addresses = vendor.addresses
    config = {"key": KEY, "queue_url": vendor.queue_url, "jwks_url": addresses["FAL_JWKS_URL"]}
    client = build({**config, "user_id": addresses["FAL_USER_ID"]})
    yield client
    client.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(vendor: FalEmulator, clock: Clock) -> Iterator[callbacks.KeyRing]:
    keys = callbacks.KeyRing(vendor.addresses["FAL_JWKS_URL"], clock=clock)
    yield keys
    keys.close()


@pytest.fixture
def inbox(vendor: FalEmulator, ring: callbacks.KeyRing) -> callbacks.Inbox:
    return callbacks.Inbox(vendor.account.user, ring)


def submit(provider: FalProvider, callback: str | None = None) -> str:
    order = ImageRequest(provider_model=MODEL, prompt="A lighthouse at dusk", seed=7)
    submission = provider.submit(order, reference="reference", callback=callback)
    assert isinstance(submission, Accepted)
    return submission.job


def called_back(vendor: FalEmulator, manner: Manner = "once") -> Callback:
    vendor.courier.manner = manner
    return vendor.account.callback("r-1", {"status": "OK"}, manner)


def believed(inbox: callbacks.Inbox, callback: Callback) -> str:
    return inbox.proven(callback.headers, callback.body, time.time())


class TestBelieving:
    @pytest.mark.parametrize("refused", [False, True])
    def test_a_genuine_callback_names_the_job_as_its_submit_did(
        self,
        provider: FalProvider,
        vendor: FalEmulator,
        refused: bool,  # noqa: FBT001
    ) -> None:
        job = submit(provider)
        [accepted] = vendor.jobs.values()
        accepted.refusal = content_refusal() if refused else None
        callback = vendor.callback(accepted)
        assert callback
        assert provider.heard(MODEL, callback.headers, callback.body) == job

    @pytest.mark.parametrize("manner", ["unsigned", "forged", "stale", "stranger"])
    def test_any_other_is_not_genuine(self, inbox: callbacks.Inbox, vendor: FalEmulator, manner: Manner) -> None:
        with pytest.raises(NotGenuine):
            believed(inbox, called_back(vendor, manner))
        assert believed(inbox, called_back(vendor)) == "r-1"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("Request-Id", ""),
            ("Request-Id", "r-2"),
            ("Request-Id", "r-1\nuser-emulated"),
            ("User-Id", ""),
            ("User-Id", "\ud800"),
            ("Timestamp", ""),
            ("Timestamp", "soon"),
            ("Timestamp", "٣٤٥"),
            ("Timestamp", "9" * 400),
            ("Signature", "00" * 64),
            ("Signature", "00"),
            ("Signature", " " * 128),
            ("Signature", "é" * 128),
        ],
    )
    def test_nothing_signed_may_be_changed(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, name: str, value: str
    ) -> None:
        callback = called_back(vendor)
        changed = {**callback.headers, f"X-Fal-Webhook-{name}": value}
        with pytest.raises(NotGenuine):
            believed(inbox, Callback(changed, callback.body))
        with pytest.raises(NotGenuine):
            believed(inbox, Callback(callback.headers, callback.body + b" "))

    @pytest.mark.parametrize(("apart", "genuine"), [(-301, False), (-290, True), (290, True), (301, False)])
    def test_it_is_believed_for_five_minutes(
        self,
        inbox: callbacks.Inbox,
        vendor: FalEmulator,
        apart: int,
        genuine: bool,  # noqa: FBT001
    ) -> None:
        callback = called_back(vendor)
        now = int(callback.headers["X-Fal-Webhook-Timestamp"]) + apart
        if genuine:
            assert inbox.proven(callback.headers, callback.body, now) == "r-1"
        else:
            with pytest.raises(NotGenuine):
                inbox.proven(callback.headers, callback.body, now)

    def test_a_known_signature_holds(self) -> None:
        """Made once, elsewhere, with the seed of 32 bytes of 1."""
        number = "123e4567-e89b-12d3-a456-426614174000"
        named = f'"request_id":"{number}","gateway_request_id":"{number}"'
        body = f'{{{named},"status":"OK","payload":{{"images":[],"seed":42}}}}'
        headers = {
            "x-fal-webhook-request-id": number,
            "x-fal-webhook-user-id": "user-1",
            "x-fal-webhook-timestamp": "1760000000",
            "x-fal-webhook-signature": (
                "65d627932079e7b33d64541e9cf58d5738208862d119ae1b2bd7a4ecbc3371fb"
                "30ac7c39ba82b51cc3bbf1ecc712d6d55f021c4982a9f74acd939c2d4bfcc40b"
            ),
        }
        for x in ("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w", "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="):
            published = json_reply({"keys": [None, {"x": 5}, {"x": "short"}, {"kty": "OKP", "x": x}]})
            with Server(lambda request, published=published: published) as server:  # type: ignore[misc]
                ring = callbacks.KeyRing(server.origin)
                assert callbacks.Inbox("user-1", ring).proven(headers, body.encode(), 1760000001) == number
                ring.close()


class TestAsking:
    def test_callbacks_are_asked_for_once_it_is_known_who_we_are(
        self, provider: FalProvider, vendor: FalEmulator
    ) -> None:
        received: list[Request] = []

        def take(request: Request) -> Reply:
            received.append(request)
            return Reply(200 if len(received) > 1 else 503)

        with Server(take) as studio:
            job = submit(provider, f"{studio.origin}/hooks/fal/token?a=1&b=2")
            until = time.monotonic() + 30
            while len(vendor.courier.answers) < 2 and time.monotonic() < until:
                time.sleep(0.02)
        assert vendor.courier.answers == [503, 200]
        assert received[1].query == {"a": "1", "b": "2"}
        for request in received:
            assert provider.heard(MODEL, request.headers, request.body) == job

    @pytest.mark.parametrize("missing", ["user_id", "jwks_url"])
    def test_they_are_neither_asked_for_nor_believed_before_that(self, vendor: FalEmulator, missing: str) -> None:
        addresses = vendor.addresses
        config = {"jwks_url": addresses["FAL_JWKS_URL"], "user_id": addresses["FAL_USER_ID"], missing: ""}
        client = build({"key": KEY, "queue_url": vendor.queue_url, **config})
        with Server(lambda request: Reply(200)) as studio:
            submit(client, f"{studio.origin}/hooks/fal/token")
            [job] = vendor.jobs.values()
        callback = vendor.callback(job)
        assert callback
        with pytest.raises(NotGenuine):
            client.heard(MODEL, callback.headers, callback.body)
        assert vendor.courier.answers == []
        client.close()


class TestKeys:
    def test_they_are_fetched_once_a_day_without_our_key(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, clock: Clock
    ) -> None:
        for hours in (0, 12, 11.9, 0.2, 12):
            clock.now += hours * 3600
            assert believed(inbox, called_back(vendor))
        assert vendor.account.shown_to == [""] * 2

    def test_a_new_key_is_fetched_when_it_is_first_seen(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, clock: Clock
    ) -> None:
        assert believed(inbox, called_back(vendor))
        vendor.account.rotate()
        clock.now += callbacks.BETWEEN_FETCHES
        assert believed(inbox, called_back(vendor))
        assert vendor.calls("keys") == 2

    def test_a_flood_of_forgeries_fetches_once_a_minute(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, clock: Clock
    ) -> None:
        for _ in range(130):
            clock.now += 1
            with pytest.raises(NotGenuine):
                believed(inbox, called_back(vendor, "forged"))
        assert vendor.calls("keys") == 3

    @pytest.mark.parametrize("name", KEY_FAULTS)
    def test_while_they_cannot_be_had_nothing_is_told(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, clock: Clock, name: str
    ) -> None:
        vendor.faults.add("keys", KEY_FAULTS[name])
        for _ in range(3):
            with pytest.raises(ProviderUnavailable):
                believed(inbox, called_back(vendor))
        assert vendor.calls("keys") == 1, "a failure is not repeated with each callback"
        clock.now += callbacks.BETWEEN_FAILURES
        assert believed(inbox, called_back(vendor)) == "r-1"

    def test_known_keys_are_enough_while_newer_cannot_be_had(
        self, inbox: callbacks.Inbox, vendor: FalEmulator, clock: Clock
    ) -> None:
        assert believed(inbox, called_back(vendor))
        clock.now += callbacks.BETWEEN_FETCHES
        vendor.faults.add("keys", faults.answering(500))
        with pytest.raises(ProviderUnavailable):
            believed(inbox, called_back(vendor, "forged"))
        assert believed(inbox, called_back(vendor)) == "r-1"
