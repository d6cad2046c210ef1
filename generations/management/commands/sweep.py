"""``manage.py sweep``: hints at whatever is due and that no worker has."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from generations import fulfilment, sweeping, tasks


class Command(BaseCommand):
    """What beat does every second, by hand; with ``--inline`` without any worker or Redis."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inline", action="store_true", help="take the steps here instead of telling a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweeping.sweep(fulfilment.advance if options["inline"] else tasks.hint)
        self.stdout.write(f"{found} generations were due")
