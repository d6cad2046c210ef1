"""Money: exact, append-only, never negative, whoever races."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import ledger
from accounts.models import Entry, Hold, User, Wallet
from tests.factories import make_user


def wallet_of(user: User) -> Wallet:
    return Wallet.objects.get(user=user)


def hold(user: User, amount: int, generation: uuid.UUID | None = None) -> Hold:
    with transaction.atomic():
        return ledger.hold(wallet_of(user), generation or uuid.uuid4(), amount)


@pytest.mark.django_db
def test_a_new_person_has_an_empty_wallet() -> None:
    wallet = wallet_of(make_user())
    assert (wallet.posted, wallet.held, wallet.version) == (0, 0, 0)


@pytest.mark.django_db
def test_a_grant_is_spendable_and_says_what_it_left() -> None:
    user = make_user()
    entry = ledger.grant(user, 500, key="grant:1", reason="welcome")
    assert (entry.posted_after, entry.held_after, entry.version_after) == (500, 0, 1)
    assert wallet_of(user).spendable == 500


@pytest.mark.django_db
def test_the_same_grant_twice_is_given_once() -> None:
    user = make_user()
    first = ledger.grant(user, 500, key="grant:1", reason="welcome")
    assert ledger.grant(user, 500, key="grant:1", reason="welcome") == first
    assert wallet_of(user).posted == 500


@pytest.mark.django_db
def test_a_hold_is_captured_per_image_and_the_rest_goes_back() -> None:
    user = make_user(balance=100)
    held = hold(user, 28)
    assert wallet_of(user).spendable == 72
    for position in range(3):
        ledger.capture(held.generation, position, 7)
    assert ledger.release_rest(held.generation) == 7
    wallet = wallet_of(user)
    assert (wallet.posted, wallet.held) == (79, 0)
    assert ledger.release_rest(held.generation) == 0


@pytest.mark.django_db
def test_a_hold_beyond_the_balance_is_refused_and_leaves_nothing() -> None:
    user = make_user(balance=27)
    with pytest.raises(IntegrityError) as refusal:
        hold(user, 28)
    assert ledger.violated(refusal.value) == "wallet_spendable"
    assert not Hold.objects.filter(wallet__user=user).exists()
    assert wallet_of(user).version == 1


@pytest.mark.django_db
def test_an_image_is_captured_once() -> None:
    held = hold(make_user(balance=100), 28)
    ledger.capture(held.generation, 0, 7)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        ledger.capture(held.generation, 0, 7)
    assert ledger.violated(refusal.value) == "entry_once"


@pytest.mark.django_db
def test_where_nothing_is_held_nothing_is_captured() -> None:
    with pytest.raises(Hold.DoesNotExist):
        ledger.capture(uuid.uuid4(), 0, 7)
    assert not Entry.objects.filter(kind=Entry.Kind.CAPTURE).exists()


@pytest.mark.django_db
def test_more_than_was_held_is_never_captured() -> None:
    held = hold(make_user(balance=100), 7)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        ledger.capture(held.generation, 0, 8)
    assert ledger.violated(refusal.value) == "hold_not_exceeded"


@pytest.mark.django_db
def test_nobody_captures_on_another_wallet() -> None:
    held = hold(make_user(balance=100), 7)
    stranger = wallet_of(make_user(balance=100))
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(wallet=stranger, hold=held, kind="capture", amount=7, key="theft")


@pytest.mark.django_db
def test_a_refund_gives_back_what_an_image_cost_once() -> None:
    user = make_user(balance=100)
    held = hold(user, 7)
    ledger.capture(held.generation, 0, 7)
    ledger.refund(held.generation, 0, 7, reason="broken file")
    ledger.refund(held.generation, 0, 7, reason="broken file")
    assert wallet_of(user).spendable == 100


@pytest.mark.django_db
def test_an_adjustment_cannot_take_what_is_not_there() -> None:
    user, admin = make_user(balance=10), make_user(is_staff=True)
    with pytest.raises(ledger.NotEnoughCredits) as refusal:
        ledger.adjust(user, -11, key="adj:1", reason="correction", actor=admin)
    assert (refusal.value.needed, refusal.value.available) == (11, 10)
    ledger.adjust(user, -10, key="adj:2", reason="correction", actor=admin)
    ledger.adjust(user, -10, key="adj:2", reason="correction", actor=admin)
    assert wallet_of(user).posted == 0


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [0, -7])
def test_a_grant_of_nothing_or_less_is_a_mistake_and_not_a_want_of_credits(amount: int) -> None:
    user = make_user(balance=10)
    with pytest.raises(IntegrityError) as refusal:
        ledger.grant(user, amount, key="grant:1", reason="welcome")
    assert ledger.violated(refusal.value) == "entry_amount_sign"
    ledger.grant(user, 5, key="grant:1", reason="welcome")
    assert wallet_of(user).posted == 15


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_entry SET amount = 1",
        "DELETE FROM accounts_entry",
        "TRUNCATE accounts_entry CASCADE",
        "UPDATE accounts_wallet SET posted = 1000000",
        "UPDATE accounts_wallet SET held = 0",
        "UPDATE accounts_wallet SET version = 0",
        "UPDATE accounts_hold SET released = amount",
        "UPDATE accounts_hold SET amount = 1",
        "DELETE FROM accounts_hold",
        "INSERT INTO accounts_wallet (user_id, posted, held, version) VALUES (-1, 5, 0, 1)",
    ],
)
def test_the_database_refuses_any_other_way_to_move_money(statement: str) -> None:
    hold(make_user(balance=100), 7)
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_saving_a_wallet_that_was_read_changes_no_balance() -> None:
    wallet = wallet_of(make_user(balance=100))
    wallet.posted = 1_000_000
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        wallet.save()


def _outcomes(act: object, times: int) -> Counter[str]:
    def one(number: int) -> str:
        try:
            act(number)  # type: ignore[operator]
        except IntegrityError as error:
            return ledger.violated(error)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_sixty_four_holds_on_a_wallet_that_affords_ten_make_exactly_ten() -> None:
    user = make_user(balance=100)
    outcomes = _outcomes(lambda _number: hold(user, 10), 64)
    assert outcomes == {"done": 10, "wallet_spendable": 54}
    wallet = wallet_of(user)
    assert (wallet.posted, wallet.held, wallet.version) == (100, 100, 11)


@pytest.mark.django_db(transaction=True)
def test_the_naive_way_would_overspend() -> None:
    """The control: without the ledger the same race sells more than there is."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive (balance int)")
        cursor.execute("INSERT INTO naive VALUES (100)")

    def spend(_number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT balance, pg_sleep(0.05) FROM naive")
            balance = cursor.fetchone()[0]
            assert balance >= 10
            cursor.execute("UPDATE naive SET balance = %s", [balance - 10])

    try:
        assert _outcomes(spend, 32)["done"] > 10
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive")


@pytest.mark.django_db(transaction=True)
def test_of_racing_captures_of_one_image_one_wins() -> None:
    held = hold(make_user(balance=100), 28)
    outcomes = _outcomes(lambda _number: ledger.capture(held.generation, 0, 7), 32)
    assert outcomes == {"done": 1, "entry_once": 31}


@pytest.mark.django_db(transaction=True)
def test_a_capture_and_a_release_of_the_same_credits_have_one_winner() -> None:
    held = hold(make_user(balance=100), 7)

    def act(number: int) -> None:
        if number % 2:
            ledger.capture(held.generation, number, 7)
        else:
            Entry.objects.create(wallet_id=held.wallet_id, hold=held, kind="release", amount=7, key=f"rest:{number}")

    assert _outcomes(act, 32) == {"done": 1, "hold_not_exceeded": 31}
