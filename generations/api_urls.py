"""`/api/v1/…`."""

from __future__ import annotations

from django.urls import path

from accounts.api import MeView
from generations.api import generations, images, models, orders, root

app_name = "api"
urlpatterns = [
    path("", root.RootView.as_view(), name="root"),
    path("/me", MeView.as_view(), name="me"),
    path("/models", models.ModelsView.as_view(), name="models"),
    path("/quotes", orders.QuotesView.as_view(), name="quotes"),
    path("/generations", generations.GenerationsView.as_view(), name="generations"),
    path("/generations/<uuid:pk>", generations.GenerationView.as_view(), name="generation"),
    path("/generations/<uuid:pk>/cancel", generations.CancelView.as_view(), name="generation_cancel"),
    path("/generations/<uuid:pk>/retry", generations.RetryView.as_view(), name="generation_retry"),
    path("/images", images.ImagesView.as_view(), name="images"),
    path("/images/<uuid:pk>", images.ImageView.as_view(), name="image"),
    path("/<path:rest>", root.NothingView.as_view()),
]
