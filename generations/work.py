"""A claimed generation, and what all of its steps need."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from generations.leases import Lease, LostLease
from generations.metrics import counted
from generations.models import Attempt, Generation, ProviderAccount
from generations.providers.base import Provider
from generations.settlement import Brought, settle
from generations.turns import STEPS, Turns

State = Attempt.State
Wait = dt.timedelta | None  # until the next step; nothing once the generation has ended

AT_ONCE = dt.timedelta(0)
SHORTEST_WAIT = dt.timedelta(seconds=1)
LONGEST_WAIT = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Station:
    """Where a step is taken: in one of the lines, by a thread of it. What belongs in another goes there.

    ``call`` tells those of a line that somebody waits in it; ``away`` is around a call that may last as long as the
    painting.
    """

    turns: Turns
    call: Callable[[str], object]
    line: str
    away: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed generation with all that a step needs. Without a ``station`` every step is taken where it is."""

    lease: Lease
    providers: Callable[[str], Provider]
    station: Station | None = None
    accounts: dict[str, ProviderAccount] = field(default_factory=dict)
    at_ease: set[str] = field(default_factory=set)  # providers that had nothing against them a moment ago

    @property
    def generation(self) -> Generation:
        return self.lease.generation

    @property
    def attempts(self) -> list[Attempt]:
        """Its attempts, the latest last."""
        return self.lease.attempts

    def account(self, provider: str) -> ProviderAccount:
        """What is known of a provider, as it was when this step began."""
        if provider not in self.accounts:
            self.accounts[provider] = ProviderAccount.objects.named(provider)
        return self.accounts[provider]

    def succeeded(self, name: str) -> None:
        """A provider answered as it should."""
        if name not in self.at_ease:
            self.account(name).succeed()

    def elsewhere(self, state: State | None = None) -> str:
        """The line in which the next step is to be taken; empty when it can be taken here.

        With a ``state`` the one in which it will be, once the latest attempt is in that.
        """
        if not self.station or not self.attempts or self.attempts[-1].state not in Attempt.OPEN:
            return ""
        latest = self.attempts[-1]
        line = self.station.turns.line(latest.provider, state or latest.state)
        return line if line not in {STEPS, self.station.line} else ""

    def away(self) -> AbstractContextManager[None]:
        """Around a call that may last as long as the painting."""
        return self.station.away() if self.station else nullcontext()

    def move(self, attempt: Attempt, *states: State, to: State, **changes: object) -> None:
        """The attempt's next state; raises ``LostLease`` when somebody else has moved it meanwhile."""
        if not attempt.move(*states, to=to, **changes):
            raise LostLease

    def move_on(self, attempt: Attempt, *states: State, to: State, **changes: object) -> None:
        """As ``move``; where the next step is taken in another line, the generation is given back with it."""
        if not self.elsewhere(to):
            self.move(attempt, *states, to=to, **changes)
        elif not self.lease.move_on(attempt, states, to, changes, AT_ONCE):
            raise LostLease

    def complete(self, shortfall: str, brought: Brought | None = None) -> Wait:
        """End it with the pictures there are, and the attempt that ``brought`` them."""
        return self._end(Generation.Status.COMPLETED, detail=shortfall, brought=brought)

    def fail(self, code: str, detail: str, brought: Brought | None = None) -> Wait:
        """End it without (more) pictures; what is still held goes back."""
        return self._end(Generation.Status.FAILED, code=code, detail=detail, brought=brought)

    def _end(self, status: Generation.Status, *, detail: str, code: str = "", brought: Brought | None) -> Wait:
        token = self.lease.token
        if not settle(self.generation, status, lease_token=token, code=code, detail=detail, brought=brought):
            raise LostLease
        counted.ended(self.generation, status, code, self.attempts[-1].provider if self.attempts else "")
        return None


def backoff(tries: int) -> dt.timedelta:
    """Twice as long after each try, up to a limit."""
    doubled: int = 2 ** min(tries, 10)
    return min(SHORTEST_WAIT * doubled, LONGEST_WAIT)


def in_turn(age: dt.timedelta) -> dt.timedelta:
    """How long what has waited for this long waits again: a part of it, so that a crowd does not ask in one voice."""
    return min(max(age * random.uniform(0.1, 0.2), SHORTEST_WAIT), LONGEST_WAIT / 2)  # noqa: S311
