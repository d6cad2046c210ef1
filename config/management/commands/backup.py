"""``manage.py backup DIR``: a copy of everything that the studio is made of, its settings excepted."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backup import running
from config.backup.folder import Damaged, Folder
from config.backup.making import back_up
from config.backup.programs import Failed
from config.program import StartFailed

SHOWN = 20


class Command(BaseCommand):
    """Brings a folder up to date with the database and the storage; ``--check`` only verifies what is in it."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="verify the backup that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self._check(Folder(options["folder"]))
            else:
                self._make(options["folder"])
        except (Damaged, Failed, StartFailed) as error:
            raise CommandError(str(error)) from error

    def _make(self, path: Path) -> None:
        with running.database():
            made = back_up(path, self.stdout.write)
        self.stdout.write(f"{path}: {made.objects} objects and the database as of {made.taken}")
        if made.missing:
            self.stderr.write(f"{made.missing} pictures are gone from the storage and so not in the backup")

    def _check(self, folder: Folder) -> None:
        faults = list(folder.verify())
        for fault in faults[:SHOWN]:
            self.stdout.write(fault)
        if faults:
            sys.exit(1)
        self.stdout.write(f"{folder.path} is whole: {folder.manifest().objects} objects")
