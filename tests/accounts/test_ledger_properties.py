"""Any order of movements, repeats and refusals included, leaves the balance that plain arithmetic expects."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts import ledger
from accounts.models import Entry, Hold, User, Wallet
from generations import verification
from tests.factories import make_user

AMOUNTS = st.integers(1, 40)
CHOICE = st.integers(0, 1000)
BOOKS = ("L1", "L2", "L3", "L4", "L13")


def refusal(act: Callable[[], object]) -> str:
    """The name of the constraint that refused, or nothing."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        return ledger.violated(error)
    return ""


class Ledger(RuleBasedStateMachine):
    """The ledger beside three numbers per hold and two for the wallet."""

    user: User

    @initialize()
    def open(self) -> None:
        self.user = make_user()
        self.admin = make_user(is_staff=True)
        self.posted = self.held = self.moved = 0
        self.holds: list[Hold] = []
        self.rest: dict[uuid.UUID, int] = {}
        self.captured: dict[tuple[uuid.UUID, int], int] = {}
        self.refunded: set[tuple[uuid.UUID, int]] = set()
        self.keys: list[tuple[str, int]] = []

    @rule(amount=AMOUNTS)
    def grant(self, amount: int) -> None:
        key = f"grant:{uuid.uuid4()}"
        ledger.grant(self.user, amount, key=key, reason="test")
        self.keys.append((key, amount))
        self._move(posted=amount)

    @rule(which=CHOICE)
    def grant_again(self, which: int) -> None:
        if self.keys:
            key, amount = self.keys[which % len(self.keys)]
            ledger.grant(self.user, amount, key=key, reason="test")

    @rule(amount=st.integers(-40, 40).filter(bool))
    def adjust(self, amount: int) -> None:
        affordable = self.posted - self.held + amount >= 0
        try:
            ledger.adjust(self.user, amount, key=f"adj:{uuid.uuid4()}", reason="test", actor=self.admin)
        except ledger.NotEnoughCredits:
            assert not affordable
        else:
            assert affordable
            self._move(posted=amount)

    @rule(amount=AMOUNTS)
    def hold(self, amount: int) -> None:
        affordable = amount <= self.posted - self.held
        generation, wallet = uuid.uuid4(), Wallet.objects.get(user=self.user)
        refused = refusal(lambda: self.holds.append(ledger.hold(wallet, generation, amount)))
        assert refused == ("" if affordable else "wallet_spendable")
        if affordable:
            self.rest[generation] = amount
            self._move(held=amount)

    @rule(which=CHOICE, position=st.integers(0, 3), amount=AMOUNTS)
    def capture(self, which: int, position: int, amount: int) -> None:
        if not self.holds:
            return
        hold = self.holds[which % len(self.holds)]
        image = (hold.generation, position)
        possible = image not in self.captured and amount <= self.rest[hold.generation]
        refused = refusal(lambda: ledger.capture(hold, position, amount))
        assert refused in ({""} if possible else {"entry_once", "hold_not_exceeded"})
        if possible:
            self.captured[image] = amount
            self.rest[hold.generation] -= amount
            self._move(posted=-amount, held=-amount)

    @rule(which=CHOICE)
    def release(self, which: int) -> None:
        if self.holds:
            generation = self.holds[which % len(self.holds)].generation
            assert ledger.release_rest(generation) == self.rest[generation]
            if self.rest[generation]:
                self._move(held=-self.rest[generation])
                self.rest[generation] = 0

    @rule(which=CHOICE)
    def refund(self, which: int) -> None:
        if self.captured:
            image, amount = list(self.captured.items())[which % len(self.captured)]
            ledger.refund(*image, amount, reason="test")
            if image not in self.refunded:
                self.refunded.add(image)
                self._move(posted=amount)

    @invariant()
    def the_wallet_is_what_arithmetic_expects(self) -> None:
        wallet = Wallet.objects.get(user=self.user)
        assert (wallet.posted, wallet.held, wallet.version) == (self.posted, self.held, self.moved)
        assert Entry.objects.filter(wallet=wallet).count() == self.moved

    def teardown(self) -> None:
        assert not [finding for finding in verification.verify() if finding.name in BOOKS and finding.breaches]

    def _move(self, *, posted: int = 0, held: int = 0) -> None:
        self.posted += posted
        self.held += held
        self.moved += 1


SHORT = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a failing order is short enough to read as it is
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_no_order_of_movements_leads_astray() -> None:
    run_state_machine_as_test(Ledger, settings=SHORT)


class WrongLedger(Ledger):
    """The control: an observer who forgets that a capture is paid out of the hold."""

    def _move(self, *, posted: int = 0, held: int = 0) -> None:
        super()._move(posted=posted, held=0 if posted < 0 else held)


@pytest.mark.django_db
def test_a_wrong_model_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(WrongLedger, settings=SHORT)
