"""A person's account, and the pages that say what went wrong."""

from __future__ import annotations

from allauth.usersessions.internal.flows import sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from accounts import keys as api_keys
from accounts import languages, limits, statement, tables, visiting, vouchers
from accounts import mailbox as post
from accounts.devices import device_name
from accounts.forms import KeyForm, KeyNameForm, ProfileForm
from accounts.http import UserRequest
from accounts.problems import PROBLEMS

PAGE_METHODS = ["GET", "HEAD", "POST"]
INVALID = 422


@require_http_methods(PAGE_METHODS)
@login_required
def account(request: UserRequest) -> HttpResponse:
    """Who one is here."""
    form = ProfileForm(_sent(request), instance=request.user)
    if form.is_valid():
        form.save()
        with translation.override(languages.wanted(request.user, request)):
            messages.success(request, _("Saved"))
        return redirect("account")
    return render(request, "account/profile.html", {"form": form}, status=INVALID if form.errors else 200)


@require_POST
@csrf_exempt  # guests get no cookie before they choose, and nobody gains by choosing for them
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language in this browser, to whoever has not chosen one for their account."""
    return set_language(request)


@require_http_methods(PAGE_METHODS)
@login_required
@never_cache
def keys(request: UserRequest) -> HttpResponse:
    """One's API keys. A new one's text is in the answer to its form, and nowhere else."""
    form, secret = KeyForm(_sent(request)), ""
    if form.is_valid():
        try:
            _key, secret = api_keys.create(request.user, **form.wishes)
            form = KeyForm()
        except api_keys.TooMany:
            form.add_error(None, _("You can have %(most)s usable keys. Revoke one first.") % {"most": api_keys.MOST})
    context = {
        "form": form,
        "secret": secret,
        "keys": request.user.api_keys.select_related("spend").order_by("-created"),
    }
    return render(request, "account/keys.html", context, status=INVALID if form.errors else 200)


@require_POST
@login_required
def key_revoke(request: UserRequest, pk: int) -> HttpResponse:
    """End a key for good."""
    key = get_object_or_404(request.user.api_keys, pk=pk)
    if api_keys.revoke(key):
        messages.success(request, _("%(name)s is revoked") % {"name": key.name})
    return redirect("keys")


@require_POST
@login_required
def key_rename(request: UserRequest, pk: int) -> HttpResponse:
    """Call a key something else."""
    key = get_object_or_404(request.user.api_keys.filter(revoked=None), pk=pk)
    form = KeyNameForm(request.POST, instance=key)
    if not form.is_valid():
        messages.error(request, _("A name has 1 to 80 characters."))
    elif key.change(name=form.cleaned_data["name"]):
        messages.success(request, _("Renamed"))
    return redirect("keys")


@require_POST
@login_required
def redeem(request: UserRequest) -> HttpResponse:
    """Take what a code is worth."""
    try:
        limits.count_redeem(request.user)
        entry = vouchers.redeem(request.user, request.POST.get("code", "")[: vouchers.LONGEST])
    except limits.TooManyRequests:
        messages.error(request, _("Too many tries; wait a minute."))
    except vouchers.NotRedeemable as error:
        messages.error(request, languages.translated(PROBLEMS[error.code].sentence))
    else:
        messages.success(request, _("%(amount)s credits are yours") % {"amount": entry.amount})
    return redirect("credits")


@require_safe
@login_required
@never_cache
def credits_csv(request: UserRequest) -> StreamingHttpResponse:
    """Every entry, or those of one kind or month, for a spreadsheet."""
    try:
        part = statement.Part.read(request.GET)
    except ValueError as error:
        raise BadRequest("part") from error
    return tables.answer("atelier-credits", statement.lines(request.user.wallet, part))


@require_POST
@login_required
def session_end(request: UserRequest, pk: int) -> HttpResponse:
    """Sign out somewhere else."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    sessions.end_sessions(request, [session])
    messages.success(request, _("%(device)s is signed out") % {"device": device_name(session.user_agent)})
    return redirect("usersessions_list")


@require_POST
@login_required
def visit_end(request: UserRequest) -> HttpResponse:
    """Stop seeing the studio as somebody else does."""
    visiting.end(request)
    return redirect("admin:index" if request.user.is_staff else "home")


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """What the studio would have mailed: for whoever sits at its machine while it sends no mail."""
    if settings.MAILBOX is None or not post.is_local(request):
        raise Http404
    return render(request, "account/mailbox.html", {"mails": post.mails(settings.MAILBOX)})


def _sent(request: UserRequest) -> QueryDict | None:
    """What was sent, if anything was meant to be: an empty form is a wrong one, not a new one."""
    return request.POST if request.method == "POST" else None
