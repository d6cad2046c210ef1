"""``manage.py createapikey EMAIL --name N``: prints only the key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import enrolment, keys
from accounts.commands import RecordedCommand


class Command(RecordedCommand):
    """Makes an API key and prints it, once and alone, so that a script can take it."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="what people will know it by")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = enrolment.person(options["email"])
            _key, text = keys.create(user, options["name"][:80])
        except enrolment.NotPossible as error:
            raise CommandError(str(error)) from error
        except keys.TooMany as error:
            message = f"{user} has {keys.MOST} usable keys, as many as anybody may: revoke one first"
            raise CommandError(message) from error
        self.stdout.write(text)
