"""What browsers send. Whether an order can be taken is for ``submission`` to say: forms only read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from generations.models import Album, Report
from generations.models.album import LONGEST_DESCRIPTION
from generations.models.share import LONGEST_NOTE
from generations.prompts import PARAMETERS
from generations.submission import Order
from generations.types import MAX_SEED

LONGEST_NAME = 120  # of a model


class TextField(forms.CharField):
    """Text as it was typed, with the line ends that everything but a browser uses."""

    def to_python(self, value: object) -> str:
        """The text, without white space around it."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class OrderForm(forms.Form):
    """The composer."""

    prompt = TextField(required=False)
    negative_prompt = TextField(required=False)
    model = forms.CharField(required=False, max_length=LONGEST_NAME)
    aspect_ratio = forms.CharField(required=False, max_length=5)
    resolution = forms.CharField(required=False, max_length=2)
    count = forms.IntegerField(error_messages={"invalid": _("From 1 to 4 images.")})
    seed = forms.IntegerField(
        required=False,
        error_messages={"invalid": format_lazy(_("A whole number from 0 to {most}."), most=MAX_SEED)},
    )
    output_format = forms.CharField(required=False, max_length=4)
    token = forms.CharField(required=False, max_length=64)  # makes a second click the same submit
    lock = forms.BooleanField(required=False)  # whether the seed stays for the next one

    @property
    def order(self) -> Order:
        """What was asked for, as far as it could be read."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in {"token", "lock"}}
        return Order(**{"model": "", "prompt": ""} | asked)

    @property
    def idempotency_key(self) -> str:
        """Equal for both halves of a double click."""
        token = self.cleaned_data["token"]
        return f"web:{token}" if token else ""


class ShareForm(forms.Form):
    """For how long something is shown to whoever has the address."""

    LASTING = {"day": dt.timedelta(days=1), "week": dt.timedelta(days=7), "month": dt.timedelta(days=30)}

    lasts = forms.ChoiceField(
        choices=[("week", _("A week")), ("day", _("A day")), ("month", _("30 days")), ("forever", _("Until I end it"))],
        label=_("For how long"),
    )
    with_prompt = forms.BooleanField(required=False, label=_("Show the prompt too"))

    @property
    def expires_at(self) -> dt.datetime | None:
        """When it ends by itself, if ever."""
        lasts = self.LASTING.get(self.cleaned_data["lasts"])
        return timezone.now() + lasts if lasts else None


class AlbumForm(forms.ModelForm[Album]):
    """An album's name and what is said about it."""

    description = TextField(
        required=False,
        max_length=LONGEST_DESCRIPTION,
        label=_("Description"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Album
        fields = ("name", "description")
        labels = {"name": _("Name")}


class ReportForm(forms.ModelForm[Report]):
    """What is wrong with a picture."""

    reason = forms.ChoiceField(
        choices=[("", _("Choose what fits")), *Report.Reason.choices],
        label=_("What is wrong?"),
    )
    note = TextField(
        required=False,
        max_length=LONGEST_NOTE,
        label=_("What should an admin know?"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Report
        fields = ("reason", "note")


class NamesField(forms.MultipleChoiceField):
    """Names of whatever there may be: who takes the order knows which there are."""

    def valid_value(self, value: str) -> bool:
        """Any that could be one."""
        return len(value) <= LONGEST_NAME


class CompareForm(OrderForm):
    """An order for several models."""

    models = NamesField(required=False)

    @property
    def order(self) -> Order:
        """What was asked for, of no model yet."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in {"token", "lock", "models"}}
        return Order(**asked | {"model": ""})

    @property
    def idempotency_key(self) -> str:
        """Not that of a plain submit with the same token."""
        key = super().idempotency_key
        return f"compare:{key}" if key else ""


class RenameForm(forms.Form):
    """A preset's name."""

    name = TextField(
        max_length=80,
        error_messages={"required": _("Give it a name."), "max_length": _("At most %(limit_value)d characters.")},
    )


class PresetForm(RenameForm, OrderForm):
    """What the composer holds, and a name for it."""

    with_prompt = forms.BooleanField(required=False)

    @property
    def values(self) -> dict[str, Any]:
        """What is kept: parameters as far as something was chosen, and the prompt only if that was wanted."""
        given = self.cleaned_data
        names = ("prompt", "negative_prompt") if given["with_prompt"] else ()
        parameters = {name: given[name] for name in ("model", *PARAMETERS) if given[name] not in {None, ""}}
        return {"name": given["name"], "parameters": parameters, **{name: given[name] for name in names}}
