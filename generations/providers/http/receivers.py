"""Posting to receivers that strangers named: anywhere in the open, and inside only where the operator allows it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from generations.providers.http.egress import ForbiddenAddress, GuardedTransport, Resolver, is_public, resolve, within
from generations.providers.http.provider import HEADERS, LOST, NOT_SENT, TIMEOUT


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came back: a status, or ``error`` alone. It is ``final`` when trying again would be in vain."""

    status: int | None = None
    error: str = ""
    final: bool = False

    @property
    def taken(self) -> bool:
        """Whether the receiver said that it has the message."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Receivers:
    """Shared by all threads of a process. ``networks`` are those inside that may be told something all the same."""

    def __init__(self, networks: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]
        self._client = httpx.Client(
            transport=GuardedTransport([], resolver, self._may_be_told),
            headers=HEADERS,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Reaction:
        """One try, which ends within so many seconds; nothing is raised, and no error repeats the address."""
        try:
            with within(seconds):
                status = self._post(url, body, {"content-type": "application/json", **headers})
        except ForbiddenAddress:
            return Reaction(error="The address leads to where nobody may send us.", final=True)
        except (*NOT_SENT, *LOST) as error:
            return Reaction(error=f"No answer: {type(error).__name__}")
        return Reaction(status, "" if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else f"Answered {status}.")

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        request = self._client.build_request("POST", url, content=body, headers=headers)
        response = self._client.send(request, stream=True)  # what it says besides is of no interest
        response.close()
        return response.status_code

    def _may_be_told(self, address: str) -> bool:
        if is_public(address):
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
