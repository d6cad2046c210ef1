"""One request that takes several calls, each of them paid: what one of them made is never lost with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from generations.providers.base import ProviderError
from generations.types import Finished

Call = Callable[[int, int], Finished]  # from which picture on, and how many


def in_turn(count: int, at_most: int, call: Call, *, insist: bool = False) -> Finished:
    """Ask for up to ``at_most`` at a time until ``count`` are asked for, or a call makes none or fails.

    ``insist`` asks again for what a call made less than it was asked for. The error of the first call is raised, since
    nothing was made; that of a later one is only said.
    """
    parts: list[Finished] = []
    asked = 0
    while asked < count and all(part.pictures for part in parts):
        wanted = min(at_most, count - asked)
        part = _tried(call, asked, wanted) if parts else call(asked, wanted)
        parts.append(part)
        asked += len(part.pictures) if insist else wanted
    return _together(parts, count)


def first_then_rest(count: int, call: Call) -> Finished:
    """One picture per call: the first alone, because it shows what would be refused, then the others at once."""
    parts = [call(0, 1)]
    if count > 1 and parts[0].pictures:
        with ThreadPoolExecutor(count - 1) as threads:
            rest = [threads.submit(copy_context().run, _tried, call, number, 1) for number in range(1, count)]
        parts += [one.result() for one in rest]
    return _together(parts, count)


def _tried(call: Call, number: int, wanted: int) -> Finished:
    try:
        return call(number, wanted)
    except ProviderError as error:
        return Finished([], withheld=str(error))


def _together(parts: Iterable[Finished], count: int) -> Finished:
    parts = list(parts)
    pictures = [picture for part in parts for picture in part.pictures][:count]
    costs = [part.cost_usd for part in parts if part.cost_usd is not None]
    said = list(dict.fromkeys(part.withheld for part in parts if part.withheld))
    short = len(pictures) < count
    return Finished(
        pictures, cost_usd=sum(costs) if costs else None, withheld=" ".join(said) or None if short else None
    )
