"""Who may see a page, and whose things are found."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.http import UserRequest
from generations.models import Generation

P = ParamSpec("P")


class PageRequest(UserRequest):
    """A signed-in person's request; ``htmx`` is true when a part of a page asks for a part of a page."""

    htmx: HtmxDetails


def signed_in(view: Callable[Concatenate[PageRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets people through and sends anyone else to sign in, with the whole window also when only a part had asked."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(cast("PageRequest", request), *args, **kwargs)
        return _to_sign_in(cast("PageRequest", request))

    return guarded


def _to_sign_in(request: PageRequest) -> HttpResponse:
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    back = urlencode({"next": request.htmx.current_url_abs_path or "/"})
    return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{back}")


def own_generation(request: PageRequest, pk: UUID) -> Generation:
    """The person's own generation with all that a card shows; 404 for anybody else's."""
    return get_object_or_404(Generation.objects.of(request.user), pk=pk)


def is_navigation(request: HttpRequest) -> bool:
    """Whether a window asks for a whole page rather than a script for a part of one."""
    return request.headers.get("Sec-Fetch-Dest") == "document"
