"""People with their balance. Credits are given, never typed into a balance."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import ledger
from accounts.models import User

GRANTED_AT_ONCE = 500


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


def _numbers(values: Any) -> list[int]:
    return [int(value) for value in values or () if str(value).isdecimal()]
