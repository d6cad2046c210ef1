"""That every page is known to the test that looks at all of them."""

from __future__ import annotations

import pytest

from tests.browser import pages

pytestmark = pytest.mark.django_db  # the admin asks it for nothing, but may


def test_every_address_is_a_page_with_an_entry_or_has_a_reason_to_be_none() -> None:
    others = set[str]().union(*pages.OTHERS.values())
    assert pages.names() - set(pages.PAGES) - others == set(), "say in tests/browser/pages.py how these are reached"
    assert (set(pages.PAGES) | others) - pages.names() == set()
    assert set(pages.PAGES) & others == set()
