"""Processes that die at a chosen moment: between any two things that a worker does to the world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.files.base import File
from django.db import connection

from generations.files import FileStorage
from generations.providers.base import Provider
from generations.types import ImageRequest, Submission
from tests.fakes import FakeProvider

# A savepoint of the test's transaction is a transaction of the product's: its release is a commit.
CHANGES = re.compile(r'\b(?:(INSERT) INTO|(UPDATE)|(DELETE) FROM) "?((?:accounts|generations)_\w+)|^(RELEASE) (\w+)')


class Killed(BaseException):
    """The process died here: nothing after it runs, not even cleaning up."""


@dataclass
class Death:
    """Counts the boundaries that are passed and kills at the one numbered ``at``; once, because the dead stay dead.

    Or at the first of which ``when`` says, of all that were passed, that it is the one.
    """

    at: int = -1
    when: Callable[[list[str]], bool] = lambda passed: False
    passed: list[str] = field(default_factory=list)
    struck: bool = False

    def boundary(self, name: str) -> None:
        self.passed.append(name)
        if not self.struck and (len(self.passed) - 1 == self.at or self.when(self.passed)):
            self.struck = True
            self.kill(name)

    def kill(self, name: str) -> None:
        raise Killed(name)

    def _query(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        result = execute(sql, params, many, context)
        if changes := CHANGES.findall(sql):  # of several in one statement the last is what it is for
            self.boundary(" ".join(filter(None, changes[-1])))
        return result

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Every write to the database, every call of a ``MortalProvider`` and every file of a ``MortalStorage``."""
        MortalStorage.death = self
        try:
            with connection.execute_wrapper(self._query):
                yield
        finally:
            MortalStorage.death = None


class MortalStorage(FileStorage):
    """Files; whoever writes or removes one may die before or after."""

    death: Death | None = None

    def _save(self, name: str, content: File[bytes] | IO[bytes]) -> str:
        self._boundary(f"before save {name.partition('/')[0]}")
        saved = super()._save(name, content)
        self._boundary(f"after save {name.partition('/')[0]}")
        return saved

    def delete(self, name: str) -> None:
        self._boundary("before delete")
        super().delete(name)
        self._boundary("after delete")

    def _boundary(self, name: str) -> None:
        if self.death:
            self.death.boundary(name)


def mortal(provider: Provider, death: Death) -> None:
    """The caller of this client may die before and after each of its acts."""

    def around(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*args: Any, **kwargs: Any) -> Any:
            death.boundary(f"before {name}")
            answer = act(*args, **kwargs)
            death.boundary(f"after {name}")
            return answer

        return acting

    for name in ("submit", "find", "poll", "fetch"):
        setattr(provider, name, around(name, getattr(provider, name)))


@dataclass
class MortalProvider(FakeProvider):
    """A vendor whose caller may die before it hears of a request or after it has answered."""

    death: Death = field(default_factory=Death)
    references: list[str] = field(default_factory=list)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        self.death.boundary("before submit")
        self.references.append(reference)
        answer = super().submit(request, reference=reference, callback=callback)
        self.death.boundary("after submit")
        return answer

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        self.death.boundary("before poll")
        answer = super().poll(job)
        self.death.boundary("after poll")
        return answer

    def fetch(self, url: str, into: IO[bytes]) -> None:
        self.death.boundary("before fetch")
        super().fetch(url, into)
        self.death.boundary("after fetch")

    @property
    def paid(self) -> int:
        """Jobs that the vendor would charge for: it knows a repeated reference again only if it says so."""
        return len(set(self.references)) if self.repeatable else len(self.references)
