"""The pages on which admins give credits: to chosen people, or by a file; each with a second look."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import acts, giftfiles
from accounts.admin.second_look import CONFIRMED
from accounts.giving import DoneBefore, Gift, NotPossible, give
from accounts.http import UserRequest
from accounts.models import MAX_GRANT, User
from accounts.site import page

GIVE = "accounts.give_credits"
LARGEST_FILE = 50_000  # bytes: less than the largest body


class GiftForm(forms.Form):
    """How much, and why; ``token`` makes sending the form twice give once."""

    users = forms.ModelMultipleChoiceField(User.objects.select_related("wallet"), widget=forms.MultipleHiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.IntegerField(
        label=_("Credits for each"),
        min_value=-MAX_GRANT,
        max_value=MAX_GRANT,
        help_text=_("With a minus they are taken away."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=acts.REASON, help_text=_("Stands in the ledger for good."))

    def clean_amount(self) -> int:
        """Some."""
        amount: int = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("Nothing would happen."))
        return amount

    @property
    def gifts(self) -> list[Gift]:
        """What it says."""
        data = self.cleaned_data
        return [Gift(user, data["amount"], data["reason"], f"grant:{data['token']}") for user in data["users"]]


class FileForm(forms.Form):
    """A file, or the text of one that was looked at."""

    file = forms.FileField(label=_("File"), required=False)
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    found: giftfiles.GiftFile

    def clean(self) -> dict[str, Any]:
        """Read it."""
        data: dict[str, Any] = super().clean() or {}
        text = _text(data["file"]) if data.get("file") else data.get("text", "")
        if not text.strip():
            raise forms.ValidationError(_("Choose a file."))
        try:
            self.found = giftfiles.read(text)
        except giftfiles.Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        return data


@page("credits/give", "give_credits", GIVE)
def give_credits(request: UserRequest) -> HttpResponse:
    """To chosen people: the form, then what it would do, then it is done."""
    if request.method == "POST":
        form = GiftForm(request.POST)
    else:
        form = GiftForm(initial={"users": request.GET.getlist("users"), "token": uuid.uuid4()})
    looks = request.method == "POST" and form.is_valid()
    if looks and CONFIRMED in request.POST:
        try:
            given = give(form.gifts, request.user)
        except NotPossible as error:
            form.add_error("amount", _short(error))
        except DoneBefore as error:
            form.add_error(None, _otherwise(error))
        else:
            _say(request, len(given))
            return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))
    people = User.objects.filter(pk__in=_numbers(form["users"].value())).select_related("wallet").order_by("email")
    look = looks and not form.errors
    return _page(request, "admin/give_credits.html", {"form": form, "people": people, "look": look})


@page("credits/file", "gift_file", GIVE, _("Credits by a file"))
def gift_file(request: UserRequest) -> HttpResponse:
    """By a file: its lines with what is wrong with them, then it is done."""
    form = FileForm(request.POST or None, request.FILES or None)
    found = form.found if form.is_bound and form.is_valid() else None
    if found and CONFIRMED in request.POST and not found.problems:
        try:
            given = give(found.gifts, request.user)
        except NotPossible as error:
            form.add_error(None, _short(error))
        else:
            _say(request, len(given))
            return HttpResponseRedirect(reverse("admin:gift_file"))
    context = {"form": form, "found": found, "columns": ",".join(giftfiles.COLUMNS), "most": giftfiles.MOST}
    return _page(request, "admin/gift_file.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    of_the_site = admin.site.each_context(request)
    return render(request, template, {**of_the_site, "title": _("Give credits"), **context})


def _text(file: UploadedFile[bytes]) -> str:
    if (file.size or 0) > LARGEST_FILE:
        raise forms.ValidationError(_("It has more than 50 kB; cut it into several files."))
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("Save it as UTF-8.")) from error
    return text


def _short(error: NotPossible) -> str:
    said = {"email": error.gift.user.email, "left": error.available}
    return _("Nobody was given anything: %(email)s has only %(left)s to take away.") % said


def _otherwise(error: DoneBefore) -> str:
    said = {"email": error.gift.user.email, "amount": error.entry.amount}
    return _("Nobody was given anything: this form gave %(email)s something else before, %(amount)s.") % said


def _say(request: HttpRequest, number: int) -> None:
    said = ngettext("%(n)s entry is in the ledger.", "%(n)s entries are in the ledger.", number)
    messages.success(request, said % {"n": number})


def _numbers(values: Any) -> list[int]:
    return [int(value) for value in values or () if str(value).isdecimal()]
