"""Posting to receivers that strangers named: anywhere in the open, and inside only where the operator allows it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import httpx

from generations.providers.http.answers import retry_after
from generations.providers.http.egress import ForbiddenAddress, GuardedTransport, Resolver, is_public, resolve, within
from generations.providers.http.provider import HEADERS, LOST, NOT_SENT, TIMEOUT

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
EXCERPT = 1000  # bytes of an answer that are kept
EXCERPT_SECONDS = 2
LONGEST_WAIT = dt.timedelta(days=1)  # that a receiver may ask for


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came back: a status and how the answer began, or ``error`` alone; and how long it took.

    It is ``final`` when trying again would be in vain. ``wait`` is how long the receiver wants to be left alone.
    """

    status: int | None = None
    error: str = ""
    final: bool = False
    answer: str = ""
    wait: dt.timedelta | None = None
    seconds: float = field(default=0, compare=False)

    @property
    def taken(self) -> bool:
        """Whether the receiver said that it has the message."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Receivers:
    """Shared by all threads of a process. ``networks`` are those inside that may be told something all the same."""

    def __init__(self, networks: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        allowed = [ipaddress.ip_network(network) for network in networks]
        self._client = httpx.Client(
            transport=GuardedTransport([], resolver, lambda address: may_be_told(address, allowed)),
            headers={**HEADERS, "connection": "close"},  # nobody is told much
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Reaction:
        """One try, which ends within so many seconds; nothing is raised, and no error repeats the address."""
        began = time.monotonic()
        try:
            with within(seconds):
                reaction = self._post(url, body, {"content-type": "application/json", **headers})
        except ForbiddenAddress:
            reaction = Reaction(error="The address leads to where nobody may send us.", final=True)
        except (*NOT_SENT, *LOST) as error:
            reaction = Reaction(error=f"No answer: {type(error).__name__}")
        return replace(reaction, seconds=time.monotonic() - began)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reaction:
        request = self._client.build_request("POST", url, content=body, headers=headers)
        response = self._client.send(request, stream=True)
        try:
            answer = _excerpt(response)
        finally:
            response.close()
        taken = HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
        return Reaction(
            response.status_code,
            "" if taken else f"Answered {response.status_code}.",
            answer=answer,
            wait=None if taken else retry_after(response.headers.get("retry-after"), LONGEST_WAIT),
        )


def may_be_told(address: str, networks: Iterable[IPNetwork]) -> bool:
    """Whether an IP address is one of the open internet, or of these networks."""
    if is_public(address):
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _excerpt(response: httpx.Response) -> str:
    """How the answer begins, as far as it comes soon; its status counts whatever becomes of the rest."""
    read = b""
    try:
        with within(EXCERPT_SECONDS):
            for piece in response.iter_raw():
                read += piece
                if len(read) >= EXCERPT:
                    break
    except LOST:
        pass
    return read[:EXCERPT].decode(errors="replace").replace("\0", "\ufffd")
