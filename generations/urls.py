"""The studio's pages."""

from __future__ import annotations

from django.urls import path

from generations.views import create, developers, feed, gallery, home, image, share, spending

urlpatterns = [
    path("", home.home, name="home"),
    path("create", create.create, name="create"),
    path("create/preview", create.preview, name="create_preview"),
    path("generations/<uuid:pk>", feed.generation, name="generation"),
    path("generations/<uuid:pk>/cancel", feed.cancel, name="generation_cancel"),
    path("generations/<uuid:pk>/retry", feed.retry, name="generation_retry"),
    path("generations/<uuid:pk>/vary", feed.vary, name="generation_vary"),
    path("gallery", gallery.gallery, name="gallery"),
    path("developers", developers.developers, name="developers"),
    path("developers/<slug:name>", developers.developers, name="developers_format"),
    path("s/<str:token>", share.shared, name="shared"),
    path("s/<str:token>/<uuid:pk>/<str:variant>", share.shared_file, name="shared_file"),
    path("i/<uuid:pk>", image.image, name="image"),
    path("account/credits", spending.spending, name="credits"),
]
