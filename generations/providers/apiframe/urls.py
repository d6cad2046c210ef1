"""Apiframe's addresses, with and without a slash at the end. Its client knows no prefix before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path

from generations.providers.apiframe import views

ADDRESSES: dict[str, Callable[..., Any]] = {
    "v2/images/generate": views.GenerateView.as_view(),
    "v2/jobs": views.JobsView.as_view(),
    "v2/jobs/<str:pk>": views.JobView.as_view(),
    "v2/jobs/<str:pk>/cancel": views.CancelView.as_view(),
    "v2/me": views.MeView.as_view(),
    "v2/models": views.ModelsView.as_view(),
}

urlpatterns = [path(f"{address}{slash}", view) for address, view in ADDRESSES.items() for slash in ("", "/")]
