"""Apiframe's shapes and ours, without a network."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.providers.apiframe import signing, wire
from generations.types import ImageRequest

identifiers = st.text("aZ09_-", min_size=1, max_size=100)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["images", "url", "jobId", "status", "x"]), inner),
    max_leaves=8,
)


class TestOrders:
    @settings(deadline=None)
    @given(jobs=st.lists(identifiers, min_size=1, max_size=4), code=st.sampled_from(["no_funds", "busy"]))
    def test_an_order_is_read_back_as_it_was_written_and_fits_its_column(self, jobs: list[str], code: str) -> None:
        order = wire.Order(jobs, [code] * (4 - len(jobs)))
        assert wire.Order.parse(str(order)) == order
        assert len(str(order)) <= 500

    @settings(deadline=None)
    @given(text=st.text())
    def test_no_other_text_is_an_order(self, text: str) -> None:
        try:
            order = wire.Order.parse(text)
        except wire.Unexpected:
            return
        assert all(wire.IDENTIFIER.fullmatch(job) for job in order.jobs)


class TestSubmissions:
    def test_only_what_is_documented_is_sent(self) -> None:
        request = ImageRequest("imagen-4", "A cat", "dogs", "16:9", "2K", 3, 9, "jpeg")
        assert wire.submission(request, "https://studio.example/hooks/apiframe/t") == {
            "model": "imagen-4",
            "prompt": "A cat",
            "imagenParams": {"aspect_ratio": "16:9", "image_size": "2K", "output_format": "jpg"},
            "webhookUrl": "https://studio.example/hooks/apiframe/t",
            "webhookEvents": ["completed", "failed"],
        }

    @pytest.mark.parametrize(
        ("prompt", "fits"),
        [("a" * 2000, True), ("a" * 2001, False), ("🗼" * 1000, True), ("🗼" * 1000 + "a", False), ("\ud800", True)],
    )
    def test_prompts_are_counted_as_javascript_counts(self, prompt: str, fits: bool) -> None:  # noqa: FBT001
        assert wire.fits(prompt) == fits


class TestJobs:
    @pytest.mark.parametrize(
        "result",
        [
            "https://cdn.apiframe.ai/1.png",
            ["https://cdn.apiframe.ai/1.png"],
            [{"url": "https://cdn.apiframe.ai/1.png"}],
            {"images": ["https://cdn.apiframe.ai/1.png", "https://cdn.apiframe.ai/2.png"]},
            {"images": [None, "", 5, {"url": "https://cdn.apiframe.ai/1.png"}]},
            {"imageUrl": "https://cdn.apiframe.ai/1.png"},
            {"url": "https://cdn.apiframe.ai/1.png"},
        ],
    )
    def test_a_result_of_any_shape_is_one_picture(self, result: object) -> None:
        assert wire.picture(result) == "https://cdn.apiframe.ai/1.png"

    @settings(deadline=None)
    @given(result=anything)
    def test_a_result_of_no_shape_is_no_picture(self, result: Any) -> None:
        assert isinstance(wire.picture(result), str)

    @settings(deadline=None)
    @given(answer=anything)
    def test_an_answer_is_a_job_or_is_not(self, answer: Any) -> None:
        try:
            job = wire.job(answer)
        except wire.Unexpected:
            return
        assert job.url or job.shortfall or job.state == "unfinished"

    @pytest.mark.parametrize(
        ("error", "refused"),
        [
            ("Provider error: content policy violation", True),
            ("Blocked by safety filters", True),
            ("Flagged by moderation", True),
            ("NSFW content", True),
            ("The model is overloaded", False),
            ("Insufficient capacity", False),
            (None, False),
            ("", False),
            (5, False),
        ],
    )
    def test_what_was_refused_for_its_content_is_told_by_its_words(self, error: object, refused: bool) -> None:  # noqa: FBT001
        assert wire.job({"status": "FAILED", "error": error}).against_policy == refused

    @pytest.mark.parametrize("cost", [None, -1, "7", 7.5, True])
    def test_a_cost_that_is_none_is_unknown(self, cost: object) -> None:
        assert wire.job({"status": "FAILED", "creditCost": cost}).credits is None


class TestTroubles:
    @pytest.mark.parametrize(
        ("answer", "text", "fields"),
        [
            ({"error": "no"}, "no", set()),
            ({"message": "no"}, "no", set()),
            ({"error": "no", "details": {"imagenParams.image_size": ["x"]}}, "no", {"imagenParams"}),
            ({"error": {"message": "no"}, "details": {"model": []}}, "", {"model"}),
        ],
    )
    def test_its_words_and_fields_are_read(self, answer: object, text: str, fields: set[str]) -> None:
        assert wire.trouble(answer) == wire.Trouble(text, frozenset(fields))

    @pytest.mark.parametrize("answer", [None, [], {}, "no", {"error": None}, {"error": {}}, {"details": []}])
    def test_nobodys_words_are_none(self, answer: object) -> None:
        assert wire.trouble(answer) is None


class TestSigning:
    BODY = b'{"event":"completed","jobId":"a1b2c3d4-e5f6-7890-abcd-ef1234567890"}'
    BY_BYTES = "1fbaab706e045b0d70484cd1e228607f187e7defbcee3047fd3a8aee1186d549"  # its SDK verifies this one
    BY_TEXT = "05f4fd9654e9dbdc3e0d858be5d797ba6288cb55c4c05712fb1316a4b59350df"

    @pytest.mark.parametrize("prefix", ["", "sha256="])
    @pytest.mark.parametrize("signature", [BY_BYTES, BY_TEXT])
    def test_known_signatures_hold(self, prefix: str, signature: str) -> None:
        assert signing.genuine("afk_test", prefix + signature, self.BODY)

    @pytest.mark.parametrize("signature", ["", "sha256=", "sha1=x", BY_BYTES[:-1], BY_BYTES.upper(), "é" * 64])
    def test_no_other_does(self, signature: str) -> None:
        assert not signing.genuine("afk_test", signature, self.BODY)
        assert not signing.genuine("afk_test", self.BY_BYTES, self.BODY + b" ")
        assert not signing.genuine("afk_other", self.BY_BYTES, self.BODY)
