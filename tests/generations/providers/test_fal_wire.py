"""fal's shapes and ours, without a network."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.providers.fal import wire
from generations.types import ImageRequest

FIELDS = [
    "items",
    "has_more",
    "next_cursor",
    "request_id",
    "sent_at",
    "json_input",
    "images",
    "url",
    "detail",
    "credits",
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=8,
)


class TestJobs:
    @given(
        number=st.text("aZ09_-", min_size=1, max_size=100),
        parts=st.lists(st.sampled_from(["fal-ai", "imagen4", "x.y", "_"]), min_size=2, max_size=9),
    )
    @settings(deadline=None)
    def test_a_job_is_read_back_as_it_was_written_and_fits_its_column(self, number: str, parts: list[str]) -> None:
        job = wire.Job.of(number, "/".join(parts))
        assert wire.Job.parse(str(job)) == job
        assert len(str(job)) <= 500

    @pytest.mark.parametrize(
        ("model", "home"),
        [
            ("fal-ai/imagen4/preview/ultra", "/fal-ai/imagen4/requests/r"),
            ("workflows/me/mine/deep/path", "/workflows/me/mine/requests/r"),
        ],
    )
    def test_follow_ups_drop_the_sub_path(self, model: str, home: str) -> None:
        assert wire.accepted({"request_id": "r"}, model).home == home

    @pytest.mark.parametrize("number", ["", "../x", "a/b", "a b", 5, None, "x" * 101])
    def test_an_id_that_is_none_is_no_acceptance(self, number: object) -> None:
        with pytest.raises(wire.Unexpected):
            wire.accepted({"request_id": number}, "fal-ai/imagen4/preview")

    @pytest.mark.parametrize(
        "text", ["", "r", "r ", "r fal-ai", "r ../x", "r fal-ai/../x", "r fal-ai//x", "r a/b c", "a/b r"]
    )
    def test_a_text_that_is_none_is_no_job(self, text: str) -> None:
        with pytest.raises(wire.Unexpected):
            wire.Job.parse(text)


class TestAnswers:
    @given(answer=anything)
    @settings(deadline=None)
    def test_whatever_comes_is_read_or_unexpected(self, answer: Any) -> None:
        wire.state(answer)
        wire.trouble(answer)
        wire.credits_left(answer)
        for read in (wire.pictures, lambda value: wire.accepted(value, "fal-ai/imagen4"), self.listed):
            try:
                read(answer)
            except wire.Unexpected:
                continue

    def listed(self, answer: Any) -> None:
        items, cursor = wire.page(answer, "items")
        assert isinstance(cursor, str)
        moment = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        entries = wire.entries(items, "fal-ai/imagen4")
        assert wire.recognised(entries, ImageRequest("fal-ai/imagen4", "A cat"), moment, moment) == ""


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
        ("answer", "seed"),
        [
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": 42}, 42),
            ({"images": [{"url": "https://v3.fal.media/1.png", "width": 1}], "description": "a cat"}, None),
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": "42"}, None),
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": True}, None),
            ({"images": [{"url": "https://v3.fal.media/1.png"}], "seed": 2**63}, None),
        ],
    )
    def test_both_generations_of_results_are_read(self, answer: dict[str, Any], seed: int | None) -> None:
        [picture] = wire.pictures(answer)
        assert (urlsplit(picture.url or "").path, picture.seed) == ("/1.png", seed)

    @pytest.mark.parametrize(("position", "before"), [(3, 3), (-1, 0), (10**400, 1000), ("3", 0), (None, 0)])
    def test_a_position_in_the_queue_is_within_reason(self, position: object, before: int) -> None:
        assert wire.state({"status": "IN_QUEUE", "queue_position": position}) == ("waiting", before)

    @pytest.mark.parametrize(
        ("endpoint", "listed"),
        [
            ("fal-ai/imagen4/preview", 1),
            ("fal-ai/imagen4", 1),
            (None, 1),
            ("fal-ai/imagen4/preview/ultra", 0),
            ("fal-ai/imagen", 0),
            (5, 0),
        ],
    )
    def test_an_entry_of_another_model_is_left_out(self, endpoint: object, listed: int) -> None:
        item = {"request_id": "r", "endpoint_id": endpoint, "sent_at": "2026-11-01T00:00:00", "json_input": {}}
        assert len(wire.entries([item], "fal-ai/imagen4/preview")) == listed

    @pytest.mark.parametrize("answer", [None, [], "x", 5, {}, {"images": None}, {"images": {}}])
    def test_a_result_without_a_list_of_images_is_unexpected(self, answer: object) -> None:
        with pytest.raises(wire.Unexpected):
            wire.pictures(answer)

    @pytest.mark.parametrize("answer", [None, [], {}, {"detail": None}, {"detail": {}}, "text"])
    def test_an_error_in_nobodys_words_is_none(self, answer: object) -> None:
        assert wire.trouble(answer) is None
