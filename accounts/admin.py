"""People, balances and the ledger for admins. Credits are given, never typed into a balance."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import keys, ledger, vouchers
from accounts.models import ApiKey, Entry, Hold, User, Voucher

GRANTED_AT_ONCE = 500
ISSUED_AT_ONCE = 1000


class GrantForm(forms.Form):
    """How much, and why; ``token`` makes sending the form twice grant once."""

    users = forms.ModelMultipleChoiceField(User.objects.all(), widget=forms.MultipleHiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.IntegerField(label=_("Credits for each"), min_value=1, max_value=ledger.MAX_GRANT)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Stands in the ledger for good."))

    def grant(self, actor: User) -> int:
        """Give them; the number of people."""
        data = self.cleaned_data
        for user in data["users"]:
            key = f"grant:{data['token']}"
            ledger.grant(user, data["amount"], key=key, reason=data["reason"], actor=actor)
        return len(data["users"])


class NewUserForm(AdminUserCreationForm[User]):
    """Address and password."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        """In small letters, as everywhere."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("There is somebody with this address."))
        return email


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    """People with their balance."""

    ordering = ("email",)
    list_display = ("email", "name", "spendable", "held", "is_active", "is_staff", "created")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    list_select_related = ("wallet",)
    readonly_fields = ("balance", "last_login", "created")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Credits"), {"fields": ("balance",)}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Times"), {"fields": ("last_login", "created")}),
    )
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    actions = ("grant_credits",)

    def get_urls(self) -> list[URLPattern]:
        """With the page that grants credits."""
        grant = path("grant", self.admin_site.admin_view(self.grant_view), name="accounts_user_grant")
        return [grant, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The ledger keeps what people spent, so they are deactivated instead."""
        return False

    @admin.display(description=_("credits"), ordering="wallet__posted")
    def spendable(self, user: User) -> int:
        """What they can spend."""
        return user.wallet.spendable

    @admin.display(description=_("held"), ordering="wallet__held")
    def held(self, user: User) -> int:
        """What is set aside."""
        return user.wallet.held

    @admin.display(description=_("balance"))
    def balance(self, user: User) -> str:
        """The balance, where more is granted, and where it is written down."""
        return format_html(
            '{} ({} {}) · <a href="{}?users={}">{}</a> · <a href="{}?wallet__user__id__exact={}">{}</a>',
            user.wallet.spendable,
            user.wallet.held,
            _("held"),
            reverse("admin:accounts_user_grant"),
            user.pk,
            _("Grant credits"),
            reverse("admin:accounts_entry_changelist"),
            user.pk,
            _("Entries"),
        )

    @admin.action(description=_("Grant credits"), permissions=["change"])
    def grant_credits(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask how much and why; of as many people as one form holds."""
        chosen = queryset.values_list("pk", flat=True)[: GRANTED_AT_ONCE + 1]
        if len(chosen) > GRANTED_AT_ONCE:
            messages.error(request, _("At most %(most)s people at once.") % {"most": GRANTED_AT_ONCE})
            return None
        people = "&".join(f"users={pk}" for pk in chosen)
        return HttpResponseRedirect(f"{reverse('admin:accounts_user_grant')}?{people}")

    def grant_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and giving what it says."""
        if not self.has_change_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        chosen = {"users": request.GET.getlist("users"), "token": uuid.uuid4()}
        form = GrantForm(request.POST) if request.method == "POST" else GrantForm(initial=chosen)
        if form.is_valid():
            people = form.grant(request.user)
            amount = form.cleaned_data["amount"]
            said = ngettext("%(amount)s credits granted.", "%(amount)s credits granted to each of %(n)s.", people)
            messages.success(request, said % {"amount": amount, "n": people})
            return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))
        people_chosen = User.objects.filter(pk__in=_numbers(form["users"].value())).select_related("wallet")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Grant credits"),
            "opts": self.opts,
            "form": form,
            "people": people_chosen,
        }
        return render(request, "admin/grant_credits.html", context)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Looks only: what it shows is written by the product alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whoever may change such rows: to look at them is not to end them."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """The ledger, newest first."""

    list_display = (
        "created",
        "user",
        "kind",
        "amount",
        "posted_after",
        "held_after",
        "version_after",
        "reason",
        "actor",
        "key",
    )
    list_filter = ("kind", "created")
    search_fields = ("wallet__user__email", "key", "reason")
    list_select_related = ("wallet__user", "actor")
    ordering = ("-id",)
    date_hierarchy = "created"
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """One person's entries, which the page of a person links to."""
        return lookup == "wallet__user__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("user"), ordering="wallet__user__email")
    def user(self, entry: Entry) -> str:
        """Whose."""
        return entry.wallet.user.email


class VouchersForm(forms.Form):
    """A batch of codes."""

    batch = forms.CharField(label=_("Batch"), max_length=80, help_text=_("Stands in the ledger as the reason."))
    amount = forms.IntegerField(label=_("Credits for each"), min_value=1, max_value=ledger.MAX_GRANT)
    number = forms.IntegerField(label=_("How many codes"), min_value=1, max_value=ISSUED_AT_ONCE, initial=10)
    uses = forms.IntegerField(label=_("People who may redeem each"), min_value=1, max_value=1_000_000, initial=1)
    expires = forms.SplitDateTimeField(label=_("Expires"), required=False, widget=AdminSplitDateTime)


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """Codes, which are made in batches and shown once."""

    list_display = ("prefix", "batch", "amount", "used", "uses", "expires", "created", "actor")
    list_filter = ("batch", "expires")
    search_fields = ("prefix", "batch")
    list_select_related = ("actor",)
    ordering = ("-id",)
    actions = ("end",)
    change_list_template = "admin/vouchers.html"

    def get_urls(self) -> list[URLPattern]:
        """With the page that makes them."""
        issue = path("issue", self.admin_site.admin_view(self.issue_view), name="accounts_voucher_issue")
        return [issue, *super().get_urls()]

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """The form; the answer to it is the only place where the codes are ever shown."""
        if not self.has_end_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form, codes = VouchersForm(request.POST or None), []
        if form.is_valid():
            codes = vouchers.issue(**form.cleaned_data, actor=request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make codes"),
            "opts": self.opts,
            "form": form,
            "codes": codes,
        }
        response = render(request, "admin/issue_vouchers.html", context)
        add_never_cache_headers(response)
        return response

    @admin.action(description=_("Let them expire now"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        """Nobody can redeem them any more."""
        ended = queryset.update(expires=Now())
        messages.success(request, ngettext("%(n)s code expired.", "%(n)s codes expired.", ended) % {"n": ended})


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """What is set aside for which generation."""

    list_display = ("generation", "wallet", "amount", "captured", "released")
    search_fields = ("generation", "wallet__user__email")
    list_select_related = ("wallet__user",)
    ordering = ("-id",)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys, which admins can only end."""

    list_display = ("prefix", "name", "user", "created", "last_used", "expires", "revoked")
    list_filter = ("revoked",)
    search_fields = ("prefix", "name", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["end"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End them for good."""
        ended = sum(keys.revoke(key) for key in queryset)
        messages.success(request, ngettext("%(n)s key revoked.", "%(n)s keys revoked.", ended) % {"n": ended})


def _numbers(values: Any) -> list[int]:
    return [int(value) for value in values or () if str(value).isdecimal()]
