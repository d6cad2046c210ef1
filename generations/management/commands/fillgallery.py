"""``manage.py fillgallery EMAIL --images N``: a gallery of any size, for benchmarks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import enrolment
from generations import filling
from generations.providers import registry


class Command(BaseCommand):
    """Gives a person many images of a few pictures, dated into the past and properly paid for."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--images", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["images"] < 1:
            raise CommandError("--images is at least 1")
        try:
            user = enrolment.person(options["email"])
        except enrolment.NotPossible as error:
            raise CommandError(str(error)) from error
        filling.fill(user, options["images"], registry.provider("sketch"), self._report)
        self.stdout.write(f"{user.email} has {options['images']} more images")

    def _report(self, made: int) -> None:
        if made % 10_000 == 0:
            self.stdout.write(f"{made} images")
