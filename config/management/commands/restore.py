"""``manage.py restore DIR``: fills an empty database, and the storage, from a backup."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.backup import running
from config.backup.folder import Damaged, Folder
from config.backup.programs import Failed
from config.backup.restoring import NotEmpty, restore
from config.program import StartFailed
from generations import verification


class Command(BaseCommand):
    """Refuses a database that has anything in it. Nothing that was under way is sent again; the books are checked."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not isinstance(default_storage, FileSystemStorage):
            call_command("createbucket", stdout=self.stdout)
        try:
            with running.database():
                settled = restore(Folder(options["folder"]), self.stdout.write)
                broken = [finding for finding in verification.verify() if finding.breaches]
        except (Damaged, Failed, NotEmpty, StartFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{settled.unknown} attempts are unknown now, {settled.ended} generations ended with their credits back"
        )
        for finding in broken:
            self.stdout.write(f"{finding.name} is broken {len(finding.breaches)} times: {finding.rule}")
        if broken:
            sys.exit(1)
        self.stdout.write("The books are sound. Run `manage.py migrate` if this version is newer than the backup's.")
