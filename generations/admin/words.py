"""Figures as admins read them: plain, with their unit, and a dash where there is nothing to say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import formats, timezone
from django.utils.translation import ngettext, pgettext

NOTHING = "–"
CENT = Decimal("0.01")
MINUTE = 60
TEN = 10


def usd(amount: Decimal) -> str:
    """``$1,234.50``; what is less than a dollar, with as many digits as it has."""
    if abs(amount) >= 1 or amount == amount.quantize(CENT):
        return f"${amount:,.2f}".replace("$-", "-$")
    return f"${amount.normalize():f}".replace("$-", "-$")


def money(amount: Decimal, unit: str) -> str:
    """An amount in a vendor's own unit."""
    return usd(amount) if unit in {"", "USD"} else f"{amount:,.2f}".removesuffix(".00") + f" {unit}"


def credits_of(number: int) -> str:
    """``1 credit``, ``4 credits``."""
    return ngettext("%(n)s credit", "%(n)s credits", number) % {"n": number}


def percent(part: float | None) -> str:
    """``97.5 %``."""
    return NOTHING if part is None else f"{100 * part:.1f}".removesuffix(".0") + " %"


def seconds(span: float | None) -> str:
    """``350 ms``, ``4.2 s``, ``58 s``, ``3 min 20 s``."""
    if span is None:
        return NOTHING
    if span < 1:
        return f"{1000 * span:.0f} ms"
    if span < TEN:
        return f"{span:.1f} s"
    minutes, rest = divmod(round(span), MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def between(begun: dt.datetime | None, ended: dt.datetime | None) -> str:
    """How long it took."""
    return seconds((ended - begun).total_seconds()) if begun and ended else NOTHING


def ago(moment: dt.datetime) -> str:
    """``4 minutes ago``, or ``30 seconds from now``."""
    return str(naturaltime(moment)).replace("\xa0", " ")


def clock(moment: dt.datetime) -> str:
    """The time of day, to the second, where whoever looks is; with the date when it is not today's."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "H:i:s" if today else pgettext("date format", "j M Y, H:i:s"))
