"""fal's shapes and ours, without a network."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from generations.providers.fal import wire
from generations.types import ImageRequest


class TestJobs:
    def test_addresses_below_the_queue_are_followed(self) -> None:
        base = "https://queue.fal.run"
        answer = {"request_id": "r-1", "response_url": f"{base}/fal-ai/imagen4/requests/r-1/response"}
        job = wire.accepted(answer, "fal-ai/imagen4/preview/ultra", base)
        assert job.response == "/fal-ai/imagen4/requests/r-1/response"
        assert job.status == "/fal-ai/imagen4/requests/r-1/status"
        assert wire.Job.parse(str(job)) == job

    @pytest.mark.parametrize("number", ["", "../x", "a/b", "a b", 5, None, "x" * 101])
    def test_an_id_that_is_none_is_no_acceptance(self, number: object) -> None:
        with pytest.raises(wire.Unexpected):
            wire.accepted({"request_id": number}, "fal-ai/imagen4/preview", "https://queue.fal.run")

    def test_a_job_always_fits_its_column(self) -> None:
        base = "https://queue.fal.run"
        long = f"{base}/{'a' * 300}"
        answer = {"request_id": "r", "status_url": long, "response_url": long, "cancel_url": long}
        assert len(str(wire.accepted(answer, "fal-ai/imagen4/preview", base))) < 500


class TestWire:
    def test_the_input_is_spelled_out(self) -> None:
        request = ImageRequest("fal-ai/imagen4/preview/ultra", "A cat", "dogs", "16:9", "2K", 3, 9, "webp")
        assert wire.submission(request) == {
            "prompt": "A cat",
            "negative_prompt": "dogs",
            "aspect_ratio": "16:9",
            "resolution": "2K",
            "num_images": 3,
            "seed": 9,
            "output_format": "webp",
        }

    def test_fast_knows_no_resolution(self) -> None:
        assert "resolution" not in wire.submission(ImageRequest("fal-ai/imagen4/preview/fast", "A cat"))

    @pytest.mark.parametrize(
        ("model", "home"),
        [
            ("fal-ai/imagen4/preview/ultra", "/fal-ai/imagen4/requests/r"),
            ("workflows/me/mine/deep/path", "/workflows/me/mine/requests/r"),
        ],
    )
    def test_follow_ups_drop_the_sub_path(self, model: str, home: str) -> None:
        assert wire.accepted({"request_id": "r"}, model, "https://queue.fal.run").response == home

    @pytest.mark.parametrize(
        ("answer", "seed"),
        [
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": 42}, 42),
            ({"images": [{"url": "https://v3.fal.media/1.png", "width": 1}], "description": "a cat"}, None),
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": "42"}, None),
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": True}, None),
        ],
    )
    def test_both_generations_of_results_are_read(self, answer: dict[str, Any], seed: int | None) -> None:
        [picture] = wire.pictures(answer)
        assert (urlsplit(picture.url or "").path, picture.seed) == ("/1.png", seed)

    @pytest.mark.parametrize("answer", [None, [], "x", 5, {}, {"images": None}, {"images": {}}])
    def test_a_result_without_a_list_of_images_is_unexpected(self, answer: object) -> None:
        with pytest.raises(wire.Unexpected):
            wire.pictures(answer)

    @pytest.mark.parametrize("answer", [None, [], {}, {"detail": None}, {"detail": {}}, "text"])
    def test_an_error_in_nobodys_words_is_none(self, answer: object) -> None:
        assert wire.trouble(answer) is None
