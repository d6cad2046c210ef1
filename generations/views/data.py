"""``/account/data``: take away all that one has here, or leave."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from generations import downloads, exports, leaving
from generations.models import Export
from generations.models.export import ExportQuerySet
from generations.views.access import PageRequest, signed_in

SHOWN = 10
INVALID = 422


class LeaveForm(forms.Form):
    """One's own address, typed: nobody does that by mistake."""

    email = forms.CharField(
        label=gettext_lazy("Your address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, user: User, sent: QueryDict | None) -> None:
        super().__init__(sent)
        self._user = user

    def clean_email(self) -> str:
        """The address of this very account."""
        email: str = self.cleaned_data["email"].strip().lower()
        if email != self._user.email:
            raise forms.ValidationError(_("Type %(email)s, the address of this account.") % {"email": self._user.email})
        return email


@require_safe
@never_cache
@signed_in
def data(request: PageRequest) -> HttpResponse:
    """The page; the part that changes, to those who ask for it alone."""
    own = _archives(request)
    context = {
        "archives": [(archive, downloads.path(archive)) for archive in own.order_by("-pk")[:SHOWN]],
        "busy": own.filter(status__in=Export.UNFINISHED).exists(),
    }
    return render(request, "account/_archives.html" if request.htmx else "account/data.html", context)


@require_POST
@signed_in
def make_archive(request: PageRequest) -> HttpResponse:
    """Have one made of all."""
    try:
        exports.ask(request.user)
    except exports.OneAtATime:
        messages.error(request, _("Another archive is being made; wait for it or remove it."))
    except exports.TooMany:
        messages.error(
            request, _("One archive has up to %(most)s pictures; export them by album.") % {"most": exports.MOST}
        )
    return redirect("data")


@require_POST
@signed_in
def remove_archive(request: PageRequest, pk: UUID) -> HttpResponse:
    """Stop making it, or remove it."""
    exports.delete(get_object_or_404(_archives(request), pk=pk))
    messages.success(request, _("The archive is removed"))
    return redirect("data")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@reauthentication_required  # type: ignore[untyped-decorator]
def leave(request: PageRequest) -> HttpResponse:
    """Say what will happen; then do it."""
    form = LeaveForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, form, INVALID if form.errors else 200)
    try:
        kept_until = leaving.begin(request.user)
    except leaving.StaysForNow:
        form.add_error(None, _("You may use the admin. Another admin has to take that right away first."))
        return _ask(request, form, INVALID)
    logout(request)
    if kept_until:
        day = formats.date_format(timezone.localtime(kept_until))
        messages.success(request, _("Your account is closed. Sign in before %(day)s to keep it.") % {"day": day})
    else:
        messages.success(request, _("Your account is deleted"))
    return redirect("home")


def _ask(request: PageRequest, form: LeaveForm, status: int) -> HttpResponse:
    context = {"form": form, "days": settings.DELETION_GRACE_DAYS}
    return render(request, "account/leave.html", context, status=status)


def _archives(request: PageRequest) -> ExportQuerySet:
    """The person's own, of the whole account."""
    return Export.objects.filter(user=request.user, whole=True).defer("images")
