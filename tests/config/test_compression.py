"""Pages are sent compressed; what is no page is sent as it is."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
TAKES = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_a_fraction_for_browsers_that_take_it() -> None:
    plain, packed = Client().get("/"), Client().get("/", headers=TAKES)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content).startswith(b"<!doctype html>")
    assert len(packed.content) < len(plain.content) / 3
    assert "Content-Encoding" not in plain


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/schema", "/static/icons/favicon.svg"])
def test_what_is_no_page_is_not(path: str) -> None:
    answer = Client().get(path, headers=TAKES)
    answer.close()
    assert "Content-Encoding" not in answer
