"""The studio's pages."""

from __future__ import annotations

from django.urls import path

from generations.views import (
    albums,
    create,
    data,
    developers,
    explore,
    feed,
    gallery,
    home,
    image,
    share,
    shares,
    spending,
)

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
    path("images/<uuid:pk>/albums", image.image_albums, name="image_albums"),
    path("images/<uuid:pk>/share", shares.image_share, name="image_share"),
    path("images/<uuid:pk>/<slug:action>", image.act, name="image_act"),
    path("albums", albums.albums, name="albums"),
    path("albums/<uuid:pk>", albums.album, name="album"),
    path("albums/<uuid:pk>/edit", albums.album_edit, name="album_edit"),
    path("albums/<uuid:pk>/delete", albums.album_delete, name="album_delete"),
    path("albums/<uuid:pk>/arrange", albums.album_arrange, name="album_arrange"),
    path("albums/<uuid:pk>/order", albums.album_order, name="album_order"),
    path("albums/<uuid:pk>/cover", albums.album_cover, name="album_cover"),
    path("albums/<uuid:pk>/remove", albums.album_remove, name="album_remove"),
    path("albums/<uuid:pk>/share", shares.album_share, name="album_share"),
    path("shares", shares.shares, name="shares"),
    path("shares/<uuid:pk>/end", shares.share_end, name="share_end"),
    path("explore", explore.explore, name="explore"),
    path("explore/<uuid:pk>", explore.explored, name="explored"),
    path("explore/<uuid:pk>/report", explore.report, name="report"),
    path("account/credits", spending.spending, name="credits"),
    path("account/data", data.data, name="data"),
    path("account/data/archives", data.make_archive, name="data_archive"),
    path("account/data/archives/<uuid:pk>/remove", data.remove_archive, name="data_archive_remove"),
    path("account/data/leave", data.leave, name="data_leave"),
]
