"""Sketch as a provider."""

from __future__ import annotations

import pytest

from generations.providers.base import Provider
from generations.providers.sketch.client import build
from generations.types import Finished, ImageRequest
from tests.generations.providers.contract import ProviderContract


class TestContract(ProviderContract):
    """What holds for every provider."""

    @pytest.fixture
    def provider(self) -> Provider:
        return build({"enabled": True})


def test_it_says_that_it_is_no_trained_model_and_may_be_asked_twice() -> None:
    sketch = build({})
    assert not sketch.trained
    assert sketch.repeatable


def test_each_picture_of_a_request_can_be_drawn_again_alone() -> None:
    sketch = build({})
    both = sketch.submit(ImageRequest("", "dunes at noon", count=2, seed=7), reference="", callback=None)
    assert isinstance(both, Finished)
    second = both.pictures[1]
    assert second.seed == 8
    alone = sketch.submit(ImageRequest("", "dunes at noon", count=1, seed=8), reference="", callback=None)
    assert isinstance(alone, Finished)
    assert second.draw
    assert alone.pictures[0].draw
    assert second.draw() == alone.pictures[0].draw()
