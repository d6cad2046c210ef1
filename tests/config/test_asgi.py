"""Which requests wait, and that none of them holds a thread meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import UUIDConverter
from django.utils.module_loading import import_string
from django.utils.regex_helper import normalize

from config import asgi

SAMPLE_ID = "00000000-0000-7000-8000-000000000000"


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """One address of every view, or several where a pattern has several forms."""
    for pattern in resolver.url_patterns:
        for text, names in normalize(pattern.pattern.regex.pattern):
            converters = pattern.pattern.converters
            values = {name: SAMPLE_ID if isinstance(converters.get(name), UUIDConverter) else "x" for name in names}
            address = before + text % values
            if isinstance(pattern, URLResolver):
                yield from addresses(pattern, address)
            else:
                yield address, pattern


VIEWS = sorted(addresses(get_resolver()), key=lambda view: view[0])


@pytest.mark.parametrize("address", [address for address, view in VIEWS if iscoroutinefunction(view.callback)])
def test_an_asynchronous_view_is_where_requests_may_wait(address: str) -> None:
    assert asgi.WAITING.fullmatch(address)


def test_no_other_view_is() -> None:
    others = [address for address, view in VIEWS if not iscoroutinefunction(view.callback)]
    assert len(others) > 50
    assert [address for address in others if asgi.WAITING.fullmatch(address)] == []


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_no_middleware_holds_a_thread_around_a_view_that_waits(name: str) -> None:
    assert import_string(name).async_capable
