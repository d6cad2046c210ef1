"""What came of looking through the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin
from generations.admin import words
from generations.admin.notices import Notice
from generations.models import LedgerCheck

LATE_AFTER = dt.timedelta(hours=26)  # it is done every night


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    """Checks of the ledger, newest first."""

    list_display = ("created", "result", "seconds")
    fields = ("created", "result", "seconds", "broken")
    show_full_result_count = False

    @admin.display(description=gettext_lazy("result"))
    def result(self, check: LedgerCheck) -> str:
        """In a word, or which invariants are broken and how often."""
        return _found(check) or _("sound")


def notices() -> Iterator[Notice]:
    """Whether the last check found the ledger broken, or was long ago."""
    last = LedgerCheck.objects.first()
    if last is None:
        return
    url = reverse("admin:generations_ledgercheck_change", args=[last.pk])
    if last.broken:
        said = {"found": _found(last), "when": words.clock(last.created)}
        yield Notice("error", _("The ledger is not sound: %(found)s, as of %(when)s.") % said, url)
    if last.created < timezone.now() - LATE_AFTER:
        said = {"when": words.clock(last.created)}
        yield Notice(
            "warning", _("The ledger has not been checked since %(when)s; beat does it every night.") % said, url
        )


def _found(check: LedgerCheck) -> str:
    return ", ".join(f"{name} ({found['breaches']})" for name, found in check.broken.items())
