"""`/api/v1/…`."""

from __future__ import annotations

from django.urls import path

from accounts.api import MeView
from generations import api

app_name = "api"
urlpatterns = [
    path("", api.RootView.as_view(), name="root"),
    path("/me", MeView.as_view(), name="me"),
    path("/models", api.ModelsView.as_view(), name="models"),
    path("/quotes", api.QuotesView.as_view(), name="quotes"),
    path("/generations", api.GenerationsView.as_view(), name="generations"),
    path("/generations/<uuid:pk>", api.GenerationView.as_view(), name="generation"),
    path("/generations/<uuid:pk>/cancel", api.CancelView.as_view(), name="generation_cancel"),
    path("/generations/<uuid:pk>/retry", api.RetryView.as_view(), name="generation_retry"),
    path("/images", api.ImagesView.as_view(), name="images"),
    path("/images/<uuid:pk>", api.ImageView.as_view(), name="image"),
    path("/<path:rest>", api.NothingView.as_view()),
]
