"""A provider that does what a test tells it, and keeps count of what it was asked."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import PIL.Image

from generations.providers.base import Provider, ProviderError
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
    call_limit: dt.timedelta = dt.timedelta(seconds=5)
    requests: list[ImageRequest] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        self.requests.append(request)
        return _give(self.submits, len(self.requests))

    def poll(self, job: str) -> Submission:
        self.polled.append(job)
        return _give(self.polls, len(self.polled))

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        found = self.files[url]
        if isinstance(found, ProviderError):
            raise found
        return found

    def __call__(self, name: str) -> Provider:
        """As a registry of which every provider is this one."""
        return self


def accepted(job: str = "job-1") -> Accepted:
    """Taken on, to be asked after at once."""
    return Accepted(job, look_again=dt.timedelta(milliseconds=1))


def _give(answers: list[Answer], number: int) -> Submission:
    answer = answers[min(number, len(answers)) - 1]
    if isinstance(answer, ProviderError):
        raise answer
    return answer if isinstance(answer, Accepted | Finished) else answer()
