"""A stream on which nothing happens."""

from __future__ import annotations

import asyncio

import pytest

from generations import streams
from generations.bus import publish

USER = 4712


def test_a_reader_who_hears_nothing_hears_that_it_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE_SECONDS", 0.05)

    async def heard() -> list[str]:
        stream = streams._stream(USER, None)
        hello, silence, again = [await anext(stream) for _ in range(3)]
        publish(USER, {"id": 7, "generation": "0193", "kind": "queued"})
        while (happened := await anext(stream)) == silence:
            pass
        return [hello, silence, again, happened]

    hello, silence, again, happened = asyncio.run(asyncio.wait_for(heard(), 60))
    assert hello.startswith("event: hello")
    assert silence == again == ": still here\n\n"  # a comment, which a browser reads over
    assert happened.startswith("id: 7\nevent: generation\n")
