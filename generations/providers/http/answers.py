"""What a vendor answered, and what an answer that is no success means. Pure."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected

LONGEST_WAIT = dt.timedelta(minutes=5)
SOON = dt.timedelta(seconds=2)
LATER = dt.timedelta(seconds=15)
DETAIL_LENGTH = 300
SECRET_LENGTH = 8  # nobody's key is shorter; "Bearer" and "Key" are
HIDDEN = b"[hidden]"

# Nothing was begun, and another vendor may well serve it.
REFUSED_HERE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "bad_key",
    HTTPStatus.PAYMENT_REQUIRED: "no_funds",
    HTTPStatus.FORBIDDEN: "no_access",
    HTTPStatus.NOT_FOUND: "model_gone",
    HTTPStatus.GONE: "model_gone",
}
REFUSED_NOW: dict[int, str] = {
    HTTPStatus.REQUEST_TIMEOUT: "busy",
    HTTPStatus.TOO_EARLY: "busy",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.SERVICE_UNAVAILABLE: "busy",
}


class Unreadable(ValueError):
    """The answer is not JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def good(self) -> bool:
        """Whether the vendor did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def json(self) -> Any:
        """The body as JSON; raises ``Unreadable``."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"not JSON: {type(error).__name__}") from error

    def json_or_none(self) -> Any:
        """The body as JSON, or None when it is something else."""
        try:
            return self.json()
        except Unreadable:
            return None


def secrets_of(headers: Iterable[str]) -> list[bytes]:
    """The words of headers that carry a key: also each half of a pair, after the pair itself."""
    words = {word for header in headers for word in (*header.split(), *re.split(r"[\s:]", header))}
    return sorted((word.encode() for word in words if len(word) >= SECRET_LENGTH), key=len, reverse=True)


def without(secrets: Iterable[bytes], body: bytes) -> bytes:
    """The body without what vendors repeat of our key: their words are logged, kept, and shown to people."""
    for secret in secrets:
        body = body.replace(secret, HIDDEN)
    return body


def refusal(answer: Answer, vendor: str, said: str, *, paid: bool) -> ProviderError:
    """What an answer that is no success means where the vendor's own words decide nothing.

    ``said`` is what the vendor wrote, empty when it is not in its format. ``paid``: it answers a paid request.
    """
    status = answer.status
    detail = f"{vendor} answered {status}" + (f": {said[:DETAIL_LENGTH]}" if said else "")
    if code := REFUSED_HERE.get(status):
        return ProviderUnavailable(detail, code=code, status=status, passing=False)
    if code := REFUSED_NOW.get(status):
        wait = retry_after(answer.headers.get("retry-after")) or SOON
        return ProviderUnavailable(detail, code=code, status=status, retry_after=wait)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        # Without the vendor's own words it may be somebody on the way who refuses.
        return RequestRejected(detail, code="bad_request", status=status) if said else no_answer(detail, status)
    return no_answer(detail, status, paid=paid)


def no_answer(detail: str, status: int | None = None, *, paid: bool = False, code: str = "") -> ProviderError:
    """Silence, or an answer that tells nothing: of a paid request nobody knows what became of it."""
    code = code or ("bad_answer" if status else "no_answer")
    if paid:
        return OutcomeUnknown(detail, code=code, status=status)
    return ProviderUnavailable(detail, code=code, status=status, retry_after=SOON)


def asked_in_vain(problem: ProviderError) -> ProviderError:
    """What a refusal to talk about an accepted job means: that the account is refused says nothing of the job."""
    wait = getattr(problem, "retry_after", None) or LATER
    return ProviderUnavailable(str(problem), code=problem.code, status=problem.status, retry_after=wait)


def retry_after(value: str | None, longest: dt.timedelta = LONGEST_WAIT) -> dt.timedelta | None:
    """How long a Retry-After header asks us to wait: seconds or a date, never more than ``longest``."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    if not seconds >= 0:  # nan included
        return dt.timedelta()
    return dt.timedelta(seconds=min(seconds, longest.total_seconds()))


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime.now(dt.UTC)).total_seconds()
