"""What the studio earned, what the vendors were paid, and what is left of it: a page and a file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import acts, tables
from accounts.daterange import DaysForm
from accounts.languages import pgettext_noop
from accounts.models import Entry
from accounts.site import page
from generations import earnings
from generations.admin import words
from generations.admin.overview import Cell
from generations.earnings import Earned, Report

LONGEST = 366
COLUMNS = ("day", "model", "provider", "images", "credits_earned", "worth_usd", "cost_usd", "margin_usd")
SEE = "accounts.view_entry"


@page("reports/credits", "credit_report", SEE, gettext_lazy("Report on credits"))
def credit_report(request: HttpRequest) -> HttpResponseBase:
    """Of some days, this month's unless others are asked for; ``?csv`` is the file of its rows."""
    days = DaysForm(request.GET.dict(), longest=LONGEST)
    found = earnings.report(days.first, days.end) if days.is_valid() else None
    if found and "csv" in request.GET:
        acts.record(pgettext_noop("act", "export"), name="report on credits", after=days.cleaned_data)
        return tables.answer("atelier-credits-report", tables.lines(COLUMNS, map(_row, found.rows)))
    context = {
        **admin.site.each_context(request),
        "title": _("Report on credits"),
        "days": days,
        "tables": _tables(found) if found else [],
        "summary": _summary(found) if found else [],
        "query": request.GET.urlencode(),
    }
    return render(request, "admin/credit_report.html", context)


def _summary(found: Report) -> list[Cell]:
    total = found.total
    kinds = Entry.Kind
    return [
        Cell(_("Granted"), f"{found.issued.get(kinds.GRANT, 0):,}"),
        Cell(_("By codes"), f"{found.issued.get(kinds.REDEEM, 0):,}"),
        Cell(_("Adjusted"), f"{found.issued.get(kinds.ADJUSTMENT, 0):,}"),
        Cell(_("Refunded"), f"{found.issued.get(kinds.REFUND, 0):,}"),
        Cell(_("Earned"), f"{total.credits:,}"),
        Cell(_("Worth"), words.usd(total.worth)),
        Cell(_("Vendors' cost"), words.usd(total.cost)),
        Cell(_("Margin"), f"{words.usd(total.margin)} · {words.percent(total.share)}"),
        Cell(_("People have now"), f"{found.posted:,}"),
        Cell(_("of it held"), f"{found.held:,}"),
    ]


def _tables(found: Report) -> list[dict[str, Any]]:
    names = {"model": _("By model"), "provider": _("By provider"), "day": _("By day")}
    return [
        {"title": title, "rows": [(name or words.NOTHING, _cells(earned)) for name, earned in found.by(by)]}
        for by, title in names.items()
    ]


def _cells(earned: Earned) -> list[Cell]:
    return [
        Cell(_("Pictures"), f"{earned.images:,}"),
        Cell(_("Credits earned"), f"{earned.credits:,}"),
        Cell(_("Worth"), words.usd(earned.worth)),
        Cell(_("Cost"), words.usd(earned.cost)),
        Cell(_("Margin"), words.usd(earned.margin)),
        Cell(_("Of the worth"), words.percent(earned.share)),
    ]


def _row(row: earnings.Row) -> list[object]:
    earned = row.earned
    amounts = (str(earned.worth), str(earned.cost), str(earned.margin))
    return [row.day.isoformat(), row.model, row.provider, earned.images, earned.credits, *amounts]
