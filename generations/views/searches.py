"""Searches of the gallery that are kept under a name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generations import searches
from generations.models import SavedSearch
from generations.models.search import LONGEST_NAME
from generations.serializers.searches import kept_filter
from generations.views import filters
from generations.views.access import PageRequest, signed_in


@require_POST
@signed_in
def keep(request: PageRequest) -> HttpResponse:
    """Keep what the gallery shows now under a name."""
    asked, name = filters.read(request.POST), request.POST.get("name", "").replace("\0", "").strip()[:LONGEST_NAME]
    sent = {key: value for key, value in asked.query.items() if key != "sort"}
    typed = {"starred": asked.search.starred, "seed": asked.search.seed}
    if not name:
        messages.error(request, _("Write a name for the search."))
        return redirect(asked.address())
    try:
        searches.keep(request.user, name, kept_filter(sent, typed), asked.sort)
    except searches.NameTaken:
        messages.error(request, _("You have a search of this name. Choose another."))
    except searches.TooMany:
        messages.error(request, _("%(most)s searches can be kept. Delete one first.") % {"most": searches.MOST})
    else:
        messages.success(request, _("Search kept as %(name)s") % {"name": name})
    return redirect(asked.address())


@require_POST
@signed_in
def forget(request: PageRequest, pk: UUID) -> HttpResponse:
    """Keep it no longer; what it found stays where it is."""
    saved = get_object_or_404(SavedSearch, user=request.user, pk=pk)
    saved.remove()
    messages.success(request, _("%(name)s is deleted") % {"name": saved.name})
    return redirect(reverse("gallery"))
