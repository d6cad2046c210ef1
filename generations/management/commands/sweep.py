"""``manage.py sweep``: has everything looked at that is due and that no worker has."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from generations import exports, fulfilment, sweeping, tasks, telling, webhooks
from generations.models import Export
from generations.turns import Turns


class Command(BaseCommand):
    """What beat does every second, by hand; with ``--inline`` without any worker or Redis."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inline", action="store_true", help="take the steps here instead of telling a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inline"]:
            generations, messages = sweeping.take(fulfilment.go_on), sweeping.sweep_deliveries(_tell)
            archives = exports.make_all()
        else:
            generations, messages = sum(Turns().waiting().values()), sweeping.sweep_deliveries(webhooks.hint)
            archives = Export.objects.due().count()
            tasks.ask_to_sweep()
        self.stdout.write(f"{generations} generations, {messages} messages and {archives} exports were due")


def _tell(delivery: UUID, user: int) -> None:
    telling.tell(delivery)
