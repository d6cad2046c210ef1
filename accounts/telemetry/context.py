"""Whose request, generation and attempt the work at hand is for: what every line of the log carries besides its words.

It follows the work through coroutines and into the threads that they hand things to. From one process to another it
goes with Celery's messages, and with the generation itself, which outlives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import LazyObject

NOTHING: Mapping[str, str] = {}
NAMES = ("request", "user", "generation", "attempt", "task")
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=NOTHING)
_serving: ContextVar[Serving | None] = ContextVar("serving", default=None)


@dataclass(slots=True)
class Serving:
    """A request that is being answered; ``request`` is Django's, once there is one."""

    request: HttpRequest | None = None

    @property
    def route(self) -> str:
        """The name of its view: never an address, which may hold what opens something."""
        match = getattr(self.request, "resolver_match", None)
        return (match.view_name or match.route) if match else ""

    def known(self) -> Mapping[str, str]:
        """Its id, and who asks as far as that is known by now; nobody is looked up for it."""
        if self.request is None:
            return NOTHING
        return {"request": getattr(self.request, "id", ""), "user": _user(self.request)}


@contextmanager
def about(**names: object) -> Iterator[None]:
    """What is said inside is said about these, ``NAMES``; what is empty says nothing."""
    token = _about.set({**_about.get(), **{name: str(value) for name, value in names.items() if value}})
    try:
        yield
    finally:
        _about.reset(token)


@contextmanager
def serving() -> Iterator[Serving]:
    """Around all that is done to answer one request, or around a part of that: then it is the same."""
    if (present := _serving.get()) is not None:
        yield present
        return
    present = Serving()
    token = _serving.set(present)
    try:
        yield present
    finally:
        _serving.reset(token)


def known() -> dict[str, str]:
    """All that is known of the work at hand, by name."""
    present = _serving.get()
    found = {**(present.known() if present else NOTHING), **_about.get()}
    return {name: found[name] for name in NAMES if found.get(name)}


def request_id() -> str:
    """The id of the request that all of this is for; empty when it is for none."""
    return known().get("request", "")


def _user(request: HttpRequest) -> str:
    held = vars(request)
    for name in ("_cached_user", "_acached_user", "user"):
        user = held.get(name)
        if user is not None and not isinstance(user, LazyObject):
            return str(user.pk or "")
    return ""
