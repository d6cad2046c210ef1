"""fal's addresses: ``fal.run`` and ``queue.fal.run`` side by side, and what a client finds at the root of a host.

All with and without a slash at the end: fal's clients do not agree on it, and some lose the body at a redirect.
"""

from __future__ import annotations

from django.urls import URLPattern, include, re_path

from generations.dialects.views import waits
from generations.providers.fal import views
from generations.providers.fal.keys import jwks
from generations.providers.fal.proxy import proxy

NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
APP = rf"(?P<app>{NAME}(?:/(?!requests/){NAME})*)"
REQUEST = rf"^{APP}/requests/(?P<number>[^/]+)"

requests = [
    re_path(rf"{REQUEST}/?$", views.ResultView.as_view()),
    re_path(rf"{REQUEST}/response/?$", views.ResultView.as_view()),
    re_path(rf"{REQUEST}/status/?$", views.StatusView.as_view()),
    re_path(rf"{REQUEST}/status/stream/?$", waits(views.StatusStreamView.as_view())),
    re_path(rf"{REQUEST}/cancel/?$", views.CancelView.as_view()),
]
either: list[URLPattern] = [*requests, re_path(rf"^{APP}/?$", waits(views.run_or_submit))]

urlpatterns = [
    re_path(r"^fal/proxy/?$", proxy),
    re_path(r"^fal/rest/\.well-known/jwks\.json/?$", jwks),
    re_path(r"^fal/queue/", include([*requests, re_path(rf"^{APP}/?$", views.SubmitView.as_view())])),
    re_path(r"^fal/run/", include(either)),
    re_path(r"^fal-ai/", include(either), {"owner": "fal-ai/"}),
]
