"""``manage.py resealsecrets``: seals with the present SECRET_KEY what earlier ones have sealed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.housekeeping import resealing


class Command(BaseCommand):
    """To be run after a change of SECRET_KEY, before the old one is taken out of SECRET_KEY_FALLBACKS."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        done = resealing.reseal()
        self.stdout.write(f"{done.anew} secrets were sealed anew")
        if done.overtaken:
            raise CommandError(f"{done.overtaken} were changed by others meanwhile: run it again")
        if done.unreadable:
            raise CommandError("No key opens these, not one of SECRET_KEY_FALLBACKS:\n" + "\n".join(done.unreadable))
