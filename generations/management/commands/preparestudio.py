"""What a studio on this machine needs before it opens: `studio` runs it on each start."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts import demo


class Command(BaseCommand):
    help = "Migrates, loads the catalogue, and makes the demo and admin accounts with an API key, unless they exist."
    requires_system_checks = ()

    def handle(self, **_: object) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("synccatalogue", verbosity=0)
        demo.ensure(settings.VAR / "credentials.json")
