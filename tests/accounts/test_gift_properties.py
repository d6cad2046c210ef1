"""Gifts, codes and allowances in any order: nobody passes a limit, and the books say where every credit came from."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts import acts, allowances, giving, vouchers
from accounts.giving import Gift
from accounts.models import Allotment, Entry, MonthlyAllowance, Voucher, Wallet
from generations import verification
from tests.factories import make_user

pytestmark = pytest.mark.django_db

WHO = st.integers(0, 2)
BATCH = st.sampled_from(["spring", "autumn"])
WHICH = st.integers(0, 7)
KEYS = st.sampled_from(["1", "2", "3"])
TRIES = settings(
    max_examples=20, stateful_step_count=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
REASONS = {"code_unknown", "code_redeemed", "code_used_up", "code_expired", "code_limit"}


@dataclass
class Code:
    """What the model remembers of a code."""

    text: str
    batch: str
    amount: int
    uses: int
    per_person: int | None
    over: bool = False


class GiftsAgainstTheirModel(RuleBasedStateMachine):
    """Three people, two batches and a group, in PostgreSQL and in a few Python numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.start = transaction.savepoint()
        self.boss = make_user(is_staff=True)
        self.people = [make_user() for _ in range(3)]
        self.group = Group.objects.create(name=f"guild {self.boss.pk}")
        self.allowance = MonthlyAllowance.objects.create(group=self.group, amount=40)
        self.codes: list[Code] = []
        self.redeemed: Counter[tuple[int, str]] = Counter()
        self.balances = dict.fromkeys(range(3), 0)
        self.given: dict[tuple[int, str], int] = {}
        self.had: set[tuple[int, dt.date]] = set()
        self.members: set[int] = set()
        self.month = dt.date(2031, 1, 1)

    @rule(batch=BATCH, amount=st.integers(1, 30), uses=st.integers(1, 2), per_person=st.sampled_from([None, 1, 2]))
    def issue(self, batch: str, amount: int, uses: int, per_person: int | None) -> None:
        wanted = vouchers.Batch(batch, amount, number=2, uses=uses, per_person=per_person)
        self.codes += [Code(text, batch, amount, uses, per_person) for text in vouchers.issue(wanted, self.boss)]

    @rule(who=WHO, which=WHICH)
    def redeem(self, who: int, which: int) -> None:
        if not self.codes:
            return
        code = self.codes[which % len(self.codes)]
        if not self._may_redeem(who, code):
            with pytest.raises(vouchers.NotRedeemable) as refusal:
                vouchers.redeem(self.people[who], code.text)
            assert refusal.value.code in REASONS
            return
        vouchers.redeem(self.people[who], code.text.lower())
        self.redeemed[who, code.text] += 1
        self.balances[who] += code.amount

    def _may_redeem(self, who: int, code: Code) -> bool:
        used = sum(self.redeemed[one, code.text] for one in range(3))
        theirs = sum(self.redeemed[who, one.text] for one in self.codes if one.batch == code.batch)
        within = code.per_person is None or theirs < code.per_person
        return not code.over and used < code.uses and not self.redeemed[who, code.text] and within

    @rule(batch=BATCH)
    def withdraw(self, batch: str) -> None:
        expected = [code for code in self.codes if code.batch == batch and not code.over and self._is_left(code)]
        assert vouchers.withdraw(batch) == len(expected)
        for code in expected:
            code.over = True

    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        if self.codes:
            code = self.codes[which % len(self.codes)]
            voucher = Voucher.objects.get(digest=vouchers._digest(code.text))
            vouchers.expire(voucher)
            code.over = True

    def _is_left(self, code: Code) -> bool:
        return sum(self.redeemed[who, code.text] for who in range(3)) < code.uses

    @rule(chosen=st.sets(WHO, min_size=1), amount=st.integers(-30, 30).filter(bool), key=KEYS)
    def give(self, chosen: set[int], amount: int, key: str) -> None:
        gifts = [Gift(self.people[who], amount, "test", f"grant:{key}") for who in chosen]
        new = [who for who in chosen if (who, key) not in self.given]
        otherwise = any(self.given.get((who, key), amount) != amount for who in chosen)
        short = any(self.balances[who] + amount < 0 for who in new)
        with acts.done_by(acts.COMMAND):
            if otherwise or short:  # then nobody is given anything
                with pytest.raises((giving.NotPossible, giving.DoneBefore)):
                    giving.give(gifts, self.boss)
                return
            giving.give(gifts, self.boss)
        for who in new:
            self.given[who, key] = amount
            self.balances[who] += amount

    @rule(who=WHO)
    def join_or_leave(self, who: int) -> None:
        self.members ^= {who}
        self.people[who].groups.set([self.group] if who in self.members else [])

    @rule(amount=st.integers(1, 60), active=st.booleans())
    def change_the_allowance(self, amount: int, *, active: bool) -> None:
        MonthlyAllowance.objects.filter(pk=self.allowance.pk).update(amount=amount, active=active)
        self.allowance.refresh_from_db()

    @rule()
    def month_passes(self) -> None:
        self.month = (self.month + dt.timedelta(days=32)).replace(day=1)

    @rule(day=st.integers(0, 27))
    def beat(self, day: int) -> None:
        due = [who for who in self.members if self.allowance.active and (who, self.month) not in self.had]
        missing = {who: max(0, self.allowance.amount - self.balances[who]) for who in due}
        given = allowances.give(self.month + dt.timedelta(days=day))
        assert given == sum(map(bool, missing.values()))
        for who, amount in missing.items():
            self.had.add((who, self.month))
            self.balances[who] += amount

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        wallets = Wallet.objects.filter(user__in=self.people).values_list("user_id", "posted", "held")
        found = {user: (posted, held) for user, posted, held in wallets}
        assert found == {user.pk: (self.balances[who], 0) for who, user in enumerate(self.people)}

    def teardown(self) -> None:
        try:
            self.the_books_say_the_same()
        finally:
            transaction.set_rollback(False)  # a refusal that nobody expected breaks the transaction until it is undone
            transaction.savepoint_rollback(self.start)

    def the_books_say_the_same(self) -> None:
        for who, user in enumerate(self.people):
            entries = Entry.objects.filter(wallet__user=user)
            assert (entries.aggregate(sum=Sum("amount"))["sum"] or 0) == self.balances[who]
            assert entries.filter(kind=Entry.Kind.REDEEM).count() == sum(
                count for (one, _code), count in self.redeemed.items() if one == who
            )
            assert Allotment.objects.filter(user=user).count() == sum(one == who for one, _month in self.had)
        assert [name for name, (_rule, query) in verification.QUERIES.items() if verification._ask(query)] == []


def test_every_order_of_gifts_codes_and_allowances_ends_as_the_model_says() -> None:
    run_state_machine_as_test(GiftsAgainstTheirModel, settings=TRIES)


def test_it_would_be_seen_if_a_withdrawal_did_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouchers, "withdraw", lambda batch: vouchers.left(batch).count())
    quick = settings(TRIES, phases=[Phase.generate], report_multiple_bugs=False, derandomize=True, max_examples=100)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(GiftsAgainstTheirModel, settings=quick)
