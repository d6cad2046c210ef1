"""What a provider is, and how the world outside may fail it. No Django here."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from generations.types import ImageRequest, Submission


class Provider(Protocol):
    """A vendor account that makes pictures, in steps, so that nothing waits in a worker.

    Every method may raise a ``ProviderError``, which says what to do next, and nothing else.
    """

    name: str
    repeatable: bool
    """Whether submitting the same reference twice makes, and costs, no second job."""
    trained: bool
    """Whether a trained model makes the pictures; false for pictures drawn by rule."""
    call_limit: dt.timedelta
    """The longest that one call may take."""

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """Hand the request over. Answers finished pictures, or the id of a job that was accepted."""

    def poll(self, job: str) -> Submission:
        """Ask after an accepted job."""

    def cancel(self, job: str) -> None:
        """Ask the vendor to stop; that it answers does not mean that it did."""

    def fetch(self, url: str) -> bytes:
        """The bytes of a picture at an address that this provider gave."""


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
