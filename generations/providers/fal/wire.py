"""fal's names and shapes, to and from ours. Pure.

Facts and sources: https://fal.ai/docs/model-apis (queue, errors). The schema of the Imagen endpoints changed twice in
2025: newer answers carry ``description`` and no ``seed``; ``fast`` takes no ``resolution``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self

from generations.types import ImageRequest, Picture

LONGEST_QUEUE = 1000  # beyond it nobody counts
SEEDS = range(2**63)
MOST_CREDITS = 1e9
NAMESPACES = {"workflows", "comfy"}
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,100}")
WORD = re.compile(r"[A-Za-z0-9_.]{1,80}")
APPLICATION = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){1,2}")

# Types of error where it is fal or the model behind it that failed, whatever the status says.
THEIR_FAULT = {
    "downstream_service_error",
    "downstream_service_unavailable",
    "generation_timeout",
    "internal_error",
    "internal_server_error",
    "request_timeout",
    "startup_timeout",
}
CONTENT = {"content_policy_violation", "no_media_generated"}

# Fields that not every generation of the schema has: a list of requests may leave them out.
DROPPED = {"seed", "negative_prompt", "resolution", "output_format"}

State = Literal["waiting", "painting", "over"]
STATES: dict[str, State] = {"IN_QUEUE": "waiting", "IN_PROGRESS": "painting", "COMPLETED": "over"}


class Unexpected(ValueError):
    """fal's answer lacks what its documentation promises."""


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted job: its id, and the application that it is asked after at.

    fal answers a submit with addresses too, and its clients differ in whether they follow them. They are built here, as
    its own JavaScript client does: a submit, a callback and the list of requests then name a job alike, and our key
    goes nowhere but to the queue.
    """

    number: str
    application: str

    def __str__(self) -> str:
        """One string that holds everything: the job can be found again after a crash."""
        return f"{self.number} {self.application}"

    @classmethod
    def of(cls, number: str, model: str) -> Self:
        """The job of this id: follow-ups drop the sub-path of the model that it was submitted to."""
        parts = model.strip("/").split("/")
        return cls(number, "/".join(parts[: 3 if parts[0] in NAMESPACES else 2]))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The job that ``str`` made this of."""
        number, _, application = text.partition(" ")
        if not NUMBER.fullmatch(number) or not APPLICATION.fullmatch(application):
            raise Unexpected("no job of fal's")
        return cls(number, application)

    @property
    def home(self) -> str:
        """The path of its result, below the queue's address; ``/status`` and ``/cancel`` are below it."""
        return f"/{self.application}/requests/{self.number}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in fal's own words. ``kind`` is the type it gave, or nothing."""

    kind: str
    text: str

    @property
    def theirs(self) -> bool:
        """Whether another vendor may well do what was asked."""
        return self.kind in THEIR_FAULT or self.kind.startswith("runner_")


def submission(request: ImageRequest) -> dict[str, Any]:
    """The input object: not wrapped, defaults that matter spelled out."""
    body: dict[str, Any] = {
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
        "num_images": request.count,
        "output_format": request.output_format,
    }
    if takes_resolution(request.provider_model):
        body["resolution"] = request.resolution
    if request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if request.seed is not None:
        body["seed"] = request.seed
    return body


def takes_resolution(model: str) -> bool:
    """Whether the input of this model has a resolution."""
    return not model.endswith("/fast")


def accepted(answer: Any, model: str) -> Job:
    """The job in the answer to a submit."""
    number = answer.get("request_id") if isinstance(answer, dict) else None
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise Unexpected("fal named no request_id")
    return Job.of(number, model)


def state(answer: Any) -> tuple[State, int]:
    """Where a job is, and how many wait before it.

    Whatever is neither waiting nor in progress is over: failure and cancellation end in COMPLETED too, and only the
    result tells them apart.
    """
    status = answer.get("status") if isinstance(answer, dict) else None
    found = STATES.get(status, "over") if isinstance(status, str) else "over"
    position = answer.get("queue_position") if found == "waiting" else 0
    return found, min(max(position, 0), LONGEST_QUEUE) if isinstance(position, int) else 0


