"""Everything on this machine: database, Redis, web, worker and beat. `make run` starts it."""

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import studio
from config.program import StartFailed
from config.supervisor import GaveUp, Interrupted


class Command(BaseCommand):
    help = "Starts the whole studio on this machine and keeps it running until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=settings.PORT,
            help="the web server's port (default: PORT or 8000)",
        )

    def handle(self, *, port: int, **_: object) -> None:
        try:
            studio.run(port, self._say)
        except Interrupted:
            self.stdout.write("Stopped.")
        except (StartFailed, GaveUp) as error:
            raise CommandError(str(error)) from error
        except PermissionError as error:
            raise CommandError(
                f"{error}. If another account started this studio, give the folder to one of them."
            ) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # also when it goes to a file that somebody follows
