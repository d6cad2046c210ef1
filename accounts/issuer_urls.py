"""Signing in by an issuer, below ``/account/issuer/``: there only where the operator names one."""

from __future__ import annotations

from allauth.socialaccount import views
from django.urls import path

from accounts import issuer

urlpatterns = [
    path("<slug:provider_id>/login", issuer.begin, name="openid_connect_login"),
    path("<slug:provider_id>/answered", issuer.answered, name="openid_connect_callback"),
    path("cancelled", views.login_cancelled, name="socialaccount_login_cancelled"),
    path("error", views.login_error, name="socialaccount_login_error"),
    path("connected", views.connections, name="socialaccount_connections"),
]
