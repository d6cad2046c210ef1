"""The admin's site: who is let in, whose acts are recorded, and the pages that belong to no table."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts import acts
from accounts.models import User

View = Callable[..., HttpResponseBase]
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Page(NamedTuple):
    """A page of the admin that is no table's; ``title`` is how it is listed, if it is."""

    route: str
    name: str
    permission: str
    title: StrOrPromise
    view: View


PAGES: list[Page] = []


def page(route: str, name: str, permission: str, title: StrOrPromise = "") -> Callable[[View], View]:
    """Have a view answer at this address below the admin's, as ``admin:<name>``, whoever has the permission."""

    def register(view: View) -> View:
        @wraps(view)
        def permitted(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **named)

        PAGES.append(Page(route, name, permission, title, permitted))
        return permitted

    return register


class StudioSite(AdminSite):
    """Django's admin, with a log of what is done in it."""

    def get_urls(self) -> list[Any]:
        """With the pages of our own."""
        own = [path(page.route, self.admin_view(page.view), name=page.name) for page in PAGES]
        return [*own, *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody signs in here, but where a second factor is asked for and guessing is limited."""
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or index)

    def admin_view(self, view: View, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        """For whoever has a second factor, where one is asked for, and with their name in the log."""

        @wraps(view)
        def recorded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            if lacks_second_factor(request) and request.path != reverse("admin:logout"):
                messages.warning(request, _("Set up a second factor first: the admin asks for one."))
                return HttpResponseRedirect(reverse("mfa_index"))
            who = acts.who(request)
            if who is None:
                return view(request, *args, **named)
            with acts.done_by(who):
                return view(request, *args, **named)

        return super().admin_view(recorded, cacheable)

    def each_context(self, request: Any) -> dict[str, Any]:
        """With the pages that this person may see."""
        pages = [page for page in PAGES if page.title and request.user.has_perm(page.permission)]
        return {**super().each_context(request), "studio_pages": pages}


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the admin asks for one that this person has not: whoever has one was asked for it at sign-in."""
    if not settings.ADMIN_SECOND_FACTOR or not isinstance(request.user, User):
        return False
    return not Authenticator.objects.filter(user=request.user, type__in=SECOND_FACTORS).exists()
