"""``manage.py synccatalogue``: brings the shipped models and routes into the tables."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from generations import cataloguing


class Command(BaseCommand):
    """Writes what is new or changed in the shipped catalogue; an admin's edits stay."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        written = cataloguing.sync()
        if options["verbosity"]:
            self.stdout.write(f"{written} rows written")
