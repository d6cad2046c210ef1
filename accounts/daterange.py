"""A range of days that somebody asks for in an address: by ``from`` and ``to``, both included, of UTC."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2999, 12, 31)


class DaysForm(forms.Form):
    """The days; this month's, where none are named."""

    use_required_attribute = False

    def __init__(self, asked: dict[str, str], longest: int | None = None) -> None:
        today = timezone.now().date()
        usual = {"from": today.replace(day=1).isoformat(), "to": today.isoformat()}
        super().__init__({name: asked.get(name) or value for name, value in usual.items()})
        self._longest = longest
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label,
                widget=forms.DateInput(attrs={"type": "date"}),
                validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
            )

    def clean(self) -> dict[str, dt.date]:
        """In order, and not too many."""
        data: dict[str, dt.date] = super().clean() or {}
        if len(data) == len(self.fields):
            if data["from"] > data["to"]:
                raise forms.ValidationError(_("The first day comes after the last."))
            if self._longest and (data["to"] - data["from"]).days >= self._longest:
                raise forms.ValidationError(_("At most %(most)s days.") % {"most": self._longest})
        return data

    @property
    def first(self) -> dt.datetime:
        """When they begin."""
        return _midnight(self.cleaned_data["from"])

    @property
    def end(self) -> dt.datetime:
        """When they are over."""
        return _midnight(self.cleaned_data["to"] + dt.timedelta(days=1))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
