"""What is left in our accounts at the vendors, of those that say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from generations.models import ProviderAccount
from generations.providers import registry
from generations.providers.base import Provider, ProviderError
from generations.types import Balance

logger = logging.getLogger(__name__)

MOST = 10**10  # what the column holds


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor said: a balance, why it cannot say one now, or neither when it never does."""

    provider: str
    balance: Balance | None = None
    error: str = ""


def ask(names: Collection[str] | None = None, providers: Callable[[str], Provider] = registry.provider) -> list[Answer]:
    """Ask those of these providers, or of all, that are configured, and keep what they say.

    One that cannot be asked now keeps the balance it had, with its age. All are asked at once, so that this takes as
    long as the slowest.
    """
    asked = sorted(registry.enabled() if names is None else registry.enabled() & set(names))
    if not asked:
        return []
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda name: _ask(name, providers), asked))
    for answer in answers:
        if answer.balance:
            account = ProviderAccount.objects.named(answer.provider)
            account.note_balance(Decimal(str(answer.balance.amount)), answer.balance.unit)
        elif answer.error:
            logger.warning("%s does not say its balance: %s", answer.provider, answer.error)
    return answers


def _ask(name: str, providers: Callable[[str], Provider]) -> Answer:
    try:
        balance = providers(name).balance()
    except ProviderError as error:
        return Answer(name, error=str(error))
    if balance and not abs(balance.amount) < MOST:  # nor is it a number when it compares with none
        return Answer(name, error="the balance it names is no amount")
    return Answer(name, balance)
