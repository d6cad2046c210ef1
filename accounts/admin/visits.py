"""Where a visit to a person's studio begins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import visiting
from accounts.admin.second_look import CONFIRMED, ReasonForm
from accounts.http import UserRequest
from accounts.models import User
from accounts.site import page


@page("people/<int:pk>/visit", "visit", visiting.PERMISSION)
def visit(request: UserRequest, pk: int) -> HttpResponse:
    """What it is, and why; then the person's studio."""
    person = get_object_or_404(User, pk=pk)
    if not visiting.may_visit(request.user, person):
        raise PermissionDenied
    form = ReasonForm(request.POST if CONFIRMED in request.POST else None)
    if form.is_valid():
        visiting.begin(request, person)
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {
        **admin.site.each_context(request),
        "title": _("See the studio as they do"),
        "said": _(
            "For 15 minutes, or until you stop, you see their pages instead of yours. Nothing can be changed, and "
            "keys, webhooks, archives and ways to sign in are not shown. They can see that somebody looked, and when."
        ),
        "opts": User._meta,  # noqa: SLF001 - Django's
        "form": form,
        "rows": [person],
        "hidden": [(CONFIRMED, "1")],
    }
    return render(request, "admin/second_look.html", context)
