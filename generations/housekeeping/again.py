"""What was made once, had once more: nothing is ordered for it, and nobody is paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generations import routing
from generations.models import Attempt
from generations.providers.base import Provider
from generations.types import Finished, Picture


def made(attempt: Attempt, provider: Provider) -> Iterator[Sequence[Picture]]:
    """An attempt's pictures: as they are on record, then as the vendor of the job tells them now, or drawn the same.

    Vendors keep what they made for hours or days, and give it another address when they are asked. Raises what the
    provider raises.
    """
    yield [Picture(**picture) for picture in attempt.pictures]
    told = None
    if provider.draws:
        told = provider.submit(routing.request_for(attempt), reference=attempt.token, callback=None)
    elif attempt.job:
        told = provider.poll(attempt.job)
    if isinstance(told, Finished):
        yield told.pictures
