"""``manage.py sweep``: hints at whatever is due and that no worker has."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from generations import fulfilment, sweeping, tasks, telling, webhooks


class Command(BaseCommand):
    """What beat does every second, by hand; with ``--inline`` without any worker or Redis."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inline", action="store_true", help="take the steps here instead of telling a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        inline = options["inline"]
        generations = sweeping.sweep(fulfilment.advance if inline else tasks.hint)
        messages = sweeping.sweep_deliveries(_tell if inline else webhooks.hint)
        self.stdout.write(f"{generations} generations and {messages} messages were due")


def _tell(delivery: UUID, user: int) -> None:
    telling.tell(delivery)
