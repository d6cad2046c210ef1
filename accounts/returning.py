"""Coming back within the time that an account is kept after its owner left: the last step of signing in."""

from __future__ import annotations

from typing import cast

from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import departure
from accounts.models import User

KEEP = "keep_account"


class KeepStage(LoginStage):  # type: ignore[misc]
    """After every proof has been given, so that nobody with a password alone keeps what has a second factor."""

    key = KEEP
    urlname = KEEP

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Ask whoever has left; others go on."""
        leaves = isinstance(self.login.user, User) and self.login.user.leaves_at is not None
        return (HttpResponseRedirect(reverse(KEEP)) if leaves else None), True


@login_stage_required(stage=KEEP, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def keep_account(request: HttpRequest) -> HttpResponse:
    """Say until when the account can be kept; then keep it and let its owner in."""
    stage = cast("KeepStage", request._login_stage)  # type: ignore[attr-defined]  # noqa: SLF001 - allauth's way of saying it
    user = cast("User", stage.login.user)
    if request.method != "POST":
        return render(request, "account/keep.html", {"leaves_at": user.leaves_at})
    if not departure.come_back(user):
        messages.error(request, _("It is too late: the account is being deleted."))
        stage.abort()
        return redirect("home")
    user.refresh_from_db()
    messages.success(request, _("Your account stays, with all that is in it."))
    return cast("HttpResponse", stage.exit())
