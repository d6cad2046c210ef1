"""A provider that does what a test tells it, and keeps count of what it was asked."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import PIL.Image

from generations.providers.base import NotGenuine, Provider, ProviderError
from generations.types import Accepted, Finished, ImageRequest, Picture, Submission

Answer = Submission | ProviderError | Callable[[], Submission]


def png(colour: str = "teal", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small real PNG of one colour."""
    out = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def finished(count: int = 1) -> Finished:
    """That many different pictures, as bytes."""
    return Finished([Picture(content=png(size=(64 + number, 48)), seed=number) for number in range(count)])


@dataclass
class FakeProvider(Provider):
    """Answers submits and polls from lists, the last answer for ever; pictures at addresses come from ``files``."""

    submits: list[Answer] = field(default_factory=lambda: [finished()])
    polls: list[Answer] = field(default_factory=list)
    files: dict[str, bytes | ProviderError] = field(default_factory=dict)
    name: str = "sketch"
    repeatable: bool = False
    trained: bool = True
    synchronous: bool = False
    draws: bool = False
    traceable: bool = False
    calls_back: bool = False
    call_limit: dt.timedelta = dt.timedelta(seconds=5)
    finds: list[Answer | None] = field(default_factory=lambda: [None])
    requests: list[ImageRequest] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    thought_over: list[bool] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    sought: list[ImageRequest] = field(default_factory=list)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        self.requests.append(request)
        submission: Submission = _give(self.submits, len(self.requests))
        return submission

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        self.polled.append(job)
        self.thought_over.append(likely_over)
        submission: Submission = _give(self.polls, len(self.polled))
        return submission

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)

    def find(self, request: ImageRequest, *, reference: str, sent: dt.datetime) -> Submission | None:
        self.sought.append(request)
        found: Submission | None = _give(self.finds, len(self.sought))
        return found

    def heard(self, provider_model: str, headers: Mapping[str, str], body: bytes) -> str:
        """Genuine is what is signed with the word, about the job that the body names."""
        if headers.get("x-signature") != "genuine":
            raise NotGenuine("not signed")
        return body.decode()

    def fetch(self, url: str, into: IO[bytes]) -> None:
        self.fetched.append(url)
        found = self.files[url]
        if isinstance(found, ProviderError):
            raise found
        into.write(found)

    def __call__(self, name: str) -> Provider:
        """As a registry of which every provider is this one."""
        return self


def accepted(job: str = "job-1") -> Accepted:
    """Taken on, to be asked after at once."""
    return Accepted(job, look_again=dt.timedelta(milliseconds=1))


def _give(answers: Sequence[Answer | None], number: int) -> Any:
    answer = answers[min(number, len(answers)) - 1]
    if isinstance(answer, ProviderError):
        raise answer
    return answer() if callable(answer) else answer
