"""``manage.py verifyledger``: checks every invariant of the ledger and says what breaks it."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from generations import verification


class Command(BaseCommand):
    """Prints each invariant with the number of its breaches; exits with 1 when there are any."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        found, began = [], time.monotonic()
        for finding in verification.verify():
            found.append(finding)
            examples = f": {finding.some()}" if finding.breaches else ""
            self.stdout.write(f"{finding.name:>4} {len(finding.breaches):>5}  {finding.rule}{examples}")
        if verification.remember(found, time.monotonic() - began).broken:
            sys.exit(1)
