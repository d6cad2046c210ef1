"""``manage.py sweepstorage``: holds the storage against the database, both ways."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.housekeeping import missing, walking
from generations.models import StorageSweep


class Command(BaseCommand):
    """What beat does every night, by hand. Goes on where an earlier walk was interrupted."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--believe", action="store_true", help="go on although most of the storage belongs to no picture"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = walking.look() if options["dry_run"] else self._walk(believe=options["believe"])
        self.stdout.write(
            f"{found.objects_seen} objects ({found.bytes_seen} bytes): {found.left_over} left over"
            f" ({found.left_over_bytes} bytes), {found.foreign} not ours; {found.missing} pictures missing"
        )

    def _walk(self, *, believe: bool) -> StorageSweep:
        sweep = walking.begin()
        while sweep.finished is None:
            walking.go_on(believe=believe)
            sweep.refresh_from_db()
        if sweep.stopped:
            raise CommandError(f"{sweep.stopped} If it is, run it again with --believe.")
        self.stdout.write(f"{missing.seek(most=missing.ALL)} missing pictures were got again")
        return sweep
