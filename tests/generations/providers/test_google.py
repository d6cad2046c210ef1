"""Google, called: Gemini's pictures one by one, Imagen's in one call, and every way in which it refuses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import PIL.Image
import pytest

from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.google import wire
from generations.providers.google.client import PAGES, GoogleProvider, build
from generations.providers.http import HttpProvider
from generations.types import Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.google import GEMINI, IMAGEN, RAI, GoogleEmulator
from tests.emulators.server import json_reply
from tests.generations.providers.contract import SUBMIT_FAULTS, Emulator, HttpProviderContract, InlinePicturesContract

KEY = "key-canary"
FLASH, IMAGEN_4 = "gemini-3.1-flash-image", "imagen-4.0-generate-001"
Meaning = tuple[type[ProviderError], str, bool]  # what it is, its code, whether it passes


@pytest.fixture
def vendor() -> Iterator[GoogleEmulator]:
    google = GoogleEmulator(small=True, key=KEY)
    yield google
    google.stop()


@pytest.fixture
def provider(vendor: GoogleEmulator) -> Iterator[GoogleProvider]:
    client = build({"enabled": True, "key": KEY, "base_url": vendor.base_url})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model=FLASH, prompt="A lighthouse at dusk", count=3, seed=7)


def submit(provider: GoogleProvider, order: ImageRequest) -> Finished:
    submission = provider.submit(order, reference="reference", callback=None)
    assert isinstance(submission, Finished)
    return submission


class TestGeminiContract(HttpProviderContract, InlinePicturesContract):
    model = FLASH
    jobs_of_two = 2

    def broken_inside(self, body: Any, inside: str) -> Any:
        body["candidates"][0]["content"]["parts"].append({"inlineData": {"data": inside}})
        return body


class TestImagenContract(HttpProviderContract, InlinePicturesContract):
    model = IMAGEN_4

    def broken_inside(self, body: Any, inside: str) -> Any:
        return {"predictions": [body["predictions"][0], {"bytesBase64Encoded": inside}]}

    @pytest.mark.parametrize("name", [name for name in SUBMIT_FAULTS if name != "nothing in it"])
    def test_a_fault_at_a_submit_means_what_was_seen(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str
    ) -> None:
        super().test_a_fault_at_a_submit_means_what_was_seen(provider, vendor, order, name)

    def test_no_predictions_are_an_answer_of_which_everything_was_filtered(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", faults.edited(lambda body: {}))
        assert submit(provider, order) == Finished([], withheld="Google made 0 of 2 pictures.")


class TestGemini:
    @pytest.mark.parametrize("model", sorted(GEMINI))
    def test_each_picture_is_a_call_of_its_own(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest, model: str
    ) -> None:
        order = replace(order, provider_model=model, aspect_ratio="16:9", resolution="2K")
        finished = submit(provider, order)
        assert len({picture.content for picture in finished.pictures}) == 3
        assert finished.withheld is None
        assert [paid.model for paid in vendor.paid] == [model] * 3
        with PIL.Image.open(io.BytesIO(finished.pictures[0].content or b"")) as picture:
            assert picture.size == (2816 // 16, 1536 // 16)

    def test_a_thought_on_the_way_is_no_picture(self, provider: GoogleProvider, order: ImageRequest) -> None:
        assert all((picture.content or b"").startswith(b"\x89PNG") for picture in submit(provider, order).pictures)

    def test_a_gateway_may_write_names_with_underscores(self) -> None:
        parts = [{"inline_data": {"mime_type": "image/png", "data": "iVBO"}}, None, {"inlineData": 5}]
        made = wire.generated({"candidates": [{"content": {"parts": parts}}, None]})
        assert [picture.url for picture in made.pictures] == ["data:;base64,iVBO"]

    def test_the_other_calls_begin_only_when_the_first_was_served(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", vendor.blocked())
        with pytest.raises(RequestRejected):
            submit(provider, order)
        assert vendor.calls("submit") == 1

    def test_what_was_made_is_kept_when_another_call_fails(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", lambda proceed: proceed())
        vendor.faults.add("submit", vendor.ended("IMAGE_SAFETY"))
        vendor.faults.add("submit", faults.lost_answer())
        finished = submit(provider, replace(order, count=4))
        assert len(finished.pictures) == 2
        assert "IMAGE_SAFETY" in (finished.withheld or "")
        assert "no answer" in (finished.withheld or "")
        assert vendor.calls("submit") == 4

    @pytest.mark.parametrize("reason", ["SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"])
    def test_a_prompt_that_is_refused_is_refused_for_its_content(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest, reason: str
    ) -> None:
        for fault in (vendor.blocked(reason), vendor.ended(reason)):
            vendor.faults.add("submit", fault)
            with pytest.raises(RequestRejected, match=reason) as caught:
                submit(provider, order)
            assert caught.value.code == "content_policy"

    @pytest.mark.parametrize("reason", ["NO_IMAGE", "IMAGE_OTHER", "STOP", "MAX_TOKENS"])
    def test_no_picture_for_another_reason_is_said(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest, reason: str
    ) -> None:
        vendor.faults.add("submit", vendor.ended(reason))
        assert submit(provider, order) == Finished([], withheld=f"Google made no picture: {reason}")


class TestImagen:
    @pytest.mark.parametrize("model", sorted(IMAGEN))
    @pytest.mark.parametrize("home", ["", "/v1beta", "/v1/publishers/google", "/v1beta1/publishers/google/"])
    def test_all_pictures_come_in_one_call_on_either_path(
        self, vendor: GoogleEmulator, order: ImageRequest, model: str, home: str
    ) -> None:
        client = build({"key": KEY, "base_url": vendor.base_url + home})
        finished = submit(client, replace(order, provider_model=model, negative_prompt="people", resolution="2K"))
        client.close()
        assert len(finished.pictures) == 3
        (paid,) = vendor.paid
        assert ("negativePrompt" in paid.body["parameters"]) == ("publishers" in home)
        assert ("sampleImageSize" in paid.body["parameters"]) == ("fast" not in model)
        assert "seed" not in paid.body["parameters"]

    @pytest.mark.parametrize("body", [[], {"predictions": 5}])
    def test_predictions_that_are_none_are_no_answer(self, body: object) -> None:
        with pytest.raises(wire.Unexpected):
            wire.predicted(body)

    def test_an_ultra_preview_made_one_at_a_time(self) -> None:
        assert wire.at_most("imagen-4.0-ultra-generate-preview-06-06") == 1
        assert wire.at_most("imagen-4.0-ultra-generate-001") == 4

    @pytest.mark.parametrize(
        ("code", "found"), [(58061214, "a child"), (63429089, "sexual content"), (11111111, "Responsible AI")]
    )
    def test_what_the_filter_found_is_said(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest, code: int, found: str
    ) -> None:
        vendor.faults.add("submit", vendor.filtered(code))
        with pytest.raises(RequestRejected, match=found) as caught:
            submit(provider, replace(order, provider_model=IMAGEN_4))
        assert caught.value.code == "content_policy"

    def test_what_the_filter_left_is_delivered(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        reason = {"raiFilteredReason": RAI.format(code=17301594)}
        vendor.faults.add("submit", faults.edited(lambda body: {"predictions": [*body["predictions"][:2], reason]}))
        finished = submit(provider, replace(order, provider_model=IMAGEN_4))
        assert len(finished.pictures) == 2
        assert finished.withheld == "Google's filter found a child."

    def test_what_google_shut_is_gone(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.imagen = False
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, replace(order, provider_model=IMAGEN_4))
        assert (caught.value.code, caught.value.passing) == ("model_gone", False)


class TestAddresses:
    @pytest.mark.parametrize(
        ("given", "home"),
        [
            ("https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta"),
            ("https://aiplatform.googleapis.com/", "https://aiplatform.googleapis.com/v1/publishers/google"),
            ("https://gw.example/google/v1", "https://gw.example/google/v1"),
        ],
    )
    def test_one_without_a_path_is_completed(self, given: str, home: str) -> None:
        assert wire.home(given) == home

    @pytest.mark.parametrize("model", ["", "../../v1/other", "a/b", "x:predict?", "é"])
    def test_a_model_is_a_name_and_no_path(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest, model: str
    ) -> None:
        with pytest.raises(ProviderUnavailable):
            submit(provider, replace(order, provider_model=model))
        assert vendor.received == []


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "error", "meaning"),
        [
            (400, ("API key not valid.", "API_KEY_INVALID"), (ProviderUnavailable, "bad_key", False)),
            (400, ("Unknown name", ""), (RequestRejected, "bad_request", True)),
            (400, ("The prompt contains sensitive words that violate", ""), (RequestRejected, "content_policy", True)),
            (400, ("Violates our Responsible AI practices", ""), (RequestRejected, "content_policy", True)),
            (403, ("API has not been used", "SERVICE_DISABLED"), (ProviderUnavailable, "no_access", False)),
            (403, ("This API method requires billing", "BILLING_DISABLED"), (ProviderUnavailable, "no_funds", False)),
            (404, ("models/x is not found", ""), (ProviderUnavailable, "model_gone", False)),
            (429, ("Your prepayment credits are depleted.", ""), (ProviderUnavailable, "no_funds", False)),
            (429, ("Quota exceeded", ""), (ProviderUnavailable, "rate_limited", True)),
            (500, ("Internal error", ""), (OutcomeUnknown, "bad_answer", True)),
            (503, ("The model is overloaded", ""), (ProviderUnavailable, "busy", True)),
            (504, ("Deadline expired", ""), (OutcomeUnknown, "bad_answer", True)),
        ],
    )
    def test_an_error_means_what_its_status_is_called(
        self,
        provider: GoogleProvider,
        vendor: GoogleEmulator,
        status: int,
        error: tuple[str, str],
        meaning: Meaning,
    ) -> None:
        vendor.faults.add("submit", vendor.refusing(status, error[0], *([{"reason": error[1]}] if error[1] else [])))
        with pytest.raises(ProviderError) as caught:
            submit(provider, ImageRequest(FLASH, "A lighthouse"))
        found = caught.value
        assert (type(found), found.code, getattr(found, "passing", True)) == meaning
        assert KEY not in repr(found)

    def test_the_name_counts_more_than_the_number(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", vendor.refusing(400, "no", name="FAILED_PRECONDITION"))
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, order)
        assert (caught.value.code, caught.value.passing) == ("no_access", False)

    def test_a_wait_in_the_details_is_kept(
        self, provider: GoogleProvider, vendor: GoogleEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", vendor.refusing(429, "Quota exceeded", {"retryDelay": "37s"}))
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, order)
        assert caught.value.retry_after
        assert caught.value.retry_after.total_seconds() == 37

    @pytest.mark.parametrize(
        "body",
        [[{"error": {"message": "no", "status": "INTERNAL"}}], {"message": "no", "status": 403}, {"error": "no"}],
    )
    def test_a_gateway_s_envelopes_are_read(self, body: object) -> None:
        trouble = wire.trouble(body)
        assert (trouble.text if trouble else "") == ("" if body == {"error": "no"} else "no")


class TestModels:
    def test_they_are_listed_page_by_page(self, provider: GoogleProvider, vendor: GoogleEmulator) -> None:
        vendor.page = 2
        assert provider.models() == frozenset(GEMINI | IMAGEN)
        assert vendor.calls("models") == 3

    def test_a_list_without_end_is_not_read_for_ever(self, provider: GoogleProvider, vendor: GoogleEmulator) -> None:
        page = {"models": [{"name": f"models/{FLASH}"}], "nextPageToken": "again"}
        vendor.faults.add("models", lambda proceed: json_reply(page), times=100)
        assert provider.models() == {FLASH}
        assert vendor.calls("models") == PAGES

    def test_vertex_lists_them_under_another_name(self) -> None:
        rows = [{"name": "publishers/google/models/gemini-3-pro-image"}]
        assert wire.models({"publisherModels": rows}) == (["gemini-3-pro-image"], "")

    @pytest.mark.parametrize("body", [[], {"models": 5}, "x"])
    def test_a_list_that_is_none_is_said(self, provider: GoogleProvider, vendor: GoogleEmulator, body: object) -> None:
        vendor.faults.add("models", lambda proceed: json_reply(body))
        with pytest.raises(ProviderUnavailable):
            provider.models()
