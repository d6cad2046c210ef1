"""``manage.py adduser EMAIL --password P [--admin]``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import enrolment
from accounts.commands import RecordedCommand


class Command(RecordedCommand):
    """Adds a person whose address counts as verified."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password", required=True)
        parser.add_argument("--admin", action="store_true", help="may use /admin/")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = enrolment.add(options["email"], options["password"], admin=options["admin"])
        except enrolment.NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Added {user.email}")