def pictures(answer: Any) -> list[Picture]:
    """The pictures of a result, of either generation of the schema. What is none is left out."""
    images = answer.get("images") if isinstance(answer, dict) else None
    if not isinstance(images, list):
        raise Unexpected("fal's result has no list of images")
    seed = answer.get("seed")
    seed = seed if isinstance(seed, int) and not isinstance(seed, bool) and seed in SEEDS else None
    urls = [image.get("url") for image in images if isinstance(image, dict)]
    return [Picture(url=url, seed=seed) for url in urls if isinstance(url, str) and url]


@dataclass(frozen=True, slots=True)
class Entry:
    """A request in fal's list of what our account asked for."""

    number: str
    sent: dt.datetime
    input: dict[str, Any]


def page(answer: Any, name: str) -> tuple[list[dict[str, Any]], str]:
    """One page of a list of the platform's, and the cursor of the next, empty on the last."""
    listed = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise Unexpected(f"fal's page has no {name}")
    cursor = answer.get("next_cursor") if answer.get("has_more") else None
    if answer.get("has_more") and not isinstance(cursor, str):
        raise Unexpected("fal's page has a next one and does not say where")
    return [item for item in listed if isinstance(item, dict)], cursor or ""


def entries(items: Iterable[dict[str, Any]], model: str) -> list[Entry]:
    """The requests among the items of a page that say enough to be recognised."""
    found = []
    for item in items:
        number, sent, given = item.get("request_id"), _moment(item.get("sent_at")), item.get("json_input")
        if not isinstance(number, str) or not NUMBER.fullmatch(number) or not _is_of(item.get("endpoint_id"), model):
            continue
        if sent and isinstance(given, dict):
            found.append(Entry(number, sent, given))
    return found


def recognised(listed: Iterable[Entry], request: ImageRequest, since: dt.datetime, until: dt.datetime) -> str:
    """The id of the one listed request that this one became; empty when none was, or more than one may have been."""
    ours = {"negative_prompt": "", **submission(request)}
    alike = {entry.number for entry in listed if since <= entry.sent <= until and _alike(entry.input, ours)}
    return alike.pop() if len(alike) == 1 else ""


def credits_left(answer: Any) -> tuple[float, str] | None:
    """The balance in an answer about billing, and its currency."""
    found = answer.get("credits") if isinstance(answer, dict) else None
    found = found if isinstance(found, dict) else {}
    amount = found.get("current_balance")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or not abs(amount) <= MOST_CREDITS:
        return None
    return float(amount), _word(found.get("currency")) or "USD"


def trouble(answer: Any, header: str = "") -> Trouble | None:
    """The error in an answer of either family: a list of details from a model, one text from fal itself.

    ``header`` is X-Fal-Error-Type. A detail may echo the whole prompt as ``input``: it is not repeated here.
    """
    if not isinstance(answer, dict):
        return None
    detail = answer.get("detail")
    if isinstance(detail, list):
        first = next((item for item in detail if isinstance(item, dict)), {})
        return Trouble(_word(first.get("type")), _text(first.get("msg")))
    kind = _word(answer.get("error_type")) or _word(header)
    text = _text(detail) or _text(answer.get("error")) or _text(answer.get("status"))
    return Trouble(kind, text) if kind or text else None


def _is_of(endpoint: Any, model: str) -> bool:
    """Whether an entry may be of this model: as with its follow-ups, fal may leave out the sub-path."""
    return endpoint is None or (isinstance(endpoint, str) and f"{model}/".startswith(f"{endpoint}/"))


def _alike(listed: dict[str, Any], ours: dict[str, Any]) -> bool:
    return all(listed[name] == value if name in listed else name in DROPPED for name, value in ours.items())


def _moment(value: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _word(value: Any) -> str:
    return value if isinstance(value, str) and WORD.fullmatch(value) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
