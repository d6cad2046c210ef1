"""Whose turn it is. What is due waits in lines, and one person's thousand do not hold up another's one.

The database knows what is due and in which line it waits; nothing is kept anywhere else that could be lost. Of each
line a worker is dealt the next few: one of each person's before the second of anybody's. So the line belongs to those
who wait in it, and to a single person while nobody else does.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from functools import cached_property

from django.db import connection

from generations.leases import FREE, Lease, claim_all, give_back
from generations.models import Attempt
from generations.providers import registry
from generations.providers.base import Provider

STEPS = "steps"  # short ones: to choose a route, to hand over, to ask after a job
PICTURES = "pictures"  # to fetch, draw, decode and store
IN_HAND = dt.timedelta(seconds=20)  # for so long the leases of what was dealt are kept until its turn comes
# To deal is to look at all that waits, in whichever line: of much a part is dealt at once, so that each costs the same
# however many wait, and no more than will be taken before it would be dealt again.
HANDFUL, ARMFUL, PART = 8, 32, 128

# What is due and that nobody has. What is overdue is only to be ended.
DUE = f"""
SELECT g.id, g.user_id, g.next_step_at, a.state IS NOT NULL AND a.state != 'planned' AS sent,
    CASE WHEN g.deadline < statement_timestamp() THEN 'steps'
         WHEN a.state = 'ready' THEN 'pictures'
         WHEN a.state IN ('planned', 'sending') THEN coalesce(%(lines)s::jsonb ->> a.provider, 'steps')
         ELSE 'steps' END AS line
FROM generations_generation g
LEFT JOIN generations_attempt a
    ON a.generation_id = g.id AND a.state IN ('planned', 'sending', 'accepted', 'ready', 'unknown')
WHERE {FREE}
"""  # noqa: S608 - constants
# Of one person's, what has to be sent comes before what is to be asked after: a vendor can paint meanwhile. Where more
# persons wait than are dealt to, chance decides among them: then nobody waits for ever.
DEAL = f"""
WITH due AS ({DUE}), turns AS (
    SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY sent, next_step_at, id) AS turn
    FROM due WHERE line = %(line)s
)
SELECT id, turn FROM turns ORDER BY turn, random()
LIMIT least(%(most)s::bigint, greatest(%(least)s::bigint, (SELECT count(*) FROM due) / {PART}))
"""  # noqa: S608 - constants
WAITING = f"SELECT line, count(*) FROM ({DUE} LIMIT 500) due GROUP BY line"  # noqa: S608


class Turns:
    """One process's hand of what is due, by line. ``dealt`` is told of how many more than one it was dealt at once."""

    def __init__(
        self,
        provider: Callable[[str], Provider] = registry.provider,
        dealt: Callable[[str, int], object] = lambda line, left: None,
    ) -> None:
        self._provider = provider
        self._dealt = dealt
        self._hands: dict[str, deque[Lease]] = defaultdict(deque)
        self._until: dict[str, float] = {}
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def line(self, provider: str, state: str) -> str:
        """The one that the next step of an attempt in this open state is taken in."""
        if state == Attempt.State.READY:
            return PICTURES
        if state in {Attempt.State.PLANNED, Attempt.State.SENDING}:
            return self._own.get(provider, STEPS)
        return STEPS

    def next(self, line: str) -> Lease | None:
        """The lease of the generation whose turn it is in this line; nothing when none is due."""
        left = 0
        with self._locks[line]:
            hand = self._hands[line]
            if hand and time.monotonic() > self._until[line]:
                give_back(hand)
                hand.clear()
            if not hand:
                # Those who call hold what they are dealt for long: they take one at a time.
                hand.extend(self.deal(line, ARMFUL, HANDFUL) if line in {STEPS, PICTURES} else self.deal(line, 1))
                left = len(hand) - 1
                self._until[line] = time.monotonic() + IN_HAND.total_seconds()
                for lease in hand:
                    lease.keep(IN_HAND)
            found = hand.popleft() if hand else None
        if left > 0:
            self._dealt(line, left)
        return found

    def lay_down(self, line: str) -> None:
        """Leave what was dealt here and not taken to others, at once."""
        with self._locks[line]:
            hand = self._hands[line]
            give_back(hand)
            hand.clear()

    def deal(self, line: str, most: int, least: int | None = None) -> list[Lease]:
        """The next so many of this line, in turn, each with its lease.

        With ``least`` it is so many while little waits, and more of much.
        """
        return claim_all(DEAL, lines=self._lines, line=line, most=most, least=most if least is None else least)

    def waiting(self) -> Mapping[str, int]:
        """How many wait in each line where any do: due and nobody's, of which it does not count many, or dealt here."""
        with connection.cursor() as cursor:
            cursor.execute(WAITING, {"lines": self._lines})
            hands = list(self._hands.items())  # other threads may add theirs meanwhile
            return Counter(dict(cursor.fetchall())) + Counter({line: len(hand) for line, hand in hands})

    @cached_property
    def _lines(self) -> str:
        return json.dumps(self._own)

    @cached_property
    def _own(self) -> Mapping[str, str]:
        """The lines of those providers whose requests do not wait among the short steps."""
        providers = {name: self._provider(name) for name in registry.enabled()}
        drawing = {name: PICTURES for name, provider in providers.items() if provider.draws}
        return drawing | {name: name for name, provider in providers.items() if provider.synchronous}
