"""``manage.py importarchive EMAIL FILE``: brings back what an archive of *Your data* has."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import acts, enrolment
from generations import importing

NOT_KEPT = (
    "Not in it: credits and what was paid, keys, webhooks, shares and what was published, the name and other choices, "
    "generations that brought no picture. In the trash, thirty days begin anew."
)


class Command(BaseCommand):
    """Keeps pictures, albums, prompts, presets and searches for a person; again makes nothing twice."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = enrolment.person(options["email"])
            with options["file"].open("rb") as file:
                brought = importing.bring_back(user, file)
        except (enrolment.NotPossible, importing.Unusable, OSError) as error:
            raise CommandError(str(error)) from error
        with acts.done_by(acts.COMMAND):
            acts.record("importarchive", user, after={"pictures": brought.pictures, "refused": len(brought.refused)})
        for name, why in brought.refused.items():
            self.stderr.write(f"{name}: {why}")
        self.stdout.write(
            f"{brought.pictures} pictures, {brought.albums} albums, {brought.prompts} prompts, {brought.presets} "
            f"presets and {brought.searches} searches are new; {brought.there} pictures were there already."
        )
        self.stdout.write(NOT_KEPT)
