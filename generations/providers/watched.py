"""A provider as the studio calls it: each call is timed, counted, told to the log and traced."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from accounts.telemetry import traces
from generations.metrics.counted import CALL_SECONDS, CALLS
from generations.providers.base import Provider, ProviderError
from generations.types import Accepted, Finished

logger = logging.getLogger("vendor")

KINDS = {"submit", "poll", "cancel", "fetch", "find", "balance", "models"}
OFTEN = {"poll", "find", "balance", "models"}  # whose success is no news
RESULTS = {Accepted: "accepted", Finished: "finished"}


class Watched:
    """In all else it is the provider itself."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._provider, name)
        return self._watched(name, found) if name in KINDS else found

    def _watched(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def calling(*args: Any, **kwargs: Any) -> Any:
            with _told(self._provider.name, kind) as results:
                answer = call(*args, **kwargs)
                results.append(RESULTS.get(type(answer), "ok"))
            return answer

        return calling


def watched(provider: Provider) -> Provider:
    """This provider, watched."""
    return cast("Provider", Watched(provider))


@contextmanager
def _told(provider: str, kind: str) -> Iterator[list[str]]:
    results: list[str] = []
    began = time.perf_counter()
    try:
        with traces.span(f"{provider} {kind}", "CLIENT", provider=provider, kind=kind):
            try:
                yield results
            except ProviderError as error:
                results.append(error.code)
                raise
            finally:
                traces.note(f"{provider} {kind}", {"result": results[-1] if results else "error"})
    finally:
        _tell(provider, kind, results[-1] if results else "error", time.perf_counter() - began)


def _tell(provider: str, kind: str, result: str, seconds: float) -> None:
    CALLS.labels(provider, kind, result).inc()
    CALL_SECONDS.labels(provider, kind).observe(seconds)
    level = logging.DEBUG if kind in OFTEN and result in {"ok", *RESULTS.values()} else logging.INFO
    figures = {"provider": provider, "kind": kind, "result": result, "ms": round(seconds * 1000, 1)}
    logger.log(level, "%(provider)s %(kind)s: %(result)s in %(ms)s ms", figures, extra={"figures": figures})
