"""The ledger against a model of it: the same movements in any order, repeated or refused, end in the same balances."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts import ledger
from accounts.models import Entry, Hold, Wallet
from tests.factories import make_user

pytestmark = pytest.mark.django_db

KEYS = st.sampled_from(["1", "2", "3"])
AMOUNTS = st.integers(1, 60)
CHANGES = st.integers(-60, 60).filter(bool)
POSITIONS = st.integers(0, 3)
TRIES = settings(
    max_examples=50, stateful_step_count=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@dataclass
class ModelHold:
    """What the model remembers of a hold."""

    amount: int
    captured: dict[int, int] = field(default_factory=dict)
    released: int = 0
    refunded: set[int] = field(default_factory=set)

    @property
    def rest(self) -> int:
        return self.amount - sum(self.captured.values()) - self.released


class LedgerAgainstItsModel(RuleBasedStateMachine):
    """One wallet in PostgreSQL and in a few Python numbers."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.start = transaction.savepoint()
        self.user = make_user()
        self.wallet = Wallet.objects.get(user=self.user)
        self.posted = self.held = self.movements = 0
        self.keys: set[str] = set()
        self.model: dict[uuid.UUID, ModelHold] = {}

    def moved(self, posted: int = 0, held: int = 0) -> None:
        self.posted += posted
        self.held += held
        self.movements += 1

    @rule(key=KEYS, amount=AMOUNTS)
    def grant(self, key: str, amount: int) -> None:
        ledger.grant(self.user, amount, key=f"grant:{key}", reason="test")
        if f"grant:{key}" not in self.keys:
            self.keys.add(f"grant:{key}")
            self.moved(amount)

    @rule(key=KEYS, amount=CHANGES)
    def adjust(self, key: str, amount: int) -> None:
        known = f"adj:{key}" in self.keys
        possible = known or self.posted - self.held + amount >= 0
        if not possible:
            with pytest.raises(ledger.NotEnoughCredits) as refusal:
                ledger.adjust(self.user, amount, key=f"adj:{key}", reason="test", actor=self.user)
            assert (refusal.value.needed, refusal.value.available) == (-amount, self.posted - self.held)
            return
        ledger.adjust(self.user, amount, key=f"adj:{key}", reason="test", actor=self.user)
        if not known:
            self.keys.add(f"adj:{key}")
            self.moved(amount)

    @rule(target=holds, amount=AMOUNTS)
    def hold(self, amount: int) -> uuid.UUID:
        generation = uuid.uuid4()
        if amount > self.posted - self.held:
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                ledger.hold(self.wallet, generation, amount)
            assert ledger.violated(refusal.value) == "wallet_spendable"
            return generation
        ledger.hold(self.wallet, generation, amount)
        self.model[generation] = ModelHold(amount)
        self.moved(held=amount)
        return generation

    @rule(generation=holds)
    def hold_again(self, generation: uuid.UUID) -> None:
        if generation in self.model:
            with pytest.raises(IntegrityError), transaction.atomic():
                ledger.hold(self.wallet, generation, 1)

    @rule(generation=holds, position=POSITIONS, amount=AMOUNTS)
    def capture(self, generation: uuid.UUID, position: int, amount: int) -> None:
        if not (model := self.model.get(generation)):
            return
        hold = Hold.objects.get(generation=generation)
        if position in model.captured or amount > model.rest:
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                ledger.capture(hold.generation, position, amount)
            assert ledger.violated(refusal.value) in {"entry_once", "hold_not_exceeded"}
            return
        ledger.capture(hold.generation, position, amount)
        model.captured[position] = amount
        self.moved(-amount, -amount)

    @rule(generation=holds)
    def release(self, generation: uuid.UUID) -> None:
        if not (model := self.model.get(generation)):
            return
        rest = model.rest
        assert ledger.release_rest(generation) == rest
        if rest:
            model.released += rest
            self.moved(held=-rest)

    @rule(generation=holds, position=POSITIONS, amount=AMOUNTS)
    def refund(self, generation: uuid.UUID, position: int, amount: int) -> None:
        if not (model := self.model.get(generation)):
            return
        ledger.refund(generation, position, amount, reason="test")
        if position not in model.refunded:
            model.refunded.add(position)
            self.moved(amount)

    @invariant()
    def the_wallet_is_as_the_model_says(self) -> None:
        wallet = Wallet.objects.get(pk=self.wallet.pk)
        assert (wallet.posted, wallet.held, wallet.version) == (self.posted, self.held, self.movements)
        assert wallet.posted >= wallet.held >= 0

    def teardown(self) -> None:
        try:
            self.holds_and_entries_are_as_the_model_says()
        finally:
            transaction.set_rollback(False)  # a refusal that nobody expected breaks the transaction until it is undone
            transaction.savepoint_rollback(self.start)

    def holds_and_entries_are_as_the_model_says(self) -> None:
        for generation, model in self.model.items():
            hold = Hold.objects.get(generation=generation)
            assert (hold.captured, hold.released) == (sum(model.captured.values()), model.released)
        last = Entry.objects.filter(wallet=self.wallet).order_by("version_after").last()
        if last:
            assert (last.posted_after, last.held_after, last.version_after) == (self.posted, self.held, self.movements)


def test_every_order_of_movements_ends_as_the_model_says() -> None:
    run_state_machine_as_test(LedgerAgainstItsModel, settings=TRIES)


@pytest.mark.parametrize(
    ("rule_of_the_trigger", "sabotaged"),
    [
        ("WHEN 'release' THEN -NEW.amount", "WHEN 'release' THEN NEW.amount"),
        ("WHEN 'capture' THEN -NEW.amount ELSE 0", "WHEN 'capture' THEN 0 ELSE 0"),
        ("version = version + 1", "version = version + 2"),
        ("captured = captured +", "captured = 0 * captured +"),
    ],
)
def test_it_would_be_seen_if_the_trigger_were_wrong(rule_of_the_trigger: str, sabotaged: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('accounts_apply_entry'::regproc)")
        (source,) = cursor.fetchone()
        assert rule_of_the_trigger in source
        cursor.execute(source.replace(rule_of_the_trigger, sabotaged))
    quick = settings(TRIES, phases=[Phase.generate], report_multiple_bugs=False, derandomize=True, max_examples=200)
    with pytest.raises((AssertionError, DatabaseError)):
        run_state_machine_as_test(LedgerAgainstItsModel, settings=quick)
