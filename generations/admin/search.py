"""The page of the one field that finds everything; a single find is gone to at once."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.site import page
from generations import finding


@page("search", "search", "")
def search(request: HttpRequest) -> HttpResponse:
    """What ``?q`` may mean."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    words = request.GET.get("q", "").replace("\x00", "")
    found = finding.find(words, request.user)
    if len(found) == 1:
        return HttpResponseRedirect(found[0].url)
    context = {**admin.site.each_context(request), "title": _("Find"), "words": words, "found": found}
    return render(request, "admin/search.html", context)
