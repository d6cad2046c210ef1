"""What a provider is, and how the world outside may fail it. No Django here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import IO, Protocol

from generations.types import Balance, ImageRequest, Submission


class Provider(Protocol):
    """A vendor account that makes pictures, in steps, so that nothing waits in a worker.

    Every method may raise a ``ProviderError``, which says what to do next, and nothing else. A provider inherits what
    is said here of those that cannot do a thing.
    """

    name: str
    repeatable: bool = False
    """Whether submitting the same reference twice makes, and costs, no second job."""
    synchronous: bool = False
    """Whether ``submit`` answers only when the pictures are made, and so holds its thread meanwhile."""
    draws: bool = False
    """Whether its pictures are drawn here, as they are stored, which takes all of a core."""
    traceable: bool = False
    """Whether ``find`` can tell what became of a submit whose answer was lost."""
    calls_back: bool = False
    """Whether it calls the address given with a submit when the job is over."""
    trained: bool = True
    """Whether a trained model makes the pictures; false for pictures drawn by rule."""
    call_limit: dt.timedelta
    """The longest that one call may take."""

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """Hand the request over. Answers finished pictures, or the id of a job that was accepted."""

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        """Ask after an accepted job.

        ``likely_over`` says that such jobs tend to be over at this age: where state and result are two questions, the
        second may do.
        """
        raise ProviderUnavailable(f"{self.name} keeps no jobs", code="job_lost", passing=False)

    def cancel(self, job: str) -> None:
        """Ask the vendor to stop; that it answers does not mean that it did."""

    def fetch(self, url: str, into: IO[bytes]) -> None:
        """Write the picture at an address that this provider gave into a file; what a failure leaves there is void."""
        raise RequestRejected(f"{self.name} gives no addresses", code="forbidden_address")

    def find(self, request: ImageRequest, *, reference: str, sent: dt.datetime) -> Submission | None:
        """What became of a submit whose answer was lost; nothing when the vendor knows none like it (yet)."""
        return None

    def heard(self, provider_model: str, headers: Mapping[str, str], body: bytes) -> str:
        """The job that a callback is about, as ``submit`` would have named it.

        A callback is a hint to poll: whatever else it says is not believed. ``NotGenuine`` when the vendor did not
        send it to us, ``ProviderUnavailable`` when that cannot be told now.
        """
        raise NotGenuine(f"{self.name} sends no callbacks")

    def balance(self) -> Balance | None:
        """What is left at the vendor; nothing when it does not say."""
        return None

    def models(self) -> frozenset[str] | None:
        """The model ids that the vendor serves now; nothing when it does not list them."""
        return None


class ProviderError(Exception):
    """Something between us and the vendor went wrong. ``code`` is for programs, the text for people."""

    code = "provider_error"

    def __init__(self, detail: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(detail)
        self.code = code or self.code
        self.status = status


class RequestRejected(ProviderError):
    """The vendor refuses this request and so would any other: stop and give the credits back."""

    code = "rejected"


class ProviderUnavailable(ProviderError):
    """The vendor cannot serve it now; nothing was begun. Try the next route, or this one after ``retry_after``.

    A fault that is not ``passing`` (bad key, no funds, a retired model) shuts the route for this generation.
    """

    code = "unavailable"

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        status: int | None = None,
        retry_after: dt.timedelta | None = None,
        passing: bool = True,
    ) -> None:
        super().__init__(detail, code=code, status=status)
        self.retry_after = retry_after
        self.passing = passing


class OutcomeUnknown(ProviderError):
    """The request left us and no answer came back: it may have been accepted and paid. Never send it again."""

    code = "outcome_unknown"


class NotGenuine(Exception):
    """A callback that the vendor did not send, or not to us, or not now."""
