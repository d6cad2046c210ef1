"""``manage.py synccatalogue``: brings the shipped models and routes into the tables."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import cataloguing, retirement

WORDS = {True: "listed", False: "NOT LISTED", None: "unknown"}


class Command(BaseCommand):
    """Writes what is new or changed in the shipped catalogue; an admin's edits stay."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; compare our routes with the vendors' own lists of models",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        written = cataloguing.sync()
        if options["verbosity"]:
            self.stdout.write(f"{written} rows written")

    def _check(self) -> None:
        listings = retirement.compare()
        for listing in listings:
            route = listing.route
            gone = f"; closed since {route.gone_since:%Y-%m-%d}" if route.gone_since else ""
            detail = f" ({listing.detail})" if listing.detail else ""
            said = f"{WORDS[listing.listed]}{detail}{gone}"
            self.stdout.write(f"{route.provider:9} {route.provider_model:48} {route.model.slug:24} {said}")
        missing = sum(listing.listed is False for listing in listings)
        if missing:
            raise CommandError(f"{missing} of {len(listings)} routes name a model that the vendor does not list.")
