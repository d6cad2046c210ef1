"""The operator's lists: prompts are held against what is blocked, and what is allowed stands above it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, F, Max

from generations.models import PromptRule
from generations.moderation import normal
from generations.seldom import Seldom

logger = logging.getLogger(__name__)

STAR = "*"
Rule = tuple[int, list[str]]  # its id, and its words


class Match(NamedTuple):
    """Words of a prompt, from one to before another, that a rule is about."""

    rule: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Lists:
    """The rules by their first word: as many as there may be, a prompt is looked at once."""

    rules: dict[str, list[Rule]] = field(default_factory=dict)
    stems: dict[str, list[Rule]] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, rules: Iterable[tuple[int, str]]) -> Lists:
        """From ids and the words of each."""
        words: dict[str, list[Rule]] = defaultdict(list)
        stems: dict[str, list[Rule]] = defaultdict(list)
        for pk, text in rules:
            wanted = text.split()
            first = wanted[0]
            (stems[first[:-1]] if first.endswith(STAR) else words[first]).append((pk, wanted))
        return cls(dict(words), dict(stems), max(map(len, stems), default=0))

    def matches(self, words: list[str]) -> Iterator[Match]:
        """Every rule that is about some of these words."""
        for place, word in enumerate(words):
            for pk, wanted in self._beginning(word):
                if _same(wanted, words[place : place + len(wanted)]):
                    yield Match(pk, place, place + len(wanted))

    def _beginning(self, word: str) -> Iterator[Rule]:
        yield from self.rules.get(word, ())
        if self.stems:
            for length in range(1, min(len(word), self.longest) + 1):
                yield from self.stems.get(word[:length], ())


@dataclass(frozen=True, slots=True)
class Rules:
    """What is blocked, what is allowed, and as of when."""

    blocked: Lists = field(default_factory=Lists)
    allowed: Lists = field(default_factory=Lists)
    state: object = None


def _read(before: Rules | None) -> Rules:
    state = PromptRule.objects.aggregate(Count("pk"), Max("changed"))
    if before and before.state == state:
        return before
    rules = list(PromptRule.objects.values_list("pk", "words", "allowed"))
    blocked, allowed = (
        Lists.of((pk, words) for pk, words, is_allowed in rules if is_allowed == wanted) for wanted in (False, True)
    )
    return Rules(blocked, allowed, state)


current = Seldom(_read)


def blocking(prompt: str) -> int | None:
    """The rule by which this may not be asked for, if any."""
    rules = current()
    if not (rules.blocked.rules or rules.blocked.stems):
        return None
    words = normal.words(prompt)
    spared = list(rules.allowed.matches(words))
    for match in rules.blocked.matches(words):
        if not any(one.first <= match.first and match.end <= one.end for one in spared):
            return match.rule
    return None


def count(rule: int) -> None:
    """Somebody was refused by it. What they asked for is written down nowhere."""
    PromptRule.objects.filter(pk=rule).update(refusals=F("refusals") + 1)
    logger.info("a prompt was refused by rule %s", rule)


def _same(wanted: list[str], found: list[str]) -> bool:
    return len(wanted) == len(found) and all(
        word.startswith(rule[:-1]) if rule.endswith(STAR) else word == rule
        for rule, word in zip(wanted, found, strict=True)
    )
