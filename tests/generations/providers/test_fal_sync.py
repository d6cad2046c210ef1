"""fal without its queue: the pictures are the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.fal.client import FalProvider, build
from generations.types import Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.fal import FalEmulator, content_refusal, model_error, request_error
from tests.emulators.server import Reply, json_reply
from tests.generations.providers.contract import fetched

KEY = "key-id:key-secret-canary"


@pytest.fixture
def vendor() -> Iterator[FalEmulator]:
    fal = FalEmulator(small=True, key=KEY)
    yield fal
    fal.stop()


@pytest.fixture
def provider(vendor: FalEmulator) -> Iterator[FalProvider]:
    addresses = vendor.addresses
    config = {"run_url": addresses["FAL_RUN_URL"], "api_url": addresses["FAL_API_URL"], "synchronous": True}
    client = build({"key": KEY, "queue_url": vendor.queue_url, **config})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model="fal-ai/imagen4/preview/ultra", prompt="A lighthouse at dusk", count=2, seed=7)


def run(provider: FalProvider, order: ImageRequest) -> Finished:
    finished = provider.submit(order, reference="reference", callback="http://127.0.0.1:1/hooks/fal/token")
    assert isinstance(finished, Finished)
    return finished


class TestRunning:
    def test_the_pictures_are_the_answer(self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest) -> None:
        assert provider.synchronous
        assert not provider.traceable
        vendor.run_seconds = 0.3
        pictures = run(provider, order).pictures
        assert len(pictures) == 2
        assert all(fetched(provider, picture.url or "") for picture in pictures)
        assert len(vendor.paid) == vendor.calls("run") == 1
        assert vendor.calls("submit") == vendor.calls("status") == 0

    def test_it_may_take_longer_than_any_call_to_the_queue(self, provider: FalProvider) -> None:
        assert provider.call_limit > FalProvider.call_limit

    def test_pictures_inside_the_answer_come_as_bytes(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        data = "data:image/png;base64,iVBORw0KGgo="
        vendor.faults.add("run", faults.edited(lambda body: body | {"images": [{"url": data}]}))
        assert (run(provider, order).pictures[0].content or b"").startswith(b"\x89PNG")

    def test_jobs_that_were_queued_before_are_still_asked_after(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        queueing = build({"key": KEY, "queue_url": vendor.queue_url})
        submission = queueing.submit(order, reference="reference", callback=None)
        queueing.close()
        assert not isinstance(submission, Finished)
        assert isinstance(provider.poll(submission.job), Finished)

    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (content_refusal(), (RequestRejected, "content_policy")),
            (model_error("literal_error", "no"), (RequestRejected, "bad_request")),
            (model_error("internal_server_error", "no", status=500), (ProviderUnavailable, "job_failed")),
            (model_error("generation_timeout", "no", status=504), (ProviderUnavailable, "job_failed")),
            (request_error("runner_disconnected", "no", 503), (ProviderUnavailable, "job_failed")),
            (json_reply({"detail": "Too many"}, 429, retry_after="3"), (ProviderUnavailable, "rate_limited")),
            (json_reply({"detail": "Application not found"}, 404), (ProviderUnavailable, "model_gone")),
            (json_reply({"detail": "Cannot access application"}, 401), (ProviderUnavailable, "bad_key")),
            (Reply(502, faults.PAGE), (ProviderUnavailable, "busy")),
            (json_reply({"detail": "Internal Server Error"}, 500), (OutcomeUnknown, "bad_answer")),
            (json_reply({"images": None}), (OutcomeUnknown, "bad_answer")),
            (Reply(200, b"<html>"), (OutcomeUnknown, "bad_answer")),
            (Reply(drop=True), (OutcomeUnknown, "no_answer")),
        ],
    )
    def test_an_answer_that_is_none_means_what_fal_documents(
        self,
        provider: FalProvider,
        vendor: FalEmulator,
        order: ImageRequest,
        reply: Reply,
        meaning: tuple[type[ProviderError], str],
    ) -> None:
        vendor.faults.add("run", lambda proceed: reply)
        with pytest.raises(ProviderError) as caught:
            run(provider, order)
        assert (type(caught.value), caught.value.code) == meaning
        assert KEY not in repr(caught.value)
        assert vendor.calls("run") == 1
