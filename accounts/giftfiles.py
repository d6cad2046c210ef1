"""Credits by a file: a CSV of addresses, amounts and reasons, each line of which moves credits once, for good."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts import acts
from accounts.giving import Gift
from accounts.models import MAX_GRANT, Entry, User

COLUMNS = ("email", "amount", "reason")
MOST = 1000
AMOUNT = re.compile(r"[+-]?[0-9]{1,10}")


class Unreadable(Exception):
    """It is no such file; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it says, why it cannot be done, and whether it was done before."""

    number: int
    email: str
    amount: int
    reason: str
    key: str
    user: User | None
    problem: str = ""
    done: bool = False


@dataclass(frozen=True)
class GiftFile:
    """What a file says, as things are now."""

    text: str
    lines: list[Line]

    @property
    def problems(self) -> int:
        """How many lines cannot be done."""
        return sum(bool(line.problem) for line in self.lines)

    @property
    def left(self) -> list[Line]:
        """Those that were not done before."""
        return [line for line in self.lines if not line.done]

    @property
    def given(self) -> int:
        """Credits that would be given."""
        return sum(line.amount for line in self.left if line.amount > 0)

    @property
    def taken(self) -> int:
        """Credits that would be taken away."""
        return -sum(line.amount for line in self.left if line.amount < 0)

    @property
    def people(self) -> int:
        """How many they concern."""
        return len({line.email.lower() for line in self.left})

    @cached_property
    def gifts(self) -> list[Gift]:
        """What is to be given, of a file without problems."""
        return [Gift(line.user, line.amount, line.reason, line.key) for line in self.left if line.user]


def read(text: str) -> GiftFile:
    """What it says, in a constant number of statements; raises ``Unreadable``.

    Its lines are known by the digest of all of it: the same file again does nothing, and another one is another.
    """
    text = "\n".join(text.removeprefix("\ufeff").splitlines()).strip() + "\n"
    rows = list(_rows(text))
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = User.objects.annotate(address=Lower("email")).filter(address__in={row["email"].lower() for row in rows})
    people = {user.email.lower(): user for user in found.select_related("wallet")}
    keys = Entry.objects.filter(key__startswith=f"file:{digest}:", wallet__user__in=people.values())
    done = set(keys.values_list("key", flat=True))
    left = defaultdict(int, {user.pk: user.wallet.spendable for user in people.values()})
    lines = []
    for number, row in enumerate(rows, 2):
        line = _line(number, row, people.get(row["email"].lower()), f"file:{digest}:{number}")
        lines.append(_considered(line, left, done))
    return GiftFile(text, lines)


def _rows(text: str) -> Iterator[dict[str, str]]:
    if "\0" in text:
        raise Unreadable(_("This is no CSV: %(why)s.") % {"why": "NUL"})
    head = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(), delimiter=";" if ";" in head else ",", strict=True)
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise Unreadable(_("This is no CSV: %(why)s.") % {"why": error}) from error
    if [name.lower() for name in rows[0]] != list(COLUMNS):
        raise Unreadable(_("Its first line has to be: %(columns)s") % {"columns": ",".join(COLUMNS)})
    if len(rows) > MOST + 1:
        raise Unreadable(_("It has more than %(most)s lines; cut it into several files.") % {"most": MOST})
    if len(rows) == 1:
        raise Unreadable(_("It has no lines besides the first."))
    for row in rows[1:]:
        yield dict(zip(COLUMNS, [*row, "", "", ""], strict=False)) | {"rest": "".join(row[len(COLUMNS) :])}


def _line(number: int, row: dict[str, str], user: User | None, key: str) -> Line:
    amount = _amount(row["amount"])
    return Line(number, row["email"], amount or 0, row["reason"], key, user, _problem(row, user, amount))


def _amount(text: str) -> int | None:
    return int(text) if AMOUNT.fullmatch(text) else None


def _problem(row: dict[str, str], user: User | None, amount: int | None) -> str:
    """The first thing that is wrong with it."""
    wrong = {
        _("It has more than three columns."): bool(row["rest"]),
        _("There is nobody with this address."): user is None,
        _("This person is not let in any more."): user is not None and not user.is_active,
        _("The amount is a whole number other than 0, of at most %(most)s.") % {"most": MAX_GRANT}: (
            amount is None or not 0 < abs(amount) <= MAX_GRANT
        ),
        _("The reason has from 1 to %(most)s characters.") % {"most": acts.REASON}: (
            not 0 < len(row["reason"]) <= acts.REASON
        ),
    }
    return next((problem for problem, is_so in wrong.items() if is_so), "")


def _considered(line: Line, left: defaultdict[int, int], done: set[str]) -> Line:
    """With what the lines before it leave."""
    if line.key in done:
        return replace(line, problem="", done=True)
    if line.problem or line.user is None:
        return line
    left[line.user.pk] += line.amount
    if left[line.user.pk] < 0:
        return replace(line, problem=_("There are not so many credits to take away."))
    return line
