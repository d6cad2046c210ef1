"""``/styleguide``: every token and every component in each state, for those who build the studio."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from generations.views.styleguide import tokens
from generations.views.styleguide.specimens import Specimens


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """For staff; nothing is here for anybody else."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        raise Http404
    context = {"tokens": tokens.read(), "specimens": Specimens(request.user)}
    return render(request, "styleguide/page.html", context)
