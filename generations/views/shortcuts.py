"""``/shortcuts``: what the keys of the keyboard do, on a page or, by ``?``, in a dialog over any other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers


@require_safe
@vary_on_headers("HX-Request")
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The same list for everybody, whether signed in or not."""
    template = "shortcuts/_dialog.html" if request.headers.get("HX-Request") else "shortcuts/page.html"
    return render(request, template)
