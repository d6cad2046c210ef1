"""What people change about their account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.account.internal.userkit import filter_users_by_email
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import ApiKey, User
from accounts.scopes import SCOPES, all_scopes


class ProfileForm(forms.ModelForm[User]):
    """The name, language and consents; the address changes by a mailed link, the password on a page of its own."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As my browser asks")), *settings.LANGUAGES], required=False
    )

    class Meta:
        model = User
        fields = ("name", "language", "accepts_successors")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Write what the form asks for and nothing else: a form that lay open changes no other column."""
        if commit:
            self.instance.change(**{name: self.cleaned_data[name] for name in self._meta.fields or ()})
        return self.instance


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """Where one asks for a new password: those who have left may still come back, and may have forgotten theirs."""

    users: list[User]

    def clean_email(self) -> str:
        """The address; whose it is, is known to the form alone."""
        email: str = super().clean_email()
        if not self.users:
            known = filter_users_by_email(email.lower(), is_active=False, prefer_verified=True, for_login=True)
            self.users = [user for user in known if user.leaves_at]
        return email


class KeyForm(forms.ModelForm[ApiKey]):
    """A new API key."""

    LIVES = (("", _("Never")), ("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In a year")))

    lives = forms.ChoiceField(label=_("Expires"), choices=LIVES, required=False)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(name, _(allowed)) for name, allowed in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=all_scopes,
        error_messages={"required": _("Choose at least one.")},
    )

    class Meta:
        model = ApiKey
        fields = ("name", *keys.BUDGETS)
        error_messages = {"name": {"required": _("Give it a name that says where it is used.")}}

    @property
    def wishes(self) -> dict[str, Any]:
        """What the key is to be."""
        wanted = ("name", "scopes", *keys.BUDGETS)
        return {name: self.cleaned_data[name] for name in wanted} | {"expires": self.expires}

    @property
    def expires(self) -> dt.datetime | None:
        """When it stops working; None for never."""
        days = self.cleaned_data["lives"]
        return timezone.now() + dt.timedelta(days=int(days)) if days else None


class KeyNameForm(forms.ModelForm[ApiKey]):
    """What a key is called."""

    class Meta:
        model = ApiKey
        fields = ("name",)
