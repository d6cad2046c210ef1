"""The page of the one field that finds everything; a single find is gone to at once."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.http import UserRequest
from accounts.site import page
from generations import finding


@page("search", "search", "")
def search(request: UserRequest) -> HttpResponse:
    """What ``?q`` may mean."""
    words = request.GET.get("q", "").replace("\x00", "")
    found = finding.find(words, request.user)
    if len(found) == 1:
        return HttpResponseRedirect(found[0].url)
    context = {**admin.site.each_context(request), "title": _("Find"), "words": words, "found": found}
    return render(request, "admin/search.html", context)
