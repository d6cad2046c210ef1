"""``manage.py promptrules FILE``: blocks, or allows, what a file lists, a rule in each line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from generations.models import PromptRule


class Command(BaseCommand):
    """Adds what is not there yet; empty lines and those that begin with # are passed over."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--allow", action="store_true", help="these may be asked for although words of them may not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = options["file"].read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        before = PromptRule.objects.count()
        rules = [self._rule(line.strip(), allowed=options["allow"]) for line in lines if _says_something(line)]
        PromptRule.objects.bulk_create(rules, batch_size=1000, ignore_conflicts=True)
        self.stdout.write(f"{PromptRule.objects.count() - before} rules added")

    def _rule(self, line: str, *, allowed: bool) -> PromptRule:
        rule = PromptRule(text=line, allowed=allowed)
        try:
            rule.clean_fields()
            rule.write_words()
        except ValidationError as error:
            raise CommandError(f"{line[:60]!r}: {' '.join(error.messages)}") from error
        return rule


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")
