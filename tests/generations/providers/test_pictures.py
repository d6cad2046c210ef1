"""Pictures that come inside their address."""

from __future__ import annotations

import base64

import pytest

from generations.providers.base import RequestRejected
from generations.providers.http import pictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_bytes_are_read_however_they_were_written() -> None:
    encoded = "".join(f"%{byte:02x}" for byte in PNG)
    assert pictures.from_data(f"data:image/png,{encoded}") == PNG
    assert pictures.from_data(f"data:image/png;base64,{base64.b64encode(PNG).decode()}") == PNG


@pytest.mark.parametrize(
    "url", ["data:", "data:image/png;base64,iVBORw0KG", "data:image/png;base64", "data:,a picture"]
)
def test_what_holds_no_picture_is_refused(url: str) -> None:
    with pytest.raises(RequestRejected) as refusal:
        pictures.from_data(url)
    assert refusal.value.code == "not_a_picture"


@pytest.mark.parametrize("more", [1, 2 * pictures.LIMIT])
def test_more_than_a_picture_may_weigh_is_refused(more: int) -> None:
    with pytest.raises(RequestRejected) as refusal:
        pictures.from_data("data:image/png," + "x" * (pictures.LIMIT + more))
    assert refusal.value.code == "too_large"
