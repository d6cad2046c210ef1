"""People with their balance. Credits are given, never typed into a balance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import blocking, departure, visiting
from accounts.admin import second_look
from accounts.admin.giving import GIVE
from accounts.admin.rights import RightsAdmin
from accounts.http import UserRequest
from accounts.languages import pgettext_noop
from accounts.models import User


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
class UserAdmin(RightsAdmin, DjangoUserAdmin[User]):
    """People with their balance."""

    ordering = ("email",)
    list_display = ("email", "name", "spendable", "held", "is_active", "leaves_at", "is_staff", "created")
    list_filter = ("is_active", ("leaves_at", admin.EmptyFieldListFilter), "is_staff")
    search_fields = ("email", "name")
    list_select_related = ("wallet",)
    readonly_fields = ("balance", "visit", "is_active", "last_login", "created", "leaves_at")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Credits"), {"fields": ("balance",)}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Times"), {"fields": ("last_login", "created", "leaves_at")}),
    )
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    actions = ("give_credits", "block", "unblock", "keep", "hasten")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """With the way to see what they see, for whoever may."""
        found = super().get_fieldsets(request, obj)
        visits = obj is not None and isinstance(request.user, User) and visiting.may_visit(request.user, obj)
        return [*found, (_("Visit"), {"fields": ("visit",)})] if visits else found

    def has_block_permission(self, request: HttpRequest) -> bool:
        """Whoever may block people."""
        return request.user.has_perm("accounts.block_user")

    def has_give_permission(self, request: HttpRequest) -> bool:
        """Whoever may give credits."""
        return request.user.has_perm(GIVE)

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
        """The balance, where more are given, and where it is written down."""
        return format_html(
            '{} ({} {}) · <a href="{}?users={}">{}</a> · <a href="{}?wallet__user__id__exact={}">{}</a>',
            user.wallet.spendable,
            user.wallet.held,
            _("held"),
            reverse("admin:give_credits"),
            user.pk,
            _("Give credits"),
            reverse("admin:accounts_entry_changelist"),
            user.pk,
            _("Entries"),
        )

    @admin.display(description=_("pages"))
    def visit(self, user: User) -> str:
        """Where one sees them."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:visit", args=[user.pk]), _("See the studio as they do")
        )

    @admin.action(description=_("Give credits"), permissions=["give"])
    def give_credits(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask how much and why; of as many people as one form holds."""
        chosen = queryset.values_list("pk", flat=True)[: second_look.AT_ONCE + 1]
        if len(chosen) > second_look.AT_ONCE:
            second_look.refuse(request)
            return None
        people = "&".join(f"users={pk}" for pk in chosen)
        return HttpResponseRedirect(f"{reverse('admin:give_credits')}?{people}")

    @second_look.action(
        pgettext_noop("act", "block"),
        _("Block"),
        _(
            "They are signed out everywhere, their keys are refused, and their shares show nothing. What is being made "
            "for them is finished and stays theirs. You are left out, and superusers unless you are one."
        ),
        permission="block",
    )
    def block(self, request: UserRequest, queryset: QuerySet[User]) -> list[User]:
        """Shut them out."""
        return [user for user in queryset if blocking.block(user, request.user)]

    @second_look.action(
        pgettext_noop("act", "unblock"),
        _("Unblock"),
        _("They may sign in again, and their keys work."),
        permission="block",
    )
    def unblock(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        """Let them in again."""
        return [user for user in queryset if blocking.unblock(user)]

    @second_look.action(
        pgettext_noop("act", "keep"),
        _("Keep accounts of people who left"),
        _("They can sign in again, and their keys work, as if they had never left. Others are left out."),
        permission="block",
    )
    def keep(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        """Cancel the deletion."""
        return [user for user in queryset if departure.come_back(user)]

    @second_look.action(
        pgettext_noop("act", "hasten"),
        _("Delete accounts of people who left now"),
        _("Within a minute everything in them is deleted, for good. People who have not left are left out."),
        permission="block",
    )
    def hasten(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        """Wait no longer."""
        return [user for user in queryset if departure.hasten(user)]
