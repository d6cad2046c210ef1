"""What people change about their account."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User


class ProfileForm(forms.ModelForm[User]):
    """The name and the consents; the address changes by a mailed link, the password on a page of its own."""

    class Meta:
        model = User
        fields = ("name", "accepts_successors")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Write what the form asks for and nothing else: a form that lay open changes no other column."""
        if commit:
            self.instance.save(update_fields=self._meta.fields)
        return self.instance


class KeyForm(forms.ModelForm[ApiKey]):
    """A new API key."""

    LIVES = (("", _("Never")), ("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In a year")))

    lives = forms.ChoiceField(label=_("Expires"), choices=LIVES, required=False)

    class Meta:
        model = ApiKey
        fields = ("name",)
        error_messages = {"name": {"required": _("Give it a name that says where it is used.")}}

    @property
    def expires(self) -> dt.datetime | None:
        """When it stops working; None for never."""
        days = self.cleaned_data["lives"]
        return timezone.now() + dt.timedelta(days=int(days)) if days else None
