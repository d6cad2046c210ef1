"""Why a request was not served, in our words; each dialect says it in its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from accounts.http import MissingScope, Problem
from accounts.ledger import BudgetExceeded, NotEnoughCredits
from accounts.limits import TooManyRequests
from generations.models import Generation
from generations.submission import (
    IdempotencyConflict,
    InvalidOrder,
    ModelRetired,
    OrdersStopped,
    PromptBlocked,
    StorageFull,
)


class Kind(StrEnum):
    """What is wrong. The first ones are the request's fault, the rest are not."""

    BAD_REQUEST = "bad_request"  # of HTTP itself, whatever it asks for
    NOT_JSON = "not_json"
    INVALID = "invalid"  # ``fields`` says what, in the words of ``submission.Order``, or of the dialect
    NO_MODEL = "no_model"
    MODEL_RETIRED = "model_retired"
    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    FORBIDDEN = "forbidden"
    NO_CREDITS = "no_credits"  # with ``needed`` and ``available``
    NO_BUDGET = "no_budget"  # of the key's, with the same
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    TOO_LARGE = "too_large"
    CONFLICT = "conflict"  # an idempotency key that came with another order before
    TOO_MANY = "too_many"  # with ``wait`` in seconds
    REFUSED_CONTENT = "refused_content"
    CANCELLED = "cancelled"
    FAILED = "failed"  # no provider made a picture of it; nothing was charged
    STILL_RUNNING = "still_running"  # longer than a request may wait; it goes on
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened; ``text`` is a sentence for people."""

    kind: Kind
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    needed: int = 0
    available: int = 0
    wait: int = 0


# Of an error that comes from outside the views: by its HTTP status.
BY_STATUS = {
    400: Trouble(Kind.BAD_REQUEST, "This request is for another host, or cannot be read at all."),
    403: Trouble(Kind.FORBIDDEN, "This studio takes requests over https only."),
    404: Trouble(Kind.NOT_FOUND, "There is nothing at this address."),
    413: Trouble(Kind.TOO_LARGE, f"The body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes."),
    500: Trouble(Kind.INTERNAL, "Something went wrong here; nothing was charged for what did not arrive."),
    503: Trouble(Kind.UNAVAILABLE, "A part of the studio does not answer; try again in a few seconds.", wait=5),
}


class Refused(Exception):
    """Raised by a dialect's own views where no other error says it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble


def trouble(error: Exception) -> Trouble | None:
    """What an error means for the client; None for one that only we can mend."""
    return next((told(error) for kind, told in MEANINGS if isinstance(error, kind)), None)


def failure(generation: Generation) -> Trouble:
    """Why a generation that has ended has no pictures, or what it still waits for."""
    text = generation.error_detail or "No provider could make this picture; nothing was charged."
    if not generation.is_finished:
        return Trouble(Kind.STILL_RUNNING, "The pictures are still being made.")
    if generation.status == Generation.Status.CANCELLED:
        return Trouble(Kind.CANCELLED, "The request was cancelled.")
    if generation.status == Generation.Status.COMPLETED:
        text = "The pictures were made, and their owner has thrown them away since."
    return Trouble(Kind.REFUSED_CONTENT if generation.error_code == "content_policy" else Kind.FAILED, text)


def outside(say: Callable[[HttpRequest, Trouble], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
    """A dialect as ``settings.SPEAKERS`` wants it, for errors that no view of its own answers."""

    def speaker(request: HttpRequest, status: int) -> HttpResponse:
        return say(request, BY_STATUS[status])

    return speaker


def _of(kind: Kind) -> Callable[[Exception], Trouble]:
    return lambda error: Trouble(kind, str(getattr(error, "detail", error)))


def _order(error: InvalidOrder) -> Trouble:
    kind = Kind.NO_MODEL if "model" in error.errors else Kind.INVALID
    return Trouble(kind, " ".join(error.errors.values()), error.errors)


def _budget(error: BudgetExceeded) -> Trouble:
    return Trouble(Kind.NO_BUDGET, str(error), needed=error.needed, available=error.left)


def _credits(error: NotEnoughCredits) -> Trouble:
    text = f"This costs {error.needed} credits and {error.available} are available."
    return Trouble(Kind.NO_CREDITS, text, needed=error.needed, available=error.available)


MEANINGS: list[tuple[type[Exception], Callable[[Any], Trouble]]] = [
    (Refused, lambda error: error.trouble),
    (ModelRetired, lambda error: Trouble(Kind.MODEL_RETIRED, error.errors["model"], error.errors)),
    (OrdersStopped, lambda error: Trouble(Kind.UNAVAILABLE, str(error), wait=error.wait)),
    (PromptBlocked, lambda error: Trouble(Kind.REFUSED_CONTENT, str(error))),
    (StorageFull, lambda error: Trouble(Kind.FORBIDDEN, str(error))),
    (InvalidOrder, _order),
    (BudgetExceeded, _budget),
    (NotEnoughCredits, _credits),
    (IdempotencyConflict, lambda _: Trouble(Kind.CONFLICT, "This Idempotency-Key came with another order before.")),
    (TooManyRequests, lambda error: Trouble(Kind.TOO_MANY, "Too many requests.", wait=int(error.wait))),
    (Http404, lambda _: BY_STATUS[404]),
    (RequestDataTooBig, lambda _: BY_STATUS[413]),
    (MissingScope, _of(Kind.FORBIDDEN)),
    (Problem, _of(Kind.INVALID)),
    (PermissionDenied, _of(Kind.FORBIDDEN)),
    (exceptions.ParseError, _of(Kind.NOT_JSON)),
    (exceptions.NotAuthenticated, _of(Kind.NO_KEY)),
    (exceptions.AuthenticationFailed, _of(Kind.BAD_KEY)),
    (exceptions.NotFound, _of(Kind.NOT_FOUND)),
    (exceptions.MethodNotAllowed, _of(Kind.WRONG_METHOD)),
]
