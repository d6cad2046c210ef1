"""Everything on this machine: database, Redis, web, worker and beat."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand

from config import studio


class Command(BaseCommand):
    help = "Starts the whole studio on this machine and keeps it running until Ctrl-C. `make run` does the same."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        help_text = "the web server's port (default: PORT or 8000)"
        parser.add_argument("--port", type=int, default=settings.PORT, help=help_text)

    def handle(self, *, port: int, **_: object) -> None:
        """Become `config.studio`, which stays as long as the studio runs and needs none of Django's memory."""
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", studio.__name__, "--port", str(port)])  # noqa: S606
