"""Codes that are worth credits."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from accounts import acts, tables, vouchers
from accounts.admin import second_look
from accounts.admin.reading import ReadOnlyAdmin
from accounts.admin.writing import NamedDateTime
from accounts.http import UserRequest
from accounts.languages import pgettext_noop
from accounts.models import MAX_GRANT, User, Voucher
from accounts.site import page

ISSUED_AT_ONCE = 1000
REMEMBERED = 86_400  # seconds for which a form is known to have been sent
BATCHES = 50  # on a page
COLUMNS = ("code", "batch", "credits", "people", "expires")


class VouchersForm(forms.Form):
    """A batch of codes; ``token`` makes sending the form twice make one."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    batch = forms.CharField(label=_("Batch"), max_length=80, help_text=_("Stands in the ledger as the reason."))
    amount = forms.IntegerField(label=_("Credits for each"), min_value=1, max_value=MAX_GRANT)
    number = forms.IntegerField(label=_("How many codes"), min_value=1, max_value=ISSUED_AT_ONCE, initial=10)
    uses = forms.IntegerField(label=_("People who may redeem each"), min_value=1, max_value=1_000_000, initial=1)
    per_person = forms.IntegerField(
        label=_("Codes that one person may redeem"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Of all in batches of this name. Empty: as many as they have."),
    )
    expires = forms.SplitDateTimeField(
        label=_("Expires"), required=False, widget=NamedDateTime(attrs={"aria-label": _("Expires")})
    )


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """Codes, which are made in batches and shown once."""

    list_display = ("prefix", "batch", "amount", "redeemed", "for_one", "expires", "created", "actor")
    list_filter = ("batch", "expires")
    search_fields = ("prefix", "batch")
    list_select_related = ("actor",)
    ordering = ("-id",)
    actions = ("end",)
    change_list_template = "admin/vouchers.html"

    @admin.display(description=_("Redeemed"), ordering="used")
    def redeemed(self, voucher: Voucher) -> str:
        """By how many of how many people."""
        return f"{voucher.used} / {voucher.uses}"

    @admin.display(description=_("For one person"), ordering="per_person")
    def for_one(self, voucher: Voucher) -> int | None:
        """How many codes of its batch."""
        return voucher.per_person

    def get_urls(self) -> list[URLPattern]:
        """With the page that makes them."""
        issue = path("issue", self.admin_site.admin_view(self.issue_view), name="accounts_voucher_issue")
        return [issue, *super().get_urls()]

    def issue_view(self, request: UserRequest) -> HttpResponse:
        """The form; the answer to it is the only place where the codes are ever shown."""
        if not self.has_end_permission(request):
            raise PermissionDenied
        form, codes = VouchersForm(request.POST or None, initial={"token": uuid.uuid4()}), []
        if form.is_valid():
            codes = _issued(form.cleaned_data, request.user)
            if not codes:
                messages.warning(request, _("This form was sent before: its codes are made, and were shown then."))
                return HttpResponseRedirect(reverse("admin:accounts_voucher_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make codes"),
            "opts": self.opts,
            "form": form,
            "codes": codes,
            "file": _file(form.cleaned_data, codes) if codes else "",
        }
        response = render(request, "admin/issue_vouchers.html", context)
        add_never_cache_headers(response)
        return response

    @second_look.action(
        pgettext_noop("act", "expire"), _("Let them expire now"), _("Nobody can redeem these codes any more, for good.")
    )
    def end(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> list[Voucher]:
        """Nobody can redeem them any more."""
        return [voucher for voucher in queryset if vouchers.expire(voucher)]


@page("vouchers/withdraw", "withdraw_batch", "accounts.change_voucher")
def withdraw(request: HttpRequest) -> HttpResponse:
    """What is left of a batch, after a second look."""
    batch = request.GET.get("batch", "")
    form = second_look.ReasonForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            if withdrawn := vouchers.withdraw(batch):
                acts.record(pgettext_noop("act", "withdraw batch"), name=batch, after={"codes": withdrawn})
        second_look.tell(request, withdrawn)
        return HttpResponseRedirect(reverse("admin:voucher_batches"))
    rows: list[Model] = list(vouchers.left(batch).order_by("pk"))
    if not rows:
        second_look.tell(request, 0)
        return HttpResponseRedirect(reverse("admin:voucher_batches"))
    said = _("Nobody can redeem these codes any more, for good. What was redeemed stays.")
    look = second_look.Look(_("Withdraw what is left of %(batch)s") % {"batch": batch}, said, rows)
    context = {"form": form, "opts": Voucher._meta, "back": reverse("admin:voucher_batches")}  # noqa: SLF001 - Django's
    return second_look.page(request, look, context)


def _issued(wanted: dict[str, Any], actor: User) -> list[str]:
    """New codes; none for a form that was sent before."""
    token = wanted.pop("token")
    with transaction.atomic():
        codes = vouchers.issue(vouchers.Batch(**wanted), actor)
        acts.record(pgettext_noop("act", "issue codes"), name=wanted["batch"], after=wanted)
        if cache.add(f"codes:{token}", True, REMEMBERED):  # noqa: FBT003 - Django's
            return codes
        transaction.set_rollback(True)
        return []


def _file(made: dict[str, Any], codes: list[str]) -> str:
    """The codes as CSV, in an address of its own: the page that shows them once is all that has them."""
    rows = ((code, made["batch"], made["amount"], made["uses"], made["expires"] or "") for code in codes)
    return "data:text/csv;charset=utf-8," + quote("".join(tables.lines(COLUMNS, rows)))


@page("vouchers/batches", "voucher_batches", "accounts.view_voucher", _("Batches of codes"))
def batches(request: HttpRequest) -> HttpResponse:
    """What became of each."""
    shown = Paginator(vouchers.batches(), BATCHES).get_page(request.GET.get("page"))
    may = request.user.has_perm("accounts.change_voucher")
    context = {"title": _("Batches of codes"), "batches": shown, "may_withdraw": may}
    return render(request, "admin/voucher_batches.html", {**admin.site.each_context(request), **context})
