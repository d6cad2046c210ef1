"""Commands that act as admins do: they are in the log of acts, without who typed them, which nobody can tell."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import acts
from accounts.models import User

OF_DJANGO = {
    "database",
    *("verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks", "stdout", "stderr"),
}
ADDRESSES = ("email", "username")  # what commands of ours and of Django's call whom they are about


class RecordedCommand(BaseCommand):
    """Is recorded with what it was told, once it has done it."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """The command and its act, or neither."""
        with acts.done_by(acts.COMMAND), transaction.atomic():
            answer = super().execute(*args, **options)
            acts.record(
                self.__module__.rpartition(".")[2],
                subject=User.objects.filter(email__in=_addresses(options)).first(),
                after={name: _told(name, value) for name, value in options.items() if name not in OF_DJANGO and value},
                reason=options.get("reason") or "",
            )
        return answer


def _addresses(options: dict[str, Any]) -> list[str]:
    return [options[name].lower() for name in ADDRESSES if options.get(name)]


def _told(name: str, value: Any) -> Any:
    if name in ADDRESSES:
        return acts.masked(value)
    return acts.HIDDEN if acts.SECRETS.search(name) else value
