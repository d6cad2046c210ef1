"""The base of whatever is called over HTTP, and of every vendor that is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Any

import httpcore
import httpx

from generations.providers.base import (
    OutcomeUnknown,
    Provider,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from generations.providers.http import pictures
from generations.providers.http.answers import LATER, SOON, Answer, Unreadable, no_answer, refusal, secrets_of, without
from generations.providers.http.egress import (
    ForbiddenAddress,
    GuardedTransport,
    Origin,
    Resolver,
    left,
    resolve,
    within,
)
from generations.types import Picture

TIMEOUT = httpx.Timeout(None, connect=10, pool=10)  # each call has its own end: ``call_limit``
HEADERS = {"user-agent": "atelier", "accept": "*/*", "accept-encoding": "identity", "connection": "keep-alive"}
REDIRECTS = 3
FETCH_SECONDS = 60  # for one picture, however long its vendor may paint

NOT_SENT = (
    ForbiddenAddress,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
)
LOST = (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError)


class HttpClient:
    """Calls one vendor; shared by all threads of a process.

    ``also`` are further addresses of its API. Only these and ``base_url``, which the operator chose, may have an
    address that is not public.
    """

    name: str
    call_limit = dt.timedelta(seconds=30)
    answer_limit = 1024 * 1024

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        also: Iterable[str] = (),
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._homes = [Origin.of(url) for url in (self.base_url, *also)]
        self._headers = dict(headers)  # for calls only: no picture's host ever sees the key
        self._secrets = secrets_of(headers.values())
        self._transport = transport or GuardedTransport(self._homes, resolver)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def request(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        paid: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """What the vendor answered, as JSON; anything but a success is raised as what it means."""
        answer = self.call(method, url, body, paid=paid, headers=headers)
        if not answer.good:
            raise self.problem(answer, paid=paid)
        try:
            return answer.json()
        except Unreadable as error:
            raise no_answer(f"{self.name}'s answer is {error}", answer.status, paid=paid) from error

    def call(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        paid: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any answer that came back whole, our key aside. ``paid`` says that the vendor begins paid work on this.

        ``headers`` go beside those that every call carries, the key among them.
        """
        headers, content = {**self._headers, **(headers or {})}, None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body, separators=(",", ":"))
        with self._explained(paid=paid):
            request = _request(method, url, headers, content)
            with self._open(request) as response:
                answer = b"".join(pictures.pieces(response, self.answer_limit))
                return Answer(response.status_code, response.headers, without(self._secrets, answer))

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means. Vendors read their own words first."""
        return refusal(answer, self.name, "", paid=paid)

    def time_limit(self) -> AbstractContextManager[None]:
        """All calls made inside end within ``call_limit`` together."""
        return within(self.call_limit.total_seconds())

    @contextmanager
    def _open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        with self.time_limit():
            response = self._transport.handle_request(request)
            try:
                left(None)
                yield response
            finally:
                response.close()

    @contextmanager
    def _explained(self, *, paid: bool = False) -> Iterator[None]:
        """No exception of a library leaves: each becomes what it means."""
        try:
            yield
        except ForbiddenAddress as error:
            raise RequestRejected(f"{self.name} sent us astray: {error}", code="forbidden_address") from error
        except NOT_SENT as error:
            detail = f"{self.name} could not be reached: {type(error).__name__}"
            raise ProviderUnavailable(detail, code="not_sent", retry_after=SOON) from error
        except pictures.TooLarge as error:
            if paid:
                raise OutcomeUnknown(f"{self.name}'s answer is {error}", code="bad_answer") from error
            raise RequestRejected(f"{self.name}'s answer is {error}", code="too_large") from error
        except LOST as error:
            raise no_answer(f"{self.name} gave no answer: {type(error).__name__}", paid=paid) from error


class HttpProvider(HttpClient, Provider):
    """A vendor called over HTTP. ``media`` are the origins its pictures may come from besides its API's own."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        also: Iterable[str] = (),
        media: Iterable[str] = (),
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        super().__init__(base_url, headers=headers, also=also, transport=transport, resolver=resolver)
        self._media = [*self._homes, *map(Origin.of, media)]

    def unfolded(self, made: Iterable[Picture]) -> tuple[list[Picture], str | None]:
        """Pictures with those that came inside their address as bytes, and what is to be said of broken ones."""
        whole: list[Picture] = []
        problem = None
        for picture in made:
            try:
                whole.append(pictures.unfolded(picture))
            except ProviderError as error:
                problem = f"{self.name}: {error}"
        return whole, problem

    def fetch(self, url: str, into: IO[bytes]) -> None:
        """Write the picture at an address that this provider gave into a file, piece by piece."""
        if url.startswith("data:"):
            into.write(pictures.from_data(url))
            return
        with self._explained(), self.time_limit(), within(FETCH_SECONDS):
            for _ in range(REDIRECTS + 1):
                self._declared(url)
                request = _request("GET", url, {"accept": pictures.ACCEPT})
                with self._open(request) as response:
                    if not response.has_redirect_location:
                        self._copy(response, into)
                        return
                    url = str(request.url.join(response.headers["location"]))
        raise RequestRejected(f"{self.name}'s picture is behind too many redirects", code="forbidden_address")

    def _copy(self, response: httpx.Response, into: IO[bytes]) -> None:
        status = response.status_code
        page = response.headers.get("content-type", "").startswith(("text/", "application/json"))
        if status != httpx.codes.OK or page:  # some gateway's, as a rule: the picture may be there the next time
            detail = f"{self.name}'s picture answered {status}"
            raise ProviderUnavailable(detail, code="no_answer", status=status, retry_after=LATER)
        into.writelines(pictures.pieces(response, pictures.LIMIT))
        into.seek(0)
        pictures.sniff(into.read(pictures.TELLING))

    def _declared(self, url: str) -> None:
        origin = Origin.of(url)
        if not any(declared.covers(origin) for declared in self._media):
            raise ForbiddenAddress(f"{origin.host} is none of {self.name}'s declared hosts")


def _request(method: str, url: str, headers: Mapping[str, str], content: str | None = None) -> httpx.Request:
    """For a transport, without a client between: cookies, redirects and proxies are not for us, and cost a quarter."""
    timeouts = {"timeout": TIMEOUT.as_dict()}
    return httpx.Request(method, url, headers={**HEADERS, **headers}, content=content, extensions=timeouts)
