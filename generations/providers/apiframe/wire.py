"""Apiframe's names and shapes (v2), to and from ours. Pure.

Facts: the OpenAPI of https://api.apiframe.ai/v2/openapi.json, and its documentation where that differs. A job makes one
picture, so that an attempt is up to four jobs; one string names them all.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self
from uuid import UUID

from generations.types import ImageRequest

PROMPT_UNITS = 2000  # it counts as JavaScript does: UTF-16 code units
CREDIT_USD = 0.01
MOST_CREDITS = 10**9
EVENTS = ["completed", "failed"]
HAPPENINGS = ["progress", *EVENTS]
RATIOS = ["1:1", "9:16", "16:9", "3:4", "4:3"]  # the first of each is what is meant where none is named
SIZES = ["1K", "2K"]
STATUSES = {
    "queued": "QUEUED",
    "running": "PROCESSING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,100}")
UUIDS = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
REFUSED = "!"
FORMATS = {"jpeg": "jpg"}
OUR_FORMATS = {"jpg": "jpeg", "png": "png"}

# Refusals of content are no HTTP errors: the job fails, and only this free text tells why.
POLICY = re.compile(
    r"content.?polic|polic\w+ violation|safety|moderat|blocked|nsfw|prohibited|responsible.ai", re.IGNORECASE
)

State = Literal["unfinished", "completed", "failed", "cancelled", "lost"]


class Unexpected(ValueError):
    """Apiframe's answer lacks what its documentation promises."""


@dataclass(frozen=True, slots=True)
class Order:
    """The jobs of one attempt in the order of their pictures, and why each of the rest was never taken on."""

    jobs: Sequence[str]
    refused: Sequence[str] = ()

    def __str__(self) -> str:
        """One string that holds everything: the jobs can be found again after a crash."""
        return " ".join([*self.jobs, *(f"{REFUSED}{code}" for code in self.refused)])

    @classmethod
    def parse(cls, text: str) -> Self:
        """The order that ``str`` made this of."""
        parts = text.split(" ")
        jobs = [part for part in parts if IDENTIFIER.fullmatch(part)]
        refused = [part.removeprefix(REFUSED) for part in parts if part.startswith(REFUSED)]
        if not jobs or len(jobs) + len(refused) != len(parts):
            raise Unexpected("no jobs of Apiframe's")
        return cls(jobs, refused)


@dataclass(frozen=True, slots=True)
class Job:
    """What became of one job. ``url`` is its picture, ``shortfall`` says why it has none."""

    state: State
    url: str = ""
    shortfall: str = ""
    credits: int | None = None

    @property
    def against_policy(self) -> bool:
        """Whether it failed because of what was asked for."""
        return self.state == "failed" and bool(POLICY.search(self.shortfall))


LOST = Job("lost", shortfall="Apiframe does not know the job.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A refusal in Apiframe's own words. ``fields`` are the parts of the request that it does not take."""

    text: str
    fields: frozenset[str] = frozenset()


def fits(prompt: str) -> bool:
    """Whether Apiframe takes a prompt of this length."""
    return len(prompt.encode("utf-16-le", "surrogatepass")) // 2 <= PROMPT_UNITS


def submission(request: ImageRequest, callback: str | None) -> dict[str, Any]:
    """The body for one picture. It refuses every key that it does not know, a seed among them."""
    body: dict[str, Any] = {
        "model": request.provider_model,
        "prompt": request.prompt,
        "imagenParams": {
            "aspect_ratio": request.aspect_ratio,
            "image_size": request.resolution,
            "output_format": FORMATS.get(request.output_format, "png"),
        },
    }
    if callback:
        body |= {"webhookUrl": callback, "webhookEvents": EVENTS}
    return body


def taken(job: str, status: str) -> dict[str, str]:
    """The answer to a submit."""
    return {"jobId": job, "status": STATUSES[status]}


def refused(text: str, details: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The body of every error. Its client reads nothing but a text in ``error``."""
    return {"error": text} | ({"details": details} if details else {})


def is_id(text: str) -> bool:
    """Whether this is how the id of a job is written."""
    return bool(UUIDS.fullmatch(text))


def cursor(job: UUID) -> str:
    """Where a list goes on after this job."""
    return base64.urlsafe_b64encode(json.dumps({"id": str(job)}).encode()).decode()


def cursor_read(text: str) -> UUID:
    """The job that ``cursor`` made this of; raises ``ValueError``."""
    try:
        return UUID(json.loads(base64.urlsafe_b64decode(text))["id"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no cursor") from error


def accepted(answer: Any) -> str:
    """The id in the answer to a submit."""
    return _identifier(answer, "it named no jobId")


def called_back(body: Any) -> str:
    """The id of the job that a callback is about."""
    return _identifier(body, "it names no job")


def job(answer: Any) -> Job:
    """What an answer says of a job."""
    answer = answer if isinstance(answer, dict) else {}
    cost = _number(answer.get("creditCost"))
    match answer.get("status"):
        case "QUEUED" | "PROCESSING":
            return Job("unfinished")
        case "COMPLETED":
            return _completed(answer, cost)
        case "FAILED":
            said = answer.get("error")
            text = said if isinstance(said, str) and said else "it gives no reason"
            return Job("failed", shortfall=f"Apiframe's job failed: {text}", credits=cost)
        case "CANCELLED":
            return Job("cancelled", shortfall="Apiframe's job was cancelled.", credits=cost)
    raise Unexpected("the job has no known status")


def _completed(answer: dict[str, Any], cost: int | None) -> Job:
    if answer.get("expired") is True:
        return Job("completed", shortfall="Apiframe no longer keeps the picture.", credits=cost)
    url = picture(answer.get("result"))
    return Job("completed", url, "" if url else "Apiframe made no picture.", cost)


def picture(result: Any) -> str:
    """The address in a result of any shape it ever had: a string, a list, an object; nothing when there is none."""
    if isinstance(result, dict):
        result = result.get("images") or result.get("imageUrl") or result.get("url")
    for item in result if isinstance(result, list) else [result]:
        url = item.get("url") if isinstance(item, dict) else item
        if isinstance(url, str) and url:
            return url
    return ""


def trouble(answer: Any) -> Trouble | None:
    """The error in an answer: one text, and for a body that is not valid what is wrong by path."""
    if not isinstance(answer, dict):
        return None
    text = next((answer[name] for name in ("error", "message", "detail") if isinstance(answer.get(name), str)), "")
    details = answer.get("details")
    fields = frozenset(path.split(".")[0] for path in details) if isinstance(details, dict) else frozenset()
    return Trouble(text, fields) if text or fields else None


def credits_left(answer: Any) -> int | None:
    """The team's credits in an answer about the account; nothing where there is no team."""
    team = answer.get("team") if isinstance(answer, dict) else None
    return _number(team.get("credits")) if isinstance(team, dict) else None


def models(answer: Any) -> frozenset[str]:
    """The ids in the list of models."""
    listed = answer.get("models") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise Unexpected("it lists no models")
    ids = [entry.get("id") for entry in listed if isinstance(entry, dict)]
    return frozenset(identifier for identifier in ids if isinstance(identifier, str))


def _identifier(value: Any, otherwise: str) -> str:
    found = value.get("jobId") if isinstance(value, dict) else None
    if not isinstance(found, str) or not IDENTIFIER.fullmatch(found):
        raise Unexpected(otherwise)
    return found


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_CREDITS else None
