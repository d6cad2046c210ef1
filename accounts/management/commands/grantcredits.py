"""``manage.py grantcredits EMAIL AMOUNT --reason R``."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import enrolment, ledger
from accounts.commands import RecordedCommand
from accounts.models import MAX_GRANT


class Command(RecordedCommand):
    """Gives a person credits, with a reason that stands in the ledger."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("amount", type=int)
        parser.add_argument("--reason", required=True)
        parser.add_argument("--key", help="an order number of yours: granting twice with the same key grants once")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["amount"] <= MAX_GRANT:
            raise CommandError(f"the amount is from 1 to {MAX_GRANT} credits")
        try:
            user = enrolment.person(options["email"])
        except enrolment.NotPossible as error:
            raise CommandError(str(error)) from error
        key = f"grant:{options['key'] or uuid.uuid4()}"
        ledger.grant(user, options["amount"], key=key[:120], reason=options["reason"][:200])
        user.wallet.refresh_from_db()
        self.stdout.write(f"{user.email} has {user.wallet.spendable} credits")
