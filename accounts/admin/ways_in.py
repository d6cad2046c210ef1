"""How people sign in, to look at without what opens anything, and to take away where it has to be.

In place of allauth's own pages, which show what sessions and second factors are made of to whoever may look at them.
"""

from __future__ import annotations

from allauth.account import admin as _addresses  # noqa: F401 - registers what is replaced here
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _factors  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _sessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.admin import second_look
from accounts.admin.reading import ReadOnlyAdmin
from accounts.languages import pgettext_noop

admin.site.unregister([EmailAddress, Authenticator, UserSession])


def _call(model: type[Model], one: StrOrPromise, many: StrOrPromise, **fields: StrOrPromise) -> None:
    """Give a model and its fields names in every language, where its makers gave it none; no migration sees them."""
    options = model._meta  # noqa: SLF001 - Django's
    options.verbose_name, options.verbose_name_plural = one, many
    for name, said in fields.items():
        options.get_field(name).verbose_name = said  # type: ignore[union-attr]


_call(
    Authenticator,
    _("second factor"),
    _("second factors"),
    user=_("user"),
    type=_("kind"),
    created_at=_("created"),
    last_used_at=_("last used"),
)
_call(
    UserSession,
    _("user session"),
    _("user sessions"),
    user=_("user"),
    user_agent=_("browser"),
    ip=_("address"),
    created_at=_("created"),
    last_seen_at=_("last seen"),
)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses, and which are proven."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__email")
    list_select_related = ("user",)
    ordering = ("email",)
    actions = ("verify",)

    @second_look.action(
        pgettext_noop("act", "verify address"),
        _("Take as proven"),
        _("People can sign in with these addresses from now on."),
    )
    def verify(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> list[EmailAddress]:
        """Those that nobody else has proven."""
        return [address for address in queryset.filter(verified=False) if address.set_verified()]


class WaysInAdmin(ReadOnlyAdmin):
    """What can be taken away."""

    search_fields = ("user__email",)
    list_select_related = ("user",)
    ordering = ("-pk",)
    actions = ("end",)
    told_with = ("user",)


@admin.register(Authenticator)
class AuthenticatorAdmin(WaysInAdmin):
    """Second factors, and never what they are made of."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = list_display

    @second_look.action(
        pgettext_noop("act", "remove second factor"),
        _("Remove"),
        _("For people who have lost it: they sign in without it. Superusers are left out, but for other superusers."),
    )
    def end(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> list[Model]:
        """Ask for it no more."""
        return _deleted(queryset if request.user.is_superuser else queryset.exclude(user__is_superuser=True))


@admin.register(UserSession)
class UserSessionAdmin(WaysInAdmin):
    """Where people are signed in, and never by which key."""

    list_display = ("user", "user_agent", "ip", "created_at", "last_seen_at")
    fields = list_display

    @second_look.action(pgettext_noop("act", "end session"), _("Sign out"), _("They are signed out there at once."))
    def end(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> list[Model]:
        """And the session with it."""
        Session.objects.filter(pk__in=queryset.values("session_key")).delete()
        return _deleted(queryset)


def _deleted(queryset: QuerySet[Model]) -> list[Model]:
    """The rows as they were: those that are deleted one by one forget what they were called."""
    rows = list(queryset)
    queryset.delete()
    return rows
