"""What every HTTP vendor shares: limits, and the reading of what went wrong."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
from collections.abc import Iterator
from email.utils import format_datetime

import httpx
import pytest

from generations.providers.base import ProviderUnavailable, RequestRejected
from generations.providers.http import HttpProvider
from generations.providers.http.answers import LONGEST_WAIT, retry_after
from generations.providers.http.egress import Resolver, resolve
from generations.providers.http.pictures import LIMIT
from generations.types import ImageRequest, Submission
from tests.emulators.pictures import picture
from tests.emulators.server import Reply, Request, Server
from tests.generations.providers.contract import fetched

HOME = "https://vendor.example/v1"
PNG = b"".join(picture(256, 256, 1, small=True))


class Vendor(HttpProvider):
    """A vendor with nothing of its own."""

    name = "vendor"
    call_limit = dt.timedelta(seconds=2)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        raise NotImplementedError

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        raise NotImplementedError

    def cancel(self, job: str) -> None:
        raise NotImplementedError


def vendor_at(base_url: str = HOME, *, media: tuple[str, ...] = (), resolver: Resolver = resolve) -> Vendor:
    return Vendor(base_url, headers={"authorization": "Key secret"}, media=media, resolver=resolver)


class TestLimits:
    def test_a_flood_of_an_answer_is_cut_short(self) -> None:
        sent: list[int] = []

        def flood() -> Iterator[bytes]:
            while True:
                sent.append(65536)
                yield b"\0" * 65536

        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=flood()))
        vendor = Vendor(HOME, headers={}, transport=transport)
        with pytest.raises(RequestRejected) as caught:
            vendor.request("GET", f"{HOME}/x")
        assert caught.value.code == "too_large"
        assert sum(sent) <= vendor.answer_limit + 2 * 65536

    def test_a_bomb_in_a_content_coding_is_not_unpacked(self) -> None:
        bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]", compresslevel=1)
        with Server(lambda request: Reply(200, bomb, {"content-encoding": "gzip"})) as server:
            vendor = vendor_at(server.origin)
            with pytest.raises(ProviderUnavailable) as caught:
                vendor.request("GET", server.origin)
            vendor.close()
        assert caught.value.code == "bad_answer"

    def test_cookies_are_not_kept(self) -> None:
        seen: list[str] = []

        def handle(request: Request) -> Reply:
            seen.append(request.headers.get("cookie", ""))
            return Reply(200, b"{}", {"set-cookie": "session=1; Path=/"})

        with Server(handle) as server:
            vendor = vendor_at(server.origin)
            vendor.request("GET", server.origin)
            vendor.request("GET", server.origin)
            vendor.close()
        assert seen == ["", ""]

    def test_calls_follow_no_redirect(self) -> None:
        calls: list[str] = []

        def handle(request: Request) -> Reply:
            calls.append(request.path)
            return Reply(302, headers={"location": "/elsewhere"})

        with Server(handle) as server:
            vendor = vendor_at(server.origin)
            with pytest.raises(ProviderUnavailable):
                vendor.request("GET", f"{server.origin}/here")
            vendor.close()
        assert calls == ["/here"]

    @pytest.mark.parametrize("coding", [";base64,", ";charset=x;base64,"])
    def test_a_data_uri_is_a_picture_too(self, coding: str) -> None:
        assert fetched(vendor_at(), f"data:image/png{coding}{base64.b64encode(PNG).decode()}") == PNG

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("data:image/png;base64,", "not_a_picture"),
            ("data:image/png;base64,????", "not_a_picture"),
            ("data:image/png;base64,ü", "not_a_picture"),
            ("data:text/html,<script>", "not_a_picture"),
            ("data:", "not_a_picture"),
            ("data:image/png;base64," + "A" * (LIMIT * 4 // 3 + 2000), "too_large"),
        ],
        ids=["empty", "no base64", "not ASCII", "a page", "nothing", "huge"],
    )
    def test_a_data_uri_that_is_no_picture_is_given_up(self, url: str, code: str) -> None:
        with pytest.raises(RequestRejected) as caught:
            fetched(vendor_at(), url)
        assert caught.value.code == code


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("3", 3),
            ("0", 0),
            ("1.5", 1.5),
            ("-5", 0),
            ("1e300", 300),
            ("inf", 300),
            ("nan", 0),
            ("9" * 400, 300),
            ("soon", 0),
        ],
    )
    def test_seconds_are_read_and_bounded(self, value: str, seconds: float) -> None:
        assert retry_after(value) == dt.timedelta(seconds=seconds)

    def test_a_date_is_read(self) -> None:
        later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
        wait = retry_after(format_datetime(later, usegmt=True))
        assert wait
        assert dt.timedelta(seconds=55) < wait <= dt.timedelta(seconds=60)

    def test_a_date_far_away_is_bounded_and_one_gone_by_is_now(self) -> None:
        assert retry_after("Fri, 31 Dec 9999 23:59:59 GMT") == LONGEST_WAIT
        assert retry_after("Sat, 01 Jan 2000 00:00:00") == dt.timedelta()

    def test_without_it_nothing_is_said(self) -> None:
        assert retry_after(None) is retry_after("") is None
