"""The whole URL map."""

from __future__ import annotations

from allauth.headless.spec.views import OpenAPIJSONView, OpenAPIYAMLView
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from generations import downloads, health, hooks, media, streams
from generations.metrics.page import metrics

HOUR = 3600

handler400 = "accounts.answers.bad_request"
handler404 = "accounts.answers.not_found"
handler500 = "accounts.answers.internal_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("hooks/<slug:provider>/<str:token>", hooks.hook, name="hook"),
    path("events", streams.event_stream, name="events"),
    path("media/<str:token>/<str:filename>", media.signed_image, name="signed_image"),
    path("exports/<str:token>/<str:filename>", downloads.signed_export, name="signed_export"),
    path("i/<uuid:pk>/record.json", media.image_record, name="image_record"),
    path("i/<uuid:pk>/<str:variant>", media.image_file, name="image_file"),
    path("api/v1", include("generations.api_urls")),
    # in front of allauth's own, which takes a second of work for each answer
    path("api/auth/openapi.json", cache_page(HOUR)(OpenAPIJSONView.as_view())),
    path("api/auth/openapi.yaml", cache_page(HOUR)(OpenAPIYAMLView.as_view())),
    path("api/auth/", include("allauth.headless.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("generations.providers.fal.urls")),
    *([path("account/issuer/", include("accounts.issuer_urls"))] if settings.OIDC_ISSUER else []),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/security/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include("generations.providers.aimlapi.urls")),
    path("", include("generations.providers.apiframe.urls")),
    path("", include("generations.urls")),
]
